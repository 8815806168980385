import { describe, expect, it } from '@jest/globals';
import { BloomFilter, hasBits, murmur3, setBits } from './bloom-filter.js';
import { bitMapText } from './filter-bit-maps.js';

describe('a Bloom filter', () => {
  it('hashes as guava does', () => {
    // Hashing.murmur3_128().hashString(text, UTF_8).asLong()
    expect(BigInt.asIntN(64, murmur3(Buffer.from('')))).toBe(0n);
    expect(BigInt.asIntN(64, murmur3(Buffer.from('hell')))).toBe(0x629942693e10f867n);
    expect(BigInt.asIntN(64, murmur3(Buffer.from('hello')))).toBe(BigInt.asIntN(64, 0xcbd8a7b341bd9b02n));
    expect(murmur3(Buffer.from('The quick brown fox jumps over the lazy dog'))).toBe(0xe34bbc7bbc071b6cn);
  });

  it.each([
    [20, 32, 3, 112],
    [10, 128, 4, 616],
    [1, 1, 7, 16],
  ])('of %d percent for %d consumers has %d positions in %d bits', (rate, expected, hashes, bits) => {
    const filter = new BloomFilter(rate, expected);
    expect([filter.hashes, filter.bitCount]).toEqual([hashes, bits]);
  });

  it('puts consumers where Java does', () => {
    const filter = new BloomFilter(20, 32);
    expect(filter.positionsOf('g#TopicTest')).toEqual([52, 60, 68]);
    expect(filter.positionsOf('consumers#orders')).toEqual([17, 2, 9]);
    expect(filter.positionsOf('\u7ec4#\u4e3b\u9898')).toEqual([38, 9, 19]);
    const map = Buffer.alloc(14);
    setBits(map, [52, 60, 68]);
    expect([...map]).toEqual([0, 0, 0, 0, 0, 0, 16, 16, 16, 0, 0, 0, 0, 0]);
    expect(bitMapText(map)).toBe(`${'0'.repeat(43)}10000\n00010000000100000${'0'.repeat(47)}\n`);
  });

  it('says yes of what was put in', () => {
    const filter = new BloomFilter(20, 32);
    const map = Buffer.alloc(filter.bitCount / 8);
    const names = Array.from({ length: 32 }, (_, i) => `group-${i}#topic`);
    for (const name of names) setBits(map, filter.positionsOf(name));
    expect(names.every((name) => hasBits(map, filter.positionsOf(name)))).toBe(true);
    const others = Array.from({ length: 1_000 }, (_, i) => filter.positionsOf(`other-${i}#topic`));
    const wrong = others.filter((positions) => hasBits(map, positions)).length;
    expect(wrong).toBeGreaterThan(0);
    expect(wrong).toBeLessThan(400);
    expect(hasBits(map, [5_000])).toBe(false);
  });

  it('knows data of its own shape', () => {
    const filter = new BloomFilter(20, 32);
    const bitPos = filter.positionsOf('g#t');
    expect(filter.isValid({ bitNum: 112, bitPos })).toBe(true);
    expect(filter.isValid({ bitNum: 120, bitPos })).toBe(false);
    expect(filter.isValid({ bitNum: 112, bitPos: [1, 2] })).toBe(false);
    expect(filter.isValid({ bitNum: 112, bitPos: [1, 2, 112] })).toBe(false);
  });
});
