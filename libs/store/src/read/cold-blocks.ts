import { logBlockSize } from '../commit-log/block-sums.js';
import type { CommitLog } from '../commit-log/commit-log.js';
import { BlockMemory } from './block-memory.js';
import type { ColdReader } from './cold-reader.js';
import { RetiredMemory } from './retired-memory.js';

/** Bytes of the log read at once: about what a pull of every queue of a topic finds side by side. */
export const coldBlockSize = logBlockSize;
/** In one piece of memory beside those that are kept: being read, or on their way out. */
const spareBlocks = 8;
/** In one piece of memory: 1 GiB. */
const mostBlocks = 1024;

/** A piece of a file of the log, as it was read. It begins at a multiple of the block size in its file. */
export interface ColdBlock {
  readonly base: number;
  /** What there was of it; valid until the end of the turn in which it is released. */
  readonly bytes: Buffer;
  /** It has the sum of what was written. */
  readonly isProven: boolean;
}

interface OwnedBlock extends ColdBlock {
  readonly memory: Buffer;
  /** Who took it and has not released it. */
  users: number;
  isKept: boolean;
}

interface Loading {
  readonly block: Promise<OwnedBlock | undefined>;
  /** Bytes it will surely have, unless the file goes. */
  readonly length: number;
  users: number;
}

/**
 * The blocks of old log read last. Queues that are caught up on together have their records side by side: one read serves
 * them all, and the next pulls of each without a wait. Memory of blocks that went is used again: the collector would go
 * through the whole heap for every few of them.
 */
export class ColdBlocks {
  /** The one used longest ago first. */
  private readonly blocks = new Map<number, OwnedBlock>();
  private readonly loading = new Map<number, Loading>();
  readonly memory: BlockMemory;
  /** Slices of it may be on their way out until the end of this turn. */
  private readonly retired: RetiredMemory;
  private bytes = 0;

  constructor(
    private readonly log: Pick<CommitLog, 'segments' | 'sums' | 'writtenOffset'>,
    private readonly cold: ColdReader,
    /** Bytes kept; 0 keeps nothing. */
    private readonly limit: number,
  ) {
    this.memory = new BlockMemory(this.memoryOfBlock, () => this.blocksInMemory());
    this.retired = new RetiredMemory((memory) => this.memory.giveBack(memory));
  }

  /** Bytes: files may be smaller than a block. */
  private get memoryOfBlock(): number {
    return Math.min(coldBlockSize, this.log.segments.size);
  }

  /** Those that are kept, of a log of few small files all there are, and some for what is on its way. */
  private blocksInMemory(): number {
    const { memoryOfBlock, limit } = this;
    const { minOffset, endOffset } = this.log.segments;
    const kept = Math.min(Math.floor(limit / memoryOfBlock), Math.ceil((endOffset - minOffset) / memoryOfBlock));
    return kept === 0 ? 0 : Math.min(mostBlocks, kept + spareBlocks);
  }

  /** Where the block with this byte begins. */
  baseOf(offset: number): number {
    const base = this.log.segments.baseOf(offset);
    return offset - ((offset - base) % coldBlockSize);
  }

  /** The block, when it is in memory with at least `length` bytes. To be released. */
  take(base: number, length: number): ColdBlock | undefined {
    const block = this.blocks.get(base);
    if (!block || block.bytes.length < length) return undefined;
    this.blocks.delete(base);
    this.blocks.set(base, block);
    block.users++;
    return block;
  }

  /** The block with all that is written of it by now, as far as it is there; undefined when nothing is. To be released. */
  load(base: number): Promise<ColdBlock | undefined> {
    const { segments, writtenOffset } = this.log;
    const size = Math.min(coldBlockSize, segments.baseOf(base) + segments.size - base);
    const length = Math.min(size, writtenOffset - base);
    let loading = this.loading.get(base);
    // One that began before the last of these bytes were written is of no use.
    if (!loading || loading.length < length) loading = this.begin(base, size, length);
    loading.users++;
    return loading.block;
  }

  release(block: ColdBlock): void {
    const owned = block as OwnedBlock;
    owned.users--;
    if (!owned.isKept && owned.users === 0) this.retired.add(owned.memory);
  }

  /** What is in it is not what was written: the next one who asks shall see what the disk says then. */
  forget(base: number): void {
    const block = this.blocks.get(base);
    if (!block) return;
    this.blocks.delete(base);
    this.bytes -= this.memoryOfBlock;
    block.isKept = false;
    if (block.users === 0) this.retired.add(block.memory);
  }

  private begin(base: number, size: number, length: number): Loading {
    const memory = this.memory.take();
    const block = this.cold.readInto(base, memory.subarray(0, size)).then(
      (count) => this.loaded(loading, base, memory, memory.subarray(0, count)),
      (error: unknown) => {
        this.ended(base, loading);
        this.retired.add(memory);
        throw error;
      },
    );
    const loading: Loading = { block, length, users: 0 };
    this.loading.set(base, loading);
    return loading;
  }

  private loaded(loading: Loading, base: number, memory: Buffer, bytes: Buffer): OwnedBlock | undefined {
    this.ended(base, loading);
    if (bytes.length === 0) {
      this.retired.add(memory);
      return undefined;
    }
    const isProven = this.log.sums.matches(base, bytes);
    const block = { base, memory, bytes, isProven, users: loading.users, isKept: false };
    this.keep(block);
    return block;
  }

  private ended(base: number, loading: Loading): void {
    if (this.loading.get(base) === loading) this.loading.delete(base);
  }

  private keep(block: OwnedBlock): void {
    this.forget(block.base);
    if (this.memoryOfBlock > this.limit) return;
    block.isKept = true;
    this.blocks.set(block.base, block);
    this.bytes += this.memoryOfBlock;
    for (const base of this.blocks.keys()) {
      if (this.bytes <= this.limit) return;
      this.forget(base);
    }
  }
}
