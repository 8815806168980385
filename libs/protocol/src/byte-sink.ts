import type { AsciiText } from './ascii-text.js';
import { quoteJson } from './fastjson/index.js';
import { largeMemory } from './large-memory.js';

/** A sink keeps memory of this size; more is lent for a burst. */
const largestOwn = 256 * 1024;
/** Up to here a loop beats the call across the boundary. */
const shortText = 64;
/** The same where escapes have to be looked for besides. */
const shortJsonText = 256;
const quote = 0x22;
const zero = 0x30;
const billion = 1_000_000_000;

// oxlint-disable-next-line no-control-regex -- what JSON must escape, and what fastjson does besides
const needsEscape = /[\u0000-\u001f"\\\u007f-\uffff]/;

/** How each ASCII character stands in a JSON text, and in how many bytes. */
const asciiEscapes = Array.from({ length: 0x80 }, (_, code) => {
  return Buffer.from(quoteJson(String.fromCharCode(code)).slice(1, -1));
});
const asciiWidths = Uint8Array.from(asciiEscapes, (bytes) => bytes.length);
const longestEscape = Math.max(...asciiWidths);

/**
 * A growing buffer that is written front to back and used again and again: what goes out on a connection in one tick is
 * gathered here. Big-endian, as everything on this wire.
 */
export class ByteSink {
  bytes: Buffer;
  /** Kept; `bytes` unless that is lent. */
  private own: Buffer;
  /** Where the next byte goes; also the number of bytes written. */
  position = 0;

  constructor(capacity = 4096) {
    this.bytes = this.own = Buffer.allocUnsafeSlow(capacity);
  }

  /** Makes room for `size` more bytes. Doubles, so that growth costs little over time. */
  reserve(size: number): void {
    const needed = this.position + size;
    if (needed <= this.bytes.length) return;
    const before = this.bytes;
    const wasLent = before !== this.own;
    const wanted = Math.max(needed, before.length * 2);
    this.bytes = wanted > largestOwn ? largeMemory.take(wanted) : (this.own = Buffer.allocUnsafeSlow(wanted));
    before.copy(this.bytes, 0, 0, this.position);
    if (wasLent) largeMemory.giveBack(before);
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
    if (length <= shortText && this.tryAscii(text)) return length;
    const written = this.bytes.write(text, this.position, 'utf8');
    this.position += written;
    return written;
  }

  /** Decimal digits of a whole number. */
  digits(value: number): void {
    const length = digitCount(value);
    if (length === 0) {
      this.utf8(String(value));
      return;
    }
    this.reserve(length);
    this.setDigits(this.position, length, value);
    this.position += length;
  }

  /** Overwrites `length` bytes with a number that has as many digits, by {@link digitCount}. */
  setDigits(from: number, length: number, value: number): void {
    if (value > 0x7fffffff) {
      // Whole numbers of 32 bits are divided five times as fast.
      const high = Math.floor(value / billion);
      this.setDigits(from, length - 9, high);
      this.setDigits(from + length - 9, 9, value - high * billion);
      return;
    }
    const { bytes } = this;
    let rest = value;
    for (let at = from + length - 1; at >= from; at--) {
      const tenth = (rest / 10) | 0;
      bytes[at] = zero + rest - tenth * 10;
      rest = tenth;
    }
  }

  /** A few bytes known beforehand, such as a key; for long ones {@link buffer} is cheaper. */
  fragment(source: Uint8Array): void {
    const { length } = source;
    this.reserve(length);
    const { bytes, position } = this;
    for (let i = 0; i < length; i++) bytes[position + i] = source[i] as number;
    this.position = position + length;
  }

  /** A JSON text with its quotes, spelled as fastjson does. */
  jsonText(text: string): void {
    this.int8(quote);
    this.jsonContent(text);
    this.int8(quote);
  }

  /** What stands between the quotes of a JSON text. */
  jsonContent(text: string): void {
    if (text.length <= shortJsonText && this.tryAsciiContent(text)) return;
    this.utf8(needsEscape.test(text) ? quoteJson(text).slice(1, -1) : text);
  }

  /** Stands in JSON as it is. */
  ascii(text: AsciiText): void {
    this.reserve(text.length);
    text.writeTo(this.bytes, this.position);
    this.position += text.length;
  }

  /** int16 length and UTF-8. */
  text16(text: string): void {
    const lengthAt = this.position;
    this.int16(0);
    const length = this.utf8(text);
    this.bytes[lengthAt] = length >> 8;
    this.bytes[lengthAt + 1] = length;
  }

  /** int32 length and UTF-8. */
  text32(text: string): void {
    const lengthAt = this.position;
    this.int32(0);
    this.setInt32(lengthAt, this.utf8(text));
  }

  /** Room must be reserved. False, with the position unmoved, when there is a character beyond ASCII. */
  private tryAscii(text: string): boolean {
    const { bytes, position } = this;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) return false;
      bytes[position + i] = code;
    }
    this.position = position + text.length;
    return true;
  }

  /** As `tryAscii`, with escapes where JSON has them. */
  private tryAsciiContent(text: string): boolean {
    this.reserve(text.length * longestEscape);
    const { bytes } = this;
    let at = this.position;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x7f) return false;
      const width = asciiWidths[code] as number;
      if (width === 1) bytes[at] = code;
      else for (let j = 0; j < width; j++) bytes[at + j] = (asciiEscapes[code] as Buffer)[j] as number;
      at += width;
    }
    this.position = at;
    return true;
  }

  /**
   * Makes the JSON text `written`, which stands at `from`, into `text`, which is as long. False when they differ in more
   * than characters that stand in JSON as they are, all of them ASCII; some bytes may be overwritten then.
   */
  changeText(from: number, written: string, text: string): boolean {
    const { bytes } = this;
    for (let i = 0, at = from; i < text.length; i++) {
      const before = written.charCodeAt(i);
      const code = text.charCodeAt(i);
      if (before >= 0x7f) return false;
      const width = asciiWidths[before] as number;
      if (code !== before) {
        if (width !== 1 || code >= 0x7f || asciiWidths[code] !== 1) return false;
        bytes[at] = code;
      }
      at += width;
    }
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

  /** To be written anew; nobody may look at what was written any more. */
  clear(): void {
    this.position = 0;
    if (this.bytes === this.own) return;
    largeMemory.giveBack(this.bytes);
    this.bytes = this.own;
  }
}

/** Digits of a whole number from 0 to 2^53-1; 0 for all others. */
export function digitCount(value: number): number {
  if (value !== (value & 0x7fffffff)) {
    return value > 0 && Number.isSafeInteger(value) ? 9 + digitCount(Math.floor(value / billion)) : 0;
  }
  let count = 1;
  for (let limit = 10; value >= limit && count < 10; limit *= 10) count++;
  return count;
}
