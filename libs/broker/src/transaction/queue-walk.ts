import type { Logger } from '../../../common/src/index.js';
import type { MessageStore, QueueUnit } from '../../../store/src/index.js';
import { transactionQueue } from './half-message.js';

/** Entries read at once. */
const batch = 32;

/** Goes through the one queue of a system topic, over whatever retention or damage took out of it. */
export class QueueWalk {
  /** Of the entry to be looked at next. */
  next: number;

  constructor(
    private readonly parts: { readonly store: MessageStore; readonly log: Logger },
    private readonly topic: string,
    from: number,
  ) {
    const [min, max] = this.bounds();
    this.next = Math.min(Math.max(from, min), max);
    if (this.next !== from) this.say('an offset is outside of its queue', { from, min, max });
  }

  get isAtEnd(): boolean {
    return this.next >= this.parts.store.maxOffset(this.topic, transactionQueue);
  }

  /** Entries from the next one on; none at the end. */
  async units(): Promise<readonly QueueUnit[]> {
    const { store } = this.parts;
    while (!this.isAtEnd) {
      const units = await store.queueUnits(this.topic, transactionQueue, this.next, batch);
      if (units !== undefined && units.length > 0) return units;
      const request = { topic: this.topic, queueId: transactionQueue, offset: this.next, maxMessages: 1 };
      const { nextBeginOffset } = await store.get(request);
      if (nextBeginOffset <= this.next) return [];
      this.say('entries of a queue are missing', { from: this.next, goesOnAt: nextBeginOffset });
      this.next = nextBeginOffset;
    }
    return [];
  }

  private bounds(): [min: number, max: number] {
    const { store } = this.parts;
    return [store.minOffset(this.topic, transactionQueue), store.maxOffset(this.topic, transactionQueue)];
  }

  private say(what: string, facts: object): void {
    this.parts.log.error(what, { topic: this.topic, queueId: transactionQueue, ...facts });
  }
}
