import type { MessageQueue } from '../contract/index.js';
import { ProcessQueue } from './process-queue.js';

/** A queue that this consumer holds: from the rebalance that gave it to the one that takes it away, or to close. */
export class HeldQueue {
  readonly messages = new ProcessQueue();
  lastPullTimestamp: number;
  lastConsumeTimestamp: number;
  /** Stands in the dispatcher's line. */
  inLine = false;
  /** Its messages go one batch after the other, and one is under way or waits to come again. */
  busy = false;
  /** When the broker last locked it for us: monotonic, and on the wall clock. */
  lockedAt = -Infinity;
  lastLockTimestamp = 0;
  #released = false;
  #disowned = false;
  #handlers = 0;
  #onQuiet: (() => void)[] = [];
  #pull: AbortController | undefined;
  #wake: (() => void) | undefined;

  /** The queue as the application calls it: without a namespace. */
  shown: MessageQueue;

  constructor(
    readonly queue: MessageQueue,
    /** Offset of the next pull. */
    public nextOffset: number,
    now: number,
  ) {
    this.shown = queue;
    this.lastPullTimestamp = now;
    this.lastConsumeTimestamp = now;
  }

  /** True once nothing more of it is pulled or handed out. */
  get released(): boolean {
    return this.#released;
  }

  /** True once it is somebody else's: what handlers still do counts no more, and nothing is committed. */
  get disowned(): boolean {
    return this.#disowned;
  }

  /** Handlers under way with its messages. */
  get handlers(): number {
    return this.#handlers;
  }

  /** Nothing new begins; what handlers under way finish still counts. */
  release(): void {
    this.#released = true;
    this.stopPull();
  }

  disown(): void {
    this.#disowned = true;
    this.release();
  }

  handlerStarted(): void {
    this.#handlers++;
  }

  handlerEnded(): void {
    if (--this.#handlers === 0 && this.#onQuiet.length > 0) for (const resolve of this.#onQuiet.splice(0)) resolve();
  }

  /** Resolves when no handler is under way with its messages. */
  quiet(): Promise<void> {
    if (this.#handlers === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onQuiet.push(resolve));
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
