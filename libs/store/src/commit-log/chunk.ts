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
  /** Of these, bytes that were written, or copied for it. */
  written = 0;
  /** Slices of it may be anywhere. */
  wasHandedOut = false;

  constructor(
    /** Physical offset of the first byte. A chunk never crosses a file. */
    readonly base: number,
    readonly capacity: number,
    /** Takes over its memory. */
    spare?: Chunk,
  ) {
    this.bytes = spare?.bytes ?? Buffer.allocUnsafeSlow(capacity);
    this.view = spare?.view ?? new DataView(this.bytes.buffer);
  }

  get end(): number {
    return this.base + this.length;
  }
}
