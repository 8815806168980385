import { dirname, join } from 'node:path';
import type { Logger } from '../../../common/src/index.js';
import type { Disk } from '../disk/disk.js';
import { FilePool } from '../disk/file-pool.js';
import { TimerCheckpoint, type RecentProgress } from './timer-checkpoint.js';
import { TimerLog } from './timer-log.js';
import { countOf, fill, recoverTimer, type RecoveredTimer, type TimerSource } from './timer-recovery.js';
import type { TimerUnit } from './timer-unit.js';
import { TimerWheel, type WheelSlot } from './timer-wheel.js';

export interface TimerStoreOptions {
  /** storePathRootDir. */
  readonly root: string;
  /** Bytes of a file of the timer log. */
  readonly fileSize: number;
  /** Milliseconds of a slot. */
  readonly precision: number;
  readonly disk: Disk;
  readonly logger: Logger;
}

export type NewTimerUnit = Omit<TimerUnit, 'previous'>;

/** What a flush writes down. */
export interface TimerState {
  /** Slots before this instant are delivered. */
  readonly readTime: number;
  /** What is in the timer log and was due up to this instant is delivered, beyond `readTime`. */
  readonly deliveredTo: number;
  readonly queueOffset: number;
  readonly commitLogEnd: number;
  /** The disk has the commit log up to here. */
  readonly commitLogFlushed: number;
}

const openFiles = 16;

/**
 * Which messages of the timer's queue wait for which instant, in the files of 5.3.3: `timerlog`, `timerwheel` and
 * `config/timercheck`. Derived: all of it can be made again from the queue. Holds in memory only the slots of the wheel
 * in which something waits.
 */
export class TimerStore {
  private readonly log: TimerLog;
  private readonly wheel: TimerWheel;
  private readonly checkpoint: TimerCheckpoint;
  private readonly pool: FilePool;
  /** Waits for the disk to have the commit log it vouches for. */
  private unvouched: RecentProgress | undefined;
  private durable: RecentProgress | undefined;
  private written: RecentProgress | undefined;
  /** Slots before it have left the wheel. */
  private clearedTo = 0;
  private areNamesDurable = false;

  constructor(private readonly options: TimerStoreOptions) {
    const { root, fileSize, precision, disk } = options;
    this.pool = new FilePool(disk, openFiles);
    this.log = new TimerLog(disk, this.pool, root, fileSize);
    this.wheel = new TimerWheel(disk, join(root, 'timerwheel'), precision);
    this.checkpoint = new TimerCheckpoint(disk, join(root, 'config', 'timercheck'));
  }

  async open(source: TimerSource): Promise<RecoveredTimer> {
    const { log, wheel, checkpoint } = this;
    checkpoint.load();
    const found = await recoverTimer({ log, wheel, checkpoint, source, logger: this.options.logger });
    this.clearedTo = wheel.floor(found.readTime);
    // The store of messages has just been recovered: the disk has all it found.
    this.durable = { ...found, commitLogEnd: source.commitLogEnd };
    return found;
  }

  get precision(): number {
    return this.wheel.precision;
  }

  /** Bytes of the timer log that were ever written, deleted ones included. */
  get logEnd(): number {
    return this.log.end;
  }

  floor(time: number): number {
    return this.wheel.floor(time);
  }

  slotAt(time: number): WheelSlot | undefined {
    return this.wheel.find(time);
  }

  /** Every slot in which something waits, or waited since the last flush. In no order. */
  slots(): IterableIterator<WheelSlot> {
    return this.wheel.all();
  }

  nextSlot(from: number, until: number): WheelSlot | undefined {
    return this.wheel.next(from, until);
  }

  /** Whether another slot, from `since` on, stands in the place of an instant's: that one has to be delivered first. */
  isTaken(time: number, since: number): boolean {
    const there = this.wheel.occupant(time);
    return there !== undefined && there.time >= since && there.time !== this.wheel.floor(time);
  }

  /** Its position. In the wheel at once, in the file with {@link write}. */
  add(unit: NewTimerUnit): number {
    const previous = this.wheel.find(unit.slotTime)?.last ?? -1;
    const position = this.log.stage(unit, previous);
    fill(this.wheel, { ...unit, previous }, position);
    return position;
  }

  /** Hands the units that were added to the kernel. @throws the system's error; then nothing can be read until it succeeds. */
  write(): void {
    this.log.writeStaged();
  }

  get hasUnwritten(): boolean {
    return this.log.hasStaged;
  }

  /** The unit at a position of the timer log; undefined when there is none any more. */
  unitAt(position: number): TimerUnit | undefined {
    return this.log.unitAt(position);
  }

  /**
   * Makes durable what was added, and writes down where things stand; call when everything added is written. One call at
   * a time. Slots leave the wheel once no crash can ask for them again.
   */
  async flush(state: TimerState, now: number): Promise<void> {
    const { log, wheel, checkpoint } = this;
    const { readTime, deliveredTo, queueOffset, commitLogEnd, commitLogFlushed } = state;
    const recent: RecentProgress = { readTime, deliveredTo, queueOffset, logPosition: log.end, commitLogEnd };
    const isIdle = this.durable !== undefined && this.written !== undefined && isSame(this.written, recent);
    if (isIdle && this.unvouched === undefined) return;
    if (this.written === undefined && log.isEmpty && queueOffset === 0) return;
    const pages = wheel.takeChanges();
    try {
      this.makeDirectories();
      await log.sync();
      for (const directory of log.takeNewNames()) await this.options.disk.syncDirectory(directory);
      await wheel.write(pages);
    } catch (error) {
      wheel.giveBack(pages);
      throw error;
    }
    this.vouch(recent, commitLogFlushed);
    const durable = this.durable ?? { readTime: 0, queueOffset: 0, logPosition: 0 };
    await checkpoint.write(durable, recent, now);
    await this.syncNames();
    this.written = recent;
    this.clearBefore(durable.readTime);
  }

  /** What a broker of Java's is told of the checkpoint. */
  get checkpointWords(): Buffer {
    return this.checkpoint.words;
  }

  /** Deletes files whose messages the commit log has lost, the oldest first. */
  deleteBefore(commitLogMin: number): void {
    for (;;) {
      const lastOffset = this.log.oldestFileEnds;
      if (lastOffset === undefined || lastOffset >= commitLogMin) return;
      this.log.dropOldestFile();
    }
  }

  /** Messages in [from, until) of the commit log that wait for `since` or later. */
  async countWaiting(from: number, until: number, since: number): Promise<number> {
    let count = 0;
    await this.log.scan(this.log.start, this.log.end, ({ physicalOffset, slotTime, magic }) => {
      if (physicalOffset >= from && physicalOffset < until && slotTime >= since) count += countOf(magic);
      return physicalOffset < until;
    });
    return Math.max(0, count);
  }

  close(): void {
    this.wheel.close();
    this.checkpoint.close();
    this.pool.close();
  }

  /** The newest state whose part of the commit log is on the disk becomes the durable one. */
  private vouch(recent: RecentProgress, commitLogFlushed: number): void {
    const waiting = this.unvouched ?? recent;
    const isFlushed = (state: RecentProgress): boolean => state.commitLogEnd <= commitLogFlushed;
    if (isFlushed(recent)) this.durable = recent;
    else if (isFlushed(waiting)) this.durable = waiting;
    this.unvouched = isFlushed(recent) ? undefined : isFlushed(waiting) ? recent : waiting;
  }

  private clearBefore(readTime: number): void {
    const until = this.wheel.floor(readTime);
    const from = Math.max(this.clearedTo, until - this.wheel.span);
    for (;;) {
      const slot = this.wheel.next(from, until);
      if (slot === undefined) break;
      this.wheel.remove(slot.time);
    }
    this.clearedTo = Math.max(this.clearedTo, until);
  }

  private makeDirectories(): void {
    if (!this.areNamesDurable) this.options.disk.makeDirectory(dirname(this.checkpoint.path));
  }

  private async syncNames(): Promise<void> {
    if (this.areNamesDurable) return;
    const { disk, root } = this.options;
    await disk.syncDirectory(dirname(this.checkpoint.path));
    await disk.syncDirectory(root);
    this.areNamesDurable = true;
  }
}

function isSame(one: RecentProgress, other: RecentProgress): boolean {
  return (
    one.readTime === other.readTime &&
    one.deliveredTo === other.deliveredTo &&
    one.queueOffset === other.queueOffset &&
    one.logPosition === other.logPosition
  );
}
