import type { PulledMessage } from './pulled-message.js';

/** Messages handed out together, and the positions they hold until they are done. */
export interface Batch {
  readonly messages: readonly PulledMessage[];
  /** Position of the first message; the others follow it. */
  readonly first: number;
  /** How often this batch has failed here. */
  readonly failures: number;
}

/*
 * Messages of one queue that were pulled and are not yet all consumed. They come in offset order, are handed out in
 * that order, and are done in any order; the offset to commit is that of the lowest one not done.
 *
 *      head           next            tail        positions only grow; slot = position & mask
 *        |              |               |
 *   ... [handed out ... ][ waiting ... ] (free)
 *        done ones in here are holes until head passes them
 *
 * Nothing is shifted and nothing is searched: taking, finishing and adding cost the same however many messages wait.
 */
export class ProcessQueue {
  #slots: (PulledMessage | undefined)[] = Array.from({ length: 64 });
  #head = 0;
  #next = 0;
  #tail = 0;
  #count = 0;
  #bytes = 0;
  #lastOffset = -1;

  /** Messages not done. */
  get count(): number {
    return this.#count;
  }

  /** Stored size of the messages not done: bodies stay compressed until a handler asks for them. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Messages not handed out yet. */
  get waiting(): number {
    return this.#tail - this.#next;
  }

  /** Offset of the lowest message not done, or undefined. */
  get minOffset(): number | undefined {
    return this.#slots[this.#head & this.#mask]?.queueOffset;
  }

  /** Offset of the last message that came, or undefined when none is left. */
  get maxOffset(): number | undefined {
    return this.#count === 0 ? undefined : this.#lastOffset;
  }

  /** How far apart, in offsets, the messages not done are. */
  get span(): number {
    const min = this.minOffset;
    return min === undefined ? 0 : this.#lastOffset - min;
  }

  /** Everything below this offset is done. Undefined before the first message. */
  get commitOffset(): number | undefined {
    if (this.#lastOffset < 0) return undefined;
    return this.minOffset ?? this.#lastOffset + 1;
  }

  get #mask(): number {
    return this.#slots.length - 1;
  }

  /** Adds messages in offset order. Those that are here already (a broker that answers too early an offset) are left out. */
  add(messages: readonly PulledMessage[]): void {
    for (const message of messages) {
      if (message.queueOffset <= this.#lastOffset) continue;
      if (this.#tail - this.#head === this.#slots.length) this.#grow();
      this.#slots[this.#tail++ & this.#mask] = message;
      this.#lastOffset = message.queueOffset;
      this.#count++;
      this.#bytes += message.storeSize;
    }
  }

  /** Hands out the next messages, at most `max`; undefined when none waits. */
  take(max: number): Batch | undefined {
    const first = this.#next;
    const end = Math.min(first + max, this.#tail);
    if (end === first) return undefined;
    const messages: PulledMessage[] = [];
    for (let at = first; at < end; at++) messages.push(this.#slots[at & this.#mask] as PulledMessage);
    this.#next = end;
    return { messages, first, failures: 0 };
  }

  /** The batch was consumed: its messages leave, and the commit offset moves when they were the lowest. */
  finish(batch: Batch): void {
    for (let at = batch.first; at < batch.first + batch.messages.length; at++) {
      const message = this.#slots[at & this.#mask];
      if (message === undefined) continue;
      this.#slots[at & this.#mask] = undefined;
      this.#count--;
      this.#bytes -= message.storeSize;
    }
    while (this.#head < this.#next && this.#slots[this.#head & this.#mask] === undefined) this.#head++;
  }

  #grow(): void {
    const larger: (PulledMessage | undefined)[] = Array.from({ length: this.#slots.length * 2 });
    for (let at = this.#head; at < this.#tail; at++) larger[at & (larger.length - 1)] = this.#slots[at & this.#mask];
    this.#slots = larger;
  }
}
