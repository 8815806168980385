import { messageOf, type Clock } from '../../../common/src/index.js';
import type { CommitLog } from '../commit-log/commit-log.js';
import type { StoreConfig } from '../config.js';

const pageSize = 4096;

/**
 * Brings written bytes to the disk: one fdatasync at a time, and what is written meanwhile goes with the next one.
 * An error is final: the kernel may have dropped the pages, and a second call would report success for them.
 */
export class LogFlusher {
  private running: Promise<void> | undefined;
  private failed = false;
  /** Monotonic time at which the last flush began. */
  private lastFlushAt = 0;

  constructor(
    private readonly config: StoreConfig,
    private readonly clock: Clock,
    private readonly log: CommitLog,
    private readonly onFlushed: () => void,
    private readonly onError: (reason: string) => void,
  ) {}

  /** One background turn of ASYNC_FLUSH: starts a flush when enough has been written, or long enough ago. */
  turn(): void {
    const { flushCommitLogLeastPages, flushCommitLogThoroughInterval } = this.config;
    const { writtenOffset, flushedOffset } = this.log;
    const pages = Math.floor(writtenOffset / pageSize) - Math.floor(flushedOffset / pageSize);
    const isDue = this.clock.monotonic() - this.lastFlushAt >= flushCommitLogThoroughInterval;
    if (isDue || pages >= flushCommitLogLeastPages) this.request();
  }

  /** Starts a flush unless one is under way or nothing is left. */
  request(): void {
    if (!this.running && this.isBehind) this.running = this.run();
  }

  /** Resolves when the disk has everything written before the call; false after an error. */
  async flushed(): Promise<boolean> {
    const upTo = this.log.writtenOffset;
    while (this.log.flushedOffset < upTo && !this.failed) {
      this.request();
      await this.running;
    }
    return !this.failed;
  }

  private get isBehind(): boolean {
    return this.log.flushedOffset < this.log.writtenOffset && !this.failed;
  }

  private async run(): Promise<void> {
    try {
      while (this.isBehind) {
        this.lastFlushAt = this.clock.monotonic();
        await this.log.sync();
        this.onFlushed();
      }
    } catch (error) {
      this.failed = true;
      this.onError(`fdatasync of the commit log failed: ${messageOf(error)}`);
    } finally {
      this.running = undefined;
    }
  }
}
