import { beforeEach, describe, expect, it } from '@jest/globals';
import { seededRandom } from '../../../testkit/src/index.js';
import { DirectWriter } from './direct-writer.js';

const block = 4096;
const fileSize = 64 * block;

interface Write {
  readonly base: number;
  readonly position: number;
  readonly blocks: Buffer;
}

let writes: Write[];
beforeEach(() => void (writes = []));

function createWriter(memory = 8 * block, preparedBytes = 0): DirectWriter {
  return new DirectWriter(Buffer.alloc(memory, 0xee), fileSize, preparedBytes, async (base, blocks, position) => {
    writes.push({ base, position, blocks: Buffer.from(blocks) });
  });
}

/** Everything, in as many writes as it takes. */
async function put(writer: DirectWriter, base: number, position: number, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += writer.take(base, position + done, bytes.subarray(done));
    if (done < bytes.length) await writer.flush();
  }
  await writer.flush();
}

const places = (): number[][] => writes.map(({ base, position, blocks }) => [base, position, blocks.length]);

describe('direct writes of the log', () => {
  it('are of whole blocks: the last one, zeros behind its end, is written again with what follows', async () => {
    const writer = createWriter();
    await put(writer, 0, 0, Buffer.alloc(100, 1));
    await put(writer, 0, 100, Buffer.alloc(block, 2));
    await put(writer, 0, 100 + block, Buffer.alloc(block - 100, 3));
    await put(writer, 0, 2 * block, Buffer.alloc(10, 4));
    expect(places()).toEqual([
      [0, 0, block],
      [0, 0, 2 * block],
      [0, block, block],
      [0, 2 * block, block],
    ]);
    const [first, second] = writes as [Write, Write];
    expect(first.blocks).toEqual(Buffer.concat([Buffer.alloc(100, 1), Buffer.alloc(block - 100)]));
    const whole = Buffer.concat([Buffer.alloc(100, 1), Buffer.alloc(block, 2), Buffer.alloc(block - 100)]);
    expect(second.blocks).toEqual(whole);
  });

  it('go on behind what stands in a block, in the next file, and with more than memory holds', async () => {
    const writer = createWriter(2 * block);
    writer.resume(fileSize, 5 * block + 3, Buffer.from([7, 8, 9]));
    await put(writer, fileSize, 5 * block + 3, Buffer.alloc(2, 1));
    expect(writer.take(fileSize, 5 * block + 5, Buffer.alloc(1, 2))).toBe(1);
    // Not before the file before has what is its own.
    expect(writer.take(2 * fileSize, 0, Buffer.alloc(5, 3))).toBe(0);
    await put(writer, 2 * fileSize, 0, Buffer.alloc(5 * block + 1, 3));
    expect(writes[0]?.blocks.subarray(0, 6)).toEqual(Buffer.from([7, 8, 9, 1, 1, 0]));
    expect(writes[1]?.blocks.subarray(0, 7)).toEqual(Buffer.from([7, 8, 9, 1, 1, 2, 0]));
    expect(places()).toEqual([
      [fileSize, 5 * block, block],
      [fileSize, 5 * block, block],
      [2 * fileSize, 0, 2 * block],
      [2 * fileSize, 2 * block, 2 * block],
      [2 * fileSize, 4 * block, 2 * block],
    ]);
  });

  it('write nothing when there is nothing new', async () => {
    const writer = createWriter();
    await writer.flush();
    await put(writer, 0, 0, Buffer.alloc(10));
    await writer.flush();
    expect(writes.length).toBe(1);
  });

  it('bring zeros ahead now and then, no further than memory and file go', async () => {
    const writer = createWriter(8 * block, 4 * block);
    let at = 0;
    for (const length of [10, 3 * block, 2 * block]) {
      await put(writer, 0, at, Buffer.alloc(length, 1));
      at += length;
    }
    writer.resume(0, fileSize - 2 * block, Buffer.alloc(0));
    await put(writer, 0, fileSize - 2 * block, Buffer.alloc(1, 1));
    expect(places()).toEqual([
      [0, 0, 5 * block],
      [0, 0, 4 * block],
      [0, 3 * block, 7 * block],
      [0, fileSize - 2 * block, 2 * block],
    ]);
    for (const { blocks } of writes) expect(blocks.includes(0xee)).toBe(false);
  });

  it('leave every byte of the one before as it was, whichever sectors of the next the disk gets', async () => {
    const random = seededRandom(17);
    const below = (count: number): number => Math.floor(random() * count);
    const writer = createWriter(4 * block, 2 * block);
    const log = Buffer.alloc(fileSize);
    const file = Buffer.alloc(fileSize);
    for (let end = 0; ;) {
      const bytes = Buffer.from(Array.from({ length: 1 + below(below(2) ? 100 : 9000) }, () => 1 + below(255)));
      if (end + bytes.length > fileSize) break;
      bytes.copy(log, end);
      writes = [];
      await put(writer, 0, end, bytes);
      for (const { position, blocks } of writes) {
        const torn = Buffer.from(file);
        for (let at = 0; at < blocks.length; at += 512) if (below(2)) blocks.copy(torn, position + at, at, at + 512);
        expect(torn.subarray(0, end).equals(log.subarray(0, end))).toBe(true);
        blocks.copy(file, position);
      }
      end += bytes.length;
      expect(file.equals(log)).toBe(true);
    }
  });
});
