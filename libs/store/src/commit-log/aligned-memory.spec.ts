import { expect, it } from '@jest/globals';
import { AlignedMemory } from './aligned-memory.js';

it('has room for a chunk wherever in a block that begins, and whole blocks of it', () => {
  const memory = new AlignedMemory((bytes) => Buffer.alloc(bytes));
  const sizes = [1, 2, 4096, 4097, 4098].map((capacity) => memory.take(capacity).bytes.length);
  expect(sizes).toEqual([4096, 8192, 8192, 8192, 12_288]);
});

it('goes on with other memory when there is no more, and does not ask again', () => {
  let asked = 0;
  const memory = new AlignedMemory((bytes) => (++asked > 2 ? undefined : Buffer.alloc(bytes)));
  const taken = Array.from({ length: 5 }, () => memory.take(5000));
  expect(taken.map(({ isAligned }) => isAligned)).toEqual([true, true, false, false, false]);
  expect(new Set(taken.map(({ bytes }) => bytes.length))).toEqual(new Set([12_288]));
  expect(asked).toBe(3);
});
