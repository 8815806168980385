import { messageOf } from '../../../common/src/index.js';
import type { CommitLog } from '../commit-log/commit-log.js';

/**
 * Brings written bytes to the disk: one fdatasync at a time, and what is written meanwhile goes with the next one.
 * An error is final: the kernel may have dropped the pages, and a second call would report success for them.
 */
export class LogFlusher {
  private running: Promise<void> | undefined;
  /** The one call of fdatasync under way. */
  private round: Promise<void> | undefined;
  private failed = false;

  constructor(
    private readonly log: CommitLog,
    private readonly onFlushed: () => void,
    private readonly onError: (reason: string) => void,
  ) {}

  /** Somebody waits: flushes until nothing is left, unless that is under way. */
  request(): void {
    if (!this.running && this.isBehind) this.running = this.run(() => this.isBehind);
  }

  /** One flush in the background. Nobody waits for what is written meanwhile: under load one would follow the other. */
  turn(): void {
    if (!this.running && this.isBehind) this.running = this.run(() => false);
  }

  /** Resolves when the disk has everything written before the call; false after an error. */
  async flushed(): Promise<boolean> {
    const upTo = this.log.writtenOffset;
    while (this.log.flushedOffset < upTo && !this.failed) {
      this.turn();
      // Not for all that is running: while messages come, that need not end.
      await this.round?.catch(() => undefined);
    }
    return !this.failed;
  }

  private get isBehind(): boolean {
    return this.log.flushedOffset < this.log.writtenOffset && !this.failed;
  }

  private async run(goesOn: () => boolean): Promise<void> {
    try {
      do {
        this.round = this.syncOnce();
        await this.round;
      } while (goesOn());
    } catch (error) {
      this.failed = true;
      this.onError(`fdatasync of the commit log failed: ${messageOf(error)}`);
    } finally {
      this.running = undefined;
    }
  }

  private async syncOnce(): Promise<void> {
    await this.log.sync();
    this.onFlushed();
  }
}
