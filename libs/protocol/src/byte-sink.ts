import { quoteJson } from './fastjson/index.js';

/** Up to here a loop beats the call across the boundary. */
const shortText = 64;
const quote = 0x22;
const backslash = 0x5c;

// oxlint-disable-next-line no-control-regex -- what JSON must escape, and what fastjson does besides
const needsEscape = /[\u0000-\u001f"\\\u007f-\uffff]/;

/**
 * A growing buffer that is written front to back and used again and again: what goes out on a connection in one tick is
 * gathered here. Big-endian, as everything on this wire.
 */
export class ByteSink {
  bytes: Buffer;
  /** Where the next byte goes; also the number of bytes written. */
  position = 0;

  constructor(capacity = 4096) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
  }

  /** Makes room for `size` more bytes. Doubles, so that growth costs little over time. */
  reserve(size: number): void {
    const needed = this.position + size;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.position);
    this.bytes = grown;
  }

  int8(value: number): void {
    this.reserve(1);
    this.bytes[this.position++] = value;
  }

  int16(value: number): void {
    this.reserve(2);
    const at = this.position;
    this.bytes[at] = value >> 8;
    this.bytes[at + 1] = value;
    this.position = at + 2;
  }

  int32(value: number): void {
    this.reserve(4);
    this.setInt32(this.position, value);
    this.position += 4;
  }

  /** Patches four bytes written before (a length known only afterwards). */
  setInt32(at: number, value: number): void {
    const bytes = this.bytes;
    bytes[at] = value >> 24;
    bytes[at + 1] = value >> 16;
    bytes[at + 2] = value >> 8;
    bytes[at + 3] = value;
  }

  /** Writes UTF-8 and returns the number of bytes. */
  utf8(text: string): number {
    const { length } = text;
    this.reserve(length * 3);
    if (length <= shortText && this.ascii(text)) return length;
    const written = this.bytes.write(text, this.position, 'utf8');
    this.position += written;
    return written;
  }

  /** Decimal digits. */
  digits(value: number): void {
    this.utf8(String(value));
  }

  /** A JSON text with its quotes, spelled as fastjson does. */
  jsonText(text: string): void {
    const start = this.position;
    this.int8(quote);
    this.reserve(text.length + 1);
    if (text.length <= shortText ? this.plainJson(text) : !needsEscape.test(text)) {
      if (text.length > shortText) this.utf8(text);
      this.int8(quote);
      return;
    }
    this.position = start;
    this.utf8(quoteJson(text));
  }

  /** Room must be reserved. False, with the position unmoved, when there is a character beyond ASCII. */
  private ascii(text: string): boolean {
    const { bytes, position } = this;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) return false;
      bytes[position + i] = code;
    }
    this.position = position + text.length;
    return true;
  }

  /** As {@link ascii}, for what stands in a JSON text as it is. */
  private plainJson(text: string): boolean {
    const { bytes, position } = this;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x20 || code >= 0x7f || code === quote || code === backslash) return false;
      bytes[position + i] = code;
    }
    this.position = position + text.length;
    return true;
  }

  buffer(source: Buffer): void {
    this.reserve(source.length);
    source.copy(this.bytes, this.position);
    this.position += source.length;
  }

  /** What was written, as a view: valid until the next write or clear. */
  written(): Buffer {
    return this.bytes.subarray(0, this.position);
  }

  clear(): void {
    this.position = 0;
  }
}
