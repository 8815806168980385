import { describe, expect, it } from '@jest/globals';
import { ByteSink } from './byte-sink.js';
import { largeMemory } from './large-memory.js';

const mib = 1024 * 1024;

describe('large memory', () => {
  it('is used again by the next burst, whoever has it', () => {
    const memory = largeMemory.take(mib + 1);
    expect(memory.length).toBe(2 * mib);
    largeMemory.giveBack(memory);
    expect(largeMemory.take(2 * mib + 1)).not.toBe(memory);
    expect(largeMemory.take(mib)).toBe(memory);
    expect(largeMemory.take(mib)).not.toBe(memory);
  });

  it('waits up to a limit', () => {
    const given = Array.from({ length: 20 }, () => largeMemory.take(4 * mib));
    for (const memory of given) largeMemory.giveBack(memory);
    const taken = Array.from({ length: 20 }, () => largeMemory.take(4 * mib));
    expect(taken.filter((memory) => given.includes(memory))).toHaveLength(4);
  });
});

describe('a sink', () => {
  const body = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));

  it('holds what was written while it grows into large memory, and gives that back', () => {
    const [first, second] = [new ByteSink(1024), new ByteSink(1024)];
    first.buffer(body);
    first.buffer(body);
    expect(first.written().equals(Buffer.concat([body, body]))).toBe(true);
    const lent = first.bytes;
    first.clear();
    expect(first.bytes.length).toBeLessThanOrEqual(256 * 1024);
    second.buffer(body.subarray(0, 200_000));
    second.buffer(body);
    expect(second.written().equals(Buffer.concat([body.subarray(0, 200_000), body]))).toBe(true);
    expect(second.bytes.buffer).toBe(lent.buffer);
    first.buffer(body);
    expect(second.written().subarray(200_000).equals(body)).toBe(true);
    expect(first.bytes.buffer).not.toBe(lent.buffer);
  });
});
