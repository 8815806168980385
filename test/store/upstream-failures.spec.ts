import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { createTableFile, silentLogger, type LogContext } from '../../libs/common/src/index.js';
import { encodeMessage, type RecordInput } from '../../libs/protocol/src/message/index.js';
import type { Disk, MessageStore, StoreConfig } from '../../libs/store/src/index.js';
import {
  MemoryFile,
  appendMany,
  appendOne,
  createFaultyDisk,
  createManualClock,
  createMemoryDisk,
  diskError,
  loadDirectory,
  readQueue,
  smallStoreConfig,
  storeMessage,
  tableDiskOn,
  type MemoryDisk,
} from '../../libs/testkit/src/index.js';
import { openStore } from '../crash/images/store-life.js';

// Failures that Apache's brokers are known for, by the number of the issue at apache/rocketmq: none of them happens here.

const logFile = (offset = 0): string => `/store/commitlog/${String(offset).padStart(20, '0')}`;
const queueFile = (queueId = 0, offset = 0): string =>
  `/store/consumequeue/TopicTest/${queueId}/${String(offset).padStart(20, '0')}`;

let disk: MemoryDisk;
let logged: string[];
beforeEach(() => {
  disk = createMemoryDisk();
  logged = [];
});

async function start(changes: Partial<StoreConfig> = {}, on: Disk = disk): Promise<MessageStore> {
  const log = (text: string, context?: LogContext): void => void logged.push(`${text} ${JSON.stringify(context)}`);
  const config = smallStoreConfig('/store', {
    mappedFileSizeCommitLog: 4096,
    mappedFileSizeConsumeQueue: 200,
    ...changes,
  });
  const store = openStore(on, config, createManualClock(), { ...silentLogger, warn: log, error: log });
  await store.start();
  return store;
}

/** The process ends at once; the kernel has everything. */
const kill = (): void => disk.closeAll();

function patch(path: string, change: (bytes: Buffer) => void): void {
  const bytes = disk.files.get(path)?.contents() as Buffer;
  change(bytes);
  disk.files.get(path)?.write(bytes, 0);
}

const bodies = async (store: MessageStore, queueId = 0): Promise<string[]> =>
  (await readQueue(store, 'TopicTest', queueId)).map(({ body }) => body.toString());

const queueBytes = (): Map<string, Buffer> =>
  new Map([...disk.files].flatMap(([path, file]) => (path.includes('consumequeue') ? [[path, file.contents()]] : [])));

describe('a stale tail of the commit log (10666)', () => {
  it('does not come back behind what is appended after a truncation', async () => {
    const [, second, third] = await appendMany(await start(), 3);
    kill();
    patch(logFile(), (bytes) => void bytes.writeInt32BE(0, (second?.physicalOffset as number) + 4)); // torn
    const store = await start();
    expect(await bodies(store)).toEqual(['body 0']);
    // As large as the record that was cut: it ends where the stale one would begin.
    expect((await appendOne(store, { body: Buffer.from('body n') })).physicalOffset).toBe(second?.physicalOffset);
    expect(store.figures().commitLogMaxOffset).toBe(third?.physicalOffset);
    kill();
    expect(await bodies(await start())).toEqual(['body 0', 'body n']);
  });
});

describe('SEND_OK after a failed flush (2706, 3129, 5235, 7016)', () => {
  it.each(['fdatasync', 'writeDirect'] as const)('is never given, also when the next %s works', async (failing) => {
    const faulty = createFaultyDisk(disk);
    const flushCommitLogDirect = failing === 'writeDirect';
    const store = await start({ flushDiskType: 'SYNC_FLUSH', flushCommitLogDirect }, faulty);
    expect((await appendOne(store)).status).toBe('OK');
    let failures = 0;
    faulty.fault = (call) => (call === failing && failures++ === 0 ? diskError('EIO') : undefined);
    expect((await appendOne(store)).status).toBe('SYSTEM_ERROR');
    expect((await appendOne(store)).status).toBe('SERVICE_NOT_AVAILABLE');
    expect(store.unavailable).toContain('EIO');
    expect(logged.join()).toContain('the store refuses writes from now on');
  });

  it('is never given on a file system that became read-only, which a start names', async () => {
    const faulty = createFaultyDisk(disk);
    const store = await start({}, faulty);
    faulty.fault = () => diskError('EROFS');
    expect((await appendOne(store)).status).toBe('SYSTEM_ERROR');
    expect((await appendOne(store)).status).not.toBe('OK');
    await store.close();
    disk.closeAll();
    await expect(start({}, faulty)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/\/store: EROFS/),
    });
  });
});

describe('a checkpoint ahead of the consume queues (678, 1434)', () => {
  /** Five log files in the first queue, then one message to each of the two. */
  async function rolled(): Promise<void> {
    const store = await start();
    await appendMany(store, 20, { queueId: 1, body: Buffer.alloc(100) });
    await appendMany(store, 100, { body: Buffer.alloc(100) });
    await appendMany(store, 2, { queueId: 1, body: Buffer.alloc(100) });
    await store.close();
    disk.files.set('/store/abort', new MemoryFile());
  }

  it('does not hide entries that the disk lost', async () => {
    await rolled();
    const before = queueBytes();
    patch(queueFile(1, 200), (bytes) => bytes.fill(0, 100));
    patch(queueFile(1, 400), (bytes) => bytes.fill(0));
    const store = await start();
    expect([store.maxOffset('TopicTest', 0), store.maxOffset('TopicTest', 1)]).toEqual([100, 22]);
    await store.close();
    expect(queueBytes()).toEqual(before);
  });

  it('written by Java, by time only, does not either', async () => {
    await rolled();
    const before = queueBytes();
    patch('/store/checkpoint', (bytes) => {
      bytes.fill(0);
      for (const word of [0, 8, 16]) bytes.writeBigInt64BE(BigInt(createManualClock().now() + 3_600_000), word);
    });
    patch(queueFile(1, 200), (bytes) => bytes.fill(0, 100));
    disk.remove(queueFile(1, 400));
    const store = await start();
    expect([store.maxOffset('TopicTest', 0), store.maxOffset('TopicTest', 1)]).toEqual([100, 22]);
    await store.close();
    expect(queueBytes()).toEqual(before);
  });
});

/** Of the brokers that wrote the fixtures. */
const files = { mappedFileSizeCommitLog: 65536, mappedFileSizeConsumeQueue: 1000 };

describe('a lost queue file (7355)', () => {
  it.each<[string, (file: MemoryFile) => void]>([
    ['zeroed', (file) => file.write(Buffer.alloc(1000), 0)],
    ['empty', (file) => file.truncate(0)],
    ['cut', (file) => file.truncate(100)],
  ])('%s in a directory of Java, which keeps no count, is made again too', async (_name, damage) => {
    loadDirectory(disk, join(process.cwd(), 'test/store/fixtures/java-4-9-7-stopped'), '/store');
    const before = queueBytes();
    damage(disk.files.get('/store/consumequeue/JavaTopic/2/00000000000000000000') as MemoryFile);
    await (await start(files)).close();
    expect(queueBytes()).toEqual(before);
  });

  it.each<[string, (path: string) => void]>([
    ['deleted', (path) => void disk.files.delete(path)],
    ['zeroed', (path) => patch(path, (bytes) => bytes.fill(0))],
    ['empty', (path) => disk.files.get(path)?.truncate(0)],
  ])('%s, whichever it is, is made again to the byte', async (_name, damage) => {
    const store = await start();
    await appendMany(store, 25);
    await store.close();
    const before = queueBytes();
    for (const offset of [0, 200, 400]) {
      damage(queueFile(0, offset));
      const again = await start();
      expect((await bodies(again)).length).toBe(25);
      await again.close();
      expect(queueBytes()).toEqual(before);
    }
  });
});

describe('an empty last queue file (9728)', () => {
  it.each([
    ['behind a full one', 10, queueFile(0, 200)],
    ['of a queue that is new', 4, queueFile(3)],
  ])('%s does not stop the start', async (_name, count, path) => {
    await appendMany(await start(), count);
    kill();
    disk.makeDirectory(join(path, '..'));
    disk.files.set(path, new MemoryFile());
    const store = await start();
    expect((await bodies(store)).length).toBe(count);
    expect((await appendOne(store)).queueOffset).toBe(count);
    expect((await appendOne(store, { queueId: 3 })).queueOffset).toBe(0);
    await store.close();
    expect((await bodies(await start())).length).toBe(count + 1);
  });
});

describe('a store lacking optional files (8032)', () => {
  it('opens, with all its messages: nothing but the log is needed', async () => {
    const store = await start();
    await appendMany(store, 60);
    await store.close();
    for (const path of disk.files.keys()) if (!path.startsWith('/store/commitlog/')) disk.files.delete(path);
    disk.removeTree('/store/consumequeue');
    disk.removeTree('/store/index');
    expect((await bodies(await start())).length).toBe(60);
  });

  it('opens when Java wrote it', async () => {
    for (const name of ['java-4-9-7-stopped', 'java-5-3-3-killed']) {
      disk = createMemoryDisk();
      loadDirectory(disk, join(process.cwd(), 'test/store/fixtures', name), '/store');
      const whole = await start(files);
      const counts = [0, 1, 2, 3].map((queueId) => whole.maxOffset('JavaTopic', queueId));
      await whole.close();
      for (const optional of ['checkpoint', 'lock', 'abort', 'consumequeue', 'index']) {
        disk = createMemoryDisk();
        loadDirectory(disk, join(process.cwd(), 'test/store/fixtures', name), '/store');
        disk.removeTree(`/store/${optional}`);
        const store = await start(files);
        expect([0, 1, 2, 3].map((queueId) => store.maxOffset('JavaTopic', queueId))).toEqual(counts);
      }
    }
  });
});

describe('a table that is empty or garbage (9328, 5905, 3401, 9706)', () => {
  const path = '/store/config/topics.json';

  async function tableOf(files: Record<string, string>): Promise<string> {
    let rows = 'nothing';
    disk = createMemoryDisk();
    const on = tableDiskOn(disk);
    disk.makeDirectory('/store/config');
    for (const [name, text] of Object.entries(files)) await on.write(name, text);
    const table = createTableFile({
      path,
      clock: createManualClock(),
      log: silentLogger,
      disk: on,
      encode: () => JSON.stringify({ rows }),
      decode: (text) => void (rows = (JSON.parse(text) as { rows: string }).rows),
    });
    await table.load();
    return rows;
  }

  it.each(['', '\0\0\0\0', '{"rows":"ne'])('(%j) is taken from its backup', async (broken) => {
    expect(await tableOf({ [path]: broken, [`${path}.bak`]: '{"rows":"old"}' })).toBe('old');
  });

  it('stops the start when there is no backup either: an empty table would forget every topic', async () => {
    await expect(tableOf({ [path]: '{"rows":"ne' })).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringContaining(`${path}: `),
    });
  });
});

function recordOf(topic: string): Omit<RecordInput, 'physicalOffset' | 'storeTimestamp'> {
  const { bornHost, storeHost, flag, sysFlag, bornTimestamp, reconsumeTimes, ...rest } = storeMessage({ topic });
  const { queueId, preparedTransactionOffset, body, properties } = rest;
  const own = { topic, queueId, queueOffset: 0, flag, sysFlag, bornTimestamp, reconsumeTimes, body, properties };
  return { ...own, bornHost, storeHost, preparedTransactionOffset };
}

describe('a slash in a name (6747)', () => {
  const names = ['%LMQ%a/b', '../outside', 'a/../../b', '/', '..', 'a\\b', 'a\0b'];

  it('is refused, makes no directory, and the next start works', async () => {
    const store = await start();
    await appendOne(store);
    for (const topic of names) expect((await appendOne(store, { topic })).status).toBe('MESSAGE_ILLEGAL');
    await store.close();
    expect([...disk.directories].filter((path) => path.split('/').length > 3)).toEqual([
      '/store/consumequeue/TopicTest',
      '/store/consumequeue/TopicTest/0',
    ]);
    expect([...disk.files.keys()].filter((path) => !path.startsWith('/store/'))).toEqual([]);
    expect((await bodies(await start())).length).toBe(1);
  });

  it('in a record of the log, by whomever it was written, does not stop the start', async () => {
    const store = await start();
    const first = await appendOne(store);
    let end = store.figures().commitLogMaxOffset;
    kill();
    for (const topic of names) {
      const record = encodeMessage({ ...recordOf(topic), physicalOffset: end, storeTimestamp: first.storeTimestamp });
      disk.files.get(logFile())?.write(record, end);
      end += record.length;
    }
    const before = [...disk.directories];
    const again = await start();
    expect(again.figures().commitLogMaxOffset).toBe(end);
    expect((await bodies(again)).length).toBe(1);
    await again.close();
    const queues = [...disk.directories].filter((path) => !before.includes(path));
    expect(queues.filter((path) => !path.startsWith('/store/consumequeue/TopicTest'))).toEqual(['/store/index']);
    expect((await bodies(await start())).length).toBe(1);
  });
});
