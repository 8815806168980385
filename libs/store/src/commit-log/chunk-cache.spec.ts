import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StoreDirectory, appendMany, readQueue } from '../../../testkit/src/index.js';
import { Chunk } from './chunk.js';
import { ChunkCache } from './chunk-cache.js';

describe('the cache of the tail', () => {
  let directory: StoreDirectory;
  beforeEach(() => void (directory = new StoreDirectory()));
  afterEach(() => directory.remove());

  it('leaves slices that were handed out as they were, while their chunks go and new ones come', async () => {
    // Chunks of 64 KiB, as the files are; four in memory.
    const store = await directory.start({ hotTailBytes: 256 * 1024 });
    const held: { slice: Buffer; copy: Buffer }[] = [];
    for (let round = 0; round < 12; round++) {
      await appendMany(store, 60, { body: Buffer.alloc(1000, round) });
      // Every other chunk or so is looked into.
      if (round % 2 > 0) continue;
      const got = await store.get({ topic: 'TopicTest', queueId: 0, offset: round * 60, maxMessages: 8 });
      const record = await store.read(store.figures().commitLogMaxOffset - 1200, 1200);
      for (const slice of [...got.slices, ...(record ? [record] : [])]) held.push({ slice, copy: Buffer.from(slice) });
    }
    expect(held.length).toBeGreaterThan(5);
    for (const { slice, copy } of held) expect(slice.equals(copy)).toBe(true);
    const bodies = (await readQueue(store)).map(({ body }) => body[0]);
    expect(bodies).toEqual(Array.from({ length: 720 }, (_, i) => Math.floor(i / 60)));
  });

  it('gives back only what is written, beyond its limit, and in nobody’s hands', () => {
    const cache = new ChunkCache(200);
    const chunks = [0, 100, 200, 300, 400].map((base) => new Chunk(base, 100));
    const [first, second, third, fourth, fifth] = chunks as [Chunk, Chunk, Chunk, Chunk, Chunk];
    for (const chunk of chunks) chunk.length = chunk.written = 100;
    expect([cache.add(first), cache.add(second), cache.add(third)]).toEqual([undefined, undefined, first]);
    second.wasHandedOut = true;
    expect(cache.add(fourth)).toBeUndefined();
    third.written = 50;
    expect(cache.add(fifth)).toBeUndefined();
    expect([cache.minOffset, cache.find(250)]).toEqual([200, third]);
    expect(new Chunk(500, 100, first.memory).bytes.buffer).toBe(first.bytes.buffer);
  });
});
