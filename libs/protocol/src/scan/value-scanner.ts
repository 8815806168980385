import { TextCache } from './text-cache.js';

/** What scanning steps return instead of a position when they met something for the plain decoder. */
export const odd = -1;

export const quote = 0x22;
const backslash = 0x5c;
const minus = 0x2d;
const zero = 0x30;

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
  /** Unescaped texts are put together here; longer ones are odd. */
  private readonly scratch = Buffer.alloc(64 * 1024);
  private scratchLength = 0;

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
        else this.wideText(bytes, start, i);
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
    let all = 0;
    let hash = 0;
    for (let i = start; i < end; i++) {
      const byte = bytes[i] as number;
      all |= byte;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    return all < 0x80 ? this.cache.get(bytes, start, end, hash) : bytes.toString('utf8', start, end);
  }

  private wideText(bytes: Buffer, start: number, end: number): void {
    this.wide = true;
    this.text = bytes.toString('utf8', start, end);
  }

  /** A text with escapes in it: all of it goes through the scratch buffer, so that it becomes one string at once. */
  private escaped(start: number): number {
    const { bytes, end, scratch } = this;
    // What is unescaped is never longer.
    if (end - start > scratch.length) return odd;
    let all = 0;
    let length = 0;
    for (let i = start; i < end; i++) {
      const byte = bytes[i] as number;
      if (byte === quote) {
        if (all < 0x80) this.text = scratch.toString('latin1', 0, length);
        else this.wideText(scratch, 0, length);
        return i + 1;
      }
      if (byte < 0x20) return odd;
      if (byte !== backslash) {
        scratch[length++] = byte;
        all |= byte;
        continue;
      }
      const separator = this.separatorAt(i);
      if (separator > 0) {
        scratch[length++] = separator;
        i += 5;
        continue;
      }
      this.scratchLength = length;
      i = this.escape(i + 1);
      if (i === odd) return odd;
      length = this.scratchLength;
      all |= scratch[length - 1] as number;
    }
    return odd;
  }

  /** What \u0001 and \u0002 are, which part the properties of every message; 0 for any other escape. */
  private separatorAt(at: number): number {
    const { bytes } = this;
    const isShort =
      bytes[at + 1] === 0x75 && bytes[at + 2] === zero && bytes[at + 3] === zero && bytes[at + 4] === zero;
    if (!isShort || at + 5 >= this.end) return 0;
    const digit = bytes[at + 5] as number;
    return digit === zero + 1 || digit === zero + 2 ? digit - zero : 0;
  }

  /** Writes what the escape means; `at` is at its letter. Returns the position of its last character. */
  private escape(at: number): number {
    const { bytes, scratch } = this;
    const letter = bytes[at] as number;
    if (letter !== 0x75) {
      const meaning = simpleEscapes[letter] ?? 0;
      scratch[this.scratchLength++] = meaning;
      return meaning === 0 ? odd : at;
    }
    if (at + 4 >= this.end) return odd;
    let unit = 0;
    for (let i = 1; i <= 4; i++) {
      const digit = hexDigits[bytes[at + i] as number] as number;
      if (digit < 0) return odd;
      unit = (unit << 4) | digit;
    }
    // Halves of a pair belong together: seldom, and not for here.
    if (unit >= 0xd800 && unit <= 0xdfff) return odd;
    this.putUtf8(unit);
    return at + 4;
  }

  private putUtf8(unit: number): void {
    const { scratch } = this;
    let at = this.scratchLength;
    if (unit < 0x80) scratch[at++] = unit;
    else {
      if (unit < 0x800) scratch[at++] = 0xc0 | (unit >> 6);
      else {
        scratch[at++] = 0xe0 | (unit >> 12);
        scratch[at++] = 0x80 | ((unit >> 6) & 0x3f);
      }
      scratch[at++] = 0x80 | (unit & 0x3f);
    }
    this.scratchLength = at;
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

  /** A whole number of at most fifteen digits. */
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

const hexDigits = Int8Array.from({ length: 256 }, (_, byte) => {
  const digit = parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(digit) ? -1 : digit;
});

/** By letter; 0 where there is no such escape (NUL has none but \u0000). */
const simpleEscapes = Uint8Array.from({ length: 256 }, (_, letter) => {
  const meaning = ['""', '\\\\', '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t'].find((pair) => pair.charCodeAt(0) === letter);
  return meaning === undefined ? 0 : meaning.charCodeAt(1);
});
