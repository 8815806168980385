/** Middle value; the mean of the middle two for an even count. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return NaN;
  if (!Number.isInteger(middle)) return sorted[Math.floor(middle)] as number;
  return ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** Latencies in microseconds, kept exactly up to 65 ms and clamped there: percentiles without storing every sample. */
export class LatencyHistogram {
  readonly #counts = new Uint32Array(65_536);
  #total = 0;

  record(microseconds: number): void {
    const slot = microseconds < 65_535 ? microseconds | 0 : 65_535;
    this.#counts[slot] = (this.#counts[slot] as number) + 1;
    this.#total++;
  }

  /** `share` from 0 to 1. */
  percentile(share: number): number {
    let left = Math.ceil(this.#total * share);
    for (let slot = 0; slot < this.#counts.length; slot++) {
      left -= this.#counts[slot] as number;
      if (left <= 0) return slot;
    }
    return this.#counts.length - 1;
  }

  get total(): number {
    return this.#total;
  }
}
