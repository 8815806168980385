import { EventEmitter, once } from 'node:events';
import { systemClock } from '../../libs/common/src/index.js';

/** Collects what listeners of an application under test receive, and lets the test wait for it. */
export class Mailbox<T> {
  readonly items: T[] = [];
  readonly #events = new EventEmitter();

  put(item: T): void {
    this.items.push(item);
    this.#events.emit('item');
  }

  /** All items, as soon as there are `count` of them. */
  async have(count: number, timeout = 20_000): Promise<readonly T[]> {
    const deadline = new AbortController();
    const timer = systemClock.after(timeout, () => deadline.abort());
    try {
      while (this.items.length < count) await once(this.#events, 'item', { signal: deadline.signal });
    } catch {
      throw new Error(`${this.items.length} of ${count} came in ${timeout} ms: ${JSON.stringify(this.items)}`);
    } finally {
      timer.cancel();
    }
    return this.items;
  }
}
