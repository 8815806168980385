import { pause, systemClock } from '../../common/src/index.js';
import type { Received } from './test-client.js';

/** What a consumer under test got, and a way to wait for more of it. */
export class Inbox {
  readonly received: Received[] = [];
  readonly #waiting = new Set<() => void>();

  add(message: Received): void {
    this.received.push(message);
    for (const check of this.#waiting) check();
  }

  async waitUntil(enough: (received: readonly Received[]) => boolean, timeout = 30_000): Promise<void> {
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
