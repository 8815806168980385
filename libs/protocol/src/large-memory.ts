/** Bytes that wait for the next one, at most: some bursts of answers. */
const mostWaiting = 16 * 1024 * 1024;

/**
 * Large pieces of memory that are needed for a moment, over and over, by whoever has the next burst. Made anew each time, they
 * would keep the collector going through the whole heap; kept by each who needed one, they would add up.
 */
class LargeMemory {
  private readonly waiting: Buffer[] = [];
  private bytes = 0;

  /** With whatever is in it. */
  take(size: number): Buffer {
    const i = this.waiting.findLastIndex(({ length }) => length >= size);
    if (i < 0) return Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(size)));
    const [memory] = this.waiting.splice(i, 1) as [Buffer];
    this.bytes -= memory.length;
    return memory;
  }

  /** Nobody else may have a view of it. */
  giveBack(memory: Buffer): void {
    if (this.bytes + memory.length > mostWaiting) return;
    this.bytes += memory.length;
    this.waiting.push(memory);
  }
}

/** One for all: bursts do not last. */
export const largeMemory = new LargeMemory();
