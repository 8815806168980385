import { messageOf, pause, type Clock, type Logger } from '../../../common/src/index.js';
import type { CommitLog } from '../commit-log/commit-log.js';
import type { StoreConfig } from '../config.js';
import type { Disk } from '../disk/disk.js';
import type { FilePool } from '../disk/file-pool.js';
import type { Checkpoint } from '../lifecycle/checkpoint.js';
import type { TimeSearch } from '../read/time-search.js';

export interface LogRetentionParts {
  readonly config: StoreConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly disk: Disk;
  readonly pool: FilePool;
  readonly log: CommitLog;
  readonly checkpoint: Checkpoint;
  readonly times: TimeSearch;
}

const hour = 3_600_000;

/**
 * Deletes files of the log, always the oldest one, never the last one. A file leaves the log before it leaves the disk:
 * no read of it begins any more, those under way are waited for, and the name is gone for good before the next file or
 * any queue is touched. So a crash leaves files without a gap, and queues that know of too many messages, not too few.
 */
export class LogRetention {
  /** Out of the log, still on the disk: offset it began with, and when it is tried again. */
  private hanging: { readonly base: number; retryAt: number } | undefined;

  constructor(private readonly parts: LogRetentionParts) {}

  /** Files that begin before it are gone from the disk, for good. */
  get removedBefore(): number {
    return this.hanging?.base ?? this.parts.log.minOffset;
  }

  /**
   * One pass. `mayDeleteYoung` is asked before each file whose time has not come. Returns how many files went. Errors
   * are logged, and the file is tried again after redeleteHangedFileInterval.
   */
  async deleteOldest(mayDeleteYoung: () => boolean, signal: AbortSignal): Promise<number> {
    const { config, clock, log } = this.parts;
    let count = 0;
    while (count < config.deleteFileBatchMax && !signal.aborted) {
      if (!this.hanging) {
        if (!this.hasDeletable()) break;
        if (!(await this.isExpired(log.minOffset)) && !mayDeleteYoung()) break;
        const interval = config.deleteCommitLogFilesInterval;
        if (count > 0 && interval > 0) await pause(clock, interval, signal);
        if (signal.aborted) break;
        this.hanging = { base: log.dropFirst(), retryAt: 0 };
      }
      if (clock.monotonic() < this.hanging.retryAt) break;
      if (!(await this.removeHanging(this.hanging, signal))) break;
      count++;
    }
    return count;
  }

  /**
   * Not the last file, and nothing whose queue entries the disk lacks: after a power cut they could be made again from
   * nowhere, and the queue would give out the same offsets once more.
   */
  private hasDeletable(): boolean {
    const { log, checkpoint } = this.parts;
    const end = log.minOffset + log.segments.size;
    return end < log.segments.endOffset && end <= checkpoint.writtenOffset;
  }

  /**
   * The last message of a file stands at a place that only a scan of the whole file finds, so its age is told by the
   * first message of the next file: that one came when this file had become full. It is the instant that Java's rule,
   * the file's modification time, means, too, but it survives a copy of the directory, which makes all files new (and
   * would keep them) or, with their times restored, is the same. Only when no message is there, the file's time counts.
   */
  private async isExpired(base: number): Promise<boolean> {
    const { config, clock, disk, log, times } = this.parts;
    const nextFile = base + log.segments.size;
    const storedAt = await times.recordTime(nextFile);
    const fullSince = storedAt > 0 ? storedAt : disk.modifiedAt(log.segments.path(base));
    return clock.now() >= fullSince + config.fileReservedTime * hour;
  }

  private async removeHanging(file: { base: number; retryAt: number }, signal: AbortSignal): Promise<boolean> {
    const { config, clock, disk, pool, log, logger } = this.parts;
    const path = log.segments.path(file.base);
    try {
      await this.awaitReads(path, signal);
      // The store closes: the next start finds the file where it was.
      if (signal.aborted) return false;
      pool.forget(path);
      disk.remove(path);
      await disk.syncDirectory(log.segments.directory);
    } catch (error) {
      const again = config.redeleteHangedFileInterval;
      file.retryAt = clock.monotonic() + again;
      const reason = `${messageOf(error)}; it is tried again in ${again} ms`;
      logger.error('a file of the commit log could not be deleted', { path, error: reason });
      return false;
    }
    this.hanging = undefined;
    logger.info('a file of the commit log is deleted', { path, minOffset: log.minOffset });
    return true;
  }

  /** At most destroyMapedFileIntervalForcibly: a read that is still under way then has its descriptor, and its bytes. */
  private async awaitReads(path: string, signal: AbortSignal): Promise<void> {
    const unused = this.parts.pool.whenUnused(path);
    if (!unused) return;
    const { clock, config, logger } = this.parts;
    const ended = new AbortController();
    const end = (): void => ended.abort();
    signal.addEventListener('abort', end, { once: true });
    void unused.then(end);
    await pause(clock, config.destroyMapedFileIntervalForcibly, ended.signal);
    signal.removeEventListener('abort', end);
    if (!ended.signal.aborted) logger.warn('a file of the commit log is deleted while it is read', { path });
  }
}
