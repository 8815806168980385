import { ResponseCode } from '../../libs/protocol/src/index.js';
import { expectCode, type Exchange, type Tally } from './lane.js';
import type { PullFrame } from './pull-frame.js';
import { checkRecords, type QueuePlace } from './record-check.js';
import type { ReplyHead } from './reply-head.js';

export interface PolledQueue extends QueuePlace {
  readonly frame: PullFrame;
}

/**
 * A pull is always parked at the end of each queue, one slot a queue. Every message is checked, and its way taken from the
 * time that lies in its first eight bytes.
 */
export class LongPolls implements Exchange {
  readonly longest: number;
  consumed = 0;
  #now = 0;

  constructor(
    readonly queues: readonly PolledQueue[],
    readonly bodySize: number,
    readonly endToEnd: Tally,
  ) {
    this.longest = Math.max(0, ...queues.map(({ frame }) => frame.longest));
  }

  put(out: Buffer, at: number, slot: number, opaque: number): number {
    const { frame, next } = this.queues[slot] as PolledQueue;
    return frame.put(out, at, opaque, next);
  }

  take(bytes: Buffer, head: ReplyHead, end: number, slot: number): number {
    // It was parked for as long as it allowed.
    if (head.code === ResponseCode.PULL_NOT_FOUND) return 0;
    expectCode(bytes, head, end);
    this.#now = performance.now();
    const count = checkRecords(bytes, head.bodyAt, end, this.queues[slot] as PolledQueue, this.bodySize, (bodyAt) =>
      this.#record(bytes.readDoubleBE(bodyAt)),
    );
    this.consumed += count;
    return count;
  }

  #record(sentAt: number): void {
    if (!this.endToEnd.isMeasuring) return;
    this.endToEnd.messages++;
    this.endToEnd.latency.record((this.#now - sentAt) * 1000);
  }
}
