import { EventEmitter, once } from 'node:events';

/** What handlers have got, in order, and a place to wait for it. */
export class Arrivals<T> {
  readonly #items: T[] = [];
  readonly #arrived = new EventEmitter();

  put(item: T): void {
    this.#items.push(item);
    this.#arrived.emit('item');
  }

  /** All that is there as soon as there are `count`. */
  async have(count: number): Promise<T[]> {
    const signal = AbortSignal.timeout(30_000);
    while (this.#items.length < count) await once(this.#arrived, 'item', { signal });
    return [...this.#items];
  }
}
