import { directBlock } from '../disk/disk.js';
import type { ChunkMemory } from './chunk.js';

/**
 * Memory of chunks that direct writes go out from. One piece a chunk, so that each is freed with the last slice of its
 * own. V8 reserves 10 GiB of addresses for each, of the 128 TiB there are: a tail of 4 GiB takes a twelfth of them.
 */
export class AlignedMemory {
  private isRefused = false;

  constructor(private readonly allocate: (bytes: number) => Buffer | undefined) {}

  /** For so many bytes, and for those in front of them in their first block. */
  take(capacity: number): ChunkMemory {
    const size = Math.ceil((capacity + directBlock - 1) / directBlock) * directBlock;
    const aligned = this.isRefused ? undefined : this.allocate(size);
    // Asked once more at each chunk, V8 would search the whole heap each time for something to free: up to 60 ms.
    if (!aligned) this.isRefused = true;
    return { bytes: aligned ?? Buffer.allocUnsafeSlow(size), isAligned: aligned !== undefined };
  }
}
