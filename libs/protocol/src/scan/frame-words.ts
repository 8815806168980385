/** Buffers that are kept until the next frame comes are at most this long: as long as a chunk from a socket. */
const longestKept = 64 * 1024;
const nothing: DataView = new DataView(new ArrayBuffer(0));

/**
 * The bytes of a frame, four at a time. Comparing 250 bytes takes 90 ns; byte by byte it takes 260, and a call into
 * native code takes 60 before it has looked at one.
 *
 * Making a DataView costs as much as all that: one serves all frames of a chunk, and stays until the next chunk comes.
 */
export class FrameWords {
  view = nothing;
  /** Where the frame begins in the view. */
  base = 0;
  private buffer: ArrayBufferLike = nothing.buffer;
  private isLong = false;

  begin(frame: Buffer): void {
    const { buffer } = frame;
    if (buffer !== this.buffer) {
      this.view = new DataView(buffer);
      this.buffer = buffer;
      this.isLong = buffer.byteLength > longestKept;
    }
    this.base = frame.byteOffset;
  }

  /** Lets go of the frame, unless it is a part of what the next one is likely to be a part of, too. */
  finish(): void {
    if (!this.isLong) return;
    this.isLong = false;
    this.view = nothing;
    this.buffer = nothing.buffer;
  }

  /** Whether bytes [start, end) of `known` also stand at `at` of the frame, which must have as many. */
  isSame(known: DataView, start: number, end: number, at: number): boolean {
    const { view } = this;
    let i = this.base + at;
    let k = start;
    for (; k + 4 <= end; k += 4, i += 4) if (known.getInt32(k, true) !== view.getInt32(i, true)) return false;
    for (; k < end; k++, i++) if (known.getUint8(k) !== view.getUint8(i)) return false;
    return true;
  }
}
