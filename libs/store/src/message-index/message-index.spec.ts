import { cpSync, existsSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { silentLogger } from '../../../common/src/index.js';
import { MessageSysFlag, decodeMessage } from '../../../protocol/src/message/index.js';
import {
  StoreDirectory,
  appendMany,
  appendOne,
  createManualClock,
  diskError,
  unsyncedDisk,
} from '../../../testkit/src/index.js';
import type { AppendMessage, AppendResult, IndexQuery, MessageStore } from '../contract.js';
import { CommitLog } from '../commit-log/commit-log.js';
import { FilePool } from '../disk/file-pool.js';
import { indexName } from './index-layout.js';
import { MessageIndex } from './message-index.js';
import { indexHash } from './record-keys.js';

const begun = Date.UTC(2026, 0, 1);
const itemSize = 20;
const slotsEnd = 40 + 100 * 4;
const indexFileSize = slotsEnd + 400 * itemSize;

let directory: StoreDirectory;
let copy: StoreDirectory;
beforeEach(() => {
  directory = new StoreDirectory();
  copy = new StoreDirectory();
});
afterEach(async () => {
  await directory.remove();
  await copy.remove();
});

const keyed = (keys: string, unique = ''): Partial<AppendMessage> => ({
  properties: `${unique && `UNIQ_KEY\u0001${unique}\u0002`}TAGS\u0001a\u0002KEYS\u0001${keys}\u0002`,
  body: Buffer.from(`${keys}|${unique}`),
});

/** So many messages, each with a key of its own, one it shares with nine others, and a unique key. */
async function fill(store: MessageStore, count: number, first = 0): Promise<void> {
  for (let i = first; i < first + count; i++) void appendOne(store, keyed(`own-${i} shared-${i % 10}`, `U${i}`));
  await appendOne(store, { properties: '' });
}

async function found(store: MessageStore, key: string, changes: Partial<IndexQuery> = {}): Promise<string[]> {
  const query = { topic: 'TopicTest', key, maxMessages: 64, begin: 0, end: Number.MAX_SAFE_INTEGER, ...changes };
  return (await store.query(query)).records.map((record) => decodeMessage(record).body.toString());
}

/** Lets the index come up with the log. */
async function indexed(store: MessageStore): Promise<void> {
  // The first answer waits for the files to be loaded.
  await found(store, '');
  while (store.figures().indexBehindBytes > 0) await new Promise<void>((resolve) => setImmediate(resolve));
}

const names = (place: StoreDirectory): string[] => readdirSync(join(place.path, 'index')).sort();
const pathOf = (place: StoreDirectory, i: number): string => join(place.path, 'index', names(place)[i] as string);
const contents = (place: StoreDirectory): Buffer[] => names(place).map((_, i) => readFileSync(pathOf(place, i)));
const checkpointAt = (place: StoreDirectory, at: number): number =>
  Number(readFileSync(join(place.path, 'checkpoint')).readBigInt64BE(at));

function crash(): void {
  rmSync(copy.path, { recursive: true });
  cpSync(directory.path, copy.path, { recursive: true });
}

function patch(path: string, change: (bytes: Buffer) => void): void {
  const bytes = readFileSync(path);
  change(bytes);
  writeFileSync(path, bytes);
}

describe('queries', () => {
  it('find messages by key and unique key, in memory and in the files', async () => {
    const store = await directory.start();
    await fill(store, 500);
    await indexed(store);
    expect(names(directory).length).toBe(4);
    for (const i of [0, 7, 132, 133, 499]) {
      const body = `own-${i} shared-${i % 10}|U${i}`;
      expect([await found(store, `own-${i}`), await found(store, `U${i}`)]).toEqual([[body], [body]]);
    }
    expect((await found(store, 'shared-3')).length).toBe(50);
    for (const other of ['own-500', 'own', 'own-1 shared-1', '']) expect(await found(store, other)).toEqual([]);
    expect(await found(store, 'own-1', { topic: 'Other' })).toEqual([]);
  });

  it('hand out the newest ones, at most maxMsgsNumBatch, in the order of the log', async () => {
    const store = await directory.start({ maxMsgsNumBatch: 20 });
    await fill(store, 500);
    await indexed(store);
    const bodies = await found(store, 'shared-3');
    expect(bodies).toEqual(Array.from({ length: 20 }, (_, i) => `own-${303 + i * 10} shared-3|U${303 + i * 10}`));
    expect(await found(store, 'shared-3', { maxMessages: 2 })).toEqual(bodies.slice(-2));
    expect(await found(store, 'shared-3', { maxMessages: 0 })).toEqual([]);
  });

  it('keep to the time asked for, to a second', async () => {
    const clock = createManualClock(begun);
    const store = await directory.start({}, { clock });
    for (let i = 0; i < 8; i++) {
      await appendOne(store, keyed('k', `U${i}`));
      clock.advance(1000);
    }
    await indexed(store);
    const at = (second: number): number => begun + second * 1000;
    expect(await found(store, 'k', { begin: at(2), end: at(4) })).toEqual(['k|U2', 'k|U3', 'k|U4']);
    expect(await found(store, 'k', { begin: at(6) })).toEqual(['k|U6', 'k|U7']);
    expect(await found(store, 'k', { end: at(0) })).toEqual(['k|U0']);
    expect(await found(store, 'k', { end: at(-1) })).toEqual([]);
    const query = { topic: 'TopicTest', key: 'k', maxMessages: 9, begin: 0, end: at(9) };
    const { physicalOffset } = decodeMessage((await store.query(query)).records.at(-1) as Buffer);
    expect(await store.query(query)).toMatchObject({
      indexLastUpdateTimestamp: at(7),
      indexLastUpdatePhyOffset: physicalOffset,
    });
  });

  it('never show a message whose key has the same hash only', async () => {
    const store = await directory.start();
    const [one, two] = ['Aa', 'BB'];
    expect(indexHash('TopicTest', one)).toBe(indexHash('TopicTest', two));
    await appendOne(store, keyed(one, 'U1'));
    for (let i = 0; i < 5; i++) await appendOne(store, keyed(two, `V${i}`));
    await indexed(store);
    expect(await found(store, one, { maxMessages: 1 })).toEqual(['Aa|U1']);
    expect((await found(store, two)).length).toBe(5);
  });

  it('see prepared and committed messages, but none rolled back', async () => {
    const store = await directory.start();
    const { TRANSACTION_PREPARED, TRANSACTION_COMMIT, TRANSACTION_ROLLBACK } = MessageSysFlag;
    for (const sysFlag of [TRANSACTION_PREPARED, TRANSACTION_COMMIT, TRANSACTION_ROLLBACK]) {
      await appendOne(store, { ...keyed(`k ${sysFlag}`), sysFlag });
    }
    await indexed(store);
    expect(await found(store, 'k')).toEqual([`k ${TRANSACTION_PREPARED}|`, `k ${TRANSACTION_COMMIT}|`]);
  });

  it('take the last of several pairs, no empty one, and no name that only ends alike', async () => {
    const store = await directory.start();
    await appendOne(store, { properties: 'KEYS\u0001a\u0002KEYS\u0001b  c\u0002KEYS\u0001\u0002XKEYS\u0001d\u0002' });
    await appendOne(store, { properties: 'x\u0001KEYS\u0002KEYSX\u0001e\u0002UNIQ_KEY\u0001f' });
    await indexed(store);
    const counts = await Promise.all([...'abcdef'].map(async (key) => (await found(store, key)).length));
    expect(counts).toEqual([0, 1, 1, 0, 0, 1]);
  });

  it('find what an idle index was asked for only later, on or off', async () => {
    const off = await directory.start({ messageIndexEnable: false });
    await fill(off, 10);
    expect([await found(off, 'own-3'), off.figures().indexBehindBytes]).toEqual([[], 0]);
    await off.close();
    expect(existsSync(join(directory.path, 'index'))).toBe(false);
    const on = await directory.start();
    await indexed(on);
    expect((await found(on, 'own-3')).length).toBe(1);
    await on.close();
    const offAgain = await directory.start({ messageIndexEnable: false });
    await fill(offAgain, 10, 10);
    expect([(await found(offAgain, 'own-3')).length, (await found(offAgain, 'own-13')).length]).toEqual([1, 0]);
    await offAgain.close();
    const onAgain = await directory.start();
    await indexed(onAgain);
    expect((await found(onAgain, 'own-13')).length).toBe(1);
  });
});

describe('files', () => {
  it('are named by local time, each after the one before', () => {
    const date = new Date(2026, 2, 4, 5, 6, 7, 89);
    expect(indexName(date.getTime(), undefined)).toBe('20260304050607089');
    expect(indexName(date.getTime(), '20260304050607089')).toBe('20260304050607090');
    expect(indexName(date.getTime(), '20261231235959999')).toBe('20270101000000000');
  });

  it('have the layout of the format, and take over where the one before ended', async () => {
    const clock = createManualClock(begun);
    const store = await directory.start({ maxIndexNum: 4 }, { clock });
    const results: AppendResult[] = [];
    for (const [i, key] of ['a', 'b', 'c', 'd'].entries()) {
      results.push(await appendOne(store, keyed(key)));
      clock.advance(i === 2 ? 5000 : 1500);
    }
    await store.close();
    expect(contents(directory).map((bytes) => bytes.length)).toEqual([520, 520]);
    const [first, second] = contents(directory) as [Buffer, Buffer];
    const header = (bytes: Buffer): number[] => [
      ...[0, 8, 16, 24].map((at) => Number(bytes.readBigInt64BE(at))),
      bytes.readInt32BE(32),
      bytes.readInt32BE(36),
    ];
    const offset = (i: number): number => results[i]?.physicalOffset as number;
    expect(header(first)).toEqual([begun, begun + 3000, offset(0), offset(2), 3, 4]);
    expect(header(second)).toEqual([begun + 8000, begun + 8000, offset(3), offset(3), 1, 2]);
    const item = (bytes: Buffer, place: number): number[] => {
      const at = slotsEnd + place * itemSize;
      const [hash, seconds, previous] = [0, 12, 16].map((skip) => bytes.readInt32BE(at + skip));
      return [hash as number, Number(bytes.readBigInt64BE(at + 4)), seconds as number, previous as number];
    };
    expect([1, 2, 3].map((place) => item(first, place))).toEqual([
      [indexHash('TopicTest', 'a'), offset(0), 0, 0],
      [indexHash('TopicTest', 'b'), offset(1), 1, 0],
      [indexHash('TopicTest', 'c'), offset(2), 3, 0],
    ]);
    // Counted from the end of the file before, which is what the header said when it came.
    expect(item(second, 1)).toEqual([indexHash('TopicTest', 'd'), offset(3), 5, 0]);
    expect(first.readInt32BE(40 + (indexHash('TopicTest', 'b') % 100) * 4)).toBe(2);
    expect(checkpointAt(directory, 16)).toBe(begun + 3000);
  });

  it('wait for room on the disk and then have everything, while messages are taken all the time', async () => {
    const clock = createManualClock(begun);
    const error = jest.fn();
    let isDiskFull = true;
    const truncate = (fd: number, length: number): void => {
      if (isDiskFull && length === indexFileSize) throw diskError('ENOSPC');
      unsyncedDisk.truncate(fd, length);
    };
    const ports = { disk: { ...unsyncedDisk, truncate }, clock, log: { ...silentLogger, error } };
    const store = await directory.start({}, ports);
    await fill(store, 20);
    for (let i = 0; i < 5; i++) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      clock.advance(1000);
    }
    expect([store.unavailable, error.mock.calls.length]).toEqual([undefined, 1]);
    expect(await found(store, 'own-0')).toEqual([]);
    isDiskFull = false;
    clock.advance(1000);
    await indexed(store);
    // From the second file on the first ones are full.
    await fill(store, 200, 20);
    isDiskFull = true;
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(names(directory).length).toBe(1);
    isDiskFull = false;
    clock.advance(1000);
    await indexed(store);
    for (let i = 0; i < 220; i++) expect((await found(store, `U${i}`)).length).toBe(1);
    await store.close();
    expect(contents(directory).map((bytes) => bytes.readInt32BE(36))).toEqual([400, 262]);
  });

  it('that are expired are deleted when the checkpoint does not count them, but never the last one', async () => {
    const store = await directory.start();
    await fill(store, 500);
    const logEnd = store.figures().commitLogMaxOffset;
    await store.close();
    const before = names(directory);
    const ends = contents(directory).map((bytes) => Number(bytes.readBigInt64BE(24)));
    const seen: [number, number][] = [];
    const index = openIndex(logEnd, () => {
      seen.push([names(directory).length, index.store().position?.fileCount ?? -1]);
      return Promise.resolve(seen.length < 3);
    });
    index.open({ position: undefined, durableTimestamp: 0, wasCleanStop: true, logEnd });
    expect([await index.deleteBefore(ends[0] as number), seen]).toEqual([0, []]);
    expect([await index.deleteBefore(ends[1] as number), seen]).toEqual([1, [[4, 3]]]);
    expect(names(directory)).toEqual(before.slice(1));
    expect(await index.deleteBefore(ends[2] as number)).toBe(1);
    // Not while the checkpoint still counts it.
    expect([await index.deleteBefore(Infinity), names(directory)]).toEqual([0, before.slice(2)]);
    await index.stop();
  });

  it('that the checkpoint does not count any more are gone with the next start', async () => {
    const store = await directory.start();
    await fill(store, 500);
    await store.close();
    const before = names(directory);
    cpSync(pathOf(directory, 0), join(directory.path, 'index', '20200101000000000'));
    const again = await directory.start();
    expect([names(directory), (await found(again, 'own-0')).length]).toEqual([before, 1]);
  });
});

/** An index over the directory of a closed store. */
function openIndex(logEnd: number, checkpoint: () => Promise<boolean>): MessageIndex {
  const pool = new FilePool(unsyncedDisk, 16);
  const log = new CommitLog(unsyncedDisk, pool, {
    directory: join(directory.path, 'commitlog'),
    segmentSize: 64 * 1024,
    chunkSize: 1024,
    cacheSize: 1024,
  });
  log.segments.load();
  log.resume(logEnd);
  return new MessageIndex({
    config: directory.config(),
    disk: unsyncedDisk,
    pool,
    clock: createManualClock(begun),
    logger: silentLogger,
    log,
    directory: join(directory.path, 'index'),
    dispatchedOffset: () => logEnd,
    readRecord: (offset) => log.read(offset, 91).then((head) => head && log.read(offset, head.readInt32BE(0))),
    recordTime: () => begun,
    checkpoint,
    onError: (reason) => expect(reason).toBe(''),
  });
}

describe('after a crash', () => {
  it.each([
    ['nothing on the disk yet', 0],
    ['part of it on the disk', 6000],
  ])('everything is found again: %s', async (_name, elapsed) => {
    const clock = createManualClock(begun);
    const store = await directory.start({}, { clock });
    await fill(store, 250);
    await indexed(store);
    if (elapsed > 0) {
      clock.advance(elapsed);
      while (checkpointAt(directory, 312) === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    }
    await fill(store, 250, 250);
    await indexed(store);
    crash();
    const again = await copy.start({}, { clock });
    await indexed(again);
    for (let i = 0; i < 500; i++) expect(await found(again, `U${i}`)).toEqual([`own-${i} shared-${i % 10}|U${i}`]);
    await again.close();
    await store.close();
    expect(contents(copy)).toEqual(contents(directory));
    const bytes = contents(copy);
    writeFileSync(join(copy.path, 'abort'), '');
    await (await copy.start({}, { clock })).close();
    expect(contents(copy)).toEqual(bytes);
  });

  it('does not wait for the index to be made', async () => {
    const store = await directory.start();
    await fill(store, 400);
    await store.close();
    rmSync(join(directory.path, 'index'), { recursive: true });
    const again = await directory.start();
    expect(again.figures().indexBehindBytes).toBeGreaterThan(0);
    expect((await appendOne(again, keyed('new'))).status).toBe('OK');
    await indexed(again);
    expect([(await found(again, 'own-0')).length, (await found(again, 'new')).length]).toEqual([1, 1]);
  });

  it('an index ahead of the log is cut back', async () => {
    const store = await directory.start();
    await fill(store, 300);
    const last = await appendOne(store, keyed('gone', 'G'));
    await store.close();
    crash();
    patch(join(copy.path, 'commitlog', '0'.repeat(20)), (bytes) => bytes.fill(0, last.physicalOffset));
    writeFileSync(join(copy.path, 'abort'), '');
    const again = await copy.start();
    await appendOne(again, keyed('come', 'C'));
    await indexed(again);
    expect([await found(again, 'gone'), await found(again, 'come')]).toEqual([[], ['come|C']]);
    await again.close();
    const fresh = readFileSync(pathOf(copy, names(copy).length - 1));
    rmSync(join(copy.path, 'index'), { recursive: true });
    await (await copy.start()).close();
    const made = readFileSync(pathOf(copy, names(copy).length - 1));
    expect(made.equals(fresh)).toBe(true);
  });
});

describe('damaged files', () => {
  const damages: [string, () => void][] = [
    ['all missing', () => rmSync(join(copy.path, 'index'), { recursive: true })],
    ['the first missing', () => rmSync(pathOf(copy, 0))],
    ['one in the middle missing', () => rmSync(pathOf(copy, 1))],
    ['the last missing', () => rmSync(pathOf(copy, 3))],
    ['the last short', () => truncateSync(pathOf(copy, 3), 1000)],
    ['the last empty', () => truncateSync(pathOf(copy, 3), 0)],
    ['the last zeroed', () => patch(pathOf(copy, 3), (bytes) => bytes.fill(0))],
    ['one in the middle zeroed', () => patch(pathOf(copy, 1), (bytes) => bytes.fill(0))],
    ['one in the middle longer', () => truncateSync(pathOf(copy, 1), 10_000)],
    ['the end of a full one zeroed', () => patch(pathOf(copy, 2), (bytes) => bytes.fill(0, 4096))],
    [
      'the last items zeroed after a crash',
      () => {
        patch(pathOf(copy, 3), (bytes) => bytes.fill(0, slotsEnd + 30 * itemSize));
        writeFileSync(join(copy.path, 'abort'), '');
      },
    ],
    [
      'an item flipped after a crash',
      () => {
        patch(pathOf(copy, 3), (bytes) => bytes.writeInt32BE(77, slotsEnd + 20 * itemSize));
        writeFileSync(join(copy.path, 'abort'), '');
      },
    ],
    [
      'slots and header of garbage after a crash',
      () => {
        patch(pathOf(copy, 3), (bytes) => bytes.fill(0x5a, 0, slotsEnd));
        writeFileSync(join(copy.path, 'abort'), '');
      },
    ],
    ['a checkpoint of garbage', () => writeFileSync(join(copy.path, 'checkpoint'), Buffer.alloc(4096, 0x5a))],
    [
      'no checkpoint after a crash',
      () => {
        rmSync(join(copy.path, 'checkpoint'));
        writeFileSync(join(copy.path, 'abort'), '');
      },
    ],
    ['the index of another log', () => patchOffsets()],
  ];

  /** Items and header of the only file that stays lead to places of the log where no record begins. */
  function patchOffsets(): void {
    rmSync(join(copy.path, 'checkpoint'));
    for (let i = 3; i > 0; i--) rmSync(pathOf(copy, i));
    patch(pathOf(copy, 0), (bytes) => {
      const places = [16, 24, ...Array.from({ length: 399 }, (_, i) => slotsEnd + (i + 1) * itemSize + 4)];
      for (const at of places) bytes.writeBigInt64BE(bytes.readBigInt64BE(at) + 3n, at);
    });
  }

  it.each(damages)('%s: made again as they were', async (_name, damage) => {
    const store = await directory.start();
    await fill(store, 500);
    await store.close();
    const before = contents(directory);
    expect(before.length).toBe(4);
    crash();
    damage();
    const again = await copy.start();
    await indexed(again);
    for (const i of [0, 132, 133, 200, 300, 499]) expect((await found(again, `U${i}`)).length).toBe(1);
    await again.close();
    expect(contents(copy)).toEqual(before);
  });

  it('of another size are named', async () => {
    const store = await directory.start();
    await fill(store, 200);
    await store.close();
    const warn = jest.fn();
    const again = await directory.start({ maxIndexNum: 500 }, { log: { ...silentLogger, warn } });
    const because = expect.stringMatching(/index\/\d{17} has 8440 bytes, and with maxHashSlotNum .* 10440$/);
    expect(warn).toHaveBeenCalledWith(expect.any(String), expect.objectContaining({ because }));
    await indexed(again);
    expect((await found(again, 'own-0')).length).toBe(1);
  });

  it('leaves what is no index file alone', async () => {
    const store = await directory.start();
    await fill(store, 5);
    await store.close();
    writeFileSync(join(directory.path, 'index', 'notes.txt'), 'mine');
    const again = await directory.start();
    expect((await found(again, 'own-0')).length).toBe(1);
    expect(readFileSync(join(directory.path, 'index', 'notes.txt'), 'utf8')).toBe('mine');
  });

  it('never show a wrong message while running: each item that is flipped is told of once', async () => {
    const store = await directory.start();
    await fill(store, 132);
    await store.close();
    const whole = readFileSync(pathOf(directory, 0));
    const place = Array.from({ length: 390 }, (_, i) => i + 1).find(
      (each) => whole.readInt32BE(slotsEnd + each * itemSize) === indexHash('TopicTest', 'own-77'),
    ) as number;
    const slot = 40 + (indexHash('TopicTest', 'own-77') % 100) * 4;
    const at = slotsEnd + place * itemSize;
    const flips: [number, number][] = [
      [slot, 0x40],
      [slot + 3, 0x01],
      ...Array.from({ length: itemSize }, (_, i) => [at + i, 0x40] as [number, number]),
      ...Array.from({ length: itemSize }, (_, i) => [at + i, 0x01] as [number, number]),
    ];
    let told = 0;
    for (const [byte, bits] of flips) {
      patch(pathOf(directory, 0), (bytes) => void (bytes[byte] = (whole[byte] as number) ^ bits));
      const error = jest.fn();
      const again = await directory.start({}, { log: { ...silentLogger, error } });
      for (let round = 0; round < 2; round++) {
        for (let i = 0; i < 132; i += 7) {
          const bodies = await found(again, `own-${i}`);
          expect({ byte, bodies: bodies.filter((body) => body !== `own-${i} shared-${i % 10}|U${i}`) }).toEqual({
            byte,
            bodies: [],
          });
        }
      }
      for (const [message, context] of error.mock.calls) {
        expect(message).toBe('a damaged item of the message index is passed over');
        expect(context).toMatchObject({ file: pathOf(directory, 0), at: expect.any(Number) });
      }
      const places = error.mock.calls.map(([, context]) => (context as { at: number }).at);
      expect(new Set(places).size).toBe(places.length);
      told += places.length;
      await again.close();
      writeFileSync(pathOf(directory, 0), whole);
    }
    expect(told).toBeGreaterThan(15);
  });
});

describe('a directory that Java left', () => {
  /** As if Java had appended: its words of the checkpoint have moved. */
  function touchCheckpoint(indexTimestamp: number): void {
    patch(join(copy.path, 'checkpoint'), (bytes) => {
      bytes.writeBigInt64BE(bytes.readBigInt64BE(0) + 1n, 0);
      bytes.writeBigInt64BE(BigInt(indexTimestamp), 16);
    });
  }

  it.each([
    ['after a clean stop', false, Number.MAX_SAFE_INTEGER],
    ['after a crash, all files whole', true, Number.MAX_SAFE_INTEGER],
    ['after a crash, only the first two whole', true, begun + 260_000],
    ['after a crash, none whole', true, 0],
  ])('%s: goes on without a gap and without repetition', async (_name, wasKilled, indexTimestamp) => {
    const clock = createManualClock(begun);
    const store = await directory.start({}, { clock });
    for (let i = 0; i < 400; i++) {
      await appendOne(store, keyed(`own-${i} two-${i} three-${i} four-${i}`, `U${i}`));
      clock.advance(1000);
    }
    await store.close();
    const before = contents(directory);
    crash();
    touchCheckpoint(indexTimestamp);
    if (wasKilled) writeFileSync(join(copy.path, 'abort'), '');
    const deleted: string[] = [];
    const disk = { ...unsyncedDisk, remove: (path: string) => void (deleted.push(path), unsyncedDisk.remove(path)) };
    const again = await copy.start({}, { clock, disk });
    await indexed(again);
    expect(await found(again, 'four-399')).toEqual(['own-399 two-399 three-399 four-399|U399']);
    await again.close();
    expect(contents(copy)).toEqual(before);
    const kept = before.length - deleted.filter((path) => path.includes('index')).length;
    expect(kept).toBe(indexTimestamp === 0 ? 0 : indexTimestamp < Number.MAX_SAFE_INTEGER ? 3 : before.length);
  });
});

it('many messages at once do not hold up the event loop for the index', async () => {
  const store = await directory.start({ maxIndexNum: 4000, hotTailBytes: 1024 * 1024, mappedFileSizeCommitLog: 1024 * 1024 });
  await appendMany(store, 15_000, keyed('k', 'U'));
  // The oldest are in the files only by now.
  await indexed(store);
  expect((await found(store, 'k')).length).toBe(64);
  await store.close();
  const items = contents(directory).map((bytes) => bytes.readInt32BE(36) - 1);
  expect(items.reduce((sum, count) => sum + count, 0)).toBe(30_000);
});
