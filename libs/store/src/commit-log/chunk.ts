/** Where the bytes of a chunk are: they and, for direct writes, those in front of them in their first block. */
export interface ChunkMemory {
  readonly bytes: Buffer;
  /** Direct writes can begin at each block of it. */
  readonly isAligned: boolean;
}

const nothing = new Uint8Array(0);

/**
 * A run of the log in memory: written once, front to back, and never again. It is write buffer, cache of the tail and
 * source of pulls in one, so slices of it may be handed out freely; the garbage collector frees it after the last one.
 * The memory of one that nobody looked into serves the next: the collector goes through the whole heap every few chunks.
 */
export class Chunk {
  readonly bytes: Buffer;
  readonly view: DataView;
  /** Bytes filled. */
  length = 0;
  /** Of these, bytes that were written: the kernel has them, with direct writes the medium. */
  written = 0;
  /** Slices of it may be anywhere. */
  wasHandedOut = false;
  /** Physical offset of the first byte in memory. */
  private readonly memoryBase: number;

  constructor(
    /** Physical offset of the first byte. A chunk never crosses a file. */
    readonly base: number,
    readonly capacity: number,
    /** Its own, or that of a chunk that is gone: what it is not filled with may be anything. */
    readonly memory: ChunkMemory = { bytes: Buffer.allocUnsafeSlow(capacity), isAligned: false },
    /** What stands in the log in front of it and is written again with it: see {@link DirectWriter}. */
    head: Uint8Array = nothing,
  ) {
    memory.bytes.set(head);
    this.bytes = memory.bytes.subarray(head.length, head.length + capacity);
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, capacity);
    this.memoryBase = base - head.length;
  }

  get end(): number {
    return this.base + this.length;
  }

  /** The log between two physical offsets, of which the first may be one of the head. */
  slice(from: number, to: number): Buffer {
    return this.memory.bytes.subarray(from - this.memoryBase, to - this.memoryBase);
  }
}
