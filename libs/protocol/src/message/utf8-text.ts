import { isUtf8 } from 'node:buffer';

const loopBelow = 256;

/**
 * A text as its UTF-8 bytes, for what is passed on as it came, properties above all: decoding and encoding them costs more
 * than all else that is done with them. What a decoder hands out lies in memory of its own that the next frame is decoded
 * into: see `borrowsFrame` of handlers.
 */
export class Utf8Text {
  constructor(
    public bytes: Buffer,
    public start: number = 0,
    public end: number = bytes.length,
  ) {}

  static from(text: string): Utf8Text {
    return new Utf8Text(Buffer.from(text, 'utf8'));
  }

  /** Whatever bytes come: what is no UTF-8 is replaced, as everywhere. */
  static of(bytes: Buffer, start: number, end: number): Utf8Text {
    if (isUtf8(bytes.subarray(start, end))) return new Utf8Text(bytes, start, end);
    return Utf8Text.from(bytes.toString('utf8', start, end));
  }

  /** In bytes. */
  get length(): number {
    return this.end - this.start;
  }

  /** Into `target` from `at` on. Returns the number of bytes. */
  copyTo(target: Buffer, at: number): number {
    const { bytes, start, end } = this;
    // A part of a buffer is copied by way of a view that is made for it: that takes as long as some hundred bytes here.
    if (end - start > loopBelow) return bytes.copy(target, at, start, end);
    for (let i = start, to = at; i < end; i++, to++) target[to] = bytes[i] as number;
    return end - start;
  }

  /** In memory of its own. */
  copy(): Utf8Text {
    return new Utf8Text(Buffer.from(this.bytes.subarray(this.start, this.end)));
  }

  toString(): string {
    return this.bytes.toString('utf8', this.start, this.end);
  }
}
