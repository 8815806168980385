/*
 * HOT PATH (SYNC_FLUSH). Copies: the last block of a group, when it is not full; the rest only where a chunk has memory
 * that direct writes cannot begin at. Allocates: a view for each chunk of a group, two for its end, and their list.
 * Calls: one vectored direct write a group.
 */
import { directBlock } from '../disk/disk.js';
import type { Chunk } from './chunk.js';

/** Groups larger than this bring their own blocks at a fair price. */
const largeGroup = 128 * 1024;

/** Writes blocks into the file of the log that begins at `base`; resolves when the medium has all the pieces. */
export type WriteBlocks = (base: number, pieces: readonly Buffer[], position: number) => Promise<void>;

export interface DirectWriterOptions {
  /** Of the log. */
  readonly fileSize: number;
  /** What goes out with one write, at most. */
  readonly limit: number;
  /**
   * So many bytes of zeros are written behind a small group now and then: a write that finds its blocks there need not
   * wait for the journal of the file system.
   */
  readonly preparedBytes: number;
}

/**
 * The end of the log on its way to the medium, past the page cache: that takes whole blocks, so the last one, full of
 * zeros behind its records, is written once more with what follows. The bytes in front are the same as before then:
 * whether the medium has the old or the new of a sector, what was promised stands there. For the same reason a chunk
 * that begins within a block has what stands in front of it there.
 *
 * Full blocks go out from where they are. The last one is copied: records are added to it while the write is under
 * way, and what sums or mirrors blocks (btrfs, md) reads it more than once: it would not agree with itself.
 */
export class DirectWriter {
  /** For the last block, and behind it zeros that stay. */
  private readonly ending: Buffer;
  /** For blocks that cannot go out from where they are. */
  private readonly copies: Buffer;
  /** Physical offset: the file system has blocks for what is before. */
  private prepared = 0;

  constructor(
    /** {@link memorySize} zeros, at an address that direct writes can begin at. */
    memory: Buffer,
    private readonly options: DirectWriterOptions,
    private readonly write: WriteBlocks,
  ) {
    this.ending = memory.subarray(0, memory.length - options.limit);
    this.copies = memory.subarray(this.ending.length);
  }

  /** Bytes; those for copies take no room before they are used. */
  static memorySize({ limit, preparedBytes }: DirectWriterOptions): number {
    return directBlock + preparedBytes + limit;
  }

  /**
   * Brings to the medium what of these chunks, one behind the other, is not yet written and before `upTo`: as much as is
   * in one file and goes out at once. Resolves to where that ended. One call at a time.
   */
  async writeOn(chunks: readonly Chunk[], upTo: number): Promise<number> {
    const { fileSize, limit } = this.options;
    const first = chunks[0] as Chunk;
    const from = first.base + first.written;
    const start = blockStart(from);
    const base = from - (from % fileSize);
    const most = Math.min(start + limit, base + fileSize);
    const pieces: Buffer[] = [];
    let last = first;
    let at = start;
    for (const chunk of chunks) {
      if (chunk.base >= Math.min(upTo, most)) break;
      last = chunk;
      const wholeUntil = blockStart(Math.min(chunk.end, upTo, most));
      if (wholeUntil > at) pieces.push(this.whole(chunk, at, wholeUntil, at - start));
      at = wholeUntil;
    }
    const end = Math.min(last.end, upTo, most);
    const ending = this.endingOf(last.slice(at, end), at, end - from, most);
    if (ending.length > 0) pieces.push(ending);
    await this.write(base, pieces, start - base);
    return end;
  }

  private whole(chunk: Chunk, from: number, to: number, copyAt: number): Buffer {
    const blocks = chunk.slice(from, to);
    if (chunk.memory.isAligned) return blocks;
    blocks.copy(this.copies, copyAt);
    return this.copies.subarray(copyAt, copyAt + blocks.length);
  }

  /** The block at `at` with its records, if it has any, and zeros, no further than `most`. */
  private endingOf(records: Buffer, at: number, groupSize: number, most: number): Buffer {
    const { ending } = this;
    const isEmpty = records.length === 0;
    const blocksEnd = isEmpty ? at : at + directBlock;
    if (!isEmpty) {
      records.copy(ending);
      ending.fill(0, records.length, directBlock);
    }
    let zeros = 0;
    if (blocksEnd > this.prepared && groupSize < largeGroup) {
      zeros = Math.min(this.options.preparedBytes, most - blocksEnd);
      this.prepared = blocksEnd + zeros;
    }
    return ending.subarray(isEmpty ? directBlock : 0, directBlock + zeros);
  }
}

function blockStart(offset: number): number {
  return offset - (offset % directBlock);
}
