/*
 * HOT PATH. Once a message: 20 bytes into the queue's memory, one call of `done`. Once a queue and group: one call of
 * each arrival listener, one array of tags codes.
 */
import { messageOf, type Logger } from '../../../common/src/index.js';
import type { ConsumeQueue } from '../consume-queue/consume-queue.js';
import type { ArrivalListener } from '../contract.js';
import type { AppendGroup, PendingAppend } from './append-group.js';

/** Makes written messages readable, answers their senders and wakes whoever waits for them. */
export class Dispatcher {
  /** Queues know every record before this offset. */
  dispatchedOffset = 0;
  /** Store time of the last record dispatched. */
  lastTimestamp = 0;
  /** Store time of the first record dispatched since the start, -1 before. */
  firstTimestamp = -1;
  /** Only where queues keep bit maps: which filters take a message. */
  filterBitMapOf: ((topic: string, physicalOffset: number, size: number) => Buffer | undefined) | undefined;
  /** Called once a group, when everybody else knows it. */
  onDispatched: () => void = () => undefined;
  private readonly listeners: ArrivalListener[] = [];
  private readonly touched: ConsumeQueue[] = [];

  constructor(private readonly log: Logger) {}

  onArrival(listener: ArrivalListener): void {
    this.listeners.push(listener);
  }

  /** Queues first, then senders, then listeners: whoever is told can read. */
  dispatch(group: AppendGroup): void {
    const { units, queues, physicalOffsets, sizes, tagsCodes } = group;
    const { touched } = this;
    for (let i = 0; i < units; i++) {
      const queue = queues[i] as ConsumeQueue;
      const tagsCode = tagsCodes[i] as number;
      const physicalOffset = physicalOffsets[i] as number;
      const size = sizes[i] as number;
      const bitMap = this.filterBitMapOf?.(queue.topic, physicalOffset, size);
      queue.put(physicalOffset, size, tagsCode, group.storeTimestamp, bitMap);
      if (queue.arrived.length === 0) touched.push(queue);
      queue.arrived.push(tagsCode);
    }
    this.dispatchedOffset = group.end;
    this.lastTimestamp = group.storeTimestamp;
    if (this.firstTimestamp < 0) this.firstTimestamp = group.storeTimestamp;
    for (const append of group.appends) {
      if (append.isAnswered) continue;
      append.elapsed = group.elapsed;
      this.answer(append);
    }
    for (const queue of touched) this.announce(queue);
    touched.length = 0;
    this.onDispatched();
  }

  answer(append: PendingAppend): void {
    append.isAnswered = true;
    try {
      append.done(append);
    } catch (error) {
      this.log.error('the callback of an append threw', { error: messageOf(error) });
    }
  }

  private announce(queue: ConsumeQueue): void {
    const tagsCodes = queue.arrived;
    queue.arrived = [];
    for (const listener of this.listeners) {
      try {
        listener(queue.topic, queue.queueId, queue.maxOffset, tagsCodes);
      } catch (error) {
        this.log.error('an arrival listener threw', { topic: queue.topic, error: messageOf(error) });
      }
    }
  }
}
