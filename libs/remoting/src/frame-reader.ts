import { checkFrameLength } from '../../protocol/src/index.js';

/**
 * Cuts a stream of chunks into frames.
 *
 * A frame that lies within one chunk is handed out as a part of it: nothing is copied. One that spans chunks is gathered in a
 * buffer of its own that grows with the bytes that have come, never with the length that was announced, so that a peer
 * pays for the memory it makes us hold. Gathered frames are never reused, nor are chunks unless they are lent: views stay
 * valid as long as held then.
 *
 * HOT PATH. Copies what is left of a lent chunk, at most one frame but when reading pauses. Benchmark: send.
 */
export class FrameReader {
  /** Where the frame last found is, without its length word. */
  bytes: Buffer = nothing;
  start = 0;
  end = 0;
  private chunk: Buffer = nothing;
  private at = 0;
  /** Chunks that came while nobody asked for frames. */
  private readonly waiting: Buffer[] = [];
  /** A length word that was itself cut, as far as it has come. */
  private lengthWord = 0;
  private lengthFilled = 0;
  private partial: Buffer | undefined;
  private partialFilled = 0;
  private partialLength = 0;
  /** The chunk belongs to somebody else. */
  private isBorrowed = false;

  /** @param isLent chunks are overwritten after {@link keepRest}, which must be called before */
  constructor(private readonly isLent = false) {}

  push(chunk: Buffer): void {
    if (this.at < this.chunk.length) {
      this.waiting.push(this.isLent ? Buffer.from(chunk) : chunk);
      return;
    }
    this.replaceChunk(chunk);
    this.isBorrowed = this.isLent;
  }

  /** Takes a copy of what nobody asked for yet. */
  keepRest(): void {
    if (!this.isBorrowed) return;
    this.isBorrowed = false;
    if (this.at < this.chunk.length) this.replaceChunk(Buffer.from(this.chunk.subarray(this.at)));
    else this.replaceChunk(nothing);
  }

  /** The next whole frame as a view, or undefined until more bytes come. @throws as {@link advance} */
  next(): Buffer | undefined {
    return this.advance() ? this.bytes.subarray(this.start, this.end) : undefined;
  }

  /**
   * Finds the next whole frame; false until more bytes come.
   *
   * @throws RocketMQError PROTOCOL_VIOLATION as soon as a length word announces a frame that cannot be.
   */
  advance(): boolean {
    for (;;) {
      if (this.advanceInChunk()) return true;
      const chunk = this.waiting.shift();
      if (chunk === undefined) {
        this.chunk = this.bytes = nothing;
        this.at = this.start = this.end = 0;
        return false;
      }
      this.replaceChunk(chunk);
    }
  }

  private replaceChunk(chunk: Buffer): void {
    this.chunk = chunk;
    this.at = 0;
  }

  private advanceInChunk(): boolean {
    if (this.partial !== undefined) return this.continuePartial();
    const { chunk } = this;
    if (this.lengthFilled === 0 && this.at + 4 <= chunk.length) {
      const length = chunk.readUInt32BE(this.at);
      checkFrameLength(length);
      const start = this.at + 4;
      const end = start + length;
      if (end <= chunk.length) {
        this.at = end;
        return this.found(chunk, start, end);
      }
      this.at = start;
      return this.startPartial(length);
    }
    while (this.lengthFilled < 4) {
      if (this.at === chunk.length) return false;
      this.lengthWord = this.lengthWord * 256 + (chunk[this.at++] as number);
      this.lengthFilled++;
    }
    const length = this.lengthWord;
    this.lengthWord = 0;
    this.lengthFilled = 0;
    checkFrameLength(length);
    return this.startPartial(length);
  }

  private found(bytes: Buffer, start: number, end: number): true {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    return true;
  }

  private startPartial(length: number): boolean {
    this.partialLength = length;
    this.partialFilled = 0;
    this.partial = nothing;
    return this.continuePartial();
  }

  private continuePartial(): boolean {
    const { chunk, at, partialFilled, partialLength } = this;
    const filled = Math.min(partialLength, partialFilled + chunk.length - at);
    const target = this.roomFor(filled);
    chunk.copy(target, partialFilled, at, at + filled - partialFilled);
    this.at = at + filled - partialFilled;
    this.partialFilled = filled;
    if (filled < partialLength) return false;
    this.partial = undefined;
    return this.found(target, 0, partialLength);
  }

  private roomFor(size: number): Buffer {
    const current = this.partial ?? nothing;
    if (size <= current.length && current.length > 0) return current;
    const grown = Buffer.allocUnsafeSlow(Math.min(this.partialLength, Math.max(2 * size, smallestPartial)));
    current.copy(grown, 0, 0, this.partialFilled);
    this.partial = grown;
    return grown;
  }
}

const nothing = Buffer.alloc(0);
const smallestPartial = 512;
