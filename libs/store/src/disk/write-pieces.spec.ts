import { describe, expect, it } from '@jest/globals';
import { directBlock } from './disk.js';
import { writePieces } from './write-pieces.js';

const pieces = [2, 1, 3].map((blocks, i) => Buffer.alloc(blocks * directBlock, i + 1));

/** A file whose system writes so many blocks with each call. Returns its blocks by their first byte, and the calls. */
async function written(...counts: number[]): Promise<{ blocks: number[]; calls: number }> {
  const file = Buffer.alloc(8 * directBlock);
  let calls = 0;
  await writePieces(pieces, directBlock, async (left, position) => {
    const bytes = Buffer.concat(left);
    return bytes.copy(file, position, 0, Math.min((counts[calls++] ?? 99) * directBlock, bytes.length));
  });
  return { blocks: Array.from({ length: 8 }, (_, i) => file[i * directBlock] as number), calls };
}

describe('pieces of a direct write', () => {
  it('stand one behind the other, wherever the system makes an end of a call', async () => {
    const blocks = [0, 1, 1, 2, 3, 3, 3, 0];
    expect(await written()).toEqual({ blocks, calls: 1 });
    expect(await written(1, 2, 1)).toEqual({ blocks, calls: 4 });
    expect(await written(2, 1, 3)).toEqual({ blocks, calls: 3 });
  });

  it.each([
    [0, 0],
    [1.5, 6144],
  ])('are an error when a call ends after %d blocks', async (count, bytes) => {
    const message = `a direct write ended after ${bytes} of 24576 bytes`;
    await expect(written(count)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', message });
  });
});
