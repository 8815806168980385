import { isThenable } from '../../../../common/src/index.js';
import { SystemTopic } from '../../../../protocol/src/index.js';
import { TimerMagic, type NewTimerUnit, type QueueUnit, type TimerStore } from '../../../../store/src/index.js';
import type { BrokerParts } from '../../parts.js';
import { dueMessage, readTimerMessage, topicHash, type TimerMessage } from './timer-message.js';
import type { TimerMetrics } from './timer-metrics.js';
import { putAll } from './timer-puts.js';

/** Read, and held in memory, in one turn of the event loop. */
const batchMessages = 256;
const batchBytes = 1024 * 1024;

export interface IntakeParts extends Pick<BrokerParts, 'config' | 'clock' | 'log' | 'store' | 'stats'> {
  readonly timers: TimerStore;
  readonly metrics: TimerMetrics;
}

/** Where the deliveries are. */
export interface IntakeTarget {
  /** Slots before it are delivered. */
  readonly readTime: number;
  /** A slot that was passed gets a message that is not due yet: the clock was set back. */
  rewind(slotTime: number): void;
  /** A unit is in the timer log. */
  entered(unit: NewTimerUnit, message: TimerMessage, position: number): void;
}

export interface Covered {
  readonly coveredQueueOffset: number;
  readonly coveredTime: number;
}

interface Entry {
  readonly queueOffset: number;
  readonly unit: QueueUnit;
  /** Undefined for what cannot be delivered ever, or is delivered. */
  message: TimerMessage | undefined;
}

/**
 * Takes messages from the timer's queue into timer log and wheel, in the order of the queue. Those that come too late for
 * their slot are delivered at once, before anything behind them is taken: where the timer log ends says how far the queue
 * was read.
 */
export class TimerIntake {
  /** Everything before it in the queue is in the timer log, or delivered. */
  position = 0;
  private covered: Covered = { coveredQueueOffset: 0, coveredTime: 0 };
  private held: Entry[] = [];

  constructor(
    private readonly parts: IntakeParts,
    private readonly target: IntakeTarget,
  ) {}

  start(position: number, covered: Covered): void {
    this.position = position;
    this.covered = covered;
  }

  /** One batch. False when there is none, or it has to wait. */
  async take(): Promise<'taken' | 'nothing' | 'failed'> {
    if (this.parts.config.timerStopEnqueue) return 'nothing';
    if (this.held.length === 0) this.held = await this.readBatch();
    if (this.held.length === 0) return 'nothing';
    if (!(await this.deliverLate())) return 'failed';
    return this.enter() ? 'taken' : 'nothing';
  }

  private async readBatch(): Promise<Entry[]> {
    const { store, log } = this.parts;
    const [min, max] = [store.minOffset(SystemTopic.TIMER, 0), store.maxOffset(SystemTopic.TIMER, 0)];
    if (this.position < min || this.position > max) {
      // Removed in front by retention, or a queue made anew.
      log.error("the timer's queue moved away", { offset: this.position, min, max });
      this.position = Math.min(Math.max(this.position, min), max);
    }
    if (this.position === max) return [];
    const units = await store.queueUnits(SystemTopic.TIMER, 0, this.position, batchMessages);
    if (units === undefined || units.length === 0) return [];
    const entries: Entry[] = [];
    let bytes = 0;
    for (const unit of units) {
      bytes += unit.size;
      if (entries.length > 0 && bytes > batchBytes) break;
      entries.push(await this.read(unit, this.position + entries.length));
    }
    return entries;
  }

  private async read(unit: QueueUnit, queueOffset: number): Promise<Entry> {
    const { store, log, config } = this.parts;
    const { physicalOffset, size } = unit;
    const found = store.read(physicalOffset, size);
    const record = isThenable(found) ? await found : found;
    const problem = 'there is no whole record';
    const message = record === undefined ? { problem } : readTimerMessage(record, config.timerPrecisionMs);
    if ('problem' in message) {
      log.error('a timed message is passed over', { queueOffset, physicalOffset, ...message });
      return { queueOffset, unit, message: undefined };
    }
    const { coveredQueueOffset, coveredTime } = this.covered;
    const isDelivered = queueOffset < coveredQueueOffset && message.outTime < coveredTime;
    return { queueOffset, unit, message: isDelivered ? undefined : message };
  }

  /** Their slots are passed. False when one could not be stored: it is held, and all behind it. */
  private async deliverLate(): Promise<boolean> {
    const { clock } = this.parts;
    // Time passes while they are stored: others may be late by then.
    for (;;) {
      const now = clock.now();
      const late = this.held.filter(({ message }) => message !== undefined && this.isLate(message, now));
      if (late.length === 0) return true;
      // A cancellation that comes too late has nothing to cancel.
      const due = late.filter(({ message }) => message?.cancels === undefined);
      for (const entry of late) if (!due.includes(entry)) entry.message = undefined;
      const messages = due.map(({ message }) => dueMessage(message as TimerMessage, undefined, now));
      const stored = await putAll(this.parts, messages);
      for (const [i, entry] of due.entries()) {
        if (stored[i]) entry.message = undefined;
      }
      if (stored.includes(false)) return false;
    }
  }

  private isLate(message: TimerMessage, now: number): boolean {
    return this.parts.timers.floor(message.outTime) < this.target.readTime && message.deliverTime <= now;
  }

  /** Without a pause in between, so that nobody sees units that are not written. False when none could be taken. */
  private enter(): boolean {
    const { timers, metrics, clock } = this.parts;
    const writeTime = timers.floor(clock.now());
    let count = 0;
    for (const { message, unit } of this.held) {
      if (message !== undefined) {
        const entry = this.unitFor(message, unit, writeTime);
        if (timers.isTaken(entry.slotTime, this.target.readTime)) break;
        if (timers.floor(entry.slotTime) < this.target.readTime) this.target.rewind(timers.floor(entry.slotTime));
        const position = timers.add(entry);
        this.target.entered(entry, message, position);
        metrics.add(message.topic, message.cancels === undefined ? 1 : -1);
      }
      count++;
    }
    this.held = this.held.slice(count);
    this.position += count;
    timers.write();
    return count > 0;
  }

  private unitFor(message: TimerMessage, { physicalOffset, size }: QueueUnit, writeTime: number): NewTimerUnit {
    const window = this.parts.config.timerRollWindowSlot * this.parts.config.timerPrecisionMs;
    const beyond = message.outTime - writeTime - window;
    let magic: number = TimerMagic.DEFAULT;
    let slotTime = message.outTime;
    if (beyond >= 0) {
      magic |= TimerMagic.ROLL;
      // As Java does, lest what is left is too short for another round.
      const { precision } = this.parts.timers;
      const half = Math.floor(this.parts.config.timerRollWindowSlot / 2) * precision;
      const third = Math.floor(this.parts.config.timerRollWindowSlot / 3) * precision;
      slotTime = writeTime + (beyond < third ? half : window);
    }
    if (message.cancels !== undefined) magic |= TimerMagic.DELETE;
    const { deliverTime } = message;
    return { magic, writeTime, slotTime, physicalOffset, size, topicHash: topicHash(message), deliverTime };
  }
}
