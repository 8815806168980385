import type { Clock, LogContext, Logger } from '../../common/src/index.js';

/** Milliseconds between two lines. */
const interval = 1_000;

/**
 * Warnings about what may fail thousands of times a second: at most one line a second is written, with the number of
 * those that were not.
 */
export class ThrottledLog {
  #writtenAt = -Infinity;
  #notWritten = 0;

  constructor(
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  /** `context` is asked for only when the line is written. */
  warn(message: string, context: () => LogContext): void {
    const now = this.clock.monotonic();
    if (now - this.#writtenAt < interval) {
      this.#notWritten++;
      return;
    }
    this.log.warn(message, { ...context(), ...(this.#notWritten > 0 && { notShownSinceTheLast: this.#notWritten }) });
    this.#writtenAt = now;
    this.#notWritten = 0;
  }
}
