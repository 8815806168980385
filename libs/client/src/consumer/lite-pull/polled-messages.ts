import type { Clock } from '../../../../common/src/index.js';
import type { HeldQueue } from '../held-queue.js';

/** What one pull brought: the next so many messages of the queue. */
export interface PulledBatch {
  readonly held: HeldQueue;
  readonly count: number;
}

/** What was pulled and not yet handed out, in the order it came; and who waits for more, in theirs. */
export class PolledMessages {
  /** Insertion order is what counts; leaving must be cheap anywhere. */
  readonly #batches = new Set<PulledBatch>();
  readonly #waiting = new Set<(batch: PulledBatch | undefined) => void>();
  #count = 0;

  constructor(private readonly clock: Clock) {}

  /** Messages here. */
  get count(): number {
    return this.#count;
  }

  add(batch: PulledBatch): void {
    this.#batches.add(batch);
    this.#count += batch.count;
    const [first] = this.#waiting;
    first?.(this.#take());
  }

  /** The next batch, or undefined when none came within `timeout` milliseconds or the consumer closed. */
  poll(timeout: number): Promise<PulledBatch | undefined> {
    const next = this.#take();
    if (next !== undefined || timeout <= 0) return Promise.resolve(next);
    return new Promise((resolve) => {
      const settle = (batch: PulledBatch | undefined): void => {
        timer.cancel();
        this.#waiting.delete(settle);
        resolve(batch);
      };
      const timer = this.clock.after(timeout, () => settle(undefined));
      this.#waiting.add(settle);
    });
  }

  /** The queue is lost, or is to begin elsewhere. */
  drop(held: HeldQueue): void {
    for (const batch of this.#batches) if (batch.held === held) this.#remove(batch);
  }

  close(): void {
    for (const settle of this.#waiting) settle(undefined);
    this.#batches.clear();
    this.#count = 0;
  }

  #take(): PulledBatch | undefined {
    const [batch] = this.#batches;
    if (batch !== undefined) this.#remove(batch);
    return batch;
  }

  #remove(batch: PulledBatch): void {
    this.#batches.delete(batch);
    this.#count -= batch.count;
  }
}
