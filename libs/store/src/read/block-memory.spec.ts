import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { BlockMemory } from './block-memory.js';

const size = 4096;
const { WebAssembly } = globalThis as unknown as { WebAssembly: { Memory: new () => unknown } };

afterEach(() => void jest.restoreAllMocks());

describe('memory for blocks', () => {
  it('is one piece for as many as it was made for, and used again', () => {
    const memory = new BlockMemory(size, () => 2);
    const blocks = [memory.take(), memory.take(), memory.take()];
    expect(blocks.map(({ length }) => length)).toEqual([size, size, size]);
    expect(blocks.map((block) => memory.has(block))).toEqual([true, true, false]);
    const [first, second] = blocks as [Buffer, Buffer];
    first.fill(1);
    second.fill(2);
    expect([first[size - 1], second[0]]).toEqual([1, 2]);
    for (const block of blocks) memory.giveBack(block);
    const again = [memory.take(), memory.take()];
    expect(new Set(again)).toEqual(new Set([first, second]));
    expect(memory.has(memory.take())).toBe(false);
  });

  it('is ordinary where there is no WebAssembly to be had', () => {
    jest.spyOn(WebAssembly, 'Memory').mockImplementation(() => {
      throw new RangeError('could not allocate memory');
    });
    const memory = new BlockMemory(size, () => 2);
    const blocks = [memory.take(), memory.take(), memory.take()];
    expect(memory.memory).toBeUndefined();
    expect(blocks.map((block) => [block.length, memory.has(block)])).toEqual(blocks.map(() => [size, false]));
    for (const block of blocks) memory.giveBack(block);
    const again = [memory.take(), memory.take(), memory.take()];
    expect(again.filter((block) => blocks.includes(block))).toHaveLength(2);
  });

  it('is none before it is asked for', () => {
    const made = jest.spyOn(WebAssembly, 'Memory');
    const memory = new BlockMemory(size, () => 1);
    expect(memory.has(Buffer.alloc(size))).toBe(false);
    expect(made).not.toHaveBeenCalled();
    memory.take();
    expect(made).toHaveBeenCalledTimes(1);
  });
});
