/**
 * A header value that is written when its frame is, and never becomes a string: the place of a message in the log, say.
 * Plain characters only, none that JSON escapes. The same object may have another text for the next frame.
 */
export interface AsciiText {
  readonly length: number;
  /** Exactly `length` bytes from `at` on. */
  writeTo(bytes: Uint8Array, at: number): void;
  toString(): string;
}

const digits = Buffer.from('0123456789ABCDEF');

/** Eight upper-case hexadecimal digits of a 32-bit integer. */
export function writeHexWord(bytes: Uint8Array, at: number, word: number): void {
  for (let i = 0; i < 8; i++) bytes[at + i] = digits[(word >>> (28 - 4 * i)) & 15] as number;
}
