import type { MessageQueue } from '../contract/index.js';
import { queueKey } from '../message-queue.js';

/** Offsets by queue, in memory. */
export class OffsetTable {
  readonly #offsets = new Map<string, { readonly queue: MessageQueue; offset: number }>();

  get(queue: MessageQueue): number | undefined {
    return this.#offsets.get(queueKey(queue))?.offset;
  }

  update(queue: MessageQueue, offset: number, increaseOnly: boolean): void {
    const entry = this.#offsets.get(queueKey(queue));
    if (entry === undefined) this.#offsets.set(queueKey(queue), { queue, offset });
    else if (!increaseOnly || offset > entry.offset) entry.offset = offset;
  }

  delete(queue: MessageQueue): void {
    this.#offsets.delete(queueKey(queue));
  }

  entries(): readonly { readonly queue: MessageQueue; readonly offset: number }[] {
    return [...this.#offsets.values()];
  }
}
