import { messageOf, nextTurn, type Clock } from '../../../common/src/index.js';
import type { CommitLog } from '../commit-log/commit-log.js';
import type { StoreConfig } from '../config.js';

const pageSize = 4096;

/**
 * Brings written bytes to the disk: one fdatasync or direct write at a time, and what comes meanwhile goes with the next.
 * An error is final: the kernel may have dropped the pages, and a second call would report success for them.
 */
export class LogFlusher {
  private running: Promise<void> | undefined;
  /** The one call under way. */
  private round: Promise<void> | undefined;
  /** Somebody waits for what that call may not cover. */
  private isAwaited = false;
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

  /** A sender waits for what is written now. */
  request(): void {
    this.isAwaited = true;
    this.flushOnce();
  }

  /**
   * One background turn of ASYNC_FLUSH: starts a flush when enough has been written, or long enough ago. What is written
   * meanwhile is left to the next turn: under load one flush would follow the other.
   */
  turn(): void {
    const { flushCommitLogLeastPages, flushCommitLogThoroughInterval } = this.config;
    const { syncableOffset, flushedOffset } = this.log;
    const pages = Math.floor(syncableOffset / pageSize) - Math.floor(flushedOffset / pageSize);
    const isDue = this.clock.monotonic() - this.lastFlushAt >= flushCommitLogThoroughInterval;
    if (isDue || pages >= flushCommitLogLeastPages) this.flushOnce();
  }

  /** Resolves when the disk has everything written before the call; false after an error. */
  async flushed(): Promise<boolean> {
    const upTo = this.log.syncableOffset;
    while (this.log.flushedOffset < upTo && !this.failed) {
      this.flushOnce();
      // Not for all that is running: while messages come, that need not end.
      await this.round?.catch(() => undefined);
    }
    return !this.failed;
  }

  /** Resolves when no call is under way: before that, files must not be closed. */
  async idle(): Promise<void> {
    while (this.running) await this.running;
  }

  private flushOnce(): void {
    if (!this.running && this.isBehind) this.running = this.run();
  }

  private get isBehind(): boolean {
    return this.log.flushedOffset < this.log.syncableOffset && !this.failed;
  }

  private async run(): Promise<void> {
    try {
      this.round = this.syncOnce();
      await this.round;
      while (this.isAwaited && this.isBehind) {
        this.round = this.syncBehindTick();
        await this.round;
      }
    } catch (error) {
      this.failed = true;
      const call = this.log.isDirect ? 'write to' : 'fdatasync of';
      this.onError(`${call} the commit log failed: ${messageOf(error)}`);
    } finally {
      this.running = undefined;
    }
  }

  /** What the answers of the last call bring at once is written when the tick ends: two groups go with one call. */
  private async syncBehindTick(): Promise<void> {
    await nextTurn();
    await this.syncOnce();
  }

  private async syncOnce(): Promise<void> {
    this.isAwaited = false;
    this.lastFlushAt = this.clock.monotonic();
    await this.log.sync();
    this.onFlushed();
  }
}
