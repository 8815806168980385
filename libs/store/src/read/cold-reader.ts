import type { CommitLog } from '../commit-log/commit-log.js';

/** Bytes of the log that reads under way may hold together; more reads wait for their turn. */
export const coldBytesUnderWay = 32 * 1024 * 1024;

interface RunningRead {
  readonly offset: number;
  readonly end: number;
  readonly bytes: Promise<Buffer | undefined>;
}

/**
 * Reads of the log from its files. Bytes that are being read already are not read a second time, so that groups which
 * catch up together cost one read. Nothing is kept when a read is over: the page cache is the system's business.
 */
export class ColdReader {
  private readonly running = new Set<RunningRead>();
  private readonly waiting: { readonly length: number; readonly start: () => void }[] = [];
  private underWay = 0;

  constructor(
    private readonly log: Pick<CommitLog, 'readUpTo' | 'readInto'>,
    private readonly limit: number = coldBytesUnderWay,
  ) {}

  /** What there is of these bytes in one file of the log, undefined when nothing is. Do not change them. */
  async read(offset: number, length: number): Promise<Buffer | undefined> {
    const end = offset + length;
    for (const read of this.running) {
      if (read.offset > offset || end > read.end) continue;
      const bytes = (await read.bytes)?.subarray(offset - read.offset, end - read.offset);
      return bytes === undefined || bytes.length === 0 ? undefined : bytes;
    }
    const read: RunningRead = { offset, end, bytes: this.start(offset, length) };
    this.running.add(read);
    try {
      return await read.bytes;
    } finally {
      this.running.delete(read);
    }
  }

  /** Fills `target` with what there is from `offset` on in one file of the log. Returns the number of bytes. */
  readInto(offset: number, target: Buffer): Promise<number> {
    return this.inTurn(target.length, () => this.log.readInto(offset, target));
  }

  private start(offset: number, length: number): Promise<Buffer | undefined> {
    return this.inTurn(length, () => this.log.readUpTo(offset, length));
  }

  private async inTurn<T>(length: number, read: () => Promise<T>): Promise<T> {
    await this.admitted(length);
    try {
      return await read();
    } finally {
      this.underWay -= length;
      this.admitWaiting();
    }
  }

  /** In order: a long read is not overtaken for ever. */
  private admitted(length: number): Promise<void> {
    return new Promise((start) => {
      this.waiting.push({ length, start });
      this.admitWaiting();
    });
  }

  private admitWaiting(): void {
    for (let next = this.waiting[0]; next; next = this.waiting[0]) {
      // One that is larger than the limit goes alone.
      if (this.underWay > 0 && this.underWay + next.length > this.limit) return;
      this.waiting.shift();
      this.underWay += next.length;
      next.start();
    }
  }
}
