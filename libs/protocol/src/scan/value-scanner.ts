import { isUtf8 } from 'node:buffer';
import { Utf8Text } from '../message/utf8-text.js';
import { backslash, minus, odd, quote, zero } from './ascii.js';
import { EscapedText } from './escaped-text.js';
import type { FrameView } from './frame-view.js';
import { TextCache, longestCached } from './text-cache.js';

/** More digits may not be exact as a number. */
const mostDigits = 15;

/**
 * Reads single values from header bytes. Each step returns the position after what it read, and leaves the value in
 * `text` or `number`: nothing is allocated but the text.
 */
export class ValueScanner {
  text = '';
  number = 0;
  /** Whether a byte beyond ASCII came by since `begin`: then somebody must check that it is UTF-8. */
  wide = false;
  private readonly cache = new TextCache();
  private bytes: Buffer = nothing;
  private end = 0;
  private readonly escapedText = new EscapedText();
  /** What `utf8` lies in: no other text goes through here. */
  private readonly ownText = new EscapedText();
  /** The text last read as bytes, until the next one. */
  readonly utf8 = new Utf8Text(this.ownText.bytes, 0, 0);

  constructor(private readonly frameView: FrameView) {}

  /** From now on `bytes` up to `end` are read. */
  begin(bytes: Buffer, end: number): void {
    this.bytes = bytes;
    this.end = end;
    this.wide = false;
  }

  /** Lets go of the bytes. */
  finish(): void {
    this.bytes = nothing;
  }

  /** A JSON text whose opening quote is at `at`. */
  quoted(at: number): number {
    const { bytes, end } = this;
    if (bytes[at] !== quote) return odd;
    const start = at + 1;
    let all = 0;
    let hash = 0;
    for (let i = start; i < end; i++) {
      const byte = bytes[i] as number;
      if (byte === quote) {
        if (all < 0x80) this.text = this.cache.get(bytes, start, i, hash);
        else this.wideText(start, i);
        return i + 1;
      }
      if (byte === backslash) return this.escaped(start);
      if (byte < 0x20) return odd;
      all |= byte;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    return odd;
  }

  /** The same text from bytes that are nothing else: as in binary headers. Bytes that are no UTF-8 are replaced. */
  raw(start: number, end: number): string {
    const { bytes } = this;
    if (end - start > longestCached) return bytes.toString('utf8', start, end);
    let all = 0;
    let hash = 0;
    for (let i = start; i < end; i++) {
      const byte = bytes[i] as number;
      all |= byte;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    return all < 0x80 ? this.cache.get(bytes, start, end, hash) : bytes.toString('utf8', start, end);
  }

  /** A JSON text into `utf8`. */
  quotedBytes(at: number): number {
    const { ownText, utf8 } = this;
    if (this.bytes[at] !== quote) return odd;
    const next = ownText.read(this.frameView, at + 1, this.end);
    this.wide ||= ownText.wide;
    utf8.end = ownText.length;
    return next;
  }

  /** The bytes [start, end) into `utf8`. False when they are too many, or no UTF-8. */
  rawBytes(start: number, end: number): boolean {
    const { ownText, utf8 } = this;
    if (!ownText.take(this.frameView, start, end)) return false;
    utf8.end = ownText.length;
    return !ownText.wide || isUtf8(this.bytes.subarray(start, end));
  }

  private wideText(start: number, end: number): void {
    this.wide = true;
    this.text = this.bytes.toString('utf8', start, end);
  }

  private escaped(start: number): number {
    const { escapedText } = this;
    const next = escapedText.read(this.frameView, start, this.end);
    if (next === odd) return odd;
    this.text = escapedText.text;
    this.wide ||= escapedText.wide;
    return next;
  }

  /** Passes over a JSON text without making a string of it. */
  skipQuoted(at: number): number {
    const { bytes, end } = this;
    if (bytes[at] !== quote) return odd;
    for (let i = at + 1; i < end; i++) {
      const byte = bytes[i] as number;
      if (byte === quote) return i + 1;
      if (byte < 0x20 || byte === backslash) return odd;
      if (byte >= 0x80) this.wide = true;
    }
    return odd;
  }

  /** A whole number as JSON writes it bare: no leading zeros. */
  bareInteger(at: number): number {
    const digitsAt = this.bytes[at] === minus ? at + 1 : at;
    const next = this.integer(at);
    return this.bytes[digitsAt] === zero && next > digitsAt + 1 ? odd : next;
  }

  /** A whole number of at most fifteen digits, but not -0. */
  integer(at: number): number {
    const { bytes, end } = this;
    const isNegative = bytes[at] === minus;
    const start = isNegative ? at + 1 : at;
    let value = 0;
    let i = start;
    for (; i < end; i++) {
      const digit = (bytes[i] as number) - zero;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    this.number = isNegative ? -value : value;
    if (isNegative && value === 0) return odd;
    return i === start || i - start > mostDigits ? odd : i;
  }

  /** true or false, in small letters; `number` is 1 or 0. */
  boolean(at: number): number {
    const { bytes } = this;
    this.number = bytes[at] === trueBytes[0] ? 1 : 0;
    const word = this.number === 1 ? trueBytes : falseBytes;
    if (at + word.length > this.end) return odd;
    for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return odd;
    return at + word.length;
  }
}

const nothing = Buffer.alloc(0);
const trueBytes = Buffer.from('true');
const falseBytes = Buffer.from('false');
