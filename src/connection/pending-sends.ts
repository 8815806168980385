import type { Clock, Timer } from '../../libs/common/src/index.js';

/** Counts sends under way, so that a stop can let them end. */
export class PendingSends {
  #count = 0;
  #waiting: (() => void)[] = [];

  get count(): number {
    return this.#count;
  }

  begin(): void {
    this.#count++;
  }

  end(): void {
    this.#count--;
    if (this.#count > 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** Counts `send` from now until it settles. */
  async track<T>(send: Promise<T>): Promise<T> {
    this.begin();
    try {
      return await send;
    } finally {
      this.end();
    }
  }

  /** Resolves when none is under way, or after `deadline` milliseconds. */
  settled(clock: Clock, deadline: number): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer: Timer = clock.after(deadline, resolve);
      this.#waiting.push(() => {
        timer.cancel();
        resolve();
      });
    });
  }
}
