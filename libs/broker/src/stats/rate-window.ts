/** Samples kept: ten minutes of one a second, and the one they count from. */
const capacity = 601;

/**
 * How fast a counter grows: one sample of it a second, and the rate over the last so many of them. A window longer than
 * what has been sampled counts from the first sample.
 */
export class RateWindow {
  private readonly times = new Float64Array(capacity);
  private readonly totals = new Float64Array(capacity);
  private taken = 0;

  /** `now` in milliseconds. */
  sample(now: number, total: number): void {
    const at = this.taken++ % capacity;
    this.times[at] = now;
    this.totals[at] = total;
  }

  /** Per second, over the last `samples` of them; 0 with fewer than two. */
  rate(samples: number): number {
    if (this.taken < 2) return 0;
    const last = (this.taken - 1) % capacity;
    const back = Math.min(samples, this.taken - 1, capacity - 1);
    const first = (this.taken - 1 - back) % capacity;
    const elapsed = (this.times[last] ?? 0) - (this.times[first] ?? 0);
    return elapsed <= 0 ? 0 : (((this.totals[last] ?? 0) - (this.totals[first] ?? 0)) * 1000) / elapsed;
  }
}
