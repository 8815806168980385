import type { IdempotencyStore } from './idempotency.js';

/** Remembers the latest keys in this process: enough against repetitions that follow each other, gone with a restart. */
export class MemoryIdempotencyStore implements IdempotencyStore {
  readonly #keys = new Set<string>();

  /** @param maxEntries - Beyond these the oldest key is forgotten. */
  constructor(private readonly maxEntries = 100_000) {
    if (!Number.isInteger(maxEntries) || maxEntries < 1)
      throw new RangeError('maxEntries must be a whole number from 1 on');
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  add(key: string): void {
    this.#keys.delete(key);
    this.#keys.add(key);
    if (this.#keys.size <= this.maxEntries) return;
    const [oldest] = this.#keys;
    if (oldest !== undefined) this.#keys.delete(oldest);
  }
}
