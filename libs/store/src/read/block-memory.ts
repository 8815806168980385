const pageSize = 64 * 1024;

/** Answers of one turn, as a rule. */
const largestScratch = 2 * 1024 * 1024;

/**
 * Memory for blocks of the log, in one piece that a WebAssembly module can look into. It is made when the first block is
 * asked for, and pages of it that nobody writes to cost nothing. Beyond so many blocks, or where there is no WebAssembly to
 * be had (`--jitless`, a limit of virtual memory), blocks are of ordinary memory. Used again and again: the collector would
 * go through the whole heap for every few new ones.
 */
export class BlockMemory {
  /** Bytes in front of the blocks: what the module is told, and what it gives back. */
  readonly scratchSize: number;
  /** All of it: once a block was taken, and where there is WebAssembly. */
  memory: WebAssembly.Memory | undefined;
  private isMade = false;
  private count = 0;
  private readonly free: Buffer[] = [];

  constructor(
    private readonly blockSize: number,
    /** Blocks there will be use for; asked once. The collector counts all of them, whether they are touched or not. */
    private readonly countWanted: () => number,
  ) {
    this.scratchSize = Math.max(pageSize, Math.min(largestScratch, 4 * blockSize));
  }

  take(): Buffer {
    if (!this.isMade) this.make();
    return this.free.pop() ?? Buffer.allocUnsafeSlow(this.blockSize);
  }

  /** Whether the module sees these bytes. */
  has(bytes: Buffer): boolean {
    return bytes.buffer === this.memory?.buffer;
  }

  /** For the next one. What was taken beyond them is left to the collector. */
  giveBack(block: Buffer): void {
    if (this.has(block) || (!this.memory && this.free.length < this.count)) this.free.push(block);
  }

  private make(): void {
    const { scratchSize } = this;
    this.isMade = true;
    this.count = this.countWanted();
    if (this.count === 0) return;
    const pages = Math.ceil((scratchSize + this.count * this.blockSize) / pageSize);
    try {
      this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    } catch {
      return;
    }
    for (let i = this.count - 1; i >= 0; i--)
      this.free.push(Buffer.from(this.memory.buffer, scratchSize + i * this.blockSize, this.blockSize));
  }
}
