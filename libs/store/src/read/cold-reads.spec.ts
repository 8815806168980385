import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { silentLogger } from '../../../common/src/index.js';
import { decodeMessages, type MessageRecord } from '../../../protocol/src/message/index.js';
import {
  StoreDirectory,
  appendMany,
  appendOne,
  createFaultyDisk,
  createManualClock,
  seededRandom,
  readQueue,
  type FaultyDisk,
} from '../../../testkit/src/index.js';
import type { StoreConfig } from '../config.js';
import type { AppendResult, MessageStore } from '../contract.js';
import { RecordGatherer } from './record-gatherer.js';

let directory: StoreDirectory;
let disk: FaultyDisk;
let error: jest.Mock;
beforeEach(() => {
  directory = new StoreDirectory();
  disk = createFaultyDisk();
  error = jest.fn();
});
afterEach(() => directory.remove());

const name = '0'.repeat(20);
const logFile = (): string => join(directory.path, 'commitlog', name);
const queueFile = (): string => join(directory.path, 'consumequeue/TopicTest/0', name);

/** Started anew, so that nothing is in memory; nor does anything stay there. */
async function reopened(config: Partial<StoreConfig> = { coldReadCacheBytes: 0 }): Promise<MessageStore> {
  return directory.start(config, { disk, log: { ...silentLogger, error } });
}

async function filled(count: number, config: Partial<StoreConfig> = {}, size = 10): Promise<AppendResult[]> {
  const store = await directory.start(config);
  const results = await appendMany(store, count, { body: Buffer.alloc(size, 'q') });
  await store.close();
  return results;
}

/** Flips a bit of one byte in a file that is open, runs `look`, and puts it right again. */
async function withFlip<T>(path: string, at: number, look: () => Promise<T>, bit = 0x40): Promise<T> {
  const bytes = readFileSync(path);
  const flip = (): void => {
    bytes[at] = (bytes[at] as number) ^ bit;
    writeFileSync(path, bytes, { flag: 'r+' });
  };
  flip();
  try {
    return await look();
  } finally {
    flip();
  }
}

/** As a consumer goes on: behind what is not there. */
async function consume(store: MessageStore): Promise<MessageRecord[]> {
  const records: MessageRecord[] = [];
  for (let offset = 0; offset < store.maxOffset('TopicTest', 0);) {
    const got = await store.get({ topic: 'TopicTest', queueId: 0, offset, maxMessages: 32 });
    expect(['FOUND', 'MESSAGE_WAS_REMOVING', 'OFFSET_FOUND_NULL']).toContain(got.status);
    expect(got.nextBeginOffset).toBeGreaterThan(offset);
    if (got.slices.length > 0) records.push(...decodeMessages(Buffer.concat(got.slices)));
    offset = got.nextBeginOffset;
  }
  return records;
}

const rangeOf = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe('a damaged record', () => {
  it('is not handed out, and named with its file, whichever protected byte is wrong', async () => {
    const results = await filled(12);
    const store = await reopened();
    const start = results[5]?.physicalOffset as number;
    const size = (results[6]?.physicalOffset as number) - start;
    const served: number[] = [];
    for (let at = 0; at < size; at++) {
      error.mockClear();
      const got = await withFlip(logFile(), start + at, () => consume(store));
      const others = got.filter(({ queueOffset }) => queueOffset !== 5);
      expect(others.map(({ queueOffset }) => queueOffset)).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]);
      if (got.length === 12) {
        served.push(at);
        continue;
      }
      expect(error).toHaveBeenCalledWith(
        expect.stringContaining('is not handed out'),
        expect.objectContaining({ file: logFile(), physicalOffset: start, queueOffset: 5, topic: 'TopicTest' }),
      );
    }
    // Flags, times, hosts, counts and the text of properties: nothing in Apache's format tells.
    const properties = rangeOf(size - 'TAGS\u0001a\u0002'.length, size);
    expect(served).toEqual([...rangeOf(16, 20), ...rangeOf(36, 84), ...properties]);
  });

  it('is not found by its physical offset either', async () => {
    const results = await filled(3);
    const store = await reopened();
    const at = results[1]?.physicalOffset as number;
    for (const size of [undefined, results[2]?.physicalOffset as number]) {
      const found = await withFlip(logFile(), at + 90, async () => store.read(at, size && size - at));
      expect(found).toBeUndefined();
    }
    expect(error).toHaveBeenCalledWith(
      expect.stringContaining('is not handed out'),
      expect.objectContaining({ file: logFile(), physicalOffset: at, damage: 'CRC of the body differs' }),
    );
    expect((await store.read(at))?.length).toBeGreaterThan(91);
  });
});

describe('a damaged entry of a queue', () => {
  it('is passed over and named, and costs no other message', async () => {
    await filled(12);
    const store = await reopened();
    const served: number[] = [];
    for (const bit of [0x40, 0x80, 0x01]) {
      for (let at = 0; at < 20; at++) {
        error.mockClear();
        const got = await withFlip(queueFile(), 5 * 20 + at, () => consume(store), bit);
        expect(got.filter(({ queueOffset }) => queueOffset !== 5).length).toBe(11);
        if (got.length === 12) served.push(at);
        else expect([bit, at, error.mock.calls.length]).not.toEqual([bit, at, 0]);
      }
    }
    // The tag's hash is only for filters.
    expect([...new Set(served)].toSorted((a, b) => a - b)).toEqual(rangeOf(12, 20));
  });

  it.each([
    // The last entry of the first log file claims a size that goes on behind it, up to the log's end.
    ['claims to go on behind its file', 10, 0x01],
    // As negative numbers come before any place in the log.
    ['points before the log', 0, 0x80],
  ])('that %s is named, and costs no other message', async (_name, byte, bit) => {
    const results = await filled(60, { mappedFileSizeCommitLog: 4096 }, 150);
    const last = results.findLastIndex(({ physicalOffset }) => physicalOffset < 4096);
    const store = await reopened({ mappedFileSizeCommitLog: 4096, coldReadCacheBytes: 0 });
    const records = await withFlip(queueFile(), last * 20 + byte, () => consume(store), bit);
    const offsets = records.map(({ queueOffset }) => queueOffset);
    expect(offsets).toEqual(rangeOf(0, 60).filter((offset) => offset !== last));
    expect(error).toHaveBeenCalledWith(expect.any(String), expect.objectContaining({ queueOffset: last }));
  });

  it('that points to another record does not hand that out', async () => {
    // Records of 128 bytes, so that one bit leads to a neighbour.
    const results = await filled(12, {}, 21);
    expect(results[1]?.physicalOffset).toBe(128);
    const store = await reopened();
    const got = await withFlip(queueFile(), 4 * 20 + 7, () => consume(store), 0x80);
    expect(got.map(({ queueOffset }) => queueOffset)).toEqual([0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11]);
    expect(error).toHaveBeenCalledWith(
      expect.stringContaining('is not handed out'),
      expect.objectContaining({ queueOffset: 4, damage: 'the record is number 5 of TopicTest/0' }),
    );
  });

  it('takes no memory for a size that is not true', async () => {
    const large = { mappedFileSizeCommitLog: 8 * 1024 * 1024 };
    const store = await directory.start(large);
    await appendOne(store);
    await appendOne(store, { body: Buffer.alloc(3 * 1024 * 1024, 'x') });
    await store.close();
    const again = await reopened({ ...large, coldReadCacheBytes: 0 });
    const lengths: number[] = [];
    const read: FaultyDisk['read'] = disk.read.bind(disk);
    disk.read = (fd, target, position) => {
      lengths.push(target.length);
      return read(fd, target, position);
    };
    const offsets = (await withFlip(queueFile(), 9, () => consume(again), 0x20)).map(({ queueOffset }) => queueOffset);
    expect(offsets).toEqual([1]);
    expect(lengths.filter((length) => length > 2 * 1024 * 1024).length).toBe(1);
    expect((await consume(again)).map(({ body }) => body.length)).toEqual([5, 3 * 1024 * 1024]);
  });
});

describe('cold reads', () => {
  function countLogReads(): { readonly count: number } {
    const reads = { count: 0 };
    disk.beforeRead = (path) => void (path === logFile() && reads.count++);
    return reads;
  }

  it('fetch neighbours together, and ask the disk once for two pulls at the same time', async () => {
    await filled(40);
    const store = await reopened();
    const reads = countLogReads();
    const pull = () => store.get({ topic: 'TopicTest', queueId: 0, offset: 0, maxMessages: 32 });
    const [first, second] = await Promise.all([pull(), pull()]);
    expect([first.messageCount, first.slices.length, reads.count]).toEqual([32, 1, 1]);
    expect(Buffer.concat(second.slices)).toEqual(Buffer.concat(first.slices));
    await pull();
    expect(reads.count).toBe(2);
  });

  it('never block: nothing is read synchronously', async () => {
    await filled(200);
    const store = await reopened();
    disk.readSync = () => {
      throw new Error('a read that blocks');
    };
    expect((await readQueue(store)).length).toBe(200);
    expect(await store.offsetByTime('TopicTest', 0, 0, 'lower')).toBe(0);
    expect((await store.queueUnits('TopicTest', 0, 100, 50))?.length).toBe(50);
    expect(await store.earliestStoreTime('TopicTest', 0)).toBeGreaterThan(0);
  });

  it.each([
    [{ accessMessageInMemoryMaxRatio: 0 }, 8, 32],
    [{ accessMessageInMemoryMaxRatio: 0, maxTransferCountOnMessageInDisk: 20 }, 20, 32],
    [{ accessMessageInMemoryMaxRatio: 0, maxTransferBytesOnMessageInDisk: 400 }, 3, 32],
    [{ accessMessageInMemoryMaxRatio: 40, maxTransferCountOnMessageInDisk: 1 }, 32, 32],
    [{ accessMessageInMemoryMaxRatio: 0 }, 4, 4],
  ])('with %j give %i messages to a pull for %i', async (config, expected, maxMessages) => {
    await filled(40);
    const store = await reopened(config);
    const got = await store.get({ topic: 'TopicTest', queueId: 0, offset: 0, maxMessages });
    expect([got.messageCount, got.nextBeginOffset]).toEqual([expected, expected]);
  });
});

describe('old log kept in memory', () => {
  const large = { mappedFileSizeCommitLog: 4 * 1024 * 1024 };

  function countReads(): { log: number; queue: number } {
    const reads = { log: 0, queue: 0 };
    disk.beforeRead = (path) =>
      void (path === logFile() ? reads.log++ : path.includes('/consumequeue/') && reads.queue++);
    return reads;
  }

  /** Two queues with their records side by side: 2.3 MB, so that some lie across two blocks. */
  async function twoQueues(): Promise<void> {
    const store = await directory.start(large);
    for (let i = 0; i < 150; i++) {
      for (const queueId of [0, 1]) await appendOne(store, { queueId, body: Buffer.alloc(7500 + i, `${queueId}`) });
    }
    await store.close();
  }

  it('serves the other queues and the next pulls without a wait', async () => {
    await twoQueues();
    const store = await reopened(large);
    const reads = countReads();
    expect(await readQueue(store)).toHaveLength(150);
    expect(reads).toEqual({ log: 3, queue: 3 });
    const got = store.get({ topic: 'TopicTest', queueId: 0, offset: 100, maxMessages: 32 });
    expect(got).toHaveProperty('messageCount', 32);
    const other = await readQueue(store, 'TopicTest', 1);
    expect(reads).toEqual({ log: 3, queue: 6 });
    expect(other.map(({ body }) => body.length)).toEqual(rangeOf(7500, 7650));
    expect(other.every(({ body }) => body.every((byte) => byte === 0x31))).toBe(true);
  });

  it('takes no more than its limit, and lets go of what was used longest ago', async () => {
    await twoQueues();
    const store = await reopened({ ...large, coldReadCacheBytes: 2 * 1024 * 1024 });
    const reads = countReads();
    await readQueue(store);
    await readQueue(store, 'TopicTest', 1);
    expect(reads.log).toBe(6);
  });

  it('is forgotten when a record in it is damaged, or an entry leads to none', async () => {
    const results = await filled(12);
    for (const [path, at] of [
      [logFile(), (results[5]?.physicalOffset as number) + 90],
      [queueFile(), 5 * 20 + 7],
    ] as const) {
      const store = await reopened({});
      expect((await withFlip(path, at, () => consume(store))).length).toBe(11);
      expect((await consume(store)).length).toBe(12);
      await store.close();
    }
  });

  it.each([0, 1024 * 1024, 2 * 1024 * 1024])('never mixes up pulls at the same time, with %i bytes', async (cache) => {
    await twoQueues();
    const store = await reopened({ ...large, coldReadCacheBytes: cache });
    const random = seededRandom(cache);
    const pull = async (): Promise<void> => {
      const [queueId, offset] = [Math.floor(random() * 2), Math.floor(random() * 140)];
      const { slices, messageCount } = await store.get({ topic: 'TopicTest', queueId, offset, maxMessages: 10 });
      const lengths = decodeMessages(Buffer.concat(slices)).map(({ body }) => [body.length, body[0], body.at(-1)]);
      expect(lengths).toEqual(
        rangeOf(offset, offset + messageCount).map((i) => [7500 + i, 0x30 + queueId, 0x30 + queueId]),
      );
    };
    for (let round = 0; round < 20; round++) await Promise.all(Array.from({ length: 12 }, pull));
  });

  it('is read again when the log has gone on in it', async () => {
    const store = await directory.start({ ...large, hotTailBytes: 1024 * 1024 }, { disk });
    const body = Buffer.alloc(10_000, 'x');
    await appendMany(store, 40, { body });
    const cold = await reopenedWith(store, large);
    expect(await readQueue(cold)).toHaveLength(40);
    await appendMany(cold, 1000, { body });
    expect(await readQueue(cold)).toHaveLength(1040);
  });

  async function reopenedWith(store: MessageStore, config: Partial<StoreConfig>): Promise<MessageStore> {
    await store.close();
    return reopened({ ...config, hotTailBytes: 1024 * 1024 });
  }
});

describe('old log that has the sums of what was written', () => {
  const config = { mappedFileSizeCommitLog: 4 * 1024 * 1024, hotTailBytes: 1024 * 1024 };
  let results: AppendResult[];
  let store: MessageStore;
  let gathered: number;

  beforeEach(async () => {
    store = await directory.start(config, { disk, log: { ...silentLogger, error } });
    // Three files of the log: the first is out of memory then.
    results = [];
    while (results.length < 9000) results.push(...(await appendMany(store, 500, { body: Buffer.alloc(1000, 'q') })));
    gathered = 0;
    // oxlint-disable-next-line typescript/unbound-method -- called with `this` below
    const { gather } = RecordGatherer.prototype;
    jest.spyOn(RecordGatherer.prototype, 'gather').mockImplementation(function (this: RecordGatherer, ...asked) {
      const found = gather.apply(this, asked);
      gathered += found?.count ?? 0;
      return found;
    });
  });
  afterEach(() => void jest.restoreAllMocks());

  const offsetsOf = (records: MessageRecord[]): number[] => records.map(({ queueOffset }) => queueOffset);

  it('is gathered by the block', async () => {
    const records = await consume(store);
    expect(offsetsOf(records)).toEqual(rangeOf(0, 9000));
    expect(records.every(({ body }) => body.length === 1000 && body.every((byte) => byte === 0x71))).toBe(true);
    // Of the first file all but what lies across two blocks, or in the last one, which nobody wrote to its end.
    expect(gathered).toBeGreaterThan(2800);
  });

  it('is looked at record by record where the disk gives back something else', async () => {
    const damaged = 1500;
    const start = results[damaged]?.physicalOffset as number;
    const got = await withFlip(logFile(), start + 500, () => consume(store));
    expect(offsetsOf(got)).toEqual(rangeOf(0, 9000).filter((offset) => offset !== damaged));
    expect(error).toHaveBeenCalledWith(
      expect.stringContaining('is not handed out'),
      expect.objectContaining({ physicalOffset: start, queueOffset: damaged, damage: 'CRC of the body differs' }),
    );
    expect(offsetsOf(await consume(store))).toEqual(rangeOf(0, 9000));
  });
});

describe('search by time', () => {
  it('finds the first and the last of messages with one time', async () => {
    const clock = createManualClock();
    const store = await directory.start({}, { clock });
    const times: number[] = [];
    for (let group = 0; group < 4; group++) {
      times.push(clock.now());
      await appendMany(store, 30);
      clock.advance(1000);
    }
    for (const look of [store, undefined]) {
      const searched = look ?? (await reopenedAfter(store));
      for (const [group, time] of times.entries()) {
        expect(await searched.offsetByTime('TopicTest', 0, time, 'lower')).toBe(group * 30);
        expect(await searched.offsetByTime('TopicTest', 0, time, 'upper')).toBe(group * 30 + 29);
        expect(await searched.offsetByTime('TopicTest', 0, time + 1, 'lower')).toBe(group * 30 + 30);
        expect(await searched.offsetByTime('TopicTest', 0, time - 1, 'upper')).toBe(Math.max(0, group * 30 - 1));
      }
    }
  });

  async function reopenedAfter(store: MessageStore): Promise<MessageStore> {
    await store.close();
    return reopened();
  }
});
