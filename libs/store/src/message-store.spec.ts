import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { blankMagic, decodeMessages, encodeMessage } from '../../protocol/src/message/index.js';
import {
  StoreDirectory,
  appendMany,
  batchOf,
  appendOne,
  createManualClock,
  readQueue,
  storeMessage,
} from '../../testkit/src/index.js';
import type { AppendResult, GetStatus } from './contract.js';

let directory: StoreDirectory;
beforeEach(() => void (directory = new StoreDirectory()));
afterEach(() => directory.remove());

function logFile(index = 0): Buffer {
  const names = readdirSync(join(directory.path, 'commitlog')).sort();
  return readFileSync(join(directory.path, 'commitlog', names[index] as string));
}

describe('records', () => {
  const storeTimestamp = Date.UTC(2026, 0, 1);
  const plain = storeMessage({ flag: -7, reconsumeTimes: 3, preparedTransactionOffset: 2 ** 40 + 5 });

  it.each([
    ['plain', plain],
    ['without body and properties', { ...plain, body: Buffer.alloc(0), properties: '' }],
    ['a body longer than a byte loop takes', { ...plain, body: Buffer.alloc(5000, 'xyz') }],
    ['characters of four bytes', { ...plain, properties: 'user\u0001\u{1f980}\u4f60\u0002' }],
    [
      'IPv6 on both sides',
      { ...plain, bornHost: { ip: 'fe80::1', port: 1 }, storeHost: { ip: '2001:db8::2', port: 65535 } },
    ],
    ['IPv6 from the producer only', { ...plain, bornHost: { ip: '::1', port: 80 } }],
    ['a dual-stack peer', { ...plain, bornHost: { ip: '::ffff:1.2.3.4', port: 80 } }],
    ['a topic of 127 bytes', { ...plain, topic: 't'.repeat(127) }],
    ['a topic of 128 bytes', { ...plain, topic: 't'.repeat(128) }],
    ['a born time before 1970', { ...plain, bornTimestamp: -5 }],
    ['host bits that are not true', { ...plain, sysFlag: 0x31 }],
  ])('%s: byte by byte what the codec writes', async (_name, message) => {
    const store = await directory.start({}, { clock: createManualClock(storeTimestamp) });
    const first = await appendOne(store, message);
    const second = await appendOne(store, message);
    const expected = [first, second].map(({ queueOffset, physicalOffset }) =>
      encodeMessage({ ...message, queueOffset, physicalOffset, storeTimestamp }),
    );
    expect([first.queueOffset, second.queueOffset]).toEqual([0, 1]);
    expect(second.physicalOffset).toBe(expected[0]?.length);
    expect(logFile().subarray(0, second.physicalOffset * 2)).toEqual(Buffer.concat(expected));
  });

  it('writes consume queue units', async () => {
    const store = await directory.start();
    const [first, second] = [
      await appendOne(store, { tagsCode: -5 }),
      await appendOne(store, { queueId: 0, tagsCode: 2 ** 41 }),
    ];
    await store.close();
    const units = readFileSync(join(directory.path, 'consumequeue/TopicTest/0/00000000000000000000'));
    expect(units.length).toBe(1000);
    expect(
      [0, 20].map((at) => [units.readBigInt64BE(at), units.readInt32BE(at + 8), units.readBigInt64BE(at + 12)]),
    ).toEqual([
      [BigInt(first.physicalOffset), second.physicalOffset, -5n],
      [BigInt(second.physicalOffset), second.physicalOffset, BigInt(2 ** 41)],
    ]);
    expect(units.subarray(40).every((byte) => byte === 0)).toBe(true);
  });

  it('leaves room for the mark at the end of a file, and marks it', async () => {
    const store = await directory.start({ mappedFileSizeCommitLog: 4096 });
    const body = Buffer.alloc(1000);
    const results = await Promise.all([0, 1, 2, 3].map(() => appendOne(store, { body })));
    expect(results.map((result) => result.status)).toEqual(['OK', 'OK', 'OK', 'OK']);
    const size = results[1]?.physicalOffset as number;
    expect(results[3]?.physicalOffset).toBe(4096);
    expect(logFile().readInt32BE(3 * size)).toBe(4096 - 3 * size);
    expect(logFile().readInt32BE(3 * size + 4)).toBe(blankMagic);
    expect(logFile(1).length).toBe(4096);
    expect((await readQueue(store)).length).toBe(4);
  });

  it('fills a file to its last byte when a record and the mark just fit', async () => {
    const store = await directory.start({ mappedFileSizeCommitLog: 4096 });
    const probe = encodeMessage({
      ...storeMessage(),
      body: Buffer.alloc(0),
      queueOffset: 0,
      physicalOffset: 0,
      storeTimestamp: 0,
    });
    const exact = await appendOne(store, { body: Buffer.alloc(4096 - 8 - probe.length) });
    const next = await appendOne(store);
    expect([exact.physicalOffset, next.physicalOffset]).toEqual([0, 4096]);
    expect(logFile().readInt32BE(4088)).toBe(8);
    const tooLarge = await appendOne(store, { body: Buffer.alloc(4096 - 7 - probe.length) });
    expect(tooLarge.status).toBe('MESSAGE_ILLEGAL');
  });
});

describe('append', () => {
  it('gives back what was appended, also after a restart', async () => {
    const store = await directory.start();
    const bodies = Array.from({ length: 300 }, (_, i) => `body ${i} `.repeat(i));
    const results = await Promise.all(bodies.map((body) => appendOne(store, { body: Buffer.from(body) })));
    expect(results.map(({ status, queueOffset }) => [status, queueOffset])).toEqual(bodies.map((_, i) => ['OK', i]));
    expect((await readQueue(store)).map(({ body }) => body.toString())).toEqual(bodies);
    await store.close();
    const again = await directory.start();
    expect((await readQueue(again)).map(({ body }) => body.toString())).toEqual(bodies);
    expect((await appendOne(again)).queueOffset).toBe(300);
  });

  it('answers only after the kernel has the bytes', async () => {
    const store = await directory.start();
    const { physicalOffset, queueOffset } = await new Promise<AppendResult>((resolve) => {
      store.append(storeMessage({ body: Buffer.from('on disk') }), (result) => {
        expect(decodeMessages(logFile().subarray(0, logFile().readInt32BE(0)))[0]?.body.toString()).toBe('on disk');
        resolve(result);
      });
      // Nothing to be seen before the write.
      expect(store.maxOffset('TopicTest', 0)).toBe(0);
    });
    expect([physicalOffset, queueOffset]).toEqual([0, 0]);
  });

  it.each([
    ['a body over the limit', { body: Buffer.alloc(101) }],
    ['properties over 32,767 bytes', { properties: `a\u0001${'\u4f60'.repeat(10_922)}\u0002` }],
    ['a topic that leaves the directory', { topic: '../outside' }],
    ['a topic with a NUL', { topic: 'a\u0000b' }],
    ['an empty topic', { topic: '' }],
    ['a topic longer than a file name', { topic: 'x'.repeat(256) }],
    ['a negative queue id', { queueId: -1 }],
    ['a host that is no address', { bornHost: { ip: 'example.org', port: 1 } }],
  ])('refuses %s and stores nothing', async (_name, changes) => {
    const store = await directory.start({ maxMessageSize: 100 });
    const refused = await appendOne(store, changes);
    expect(refused).toMatchObject({ status: 'MESSAGE_ILLEGAL', physicalOffset: -1, queueOffset: -1 });
    expect(refused.reason).not.toBe('');
    expect(await appendOne(store)).toMatchObject({ status: 'OK', physicalOffset: 0, queueOffset: 0 });
    expect(store.figures()).toMatchObject({ putTotal: 1, putFailed: 1 });
  });

  it('takes properties of exactly 32,767 bytes', async () => {
    const store = await directory.start();
    const properties = `a\u0001${'b'.repeat(32_764)}\u0002`;
    expect(Buffer.byteLength(properties)).toBe(32_767);
    await appendOne(store, { properties });
    expect((await readQueue(store))[0]?.properties).toBe(properties);
  });

  it('keeps prepared messages out of the queues', async () => {
    const store = await directory.start();
    const prepared = await appendOne(store, { sysFlag: 0x4 });
    const committed = await appendOne(store, { sysFlag: 0x8 });
    expect([prepared.queueOffset, committed.queueOffset]).toEqual([0, 0]);
    expect(store.maxOffset('TopicTest', 0)).toBe(1);
    expect((await readQueue(store))[0]?.physicalOffset).toBe(committed.physicalOffset);
    expect(await store.read(prepared.physicalOffset)).toBeDefined();
  });

  it('stores a batch as consecutive messages of one file, or not at all', async () => {
    const store = await directory.start({ mappedFileSizeCommitLog: 4096 });
    await appendOne(store, { body: Buffer.alloc(3000) });
    const batch = [1, 2, 3].map((i) => storeMessage({ body: Buffer.alloc(400, i) }));
    const result = await new Promise<AppendResult>((resolve) => store.appendBatch(batchOf(batch), resolve));
    expect(result).toMatchObject({ status: 'OK', queueOffset: 1, physicalOffset: 4096 });
    expect(result.physicalOffsets.length).toBe(3);
    expect((await readQueue(store)).slice(1).map(({ queueOffset, body }) => [queueOffset, body[0]])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    for (const bad of [
      [...batch, storeMessage({ queueId: 1 })],
      [...batch, storeMessage({ topic: 'Other' })],
      [...batch, storeMessage({ bornHost: { ip: 'nowhere', port: 1 } })],
      Array.from({ length: 20 }, () => storeMessage({ body: Buffer.alloc(400) })),
      [],
    ]) {
      const refused = await new Promise<AppendResult>((resolve) => store.appendBatch(batchOf(bad), resolve));
      expect([refused.status, refused.physicalOffsets]).toEqual(['MESSAGE_ILLEGAL', []]);
    }
    expect(store.maxOffset('TopicTest', 0)).toBe(4);
    expect((await appendOne(store)).queueOffset).toBe(4);
  });

  it('tells listeners once a queue and group, when the messages can be read', async () => {
    const store = await directory.start();
    const heard: unknown[] = [];
    store.onArrival((topic, queueId, maxOffset, tagsCodes) => {
      expect(store.maxOffset(topic, queueId)).toBe(maxOffset);
      heard.push([topic, queueId, maxOffset, tagsCodes]);
    });
    await Promise.all([
      appendOne(store, { tagsCode: 1 }),
      appendOne(store, { queueId: 1, tagsCode: 2 }),
      appendOne(store, { tagsCode: 3 }),
    ]);
    expect(heard).toEqual([
      ['TopicTest', 0, 2, [1, 3]],
      ['TopicTest', 1, 1, [2]],
    ]);
    await appendOne(store, { tagsCode: 4 });
    expect(heard.at(-1)).toEqual(['TopicTest', 0, 3, [4]]);
  });

  it('goes on when a callback or a listener throws', async () => {
    const store = await directory.start();
    store.onArrival(() => {
      throw new Error('listener');
    });
    store.append(storeMessage(), () => {
      throw new Error('callback');
    });
    expect(await appendOne(store)).toMatchObject({ status: 'OK', queueOffset: 1 });
  });

  it('refuses before the start and after the end', async () => {
    const store = directory.create();
    expect(await appendOne(store)).toMatchObject({ status: 'SERVICE_NOT_AVAILABLE' });
    await store.start();
    const last = appendOne(store);
    await store.close();
    expect((await last).status).toBe('OK');
    expect(await appendOne(store)).toMatchObject({ status: 'SERVICE_NOT_AVAILABLE', reason: 'the store is closed' });
    expect(store.unavailable).toBe('the store is closed');
    await expect(Promise.resolve().then(() => store.read(0))).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

describe('get', () => {
  it.each<[string, number, GetStatus, number]>([
    ['before the first', -1, 'OFFSET_TOO_SMALL', 0],
    ['behind the last by one', 3, 'OFFSET_OVERFLOW_ONE', 3],
    ['far behind', 2 ** 60, 'OFFSET_OVERFLOW_BADLY', 3],
  ])('%s', async (_name, offset, status, nextBeginOffset) => {
    const store = await directory.start();
    await appendMany(store, 3);
    expect(await store.get({ topic: 'TopicTest', queueId: 0, offset, maxMessages: 32 })).toMatchObject({
      status,
      nextBeginOffset,
      minOffset: 0,
      maxOffset: 3,
      messageCount: 0,
      slices: [],
    });
  });

  it('knows no queue that nobody wrote, and makes none', async () => {
    const store = await directory.start();
    const got = await store.get({ topic: 'TopicTest', queueId: 9, offset: 5, maxMessages: 1 });
    expect(got).toMatchObject({ status: 'NO_MATCHED_LOGIC_QUEUE', nextBeginOffset: 0, minOffset: 0, maxOffset: 0 });
    expect([store.minOffset('TopicTest', 9), store.maxOffset('TopicTest', 9)]).toEqual([0, 0]);
    await store.close();
    expect(readdirSync(join(directory.path, 'consumequeue'))).toEqual([]);
  });

  it('ends at the number of messages, the bytes, and what the store allows', async () => {
    const store = await directory.start({ maxTransferCountOnMessageInMemory: 20 });
    await appendMany(store, 50, { body: Buffer.alloc(100) });
    const count = async (maxMessages: number, maxBytes?: number): Promise<number> =>
      (await store.get({ topic: 'TopicTest', queueId: 0, offset: 0, maxMessages, ...(maxBytes && { maxBytes }) }))
        .messageCount;
    const size = (await store.get({ topic: 'TopicTest', queueId: 0, offset: 0, maxMessages: 1 })).bytes;
    expect(await count(7)).toBe(7);
    expect(await count(100)).toBe(20);
    expect(await count(0)).toBe(1);
    expect(await count(32, size * 3)).toBe(3);
    expect(await count(32, size * 3 - 1)).toBe(2);
    expect(await count(32, 1)).toBe(1);
  });

  it('hands out adjacent messages as one slice of memory, and leaves it as it is', async () => {
    const store = await directory.start({ mappedFileSizeCommitLog: 1024 * 1024 });
    await appendMany(store, 10);
    const before = await store.get({ topic: 'TopicTest', queueId: 0, offset: 0, maxMessages: 32 });
    expect([before.slices.length, before.messageCount]).toEqual([1, 10]);
    const copy = Buffer.from(before.slices[0] as Buffer);
    for (let i = 0; i < 50; i++) await appendMany(store, 200, { body: Buffer.alloc(1000, i) });
    expect(before.slices[0]).toEqual(copy);
  });

  it('gives one slice for each run of other queues in between', async () => {
    const store = await directory.start();
    for (let i = 0; i < 12; i++) await appendOne(store, { queueId: i % 4 < 2 ? 0 : 1 });
    const got = await store.get({ topic: 'TopicTest', queueId: 0, offset: 0, maxMessages: 32 });
    expect([got.slices.length, got.messageCount]).toEqual([3, 6]);
    expect(got.bytes).toBe(got.slices.reduce((sum, slice) => sum + slice.length, 0));
    expect(got.queueOffsets).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('filters by tags code and looks at 800 entries at most', async () => {
    const store = await directory.start({ mappedFileSizeCommitLog: 1024 * 1024 });
    await appendMany(store, 1000, { tagsCode: 1 });
    await appendMany(store, 3, { tagsCode: -2 });
    const matches = (tagsCode: number): boolean => tagsCode === -2;
    const first = await store.get({ topic: 'TopicTest', queueId: 0, offset: 0, maxMessages: 32, matches });
    expect(first).toMatchObject({ status: 'NO_MATCHED_MESSAGE', nextBeginOffset: 800, messageCount: 0 });
    const second = await store.get({ topic: 'TopicTest', queueId: 0, offset: 800, maxMessages: 32, matches });
    expect(second).toMatchObject({ status: 'FOUND', nextBeginOffset: 1003, queueOffsets: [1000, 1001, 1002] });
    const two = await store.get({ topic: 'TopicTest', queueId: 0, offset: 800, maxMessages: 2, matches });
    expect(two).toMatchObject({ nextBeginOffset: 1002, queueOffsets: [1000, 1001] });
  });

  it('reads from the files what memory does not have', async () => {
    const store = await directory.start();
    await appendMany(store, 500, { body: Buffer.alloc(300, 'z') });
    await appendMany(store, 300, { queueId: 1 });
    await store.close();
    const again = await directory.start();
    expect(again.isInMemory('TopicTest', 0, 0)).toBe(false);
    const cold = again.get({ topic: 'TopicTest', queueId: 0, offset: 0, maxMessages: 32 });
    expect(cold).toBeInstanceOf(Promise);
    expect((await cold).slices.length).toBe(1);
    expect((await readQueue(again)).map(({ queueOffset }) => queueOffset)).toEqual(
      Array.from({ length: 500 }, (_, i) => i),
    );
    expect((await readQueue(again, 'TopicTest', 1)).length).toBe(300);
    await appendOne(again);
    expect(again.isInMemory('TopicTest', 0, 500)).toBe(true);
    expect(again.isInMemory('TopicTest', 0, 501)).toBe(false);
    // From the files into memory, across the border.
    const matches = (): boolean => true;
    const across = await again.get({ topic: 'TopicTest', queueId: 0, offset: 490, maxMessages: 32, matches });
    expect(across.nextBeginOffset).toBe(501);
    expect(decodeMessages(Buffer.concat(across.slices)).map(({ queueOffset }) => queueOffset)).toEqual(
      across.queueOffsets,
    );
  });

  it('stays right while messages come in', async () => {
    const store = await directory.start();
    const appended = Promise.all(Array.from({ length: 40 }, () => appendMany(store, 50, { body: Buffer.alloc(200) })));
    let next = 0;
    while (next < 2000) {
      const got = await store.get({ topic: 'TopicTest', queueId: 0, offset: next, maxMessages: 32 });
      const records = decodeMessages(Buffer.concat(got.slices));
      expect(records.map(({ queueOffset }) => queueOffset)).toEqual(records.map((_, i) => next + i));
      next = got.nextBeginOffset;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    await appended;
  });
});

describe('read', () => {
  it('finds a record by its physical offset only, in memory and in files', async () => {
    let store = await directory.start();
    const results = await appendMany(store, 20, { body: Buffer.alloc(6000, 'r') });
    for (let round = 0; round < 2; round++) {
      for (const { physicalOffset, queueOffset } of results) {
        const record = (await store.read(physicalOffset)) as Buffer;
        expect(decodeMessages(record)[0]).toMatchObject({ physicalOffset, queueOffset });
        expect((await store.read(physicalOffset, record.length))?.equals(record)).toBe(true);
      }
      for (const wrong of [
        -1,
        1,
        0.5,
        NaN,
        2 ** 60,
        (results[3]?.physicalOffset as number) + 4,
        store.figures().commitLogMaxOffset,
      ]) {
        expect(await store.read(wrong)).toBeUndefined();
      }
      await store.close();
      store = await directory.start();
    }
  });
});

describe('time', () => {
  it('finds offsets by store time, in memory and in files', async () => {
    const clock = createManualClock(1000);
    let store = await directory.start({}, { clock });
    for (const at of [1000, 2000, 2000, 4000]) {
      clock.advance(at - clock.now());
      await appendOne(store);
    }
    for (let round = 0; round < 2; round++) {
      const find = async (at: number, boundary: 'lower' | 'upper'): Promise<number> =>
        store.offsetByTime('TopicTest', 0, at, boundary);
      expect(await Promise.all([0, 1000, 1001, 2000, 3000, 4000, 4001].map((at) => find(at, 'lower')))).toEqual([
        0, 0, 1, 1, 3, 3, 4,
      ]);
      expect(await Promise.all([0, 1000, 1001, 2000, 3000, 4000, 9000].map((at) => find(at, 'upper')))).toEqual([
        0, 0, 0, 2, 2, 3, 3,
      ]);
      expect(await store.storeTime('TopicTest', 0, 2)).toBe(2000);
      expect(await store.storeTime('TopicTest', 0, 4)).toBe(-1);
      expect(await store.storeTime('TopicTest', 7, 0)).toBe(-1);
      expect(await store.earliestStoreTime('TopicTest', 0)).toBe(1000);
      expect(await store.earliestStoreTime('Nothing', 0)).toBe(-1);
      expect(await store.offsetByTime('Nothing', 0, 5, 'lower')).toBe(0);
      expect(store.figures().earliestMessageTime).toBe(1000);
      await store.close();
      store = await directory.start({}, { clock });
    }
  });
});

describe('topics', () => {
  it('deletes the queues of a topic for good', async () => {
    const store = await directory.start();
    await appendMany(store, 100);
    await appendMany(store, 10, { topic: 'Other' });
    await store.deleteTopic('TopicTest');
    expect(store.maxOffset('TopicTest', 0)).toBe(0);
    expect(readdirSync(join(directory.path, 'consumequeue'))).toEqual(['Other']);
    expect((await appendOne(store)).queueOffset).toBe(0);
    await store.deleteTopic('TopicTest');
    await store.close();
    const again = await directory.start();
    expect([again.maxOffset('TopicTest', 0), again.maxOffset('Other', 0)]).toEqual([0, 10]);
    await again.deleteTopic('../commitlog');
    expect((await readQueue(again, 'Other')).length).toBe(10);
  });

  it('holds thousands of queues with little memory and few open files', async () => {
    const store = await directory.start({ mappedFileSizeCommitLog: 16 * 1024 * 1024 });
    const before = process.memoryUsage();
    for (let i = 0; i < 2000; i += 500) {
      await Promise.all(
        Array.from({ length: 500 }, (_, k) => appendOne(store, { topic: `T${(i + k) % 100}`, queueId: i + k })),
      );
    }
    const after = process.memoryUsage();
    expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(16e6);
    await store.close();
    if (existsSync('/proc/self/fd')) expect(readdirSync('/proc/self/fd').length).toBeLessThan(700);
    const again = await directory.start({ mappedFileSizeCommitLog: 16 * 1024 * 1024 });
    expect(again.maxOffset('T42', 1042)).toBe(1);
    expect(again.maxOffset('T42', 1043)).toBe(0);
  }, 30_000);
});

describe('the directory', () => {
  it('is for one store at a time', async () => {
    const store = await directory.start();
    await expect(directory.start()).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/in use: another broker holds .*lock; stop it/),
    });
    await appendOne(store);
    await store.close();
    await directory.start();
  });

  it('that cannot be written is named', async () => {
    await (await directory.start()).close();
    const store = directory.create({ storePathRootDir: join(directory.path, 'lock', 'below') });
    await expect(store.start()).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('lock'),
    });
  });

  it('written with another file size is refused and left as it is', async () => {
    const store = await directory.start();
    await appendMany(store, 10);
    await store.close();
    const before = logFile();
    await expect(directory.start({ mappedFileSizeCommitLog: 128 * 1024 })).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringMatching(/has 65536 bytes, but mappedFileSizeCommitLog is 131072/),
    });
    expect(logFile()).toEqual(before);
    expect((await readQueue(await directory.start())).length).toBe(10);
  });
});
