import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '../../../testkit/src/index.js';
import { BlockSums, logBlockSize } from './block-sums.js';

const random = seededRandom(11);

function randomBytes(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i + 4 <= length; i += 4) bytes.writeUInt32LE(Math.floor(random() * 2 ** 32), i);
  return bytes;
}

const fileSize = 2.5 * logBlockSize;
const log = randomBytes(2 * fileSize);
const block = (base: number): Buffer => log.subarray(base, base + logBlockSize);

/** In pieces of any length, as chunks have. */
function addAll(sums: BlockSums, from: number, end: number): void {
  for (let at = from; at < end;) {
    const length = Math.min(end - at, 1 + Math.floor(random() * 0.7 * logBlockSize));
    sums.add(at, log.subarray(at, at + length));
    at += length;
  }
}

describe('the sums of blocks', () => {
  it('know each whole block again where it was, whatever the pieces', () => {
    const sums = new BlockSums(fileSize);
    addAll(sums, 0, log.length);
    const bases = [0, logBlockSize, fileSize, fileSize + logBlockSize];
    for (const base of bases) expect([base, sums.matches(base, block(base))]).toEqual([base, true]);
    expect(sums.matches(0, block(logBlockSize))).toBe(false);
    // Half a block at the end of a file, and a block that was not read to its end.
    expect(sums.matches(2 * logBlockSize, log.subarray(2 * logBlockSize, fileSize))).toBe(false);
    expect(sums.matches(0, log.subarray(0, logBlockSize - 1))).toBe(false);
  });

  it('tell when a bit is another', () => {
    const sums = new BlockSums(fileSize);
    addAll(sums, 0, logBlockSize);
    const changed = Buffer.from(block(0));
    for (const at of [0, 12_345, logBlockSize - 1]) {
      changed[at]! ^= 1;
      expect(sums.matches(0, changed)).toBe(false);
      changed[at]! ^= 1;
    }
    expect(sums.matches(0, changed)).toBe(true);
  });

  it('go on with the next whole block after a leap', () => {
    const sums = new BlockSums(fileSize);
    addAll(sums, 100, logBlockSize + 100);
    addAll(sums, logBlockSize + 200, fileSize + logBlockSize);
    expect([0, logBlockSize, fileSize].map((base) => sums.matches(base, block(base)))).toEqual([false, false, true]);
  });

  it('are those of what was added last', () => {
    const sums = new BlockSums(fileSize);
    sums.add(0, randomBytes(logBlockSize));
    expect(sums.matches(0, block(0))).toBe(false);
    sums.add(0, block(0));
    expect(sums.matches(0, block(0))).toBe(true);
  });

  it('go with their files', () => {
    const sums = new BlockSums(fileSize);
    addAll(sums, 0, log.length);
    sums.dropBefore(fileSize);
    expect([0, fileSize].map((base) => sums.matches(base, block(base)))).toEqual([false, true]);
  });

  it('are none for files smaller than a block', () => {
    const sums = new BlockSums(4096);
    sums.add(0, log.subarray(0, 8192));
    expect(sums.matches(0, log.subarray(0, 4096))).toBe(false);
  });
});
