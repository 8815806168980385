import { messageOf, type Clock, type Logger, type Timer } from '../../../../common/src/index.js';
import type { MessageQueue } from '../../contract/index.js';
import { compareQueues, describeQueue, queueKey } from '../../message-queue.js';
import { HeldQueue } from '../held-queue.js';

interface Parts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly group: string;
  /** Where to begin with a queue. Rejects when that cannot be told now. */
  readonly startOffsetOf: (queue: MessageQueue) => Promise<number>;
  readonly onClaimed: (held: HeldQueue) => void;
  readonly onReleased: (held: HeldQueue) => void;
}

/** After a queue could not be begun. */
const retryDelay = 1_000;

/** Queues that the application assigned: held from then on, until it assigns others. Nobody is asked who else reads them. */
export class AssignedQueues {
  readonly #wanted = new Map<string, MessageQueue>();
  readonly #held = new Map<string, HeldQueue>();
  #retry: Timer | undefined;
  #started = false;
  #stopped = false;

  constructor(private readonly parts: Parts) {}

  get queues(): HeldQueue[] {
    return [...this.#held.values()].toSorted((a, b) => compareQueues(a.queue, b.queue));
  }

  get wanted(): MessageQueue[] {
    return [...this.#wanted.values()].toSorted(compareQueues);
  }

  /** Resolves when each queue was begun, or is to be tried again. */
  start(): Promise<void> {
    this.#started = true;
    return this.#begin();
  }

  assign(queues: readonly MessageQueue[]): void {
    this.#wanted.clear();
    for (const queue of queues) this.#wanted.set(queueKey(queue), queue);
    for (const [key, held] of this.#held) if (!this.#wanted.has(key)) this.#release(held);
    if (this.#started) void this.#begin();
  }

  /** Starts over with a queue at another offset; one that was not begun yet is begun there. */
  restart(queue: MessageQueue, offset: number): void {
    if (this.#stopped) return;
    this.#held.get(queueKey(queue))?.release();
    this.#claim(queue, offset);
  }

  stop(): Promise<void> {
    this.#stopped = true;
    this.#retry?.cancel();
    return Promise.resolve();
  }

  releaseAll(): void {
    for (const held of this.#held.values()) this.#release(held);
  }

  async #begin(): Promise<void> {
    const missing = [...this.#wanted].filter(([key]) => !this.#held.has(key));
    await Promise.all(missing.map(([key, queue]) => this.#beginOne(key, queue)));
  }

  async #beginOne(key: string, queue: MessageQueue): Promise<void> {
    try {
      const offset = await this.parts.startOffsetOf(queue);
      // Meanwhile others may have been assigned, or an offset was sought.
      if (this.#wanted.get(key) === queue && !this.#held.has(key) && !this.#stopped) this.#claim(queue, offset);
    } catch (error) {
      if (this.#stopped) return;
      this.parts.log.warn('queue not begun: its offset cannot be told now', {
        group: this.parts.group,
        queue: describeQueue(queue),
        error: messageOf(error),
      });
      this.#retry ??= this.parts.clock.after(retryDelay, () => {
        this.#retry = undefined;
        void this.#begin();
      });
    }
  }

  #claim(queue: MessageQueue, offset: number): void {
    const held = new HeldQueue(queue, offset, this.parts.clock.now());
    this.#held.set(queueKey(queue), held);
    this.parts.onClaimed(held);
  }

  #release(held: HeldQueue): void {
    this.#held.delete(queueKey(held.queue));
    held.release();
    this.parts.onReleased(held);
  }
}
