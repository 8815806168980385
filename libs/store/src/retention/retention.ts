import { messageOf, type Clock, type Logger } from '../../../common/src/index.js';
import type { StoreConfig } from '../config.js';
import type { DiskGauge } from './disk-gauge.js';
import type { LogRetention } from './log-retention.js';
import type { QueueRetention } from './queue-retention.js';

/** Derived from the log, and cut along with it. */
export interface LogFollower {
  /** Forgets what stands for messages before this place in the log. */
  deleteBefore(minPhysicalOffset: number): Promise<unknown>;
}

export interface RetentionParts {
  readonly config: StoreConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly gauge: DiskGauge;
  readonly logFiles: LogRetention;
  readonly queueFiles: QueueRetention;
  readonly followers: readonly LogFollower[];
  /** Called after the log has lost files. */
  readonly onLogCut: () => Promise<void>;
}

/** As Java: a broker that just started has other things to do. */
const firstPassAfter = 60_000;
/** Passes at any hour after one request for it, as Java's. */
const manualPasses = 20;

/**
 * Looks every cleanResourceInterval at the space left and at the age of files. The look never waits for a deletion, so
 * writers are let in again within one interval. Errors are logged; the next turn tries again.
 */
export class Retention {
  private readonly closing = new AbortController();
  private mayBeginAt = Infinity;
  private logPass: Promise<void> | undefined;
  private followPass: Promise<void> | undefined;
  private passesLeft = 0;
  /** The queues and the other followers know of nothing before it any more. */
  private followedTo = 0;
  /** Somebody waits: no pauses. */
  private isHurried = false;
  private hasWarned = false;
  private refusedHours: string | undefined;

  constructor(private readonly parts: RetentionParts) {}

  /** Looks at the disk at once: a full one shall not fill up further until the first turn. */
  start(): void {
    const { clock, gauge } = this.parts;
    this.mayBeginAt = clock.monotonic() + firstPassAfter;
    gauge.look();
  }

  turn(): void {
    const { clock, gauge } = this.parts;
    gauge.look();
    if (clock.monotonic() >= this.mayBeginAt) this.startPasses();
  }

  /** Expired files go now and with the next passes, whatever the hour. */
  deleteNow(): void {
    this.passesLeft = manualPasses;
    this.parts.gauge.look();
    this.startPasses();
  }

  /** Cuts the queues, and what else follows the log, to where it begins. */
  async followNow(): Promise<void> {
    this.isHurried = true;
    try {
      while (this.followPass) await this.followPass;
      const pass = this.follow();
      this.followPass = pass.catch(() => undefined).finally(() => (this.followPass = undefined));
      await pass;
    } finally {
      this.isHurried = false;
    }
  }

  /** Resolves when nothing is touched any more. */
  async close(): Promise<void> {
    this.closing.abort();
    await Promise.all([this.logPass, this.followPass]);
  }

  private startPasses(): void {
    if (this.closing.signal.aborted) return;
    this.logPass ??= this.cleanLog()
      .catch((error: unknown) => this.parts.logger.error('old files could not be deleted', { error: messageOf(error) }))
      .finally(() => (this.logPass = undefined));
    this.startFollowing();
  }

  private startFollowing(): void {
    const { logFiles, logger } = this.parts;
    if (this.followPass || this.closing.signal.aborted || this.followedTo >= logFiles.removedBefore) return;
    this.followPass = this.follow()
      .catch((error: unknown) => logger.error('queues could not be cut to the log', { error: messageOf(error) }))
      .finally(() => (this.followPass = undefined));
  }

  private async cleanLog(): Promise<void> {
    const { config, gauge, logFiles, logger, onLogCut } = this.parts;
    // Java frees nothing between the two when diskMaxUsedSpaceRatio is the higher one, and may refuse writes till the hour.
    const isTight = gauge.percent > config.diskMaxUsedSpaceRatio || this.isCritical();
    if (!isTight) this.hasWarned = false;
    const isManual = this.passesLeft > 0;
    if (isManual) this.passesLeft--;
    if (!isTight && !isManual && !this.isDeleteHour()) return;
    const removed = await logFiles.deleteOldest(() => this.isCritical(), this.closing.signal);
    if (removed > 0) {
      await onLogCut();
      this.startFollowing();
    } else if (isTight && !this.hasWarned && !this.closing.signal.aborted) {
      this.hasWarned = true;
      const space = { percent: gauge.percent, diskMaxUsedSpaceRatio: config.diskMaxUsedSpaceRatio };
      logger.warn('the disk gets full, and no file of the commit log may be deleted', space);
    }
  }

  /** Asked before each file: young ones are deleted only as long as the space is needed. */
  private isCritical(): boolean {
    const { config, gauge } = this.parts;
    if (!config.cleanFileForciblyEnable) return false;
    gauge.look();
    return gauge.percent > Math.min(config.diskSpaceCleanForciblyRatio, config.diskSpaceWarningLevelRatio);
  }

  private async follow(): Promise<void> {
    const { config, logFiles, queueFiles, followers } = this.parts;
    const { signal } = this.closing;
    const interval = (): number => (this.isHurried ? 0 : config.deleteConsumeQueueFilesInterval);
    const minOffset = logFiles.removedBefore;
    await queueFiles.cutBefore(minOffset, interval, signal);
    for (const follower of followers) if (!signal.aborted) await follower.deleteBefore(minOffset);
    if (!signal.aborted) this.followedTo = minOffset;
  }

  private isDeleteHour(): boolean {
    const { config, clock, logger } = this.parts;
    const hours = config.deleteWhen.split(';').map((part) => part.trim());
    const wrong = hours.find((part) => !/^([01]?\d|2[0-3])$/.test(part));
    if (wrong !== undefined && this.refusedHours !== config.deleteWhen) {
      this.refusedHours = config.deleteWhen;
      logger.error(`deleteWhen: "${wrong}" is no hour of the day; write 0 to 23, several as 04;12`);
    }
    const now = new Date(clock.now()).getHours();
    return hours.some((part) => part !== wrong && Number(part) === now);
  }
}
