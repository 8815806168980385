/** Bytes. Longer texts are seldom the same twice: ids of messages have 32 digits, properties have one of those in them. */
export const longestCached = 31;
const entries = 512;

/**
 * Names that come with every request - topics, groups, brokers - as one string each: making a string costs more than
 * comparing bytes, and a string that is the same object is found in a map without being hashed again.
 * Bounded: a text that falls on another one's place replaces it.
 */
export class TextCache {
  private readonly texts: string[] = Array.from({ length: entries }, () => '');
  private readonly bytes = Buffer.alloc(entries * longestCached);

  /** The ASCII text of these bytes. `hash` is any function of them. */
  get(bytes: Buffer, start: number, end: number, hash: number): string {
    const length = end - start;
    if (length > longestCached) return bytes.toString('latin1', start, end);
    const entry = (hash ^ (hash >>> 9)) & (entries - 1);
    const known = this.texts[entry] as string;
    if (known.length === length && this.isSame(bytes, start, end, entry * longestCached)) return known;
    const text = bytes.toString('latin1', start, end);
    this.texts[entry] = text;
    bytes.copy(this.bytes, entry * longestCached, start, end);
    return text;
  }

  private isSame(bytes: Buffer, start: number, end: number, at: number): boolean {
    const own = this.bytes;
    for (let i = start; i < end; i++, at++) if (bytes[i] !== own[at]) return false;
    return true;
  }
}
