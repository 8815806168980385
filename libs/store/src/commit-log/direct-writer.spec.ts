import { beforeEach, describe, expect, it } from '@jest/globals';
import { seededRandom } from '../../../testkit/src/index.js';
import { Chunk, type ChunkMemory } from './chunk.js';
import { DirectWriter } from './direct-writer.js';

const block = 4096;
const fileSize = 64 * block;

interface Write {
  readonly base: number;
  readonly position: number;
  readonly blocks: Buffer;
  readonly pieces: readonly Buffer[];
}

let writes: Write[];
/** Called while a write is under way. */
let meanwhile: () => void;
beforeEach(() => {
  writes = [];
  meanwhile = () => undefined;
});

function createWriter(limit = 8 * block, preparedBytes = 0): DirectWriter {
  const options = { fileSize, limit, preparedBytes };
  const memory = Buffer.alloc(DirectWriter.memorySize(options));
  return new DirectWriter(memory, options, async (base, pieces, position) => {
    meanwhile();
    writes.push({ base, position, pieces, blocks: Buffer.concat(pieces) });
  });
}

/** Full of what a chunk before may have left. */
function staleMemory(capacity: number, isAligned = true): ChunkMemory {
  return { bytes: Buffer.alloc(capacity + 2 * block, 0xee), isAligned };
}

function createChunk(base: number, capacity = 16 * block, head?: Buffer, isAligned = true): Chunk {
  return new Chunk(base, capacity, staleMemory(capacity, isAligned), head);
}

/** The chunk behind another one, which may have ended within a block. */
function chunkBehind(chunk: Chunk, capacity = 16 * block, isAligned = true): Chunk {
  const head = Buffer.from(chunk.slice(chunk.end - (chunk.end % block), chunk.end));
  return createChunk(chunk.end, capacity, head, isAligned);
}

function append(chunk: Chunk, bytes: Buffer): void {
  bytes.copy(chunk.bytes, chunk.length);
  chunk.length += bytes.length;
}

/** Brings all before `upTo` to the medium, in as many writes as it takes. */
async function writeAll(writer: DirectWriter, chunks: readonly Chunk[], upTo = Infinity): Promise<void> {
  const dirty = chunks.filter((chunk) => chunk.written < chunk.length);
  for (let first = dirty[0]; first && first.base + first.written < upTo; first = dirty[0]) {
    const end = await writer.writeOn(dirty, upTo);
    expect(end).toBeGreaterThan(first.base + first.written);
    for (const chunk of dirty) if (chunk.base < end) chunk.written = Math.min(chunk.length, end - chunk.base);
    while (dirty[0] && dirty[0].written === dirty[0].length) dirty.shift();
  }
}

async function put(writer: DirectWriter, chunk: Chunk, ...lengths: number[]): Promise<void> {
  for (const [i, length] of lengths.entries()) {
    append(chunk, Buffer.alloc(length, i + 1));
    await writeAll(writer, [chunk]);
  }
}

const places = (): number[][] => writes.map(({ base, position, blocks }) => [base, position, blocks.length]);
/** Runs of one byte: `[7, 4096]` is a block of sevens. */
function runs(bytes: Buffer | undefined): number[][] {
  const found: number[][] = [];
  for (const byte of bytes ?? []) {
    const last = found.at(-1);
    if (last?.[0] === byte) last[1] = (last[1] as number) + 1;
    else found.push([byte, 1]);
  }
  return found;
}

describe('direct writes of the log', () => {
  it('are of whole blocks: the last one, zeros behind its end, is written again with what follows', async () => {
    await put(createWriter(), createChunk(0), 100, block, block - 100, 10);
    expect(places()).toEqual([
      [0, 0, block],
      [0, 0, 2 * block],
      [0, block, block],
      [0, 2 * block, block],
    ]);
    const records = (length: number): number[][] => [
      [1, 100],
      [2, length],
    ];
    expect(runs(writes[0]?.blocks)).toEqual([
      [1, 100],
      [0, block - 100],
    ]);
    expect(runs(writes[1]?.blocks)).toEqual([...records(block), [0, block - 100]]);
    expect(runs(writes[2]?.blocks)).toEqual([
      [2, 100],
      [3, block - 100],
    ]);
    expect(runs(writes[3]?.blocks)).toEqual([
      [4, 10],
      [0, block - 10],
    ]);
  });

  it('go on behind what stands in a block, in the next file, and with more than goes out at once', async () => {
    const writer = createWriter(2 * block);
    const old = createChunk(fileSize + 5 * block + 3, block, Buffer.from([7, 8, 9]));
    await put(writer, old, 2, 1);
    const next = createChunk(2 * fileSize);
    append(old, Buffer.alloc(1, 3));
    append(next, Buffer.alloc(5 * block + 1, 4));
    await writeAll(writer, [old, next]);
    expect(runs(writes[1]?.blocks).slice(0, -1)).toEqual([7, 8, 9, 1, 2].map((byte) => [byte, byte === 1 ? 2 : 1]));
    expect(runs(writes[2]?.blocks).at(-2)).toEqual([3, 1]);
    expect(places()).toEqual([
      [fileSize, 5 * block, block],
      [fileSize, 5 * block, block],
      [fileSize, 5 * block, block],
      [2 * fileSize, 0, 2 * block],
      [2 * fileSize, 2 * block, 2 * block],
      [2 * fileSize, 4 * block, 2 * block],
    ]);
  });

  it('take full blocks from where they are, and the last one as it was: more is appended meanwhile', async () => {
    const chunk = createChunk(0);
    meanwhile = () => append(chunk, Buffer.alloc(5000, 9));
    append(chunk, Buffer.alloc(2 * block + 100, 1));
    const end = await createWriter().writeOn([chunk], chunk.end);
    expect(end).toBe(2 * block + 100);
    expect(runs(writes[0]?.blocks)).toEqual([
      [1, end],
      [0, block - 100],
    ]);
    const [full, last] = writes[0]?.pieces ?? [];
    expect([full?.buffer, full?.byteOffset, full?.length]).toEqual([chunk.bytes.buffer, 0, 2 * block]);
    expect(last?.buffer).not.toBe(chunk.bytes.buffer);
  });

  it('end where they are told to, within a chunk and between two', async () => {
    const writer = createWriter();
    const first = createChunk(0);
    append(first, Buffer.alloc(block + 50, 1));
    const second = chunkBehind(first);
    append(second, Buffer.alloc(200, 2));
    for (const upTo of [block + 10, block + 50, block + 60]) await writeAll(writer, [first, second], upTo);
    expect(places()).toEqual([
      [0, 0, 2 * block],
      [0, block, block],
      [0, block, block],
    ]);
    expect(writes.map(({ blocks }) => runs(blocks).slice(0, -1))).toEqual([
      [[1, block + 10]],
      [[1, 50]],
      [
        [1, 50],
        [2, 10],
      ],
    ]);
    expect([first.written, second.written]).toEqual([block + 50, 10]);
  });

  it('go over several chunks at once, however they lie in the blocks', async () => {
    const chunks = [createChunk(0)];
    for (const [i, length] of [block + 1, 100, 2 * block, 3 * block - 101, 7].entries()) {
      const chunk = i === 0 ? (chunks[0] as Chunk) : chunkBehind(chunks.at(-1) as Chunk);
      append(chunk, Buffer.alloc(length, i + 1));
      if (i > 0) chunks.push(chunk);
    }
    await writeAll(createWriter(), chunks);
    expect(places()).toEqual([[0, 0, 7 * block]]);
    expect(runs(writes[0]?.blocks)).toEqual([
      [1, block + 1],
      [2, 100],
      [3, 2 * block],
      [4, 3 * block - 101],
      [5, 7],
      [0, block - 7],
    ]);
    expect(writes[0]?.pieces.map(({ length }) => length)).toEqual([block, 2 * block, 3 * block, block]);
  });

  it('write a copy of what is in memory that they cannot begin at', async () => {
    const first = createChunk(0, block + 1, undefined, false);
    append(first, Buffer.alloc(block + 1, 1));
    const second = chunkBehind(first, 2 * block, false);
    append(second, Buffer.alloc(2 * block, 2));
    const third = chunkBehind(second);
    append(third, Buffer.alloc(2 * block, 3));
    await writeAll(createWriter(), [first, second, third]);
    expect(runs(writes[0]?.blocks)).toEqual([
      [1, block + 1],
      [2, 2 * block],
      [3, 2 * block],
      [0, block - 1],
    ]);
    const sources = writes[0]?.pieces.map(({ buffer }) =>
      [first, second, third].findIndex((c) => c.bytes.buffer === buffer),
    );
    expect(sources).toEqual([-1, -1, 2, -1]);
  });

  it('are none when there is nothing new', async () => {
    const writer = createWriter();
    const chunk = createChunk(0);
    await writeAll(writer, [chunk]);
    await put(writer, chunk, 10);
    await writeAll(writer, [chunk]);
    expect(writes.length).toBe(1);
  });

  it('bring zeros ahead now and then, no further than goes out at once and the file goes', async () => {
    const writer = createWriter(8 * block, 4 * block);
    await put(writer, createChunk(0), 10, 3 * block, 2 * block);
    await put(writer, createChunk(fileSize - 2 * block, 2 * block), 1);
    expect(places()).toEqual([
      [0, 0, 5 * block],
      [0, 0, 4 * block],
      [0, 3 * block, 7 * block],
      [0, fileSize - 2 * block, 2 * block],
    ]);
    for (const { blocks } of writes) expect(blocks.includes(0xee)).toBe(false);
  });

  it('bring none ahead with a group that is large itself', async () => {
    await put(createWriter(64 * block, 4 * block), createChunk(0, fileSize), 32 * block, 32 * block);
    expect(places()).toEqual([
      [0, 0, 32 * block],
      [0, 32 * block, 32 * block],
    ]);
    writes = [];
    await put(createWriter(64 * block, 4 * block), createChunk(0, fileSize), 32 * block - 1);
    expect(places()).toEqual([[0, 0, 36 * block]]);
  });

  it('leave every byte of the one before as it was, whichever sectors of the next the disk gets', async () => {
    const random = seededRandom(17);
    const below = (count: number): number => Math.floor(random() * count);
    const writer = createWriter(4 * block, 2 * block);
    const log = Buffer.alloc(fileSize);
    const file = Buffer.alloc(fileSize);
    let chunks = [createChunk(0, 30_000)];
    for (let end = 0; ;) {
      const bytes = Buffer.from(Array.from({ length: 1 + below(below(2) ? 100 : 9000) }, () => 1 + below(255)));
      if (end + bytes.length > fileSize) break;
      const last = chunks.at(-1) as Chunk;
      if (last.length + bytes.length > last.capacity)
        chunks.push(chunkBehind(last, 9000 + below(20_000), below(4) > 0));
      append(chunks.at(-1) as Chunk, bytes);
      bytes.copy(log, end);
      writes = [];
      // Now and then the end of a group is within what is there.
      const upTo = below(3) ? end + bytes.length : end + below(bytes.length);
      await writeAll(writer, chunks, upTo);
      for (const { position, blocks } of writes) {
        const torn = Buffer.from(file);
        for (let at = 0; at < blocks.length; at += 512) if (below(2)) blocks.copy(torn, position + at, at, at + 512);
        const whole = Buffer.from(file);
        blocks.copy(whole, position);
        for (const [at, byte] of file.entries()) {
          if (byte !== 0 && (torn[at] !== byte || whole[at] !== byte)) throw new Error(`${at} changed`);
        }
        blocks.copy(file, position);
      }
      expect(file.subarray(0, upTo).equals(log.subarray(0, upTo))).toBe(true);
      expect(file.subarray(upTo).every((byte) => byte === 0)).toBe(true);
      chunks = chunks.filter((chunk) => chunk.written < chunk.length || chunk === chunks.at(-1));
      end += bytes.length;
    }
  });
});
