import { messageOf, type Clock, type Logger, type Timer } from '../../../common/src/index.js';
import type { MessageQueue, MessageQueueListener } from '../contract/index.js';

interface Parts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly allOf: (topic: string) => readonly MessageQueue[];
  readonly ownOf: (topic: string) => readonly MessageQueue[];
  /** The topic as the application calls it. */
  readonly shown: (topic: string) => string;
}

/** Tells listeners that a topic's queues were shared out anew: once for all that changes in one turn. */
export class ShareListeners {
  readonly #listeners = new Map<string, MessageQueueListener>();
  readonly #due = new Map<string, Timer>();

  constructor(private readonly parts: Parts) {}

  set(topic: string, listener: MessageQueueListener | undefined): void {
    if (listener === undefined) this.#listeners.delete(topic);
    else this.#listeners.set(topic, listener);
  }

  changed(topic: string): void {
    if (!this.#listeners.has(topic) || this.#due.has(topic)) return;
    const timer = this.parts.clock.after(0, () => this.#tell(topic));
    this.#due.set(topic, timer);
  }

  close(): void {
    for (const timer of this.#due.values()) timer.cancel();
    this.#due.clear();
  }

  #tell(topic: string): void {
    this.#due.delete(topic);
    const { allOf, ownOf, shown, log } = this.parts;
    try {
      this.#listeners.get(topic)?.(shown(topic), allOf(topic), ownOf(topic));
    } catch (error) {
      log.error('a message queue listener threw', { topic, error: messageOf(error) });
    }
  }
}
