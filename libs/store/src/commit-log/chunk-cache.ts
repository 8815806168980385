import type { Chunk } from './chunk.js';

/** The newest chunks, oldest first, within a limit of bytes. Those with bytes not yet written are always kept. */
export class ChunkCache {
  private chunks: Chunk[] = [];
  private bytes = 0;

  constructor(
    private readonly limit: number,
    /** Told of each chunk that leaves for the limit's sake, in order. */
    private readonly onLeaving: (chunk: Chunk) => void = () => undefined,
  ) {}

  /** Returns a chunk it let go that nobody else can have, if there is one. */
  add(chunk: Chunk): Chunk | undefined {
    let spare: Chunk | undefined;
    this.chunks.push(chunk);
    this.bytes += chunk.capacity;
    let drop = 0;
    for (; drop < this.chunks.length - 1 && this.bytes > this.limit; drop++) {
      const oldest = this.chunks[drop] as Chunk;
      if (oldest.written < oldest.length) break;
      this.bytes -= oldest.capacity;
      this.onLeaving(oldest);
      if (!oldest.wasHandedOut) spare = oldest;
    }
    if (drop > 0) this.chunks = this.chunks.slice(drop);
    return spare;
  }

  /** Forgets chunks of files that are no longer part of the log. */
  dropBefore(offset: number): void {
    const kept = this.chunks.findIndex((chunk) => chunk.base >= offset);
    for (const chunk of this.chunks.splice(0, kept < 0 ? this.chunks.length : kept)) this.bytes -= chunk.capacity;
  }

  /** Records from here on are in memory; Infinity when none is. */
  get minOffset(): number {
    return this.chunks[0]?.base ?? Infinity;
  }

  /** The chunk with the byte at this physical offset. */
  find(offset: number): Chunk | undefined {
    const { chunks } = this;
    let low = 0;
    let high = chunks.length - 1;
    // Readers are mostly at the end.
    const last = chunks[high];
    if (last && offset >= last.base) return offset < last.end ? last : undefined;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const chunk = chunks[middle] as Chunk;
      if (offset < chunk.base) high = middle - 1;
      else if (offset >= chunk.end) low = middle + 1;
      else return chunk;
    }
    return undefined;
  }

  clear(): void {
    this.chunks = [];
    this.bytes = 0;
  }
}
