import { pause, systemClock } from '../../libs/common/src/index.js';

/** Collects what listeners of an application under test receive, and lets the test wait for it. */
export class Mailbox<T> {
  readonly items: T[] = [];
  #changed = new AbortController();

  put(item: T): void {
    this.items.push(item);
    const changed = this.#changed;
    this.#changed = new AbortController();
    changed.abort();
  }

  /** All items, as soon as there are `count` of them. */
  async have(count: number, timeout = 20_000): Promise<readonly T[]> {
    const deadline = systemClock.monotonic() + timeout;
    while (this.items.length < count) {
      const left = deadline - systemClock.monotonic();
      if (left <= 0)
        throw new Error(`${this.items.length} of ${count} came in ${timeout} ms: ${JSON.stringify(this.items)}`);
      await pause(systemClock, left, this.#changed.signal);
    }
    return this.items;
  }
}
