import { isUtf8 } from 'node:buffer';
import { ByteRange } from './byte-range.js';

/**
 * A text as its UTF-8 bytes, for what is passed on as it came, properties above all: decoding and encoding them costs more
 * than all else that is done with them. What a decoder hands out lies in memory of its own that the next frame is decoded
 * into: see `borrowsFrame` of handlers.
 */
export class Utf8Text extends ByteRange {
  static from(text: string): Utf8Text {
    return new Utf8Text(Buffer.from(text, 'utf8'));
  }

  /** Whatever bytes come: what is no UTF-8 is replaced, as everywhere. */
  static of(bytes: Buffer, start: number, end: number): Utf8Text {
    if (isUtf8(bytes.subarray(start, end))) return new Utf8Text(bytes, start, end);
    return Utf8Text.from(bytes.toString('utf8', start, end));
  }

  /** In memory of its own. */
  copy(): Utf8Text {
    return new Utf8Text(Buffer.from(this.view()));
  }

  override toString(): string {
    return this.bytes.toString('utf8', this.start, this.end);
  }
}
