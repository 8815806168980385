/*
 * HOT PATH (SYNC_FLUSH). Copies: each byte of the log once, and now and then zeros. Calls: one direct write a group.
 */
import { directBlock } from '../disk/disk.js';

/** Groups larger than this bring their own blocks at a fair price. */
const largeGroup = 128 * 1024;

/** Writes blocks into the file of the log that begins at `base`; resolves when the medium has them. */
export type WriteBlocks = (base: number, blocks: Buffer, position: number) => Promise<void>;

/**
 * The end of the log on its way to the medium, past the page cache: that takes whole blocks, so the last one, full of
 * zeros behind its records, is kept and written once more with what follows. The bytes in front are the same as before
 * then: whether the medium has the old or the new of a sector, what was promised stands there.
 */
export class DirectWriter {
  /** Of the file, physical offset. */
  private base = -1;
  /** In the file, where memory begins: a multiple of the block. */
  private position = 0;
  /** Bytes in memory, and how many of them the medium has. */
  private filled = 0;
  private kept = 0;
  /** In the file: the file system has blocks for what is before. */
  private prepared = 0;

  constructor(
    /** Whole blocks, at an address that direct writes can begin at. */
    private readonly memory: Buffer,
    private readonly fileSize: number,
    /**
     * So many bytes of zeros are written behind a small group now and then: a write that finds its blocks there need not
     * wait for the journal of the file system.
     */
    private readonly preparedBytes: number,
    private readonly write: WriteBlocks,
  ) {}

  /** Goes on in a file: `head` is what stands between the beginning of a block and `position`. */
  resume(base: number, position: number, head: Uint8Array): void {
    this.begin(base, position - head.length);
    this.memory.set(head);
    this.filled = this.kept = head.length;
  }

  /** Takes the next bytes of the log, as many as there is room for before the next {@link flush}. Returns how many. */
  take(base: number, position: number, bytes: Buffer): number {
    if (base !== this.base) {
      if (this.hasUnwritten) return 0;
      this.begin(base, position);
    }
    const count = bytes.copy(this.memory, this.filled);
    this.filled += count;
    return count;
  }

  /** Brings all that was taken to the medium. One call at a time; nothing is taken meanwhile. */
  async flush(): Promise<void> {
    if (!this.hasUnwritten) return;
    const { memory, filled } = this;
    const length = this.lengthToWrite();
    memory.fill(0, filled, length);
    await this.write(this.base, memory.subarray(0, length), this.position);
    this.kept = filled % directBlock;
    memory.copyWithin(0, filled - this.kept, filled);
    this.position += filled - this.kept;
    this.filled = this.kept;
  }

  private get hasUnwritten(): boolean {
    return this.filled > this.kept;
  }

  private begin(base: number, position: number): void {
    this.base = base;
    this.position = position;
    this.filled = this.kept = this.prepared = 0;
  }

  private lengthToWrite(): number {
    const length = this.filled + (-this.filled & (directBlock - 1));
    if (this.position + length <= this.prepared || this.filled - this.kept >= largeGroup) return length;
    const most = Math.min(this.memory.length, this.fileSize - this.position);
    const withZeros = Math.min(most, length + this.preparedBytes);
    this.prepared = this.position + withZeros;
    return withZeros;
  }
}
