import { messageOf, type Clock, type Logger, type Timer } from '../../../common/src/index.js';
import { SystemTopic } from '../../../protocol/src/index.js';
import type { AppendResult, MessageStore, QueueUnit } from '../../../store/src/index.js';
import { dueMessage, queueOfLevel } from './delayed-message.js';

export interface LevelDeliveryOptions {
  readonly level: number;
  /** Milliseconds. */
  readonly delay: number;
  readonly store: Pick<MessageStore, 'append' | 'read' | 'get' | 'queueUnits' | 'minOffset' | 'maxOffset'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onStored: (result: AppendResult) => void;
}

/** Messages delivered in one turn of the event loop; the bytes count as they lie in the log. */
const batchMessages = 32;
const batchBytes = 1024 * 1024;
/** A wall clock that was set forward is noticed after this long. */
const longestSleep = 1000;
const firstRetry = 100;
const longestRetry = 10_000;

/** A clock set back would keep waiting messages for as long again: those before `offset` are due at `instant` at the latest. */
interface Deadline {
  readonly offset: number;
  /** Monotonic. */
  readonly instant: number;
}

/**
 * Delivers what waits in the queue of one delay level, in its order: the queue's head is due before all behind it, so one
 * timer sleeps until then. What could not be stored is tried again, and nothing behind it goes first.
 */
export class LevelDelivery {
  /** Of the message to be delivered next. */
  private next = 0;
  private timer: Timer | undefined;
  private turn: Promise<void> | undefined;
  private isWoken = false;
  private isClosed = false;
  private failures = 0;
  private deadline: Deadline | undefined;

  constructor(private readonly options: LevelDeliveryOptions) {}

  get offset(): number {
    return this.next;
  }

  /** Where the table says it ended. An offset outside of the queue, after a crash, goes to the nearer end of it. */
  start(saved: number): void {
    const [min, max] = this.bounds();
    this.next = Math.min(Math.max(saved, min), max);
    if (this.next !== saved) {
      this.options.log.error('the offset of a delay level is outside of its queue', { ...this.place, saved, min, max });
    }
    this.wake();
  }

  /** Something came into the queue. A head that waits is due earlier, so only an empty queue cares. */
  wake(): void {
    if (this.timer !== undefined || this.isClosed) return;
    this.isWoken = true;
    this.turn ??= this.run();
  }

  /** Resolves when nothing is under way any more; messages appended by then are counted. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.timer?.cancel();
    await this.turn;
  }

  private async run(): Promise<void> {
    let rest: number | undefined;
    while (this.isWoken && !this.isClosed) {
      this.isWoken = false;
      rest = await this.deliverDue();
    }
    this.turn = undefined;
    if (rest === undefined || this.isClosed) return;
    this.timer = this.options.clock.after(rest, () => {
      this.timer = undefined;
      this.wake();
    });
  }

  /** One batch after the other, until the head is not due. Returns how long it waits; undefined when nothing does. */
  private async deliverDue(): Promise<number | undefined> {
    try {
      while (!this.isClosed) {
        const units = await this.waiting();
        const [head] = units;
        if (head === undefined) return undefined;
        const rest = this.restOf(head);
        if (rest > 0) return Math.min(rest, longestSleep);
        if (!(await this.deliver(this.batchOf(units)))) return this.nextRetry();
      }
    } catch (error) {
      this.failures++;
      this.options.log.error('delayed messages could not be read', { ...this.place, error: messageOf(error) });
      return this.nextRetry();
    }
    return undefined;
  }

  /** Entries from the next one on; empty when there are none. */
  private async waiting(): Promise<readonly QueueUnit[]> {
    const { store, log } = this.options;
    for (;;) {
      const [min, max] = this.bounds();
      if (this.next < min || this.next > max) {
        // Removed in front by retention, or a queue made anew: all of what is there now was never delivered.
        log.error('the queue of a delay level moved away', { ...this.place, min, max });
        this.next = min;
      }
      if (this.next === max) return [];
      const queueId = queueOfLevel(this.options.level);
      const units = await store.queueUnits(SystemTopic.SCHEDULE, queueId, this.next, batchMessages);
      if (units !== undefined && units.length > 0) return units;
      const request = { topic: SystemTopic.SCHEDULE, queueId, offset: this.next, maxMessages: 1 };
      const { nextBeginOffset } = await store.get(request);
      if (nextBeginOffset <= this.next) return [];
      log.error('entries of a delay level are missing', { ...this.place, goesOnAt: nextBeginOffset });
      this.next = nextBeginOffset;
    }
  }

  /** Milliseconds until the head may go. */
  private restOf({ tagsCode: due }: QueueUnit): number {
    const { clock, delay, log } = this.options;
    const rest = due - clock.now();
    if (rest <= delay) return this.isLate() ? 0 : rest;
    // Due later than anything stored now would be: the clock went back, or the level was longer when it was stored.
    if (this.deadline === undefined || this.next >= this.deadline.offset) {
      this.deadline = { offset: this.bounds()[1], instant: clock.monotonic() + delay };
      log.warn('delayed messages are due later than their level says', { ...this.place, milliseconds: rest });
    }
    return Math.max(0, this.deadline.instant - clock.monotonic());
  }

  private isLate(): boolean {
    const { deadline } = this;
    if (deadline === undefined || this.next >= deadline.offset) return false;
    return this.options.clock.monotonic() >= deadline.instant;
  }

  /** Those that are due. One alone after a failure, or what is behind the failing one would come again with each try. */
  private batchOf(units: readonly QueueUnit[]): readonly QueueUnit[] {
    const { clock } = this.options;
    const most = this.failures > 0 ? 1 : batchMessages;
    let bytes = 0;
    let count = 0;
    for (const { tagsCode, size } of units) {
      bytes += size;
      if (count > 0 && (count === most || bytes > batchBytes || tagsCode > clock.now())) break;
      count++;
    }
    return units.slice(0, count);
  }

  /** Goes on behind what is stored. False when not all is. */
  private async deliver(units: readonly QueueUnit[]): Promise<boolean> {
    const results: (Promise<AppendResult> | undefined)[] = [];
    for (const unit of units) {
      const record = await this.options.store.read(unit.physicalOffset, unit.size);
      results.push(this.put(record, unit, this.next + results.length));
    }
    for (const pending of results) {
      const result = await pending;
      if (result !== undefined && result.status !== 'OK') {
        this.failures++;
        const { status, reason } = result;
        this.options.log.error('a delayed message could not be stored, it is tried again', {
          ...this.place,
          status,
          reason,
        });
        return false;
      }
      if (result !== undefined) this.options.onStored(result);
      this.next++;
    }
    this.failures = 0;
    // Batches of unreadable records would not let anybody else run.
    await new Promise(setImmediate);
    return true;
  }

  /** Undefined for a record that cannot be delivered ever. */
  private put(
    record: Buffer | undefined,
    { physicalOffset }: QueueUnit,
    queueOffset: number,
  ): Promise<AppendResult> | undefined {
    const { store, log, level } = this.options;
    const due = record === undefined ? { problem: 'there is no whole record' } : dueMessage(record);
    if ('message' in due) return new Promise((resolve) => store.append(due.message, resolve));
    log.error('a delayed message is passed over', { level, queueOffset, physicalOffset, ...due });
    return undefined;
  }

  private nextRetry(): number {
    return Math.min(longestRetry, firstRetry * 2 ** (this.failures - 1));
  }

  private bounds(): [min: number, max: number] {
    const { store, level } = this.options;
    const queueId = queueOfLevel(level);
    return [store.minOffset(SystemTopic.SCHEDULE, queueId), store.maxOffset(SystemTopic.SCHEDULE, queueId)];
  }

  private get place(): { level: number; offset: number } {
    return { level: this.options.level, offset: this.next };
  }
}
