/** Buffers that are kept until the next frame comes are at most this long: as long as what servers read into. */
const longestKept = 256 * 1024;
const nothing: DataView = new DataView(new ArrayBuffer(0));

/**
 * What a frame lies in as a DataView, which takes four bytes at a time. Making one costs as much as comparing 300 bytes: one serves
 * all frames of a chunk, and stays until a frame of another chunk comes.
 */
export class FrameView {
  view = nothing;
  /** Where the bytes begin in the view. */
  base = 0;
  private bytes: Buffer | undefined;
  private buffer: ArrayBufferLike = nothing.buffer;
  private isLong = false;

  begin(bytes: Buffer): void {
    if (bytes === this.bytes) return;
    const { buffer } = bytes;
    this.bytes = bytes;
    if (buffer !== this.buffer) {
      this.view = new DataView(buffer);
      this.buffer = buffer;
      this.isLong = buffer.byteLength > longestKept;
    }
    this.base = bytes.byteOffset;
  }

  /** Lets go of the frame, unless it is a part of what the next one is likely to be a part of, too. */
  finish(): void {
    if (!this.isLong) return;
    this.isLong = false;
    this.bytes = undefined;
    this.view = nothing;
    this.buffer = nothing.buffer;
  }
}
