import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StoreDirectory, appendMany, appendOne, createManualClock } from '../../../testkit/src/index.js';
import { isLockListed, readOnlyDisk } from '../disk/read-only-disk.js';
import { dumpRecords } from './dump-records.js';
import { inspectStore } from './inspect-store.js';
import { verifyStore } from './verify-store.js';

let directory: StoreDirectory;
beforeEach(() => void (directory = new StoreDirectory()));
afterEach(() => directory.remove());

/** Every file with its bytes and times: what looking must not change. */
function picture(path = directory.path): string[] {
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => {
      const file = join(parentPath, name);
      const { mtimeMs, ino } = statSync(file);
      return `${file} ${ino} ${mtimeMs} ${readFileSync(file).toString('base64')}`;
    })
    .sort();
}

describe('looking at a store', () => {
  it('finds it whole, over several files of log and queues', async () => {
    const store = await directory.start({ mappedFileSizeCommitLog: 8192 });
    for (let queueId = 0; queueId < 3; queueId++) await appendMany(store, 120, { queueId });
    await appendOne(store, { topic: 'Long'.repeat(40), body: Buffer.alloc(0) });
    await appendOne(store, { sysFlag: 0x4, queueId: 7 });
    await appendOne(store, { bornHost: { ip: '2001:db8::1', port: 1 }, storeHost: { ip: '::1', port: 2 } });
    await store.close();
    const verdict = await verifyStore({ directory: directory.path });
    expect(verdict).toMatchObject({ faults: 0, notes: 0, records: 363, queueEntries: 362, isAtRest: true });
    const { log, checkpoint, queues } = await inspectStore({ directory: directory.path });
    expect(log.maxOffset).toBe(verdict.logMaxOffset);
    expect(log.files).toBeGreaterThan(4);
    expect(checkpoint?.own).toMatchObject({ offset: verdict.logMaxOffset, queueCount: 4, offsetSum: 362 });
    expect(queues.map(({ maxOffset }) => maxOffset)).toEqual([1, 121, 120, 120]);
  });

  it('finds an empty one whole', async () => {
    await (await directory.start()).close();
    expect(await verifyStore({ directory: directory.path })).toMatchObject({ faults: 0, notes: 0, records: 0 });
    expect((await inspectStore({ directory: directory.path })).log).toMatchObject({
      files: 0,
      lastStoreTime: undefined,
    });
  });

  it('changes nothing in one that is in use, and sees that it is', async () => {
    const clock = createManualClock();
    const store = await directory.start({}, { clock });
    await appendMany(store, 50);
    clock.advance(1000);
    for (let turns = 0; turns < 20; turns++) await new Promise<void>((resolve) => setImmediate(resolve));
    await appendMany(store, 30);
    const before = picture();
    const { lock, abort, queues } = await inspectStore({ directory: directory.path });
    const verdict = await verifyStore({ directory: directory.path });
    await dumpRecords({ directory: directory.path }, { onRecord: () => true, onDamage: () => undefined });
    expect(picture()).toEqual(before);
    if (process.platform === 'linux') expect(lock).toBe('held');
    expect(abort).toBe(String(process.pid));
    expect(queues).toMatchObject([{ maxOffset: 50, lag: 30 }]);
    expect(verdict).toMatchObject({ faults: 0, notes: 1, records: 80, queueEntries: 50, isAtRest: false });
    await store.close();
    expect((await inspectStore({ directory: directory.path })).lock).not.toBe('held');
    expect(await verifyStore({ directory: directory.path })).toMatchObject({ notes: 0, queueEntries: 80 });
  });

  it('reads the broker’s tables, with bare integers for names', async () => {
    await (await directory.start()).close();
    mkdirSync(join(directory.path, 'config'));
    const write = (name: string, text: string): void => writeFileSync(join(directory.path, 'config', name), text);
    write('consumerOffset.json', '{\n\t"offsetTable":{"a@b {1:2}":{0:5,1:-7},"c@d":{0:1}}\n}');
    write('topics.json', '{"dataVersion":{"counter":1},"topicConfigTable":{"T":');
    const { config } = await inspectStore({ directory: directory.path });
    expect(config).toMatchObject([{ tables: { offsetTable: 2 }, damage: undefined }, { damage: expect.any(String) }]);
    const { findings } = await verifyStore({ directory: directory.path });
    expect(findings).toMatchObject([{ kind: 'fault', file: 'config/topics.json' }]);
  });

  it('says that the checkpoint is ahead of the log, or damaged', async () => {
    const store = await directory.start();
    await appendMany(store, 10);
    await store.close();
    const path = join(directory.path, 'checkpoint');
    const bytes = readFileSync(path);
    const log = join(directory.path, 'commitlog/00000000000000000000');
    const records = readFileSync(log);
    writeFileSync(log, Buffer.alloc(records.length));
    const ahead = await verifyStore({ directory: directory.path });
    expect(ahead.findings.map(({ file, at }) => `${file}@${at}`)).toContain('checkpoint@264');
    writeFileSync(log, records);
    bytes[270] = 1;
    writeFileSync(path, bytes);
    const damaged = await verifyStore({ directory: directory.path });
    expect(damaged.findings).toMatchObject([{ kind: 'fault', file: 'checkpoint', at: 256 }]);
  });

  it('finds an entry far behind the others', async () => {
    const store = await directory.start({ mappedFileSizeConsumeQueue: 20_000 });
    await appendMany(store, 10);
    await store.close();
    const file = 'consumequeue/TopicTest/0/00000000000000000000';
    const path = join(directory.path, file);
    const bytes = readFileSync(path);
    bytes.copy(bytes, 900 * 20, 0, 20);
    writeFileSync(path, bytes);
    const { findings } = await verifyStore({ directory: directory.path });
    expect(findings).toMatchObject([{ kind: 'fault', file, at: 18_000 }]);
  });

  it('looks again at what a broker wrote while it was read', async () => {
    const store = await directory.start({ mappedFileSizeConsumeQueue: 20_000 });
    await appendMany(store, 300);
    await store.close();
    writeFileSync(join(directory.path, 'abort'), '1');
    // The first look at the queue, and at the end of the log's first half, finds nothing yet.
    let isFirstLook = true;
    let isFirstWindow = true;
    const disk = {
      ...readOnlyDisk,
      readSync(fd: number, target: Uint8Array, position: number): number {
        const length = readOnlyDisk.readSync(fd, target, position);
        if (target.length === 4080 && isFirstLook) {
          isFirstLook = false;
          target.fill(0);
        }
        return length;
      },
      async read(fd: number, target: Uint8Array, position: number): Promise<number> {
        const length = await readOnlyDisk.read(fd, target, position);
        if (isFirstWindow) {
          isFirstWindow = false;
          target.fill(0, 20_000);
        }
        return length;
      },
    };
    const verdict = await verifyStore({ directory: directory.path, disk });
    expect(verdict).toMatchObject({ faults: 0, records: 300, queueEntries: 96 });
  });

  it('reads over files that a broker removed since they were listed', async () => {
    const store = await directory.start({ mappedFileSizeCommitLog: 8192 });
    await appendMany(store, 200);
    await store.close();
    writeFileSync(join(directory.path, 'abort'), '1');
    const gone = join(directory.path, 'commitlog/00000000000000000000');
    const disk = {
      ...readOnlyDisk,
      exists: (path: string) => path !== gone && readOnlyDisk.exists(path),
      open(path: string, create: boolean): number {
        if (path === gone) throw new Error('ENOENT');
        return readOnlyDisk.open(path, create);
      },
    };
    const { faults, records, logMinOffset } = await verifyStore({ directory: directory.path, disk });
    expect([faults, logMinOffset]).toEqual([0, 0]);
    expect(records).toBeLessThan(200);
  });

  it('knows a topic that was deleted and made again', async () => {
    const store = await directory.start();
    await appendMany(store, 20);
    await store.deleteTopic('TopicTest');
    await appendMany(store, 5);
    await store.close();
    const { faults, findings } = await verifyStore({ directory: directory.path });
    expect([faults, findings.map(({ what }) => what)]).toEqual([
      0,
      ['TopicTest/0 began again at offset 0: 20 records of an earlier life have no entry'],
    ]);
  });

  it('refuses what is no store, and says what is asked for', async () => {
    await expect(inspectStore({ directory: join(directory.path, 'nowhere') })).rejects.toThrow('there is no directory');
    await expect(verifyStore({ directory: directory.path })).rejects.toThrow('give the storePathRootDir');
    await (await directory.start()).close();
    rmSync(join(directory.path, 'checkpoint'));
    expect((await inspectStore({ directory: directory.path })).checkpoint).toBeUndefined();
  });
});

describe('the disk that is for reading', () => {
  it('refuses what would change something', () => {
    const path = join(directory.path, 'file');
    writeFileSync(path, 'text');
    const fd = readOnlyDisk.open(path, false);
    expect(() => readOnlyDisk.writeSync(fd, Buffer.from('x'), 0)).toThrow('for reading only');
    expect(() => readOnlyDisk.truncate(fd, 0)).toThrow('for reading only');
    readOnlyDisk.close(fd);
    expect(() => readOnlyDisk.open(join(directory.path, 'new'), true)).toThrow('ENOENT');
    expect(readOnlyDisk.usage(path)?.length).toBe(4);
  });

  it('finds a lock by device and inode', () => {
    const locks = '1: POSIX  ADVISORY  READ  77 fe:00:131 0 EOF\n2: OFDLCK ADVISORY  WRITE -1 08:11:4242 0 0\n';
    const device = (0x08 << 8) | 0x11;
    expect(isLockListed(locks, device, 4242)).toBe(true);
    expect(isLockListed(locks, device, 424)).toBe(false);
    expect(isLockListed(locks, 0xfe00, 131)).toBe(false);
    expect(isLockListed(locks, 0xfe00, 4242)).toBe(false);
  });
});
