import type { PulledMessage } from './pulled-message.js';

/*
 * Messages of one queue that were pulled and are not yet all consumed. They come in offset order, are handed out in
 * that order, and are done in any order; the offset to commit is that of the lowest one not done. What was put back is
 * handed out again before anything else.
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
  readonly #again: PulledMessage[] = [];

  /** Messages not done. */
  get count(): number {
    return this.#count;
  }

  /** Stored size of the messages not done: bodies stay compressed until a handler asks for them. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Messages to hand out. */
  get waiting(): number {
    return this.#again.length + this.#tail - this.#next;
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
      message.position = this.#tail;
      this.#slots[this.#tail++ & this.#mask] = message;
      this.#lastOffset = message.queueOffset;
      this.#count++;
      this.#bytes += message.storeSize;
    }
  }

  /** Hands out the next messages, at most `max`; undefined when none waits. */
  take(max: number): readonly PulledMessage[] | undefined {
    if (this.#again.length > 0) return this.#again.splice(0, max);
    const first = this.#next;
    const end = Math.min(first + max, this.#tail);
    if (end === first) return undefined;
    const messages: PulledMessage[] = [];
    for (let at = first; at < end; at++) messages.push(this.#slots[at & this.#mask] as PulledMessage);
    this.#next = end;
    return messages;
  }

  /** Messages that were handed out, in order, are to be handed out again. */
  putBack(messages: readonly PulledMessage[]): void {
    this.#again.push(...messages);
  }

  /** They are done with: they leave, and the commit offset moves when they were the lowest. */
  finish(messages: readonly PulledMessage[]): void {
    for (const message of messages) {
      const at = message.position & this.#mask;
      if (this.#slots[at] !== message) continue;
      this.#slots[at] = undefined;
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
