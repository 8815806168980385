import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FileIdempotencyStore } from './file-idempotency-store.js';
import { MemoryIdempotencyStore } from './memory-idempotency-store.js';

describe('MemoryIdempotencyStore', () => {
  it('forgets the oldest', () => {
    const store = new MemoryIdempotencyStore(2);
    for (const key of ['a', 'b', 'a', 'c']) store.add(key);
    expect(['a', 'b', 'c'].map((key) => store.has(key))).toEqual([true, false, true]);
    expect(() => new MemoryIdempotencyStore(0)).toThrow(RangeError);
  });
});

describe('FileIdempotencyStore', () => {
  let directory: string;
  let path: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'idempotency-'));
    path = join(directory, 'sub', 'handled.txt');
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('knows over restarts what it was told, whatever stands in a key', async () => {
    const first = new FileIdempotencyStore(path);
    await Promise.all(['plain', 'two\nlines', '"'].map((key) => first.add(key)));
    await first.close();
    const second = new FileIdempotencyStore(path);
    const keys = ['plain', 'two\nlines', '"', 'other'];
    expect(await Promise.all(keys.map((key) => second.has(key)))).toEqual([true, true, true, false]);
    await second.close();
  });

  it('forgets a line that was not written whole', async () => {
    const first = new FileIdempotencyStore(path);
    await first.add('whole');
    await first.close();
    await appendFile(path, '"half"');
    const second = new FileIdempotencyStore(path);
    expect([await second.has('whole'), await second.has('half')]).toEqual([true, false]);
    await second.add('next');
    await second.close();
    expect(await readFile(path, 'utf8')).toBe('"whole"\n"next"\n');
  });

  it('does not grow without end', async () => {
    const store = new FileIdempotencyStore(path, 3);
    for (let i = 0; i < 20; i++) await store.add(`k${i}`);
    expect([await store.has('k19'), await store.has('k17'), await store.has('k16')]).toEqual([true, true, false]);
    await store.close();
    expect((await readFile(path, 'utf8')).split('\n').length).toBeLessThanOrEqual(7);
  });
});
