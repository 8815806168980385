import { pause, systemClock } from '../../common/src/index.js';
import type { Received } from './test-client.js';

/**
 * Longer than 30 s: a push consumer of Java 5.x counts its subscription's version up when its queues change, and tells the
 * broker by a heartbeat that it leaves out when another one is just being sent. Its pulls are refused (25, subscription
 * not latest) until the next heartbeat then.
 */
const patience = 60_000;

/** What a consumer under test got, and a way to wait for more of it. */
export class Inbox {
  readonly received: Received[] = [];
  readonly #waiting = new Set<() => void>();

  add(message: Received): void {
    this.received.push(message);
    for (const check of this.#waiting) check();
  }

  async waitUntil(enough: (received: readonly Received[]) => boolean, timeout = patience): Promise<void> {
    if (enough(this.received)) return;
    const stop = new AbortController();
    const check = (): void => {
      if (!enough(this.received)) return;
      this.#waiting.delete(check);
      stop.abort();
    };
    this.#waiting.add(check);
    await pause(systemClock, timeout, stop.signal);
    this.#waiting.delete(check);
    if (!stop.signal.aborted)
      throw new Error(`not enough after ${timeout} ms: ${this.received.length} messages, last ones ${this.#last()}`);
  }

  #last(): string {
    return this.received
      .slice(-5)
      .map(({ topic, queueId, queueOffset, tags }) => `${topic}/${queueId}@${queueOffset} tags=${tags}`)
      .join(', ');
  }
}
