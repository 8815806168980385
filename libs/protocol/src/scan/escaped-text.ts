import type { FrameView } from './frame-view.js';
import { backslash, odd, quote, zero } from './ascii.js';

/** Longer texts with escapes are for the plain decoder: bytes. */
const longest = 64 * 1024;

/** JSON texts with escapes in them: all of a text goes through one buffer, so that it becomes one string at once. */
export class EscapedText {
  /** Of the text last read, as far as `length`. */
  readonly bytes = Buffer.alloc(longest);
  length = 0;
  /** Whether the text has more than ASCII in it. */
  wide = false;
  private readonly view = new DataView(this.bytes.buffer, this.bytes.byteOffset, longest);

  get text(): string {
    return this.bytes.toString(this.wide ? 'utf8' : 'latin1', 0, this.length);
  }

  /** Takes the text from `start` on; returns the position after its closing quote, which must come before `end`. */
  read({ view: from, base }: FrameView, start: number, end: number): number {
    // What is unescaped is never longer.
    if (end - start > longest) return odd;
    const { view: to } = this;
    const last = base + end;
    let at = base + start;
    let length = 0;
    let all = 0;
    for (;;) {
      if (at + 4 <= last) {
        // All four are written; the next ones go over those that do not count.
        const word = from.getInt32(at, true);
        const plain = plainBytes(word);
        to.setInt32(length, word, true);
        at += plain;
        length += plain;
        if (plain === 4) continue;
      }
      if (at >= last) return odd;
      const byte = from.getUint8(at);
      if (byte === quote) break;
      if (byte < 0x20) return odd;
      if (byte === backslash) {
        const separator = separatorAt(from, at, last);
        if (separator !== 0) {
          to.setUint8(length++, separator);
          at += 6;
          continue;
        }
        this.length = length;
        at = this.escape(from, at, last);
        if (at === odd) return odd;
        length = this.length;
        all |= to.getUint8(length - 1);
      } else {
        to.setUint8(length++, byte);
        all |= byte;
        at++;
      }
    }
    this.wide = all >= 0x80;
    this.length = length;
    return at + 1 - base;
  }

  /** Takes the bytes [start, end) as they are. False when they are too many. */
  take({ view: from, base }: FrameView, start: number, end: number): boolean {
    const length = end - start;
    if (length > longest) return false;
    const { view: to } = this;
    const first = base + start;
    let all = 0;
    let at = 0;
    for (; at + 4 <= length; at += 4) {
      const word = from.getInt32(first + at, true);
      to.setInt32(at, word, true);
      all |= word;
    }
    for (; at < length; at++) {
      const byte = from.getUint8(first + at);
      to.setUint8(at, byte);
      all |= byte;
    }
    this.wide = (all & 0x80808080) !== 0;
    this.length = length;
    return true;
  }

  /** Writes what the escape at `at` means; returns the position after it. */
  private escape(view: DataView, at: number, end: number): number {
    if (at + 2 > end) return odd;
    const letter = view.getUint8(at + 1);
    if (letter !== letterU) {
      const meaning = simpleEscapes[letter] ?? 0;
      this.bytes[this.length++] = meaning;
      return meaning === 0 ? odd : at + 2;
    }
    if (at + 6 > end) return odd;
    let unit = 0;
    for (let i = 2; i < 6; i++) {
      const digit = hexDigits[view.getUint8(at + i)] as number;
      if (digit < 0) return odd;
      unit = (unit << 4) | digit;
    }
    // Halves of a pair belong together: seldom, and not for here.
    if (unit >= 0xd800 && unit <= 0xdfff) return odd;
    this.putUtf8(unit);
    return at + 6;
  }

  private putUtf8(unit: number): void {
    const { bytes } = this;
    let at = this.length;
    if (unit < 0x80) bytes[at++] = unit;
    else {
      if (unit < 0x800) bytes[at++] = 0xc0 | (unit >> 6);
      else {
        bytes[at++] = 0xe0 | (unit >> 12);
        bytes[at++] = 0x80 | ((unit >> 6) & 0x3f);
      }
      bytes[at++] = 0x80 | (unit & 0x3f);
    }
    this.length = at;
  }
}

const letterU = 0x75;
/** The letters u000 as one word. */
const u000 = 0x75303030;

/** What \u0001 and \u0002 are, which part the properties of every message; 0 for any other escape. */
function separatorAt(view: DataView, at: number, end: number): number {
  if (at + 6 > end || view.getInt32(at + 1) !== u000) return 0;
  const digit = view.getUint8(at + 5) - zero;
  return digit === 1 || digit === 2 ? digit : 0;
}

/**
 * How many of four bytes come before the first that is a quote, a backslash, a control character or beyond ASCII.
 * Subtracting sets the top bit of a byte that was too small; those above it in the word may be marked wrongly, but it is
 * the lowest that counts.
 */
function plainBytes(word: number): number {
  const controls = word - 0x20202020;
  const quotes = (word ^ 0x22222222) - 0x01010101;
  const backslashes = (word ^ 0x5c5c5c5c) - 0x01010101;
  const special = (word | controls | quotes | backslashes) & 0x80808080;
  return special === 0 ? 4 : (31 - Math.clz32(special & -special)) >> 3;
}

const hexDigits = Int8Array.from({ length: 256 }, (_, byte) => {
  const digit = parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(digit) ? -1 : digit;
});

/** By letter; 0 where there is no such escape (NUL has none but \u0000). */
const simpleEscapes = Uint8Array.from({ length: 256 }, (_, letter) => {
  const meaning = ['""', '\\\\', '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t'].find((pair) => pair.charCodeAt(0) === letter);
  return meaning === undefined ? 0 : meaning.charCodeAt(1);
});
