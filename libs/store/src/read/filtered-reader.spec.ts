import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeMessages, recordProperties } from '../../../protocol/src/message/index.js';
import { StoreDirectory, appendOne } from '../../../testkit/src/index.js';
import type { GetRequest, GetResult, MessageStore } from '../contract.js';

let directory: StoreDirectory;
beforeEach(() => void (directory = new StoreDirectory()));
afterEach(() => directory.remove());

const third = (record: Buffer): boolean => recordProperties(record) === 'n\u0001third\u0002';
const request = { topic: 'TopicTest', queueId: 0, offset: 0, maxMessages: 32, matchesRecord: third };

/** Every third message is looked for: offsets 2, 5, 8 ... */
async function fill(store: MessageStore, count: number, body = 10): Promise<void> {
  for (let i = 0; i < count; i++) {
    await appendOne(store, {
      body: Buffer.alloc(body, 'x'),
      properties: i % 3 === 2 ? 'n\u0001third\u0002' : 'n\u0001other\u0002',
    });
  }
}

async function found(store: MessageStore, more: Partial<GetRequest> = {}): Promise<GetResult> {
  const result = await store.get({ ...request, ...more });
  const records = decodeMessages(Buffer.concat(result.slices));
  expect(records.map(({ queueOffset }) => queueOffset)).toEqual(result.queueOffsets);
  expect(records.every(({ properties }) => properties.includes('third'))).toBe(true);
  expect([result.messageCount, result.bytes]).toEqual([records.length, Buffer.concat(result.slices).length]);
  return result;
}

describe.each(['memory', 'files'])('a read with a filter of records, from %s', (place) => {
  async function filled(count: number, body?: number): Promise<MessageStore> {
    const store = await directory.start();
    await fill(store, count, body);
    if (place === 'memory') return store;
    await store.close();
    return directory.start({ coldReadCacheBytes: 0 });
  }

  it('hands out those that match, over more than one step', async () => {
    const result = await found(await filled(100));
    expect(result).toMatchObject({ status: 'FOUND', nextBeginOffset: 96, maxOffset: 100, isLasting: true });
    expect(result.queueOffsets).toHaveLength(32);
    expect(result.queueOffsets.at(-1)).toBe(95);
  });

  it('goes on where it had no room', async () => {
    const store = await filled(30);
    const two = await found(store, { maxMessages: 2 });
    expect([two.queueOffsets, two.nextBeginOffset]).toEqual([[2, 5], 6]);
    const { bytes } = two;
    const small = await found(store, { maxBytes: bytes });
    expect([small.queueOffsets, small.nextBeginOffset]).toEqual([[2, 5], 6]);
    const rest = await found(store, { offset: 8 });
    expect([rest.queueOffsets.length, rest.nextBeginOffset]).toEqual([8, 30]);
  });

  it('looks at so many and no more', async () => {
    const store = await filled(900);
    let asked = 0;
    const result = await store.get({ ...request, matchesRecord: () => ++asked < 0 });
    expect(result).toMatchObject({ status: 'NO_MATCHED_MESSAGE', nextBeginOffset: asked, slices: [], messageCount: 0 });
    expect(asked).toBeGreaterThanOrEqual(800);
    expect(asked).toBeLessThan(832);
  });

  it('says of the ends of a queue what others are told', async () => {
    const store = await filled(4);
    for (const offset of [4, 5]) {
      const { matchesRecord: _matches, ...plain } = { ...request, offset };
      expect(await store.get({ ...request, offset })).toEqual(await store.get(plain));
    }
    expect(await store.get({ ...request, queueId: 7 })).toMatchObject({ status: 'NO_MATCHED_LOGIC_QUEUE' });
    expect(await store.get({ ...request, offset: 3 })).toMatchObject({
      status: 'NO_MATCHED_MESSAGE',
      nextBeginOffset: 4,
    });
  });

  it('asks by tags first', async () => {
    const store = await filled(30);
    const result = await store.get({ ...request, matches: () => false });
    expect(result).toMatchObject({ status: 'NO_MATCHED_MESSAGE', nextBeginOffset: 30 });
  });
});
