import type { ConsumeContext, MessageQueue } from '../contract/index.js';
import { ProcessQueue } from './process-queue.js';

/** A queue that this consumer holds: from the rebalance that gave it to the one that takes it away, or to close. */
export class HeldQueue {
  readonly messages = new ProcessQueue();
  readonly context: ConsumeContext;
  lastPullTimestamp: number;
  lastConsumeTimestamp: number;
  #released = false;
  readonly #interrupt = new AbortController();
  #pull: AbortController | undefined;
  #wake: (() => void) | undefined;

  constructor(
    readonly queue: MessageQueue,
    /** Offset of the next pull. */
    public nextOffset: number,
    now: number,
  ) {
    this.context = { messageQueue: queue, signal: this.#interrupt.signal };
    this.lastPullTimestamp = now;
    this.lastConsumeTimestamp = now;
  }

  /** True once the queue is somebody else's: nothing of it is handled or committed any more. */
  get released(): boolean {
    return this.#released;
  }

  /** The queue is lost. */
  release(): void {
    this.#released = true;
    this.interrupt();
    this.stopPull();
  }

  /** Tells handlers under way to come to an end. What they finish still counts unless the queue was released. */
  interrupt(): void {
    this.#interrupt.abort();
    this.changed();
  }

  /** The signal of one pull, which `stopPull` aborts: a parked pull must not bring messages to a consumer that stopped. */
  startPull(): AbortSignal {
    this.#pull = new AbortController();
    return this.#pull.signal;
  }

  stopPull(): void {
    this.#pull?.abort();
    this.changed();
  }

  /** Something changed that the pull loop may wait for: messages were done, the consumer resumes, the queue is lost. */
  changed(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  /** Resolves at the next change. One waiter: the queue's pull loop. */
  nextChange(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
