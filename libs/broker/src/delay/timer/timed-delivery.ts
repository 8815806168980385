import { messageOf, type Lifecycle, type TableDisk, type Timer } from '../../../../common/src/index.js';
import { decodeMessage, SystemTopic } from '../../../../protocol/src/index.js';
import {
  TimerStore,
  TimerMagic,
  type Disk,
  type NewTimerUnit,
  type TimerSource,
  type WheelSlot,
} from '../../../../store/src/index.js';
import type { BrokerParts } from '../../parts.js';
import { loadSlot } from './slot-opening.js';
import { SlotSchedule } from './slot-schedule.js';
import { TimerIntake, type IntakeParts, type IntakeTarget } from './timer-intake.js';
import type { TimerMessage } from './timer-message.js';
import { TimerMetrics } from './timer-metrics.js';
import { TimerOutput } from './timer-output.js';

type Parts = Pick<BrokerParts, 'config' | 'clock' | 'log' | 'store' | 'stats'> & {
  readonly disk: Disk;
  /** Where it counts what waits: the file system of this machine unless given. */
  readonly tableDisk?: TableDisk;
};

/** Milliseconds before a slot begins its units are looked up. */
const lookAhead = 500;
/** Slots with their units in memory. */
const mostOpen = 4;
/** A wall clock that was set forward is noticed after this long. */
const longestSleep = 1000;
const firstRetry = 100;
const longestRetry = 10_000;
const retentionInterval = 30_000;

/** How far the timer is, for people to look at. */
export interface TimerFigures {
  /** Milliseconds that the oldest slot with something in it is behind. */
  readonly readBehind: number;
  /** Messages of the timer's queue that are not in the wheel yet. */
  readonly offsetBehind: number;
  /** Messages in the wheel. */
  readonly waiting: number;
}

/**
 * Delivers messages at any instant: takes them from the timer's queue into the wheel, looks each slot up shortly before it
 * begins, and delivers within it by the messages' own milliseconds. One loop does everything in batches; it sleeps until
 * something is due, and a message that comes in wakes it.
 */
export class TimedDelivery implements Lifecycle, IntakeTarget {
  readonly metrics: TimerMetrics;
  private readonly timers: TimerStore;
  private readonly intake: TimerIntake;
  private readonly output: TimerOutput;
  private readonly schedules = new Map<number, SlotSchedule>();
  private readonly loading = new Set<Promise<void>>();
  /** Slots that are delivered and still in the wheel, with their last unit then: a clock set back leads to them again. */
  private readonly finished = new Map<number, number>();
  private slotTime = 0;
  /** Everything of the slot that was due up to this instant is stored; 0 while that is not known. */
  private doneTo = 0;
  /** What the checkpoint may say: moves when a slot is done. */
  private safeTime = 0;
  private timer: Timer | undefined;
  private readonly housekeeping: Timer[] = [];
  private run: Promise<void> | undefined;
  private saving: Promise<void> | undefined;
  private isOpen = false;
  private isClosed = false;
  private isWoken = false;
  private failures = 0;
  private retryAt = 0;
  private commitLogMin = 0;
  /** What the broker before this one had delivered of the slot that was under way. */
  private before = { instant: 0, end: 0 };

  constructor(private readonly parts: Parts) {
    const { config, log, disk, store } = parts;
    this.metrics = new TimerMetrics(parts);
    const { storePathRootDir: root, mappedFileSizeTimerLog: fileSize, timerPrecisionMs: precision } = config;
    this.timers = new TimerStore({ root, fileSize, precision, disk, logger: log });
    const intakeParts: IntakeParts = { ...parts, timers: this.timers, metrics: this.metrics };
    this.intake = new TimerIntake(intakeParts, this);
    this.output = new TimerOutput(intakeParts);
    store.onArrival((topic) => {
      if (topic === SystemTopic.TIMER) this.wake();
    });
  }

  get readTime(): number {
    return this.slotTime;
  }

  async start(): Promise<void> {
    const { config, clock, store } = this.parts;
    if (!config.timerWheelEnable) return;
    await this.metrics.load();
    const found = await this.timers.open(this.source());
    this.isOpen = true;
    this.intake.start(found.queueOffset, found);
    this.safeTime = found.readTime;
    this.before = { instant: found.deliveredTo, end: found.deliveredEnd };
    this.slotTime = this.timers.floor(clock.now());
    for (const { time } of this.timers.slots()) this.slotTime = Math.min(this.slotTime, time);
    this.commitLogMin = store.figures().commitLogMinOffset;
    this.housekeeping.push(
      clock.every(config.timerFlushIntervalMs, () => this.saveSoon()),
      clock.every(retentionInterval, () => this.followSoon()),
    );
    this.wake();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.timer?.cancel();
    for (const timer of this.housekeeping) timer.cancel();
    await this.run;
    await Promise.all(this.loading);
    await this.saving;
    await this.metrics.settled();
  }

  /** The last word, once the store has closed and flushed its log. */
  async saveLast(): Promise<void> {
    if (!this.isOpen) return;
    this.isOpen = false;
    try {
      this.timers.write();
      await this.save();
    } finally {
      this.timers.close();
    }
  }

  /** Messages in the slot of an instant. */
  waitingAt(time: number): number {
    return this.timers.slotAt(time)?.count ?? 0;
  }

  figures(): TimerFigures {
    const { clock, store } = this.parts;
    const oldest = this.isOpen ? this.timers.nextSlot(this.slotTime, clock.now()) : undefined;
    let waiting = 0;
    for (const { time, count } of this.timers.slots()) if (time >= this.slotTime) waiting += Math.max(0, count);
    return {
      readBehind: oldest === undefined ? 0 : Math.max(0, clock.now() - oldest.time - this.timers.precision),
      offsetBehind: Math.max(0, store.maxOffset(SystemTopic.TIMER, 0) - this.intake.position),
      waiting,
    };
  }

  rewind(slotTime: number): void {
    this.parts.log.warn('the clock was set back: the timer goes back with it', { from: this.slotTime, to: slotTime });
    this.slotTime = slotTime;
    this.doneTo = 0;
    this.safeTime = Math.min(this.safeTime, slotTime);
  }

  entered(unit: NewTimerUnit, message: TimerMessage): void {
    const schedule = this.schedules.get(this.timers.floor(unit.slotTime));
    if (schedule === undefined) return;
    const isRoll = (unit.magic & TimerMagic.ROLL) !== 0;
    if (!isRoll && message.cancels !== undefined) return void schedule.cancelled.add(message.cancels);
    const { writeTime, physicalOffset, size } = unit;
    // On its way from now on: a checkpoint must not say it was delivered.
    this.doneTo = Math.min(this.doneTo, message.deliverTime - 1);
    schedule.push({ deliverTime: message.deliverTime, writeTime, physicalOffset, size, isRoll });
  }

  private wake(): void {
    this.isWoken = true;
    if (!this.isOpen || this.isClosed || this.run !== undefined) return;
    this.timer?.cancel();
    this.timer = undefined;
    this.run = this.runUntilIdle().finally(() => {
      this.run = undefined;
      // Woken between the last look and now.
      if (this.isWoken) this.wake();
    });
  }

  private async runUntilIdle(): Promise<void> {
    let hasMore = true;
    while (!this.isClosed && (hasMore || this.isWoken)) {
      this.isWoken = false;
      hasMore = await this.turn();
      // Whoever else has something to do comes first.
      await new Promise(setImmediate);
    }
    if (!this.isClosed && !this.isWoken) this.sleep();
  }

  /** False when there is nothing to do for now. */
  private async turn(): Promise<boolean> {
    const { clock, log } = this.parts;
    const isResting = clock.monotonic() < this.retryAt;
    if (isResting) return false;
    try {
      this.timers.write();
      this.advance();
      const taken = await this.intake.take();
      this.openSlots();
      const delivered = await this.deliver();
      const hasMoved = this.advance();
      if (taken === 'failed' || delivered === 'failed') return this.rest();
      this.failures = 0;
      return taken === 'taken' || delivered === 'delivered' || hasMoved;
    } catch (error) {
      log.error('timed messages cannot be delivered for now', { error: messageOf(error) });
      return this.rest();
    }
  }

  private rest(): false {
    this.retryAt = this.parts.clock.monotonic() + Math.min(longestRetry, firstRetry * 2 ** this.failures);
    this.failures = Math.min(this.failures + 1, 16);
    return false;
  }

  private async deliver(): Promise<'delivered' | 'nothing' | 'failed'> {
    if (this.parts.config.timerStopDequeue) return 'nothing';
    const inOrder = [...this.schedules.values()].sort((a, b) => a.time - b.time);
    const outcome = await this.output.deliver(inOrder);
    const schedule = this.schedules.get(this.slotTime);
    // Nothing is on its way now: what was taken is stored, or was given back.
    if (schedule?.isLoaded) this.doneTo = schedule.doneTo;
    return outcome;
  }

  /** Looks up what comes next: the slot that is under way, and the one behind it in time before it begins. */
  private openSlots(): void {
    const until = this.parts.clock.now() + lookAhead + this.timers.precision;
    let from = this.slotTime;
    for (let looked = 0; looked < mostOpen; looked++) {
      const slot = this.pendingSlot(from, until);
      if (slot === undefined) return;
      from = slot.time + this.timers.precision;
      if (!this.schedules.has(slot.time)) this.open(slot);
    }
  }

  private open({ time, last }: WheelSlot): void {
    const { log } = this.parts;
    const schedule = new SlotSchedule(time, this.timers.precision, last);
    this.schedules.set(time, schedule);
    const { timers } = this;
    const delivered = { upTo: this.finished.get(time) ?? -1, ...this.before };
    const load = loadSlot({ ...this.parts, timers }, schedule, delivered)
      .catch((error: unknown) => {
        log.error('a slot of the timer could not be looked up, it is tried again', { time, error: messageOf(error) });
        this.schedules.delete(time);
        this.rest();
      })
      .finally(() => {
        this.loading.delete(load);
        this.wake();
      });
    this.loading.add(load);
  }

  /** The next slot with something in it that is not delivered. */
  private pendingSlot(from: number, until: number): WheelSlot | undefined {
    for (let at = from; ;) {
      const slot = this.timers.nextSlot(at, until);
      if (slot === undefined || this.finished.get(slot.time) !== slot.last) return slot;
      at = slot.time + this.timers.precision;
    }
  }

  /** Leaves the slots behind that are over and delivered. */
  private advance(): boolean {
    const { clock } = this.parts;
    const { precision } = this.timers;
    let hasMoved = false;
    for (;;) {
      const now = clock.now();
      const schedule = this.schedules.get(this.slotTime);
      if (schedule !== undefined) {
        if (!schedule.isLoaded || schedule.count > 0 || now < this.slotTime + precision) return hasMoved;
        this.schedules.delete(this.slotTime);
        this.finished.set(this.slotTime, this.timers.slotAt(this.slotTime)?.last ?? -1);
        this.slotTime += precision;
        this.doneTo = 0;
        this.safeTime = this.slotTime;
        hasMoved = true;
        continue;
      }
      const next = this.pendingSlot(this.slotTime, now + precision)?.time;
      const target = Math.min(next ?? Infinity, this.timers.floor(now));
      if (target <= this.slotTime) return hasMoved;
      this.slotTime = target;
      this.doneTo = 0;
    }
  }

  private sleep(): void {
    const { clock } = this.parts;
    const rest = this.restUntilNext();
    if (rest === undefined) return;
    this.timer?.cancel();
    this.timer = clock.after(rest, () => {
      this.timer = undefined;
      this.wake();
    });
  }

  /** Milliseconds; undefined when nothing waits but what the next arrival brings. */
  private restUntilNext(): number | undefined {
    const { clock, config, store } = this.parts;
    const { precision } = this.timers;
    const isFailing = clock.monotonic() < this.retryAt;
    if (isFailing) return this.retryAt - clock.monotonic();
    const now = clock.now();
    let next = Infinity;
    for (const { nextInstant, time, isLoaded } of this.schedules.values()) {
      if (isLoaded && !config.timerStopDequeue) next = Math.min(next, nextInstant ?? time + precision);
    }
    const slot = this.pendingSlot(this.slotTime, Infinity);
    if (slot !== undefined && !this.schedules.has(slot.time)) next = Math.min(next, slot.time - lookAhead);
    const isWaiting = slot !== undefined || this.schedules.size > 0;
    if (!isWaiting && store.maxOffset(SystemTopic.TIMER, 0) <= this.intake.position) return undefined;
    return Math.min(Math.max(1, next - now), longestSleep);
  }

  private source(): TimerSource {
    const { store } = this.parts;
    return {
      commitLogEnd: store.figures().commitLogMaxOffset,
      queueMin: store.minOffset(SystemTopic.TIMER, 0),
      queueMax: store.maxOffset(SystemTopic.TIMER, 0),
      queueOffsetAt: async (physicalOffset, size) => {
        const record = await store.read(physicalOffset, size);
        if (record === undefined) return undefined;
        const { topic, queueOffset } = decodeMessage(record);
        return topic === SystemTopic.TIMER ? queueOffset : undefined;
      },
    };
  }

  private saveSoon(): void {
    this.saving ??= this.save()
      .catch((error: unknown) => this.parts.log.error('the timer was not saved', { error: messageOf(error) }))
      .finally(() => (this.saving = undefined));
  }

  private async save(): Promise<void> {
    const { clock, store } = this.parts;
    const { commitLogMaxOffset: commitLogEnd, flushedOffset: commitLogFlushed } = store.figures();
    const { safeTime: readTime, intake } = this;
    const state = {
      readTime,
      deliveredTo: Math.max(readTime, this.doneTo),
      queueOffset: intake.position,
      commitLogEnd,
      commitLogFlushed,
    };
    // What is not written yet cannot be made durable: the next turn writes it first.
    if (this.timers.hasUnwritten) return;
    await this.timers.flush(state, clock.now());
    for (const time of this.finished.keys()) if (this.timers.slotAt(time) === undefined) this.finished.delete(time);
    await this.metrics.save();
  }

  /** Messages that a deletion of the log took away while they waited are not to go in silence. */
  private followSoon(): void {
    void this.follow().catch((error: unknown) =>
      this.parts.log.error('files of the timer log could not be deleted', { error: messageOf(error) }),
    );
  }

  private async follow(): Promise<void> {
    const { store, log } = this.parts;
    const { commitLogMinOffset: min } = store.figures();
    if (min <= this.commitLogMin || this.isClosed) return;
    const from = this.commitLogMin;
    this.commitLogMin = min;
    const lost = await this.timers.countWaiting(from, min, this.slotTime);
    if (lost > 0)
      log.error('files of the commit log were deleted with messages that waited for their instant', { messages: lost });
    this.timers.deleteBefore(min);
  }
}
