import type { Clock } from '../../../common/src/index.js';

/** Sums over a sliding window, in buckets that are reused as time goes on: nothing to sweep, no timer. */
class RollingSum {
  readonly #sums: number[];
  readonly #ticks: number[];

  constructor(
    private readonly bucketMillis: number,
    buckets: number,
  ) {
    this.#sums = Array.from({ length: buckets }, () => 0);
    this.#ticks = Array.from({ length: buckets }, () => -1);
  }

  add(now: number, amount: number): void {
    const tick = Math.floor(now / this.bucketMillis);
    const at = tick % this.#sums.length;
    if (this.#ticks[at] !== tick) [this.#ticks[at], this.#sums[at]] = [tick, 0];
    this.#sums[at] = (this.#sums[at] ?? 0) + amount;
  }

  total(now: number): number {
    const oldest = Math.floor(now / this.bucketMillis) - this.#sums.length + 1;
    return this.#sums.reduce((sum, value, at) => sum + ((this.#ticks[at] ?? -1) >= oldest ? value : 0), 0);
  }
}

const minute = () => new RollingSum(10_000, 6);
const hour = () => new RollingSum(10 * 60_000, 6);

/** Rates of the last minute and failures of the last hour, as ConsumeStatus names them. */
export interface TopicFigures {
  /** Average milliseconds of a pull that found messages. */
  readonly pullRT: number;
  /** Messages per second. */
  readonly pullTPS: number;
  /** Average milliseconds of a handler call. */
  readonly consumeRT: number;
  readonly consumeOKTPS: number;
  readonly consumeFailedTPS: number;
  readonly consumeFailedMsgs: number;
}

/** What a consumer did with the messages of one topic. */
export class ConsumeFigures {
  readonly #pulls = minute();
  readonly #pullMillis = minute();
  readonly #pulled = minute();
  readonly #calls = minute();
  readonly #callMillis = minute();
  readonly #consumed = minute();
  readonly #failed = minute();
  readonly #failedHour = hour();

  constructor(private readonly clock: Clock) {}

  pulled(messages: number, duration: number): void {
    const now = this.clock.monotonic();
    this.#pulls.add(now, 1);
    this.#pullMillis.add(now, duration);
    this.#pulled.add(now, messages);
  }

  /** One handler call. */
  handled(consumed: number, failed: number, duration: number): void {
    const now = this.clock.monotonic();
    this.#calls.add(now, 1);
    this.#callMillis.add(now, duration);
    this.#consumed.add(now, consumed);
    if (failed === 0) return;
    this.#failed.add(now, failed);
    this.#failedHour.add(now, failed);
  }

  figures(): TopicFigures {
    const now = this.clock.monotonic();
    const average = (sum: RollingSum, count: RollingSum): number => sum.total(now) / Math.max(1, count.total(now));
    return {
      pullRT: average(this.#pullMillis, this.#pulls),
      pullTPS: this.#pulled.total(now) / 60,
      consumeRT: average(this.#callMillis, this.#calls),
      consumeOKTPS: this.#consumed.total(now) / 60,
      consumeFailedTPS: this.#failed.total(now) / 60,
      consumeFailedMsgs: this.#failedHour.total(now),
    };
  }
}
