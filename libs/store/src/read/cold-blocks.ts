import type { CommitLog } from '../commit-log/commit-log.js';
import type { ColdReader } from './cold-reader.js';

/** Bytes of the log read at once: about what a pull of every queue of a topic finds side by side. */
export const coldBlockSize = 512 * 1024;

/** A piece of a file of the log, as it was read. It begins at a multiple of the block size in its file. */
export interface ColdBlock {
  readonly base: number;
  readonly bytes: Buffer;
}

/**
 * The blocks of old log read last. Queues that are caught up on together have their records side by side: one read serves
 * them all, and the next pulls of each without a wait.
 */
export class ColdBlocks {
  /** The one used longest ago first. */
  private readonly blocks = new Map<number, ColdBlock>();
  private bytes = 0;

  constructor(
    private readonly log: Pick<CommitLog, 'segments' | 'writtenOffset'>,
    private readonly cold: ColdReader,
    /** Bytes kept; 0 keeps nothing. */
    private readonly limit: number,
  ) {}

  /** Where the block with this byte begins. */
  baseOf(offset: number): number {
    const base = this.log.segments.baseOf(offset);
    return offset - ((offset - base) % coldBlockSize);
  }

  /** The block, when it is in memory with at least `length` bytes. */
  find(base: number, length: number): ColdBlock | undefined {
    const block = this.blocks.get(base);
    if (!block || block.bytes.length < length) return undefined;
    this.blocks.delete(base);
    this.blocks.set(base, block);
    return block;
  }

  /** The block with what there is of it in the file, undefined when nothing is. */
  async load(base: number): Promise<ColdBlock | undefined> {
    const bytes = await this.read(base);
    if (!bytes) return undefined;
    const block = { base, bytes };
    this.keep(block);
    return block;
  }

  /** What is in it is not what was written: the next one who asks shall see what the disk says then. */
  forget(base: number): void {
    this.bytes -= this.blocks.get(base)?.bytes.length ?? 0;
    this.blocks.delete(base);
  }

  private async read(base: number): Promise<Buffer | undefined> {
    const { segments, writtenOffset } = this.log;
    const size = Math.min(coldBlockSize, segments.baseOf(base) + segments.size - base);
    const bytes = await this.cold.read(base, size);
    // A read shared with somebody may have begun before the last of these bytes were written.
    return bytes && bytes.length < Math.min(size, writtenOffset - base) ? this.cold.read(base, size) : bytes;
  }

  private keep(block: ColdBlock): void {
    this.forget(block.base);
    if (block.bytes.length > this.limit) return;
    this.blocks.set(block.base, block);
    this.bytes += block.bytes.length;
    for (const base of this.blocks.keys()) {
      if (this.bytes <= this.limit) return;
      this.forget(base);
    }
  }
}
