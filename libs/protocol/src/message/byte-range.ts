/** A copy by a byte loop beats making a view for a native one below about this size. */
const loopBelow = 80;

/** A part of a buffer, without the view of it: making one takes as long as copying some hundred bytes. */
export class ByteRange {
  constructor(
    public bytes: Buffer,
    public start: number = 0,
    public end: number = bytes.length,
  ) {}

  get length(): number {
    return this.end - this.start;
  }

  /** Whether what needs a view pays: below, loops over the bytes are faster. */
  get isLong(): boolean {
    return this.end - this.start >= loopBelow;
  }

  view(): Buffer {
    return this.bytes.subarray(this.start, this.end);
  }

  /** Into `target` from `at` on. Returns the number of bytes. */
  copyTo(target: Buffer, at: number): number {
    const { bytes, start, end } = this;
    if (this.isLong) return bytes.copy(target, at, start, end);
    for (let i = start, to = at; i < end; i++, to++) target[to] = bytes[i] as number;
    return end - start;
  }
}
