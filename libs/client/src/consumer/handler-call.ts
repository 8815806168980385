import type { ConsumeContext, MessageQueue } from '../contract/index.js';
import type { HeldQueue } from './held-queue.js';
import type { PulledMessage } from './pulled-message.js';

/** Higher than any index: all messages were consumed. */
const all = 2 ** 31 - 1;

/** One call of a handler, and what it says in passing. Allocated per call; the signal only when a handler asks for it. */
export class HandlerCall implements ConsumeContext {
  delayLevelWhenNextConsume = 0;
  ackIndex = all;
  suspendCurrentQueueTimeMillis = -1;
  messageDelayLevels: readonly (number | undefined)[] | undefined = undefined;
  /** Nobody waits for it any more: what it ends with is ignored. */
  abandoned = false;
  /** It has run longer than `consumeTimeout`, and that was said. */
  overdue = false;
  #interruption: Error | undefined;
  #abort: AbortController | undefined;

  constructor(
    readonly held: HeldQueue,
    readonly messages: readonly PulledMessage[],
    /** Monotonic. */
    readonly startedAt: number,
  ) {}

  get messageQueue(): MessageQueue {
    return this.held.shown;
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#interruption !== undefined) this.#abort.abort(this.#interruption);
    }
    return this.#abort.signal;
  }

  /** Tells the handler to come to an end. */
  interrupt(reason: Error): void {
    this.#interruption ??= reason;
    this.#abort?.abort(reason);
  }

  /** Messages consumed when the handler has not failed, from the first on. What is no number means all. */
  get acknowledged(): number {
    const count = Number.isInteger(this.ackIndex) ? this.ackIndex + 1 : this.messages.length;
    return Math.max(0, Math.min(count, this.messages.length));
  }

  /** What the handler wants for a message that was not consumed. What is no level lets the broker choose. */
  delayLevelOf(message: PulledMessage): number {
    const own = this.messageDelayLevels;
    const level = own === undefined ? this.delayLevelWhenNextConsume : own[this.messages.indexOf(message)];
    return level !== undefined && Number.isInteger(level) ? level : 0;
  }

  /** Whether the handler consumed a message, by what it said of each. A message it said nothing about was consumed. */
  isConsumed(index: number): boolean {
    return this.messageDelayLevels?.[index] === undefined;
  }
}
