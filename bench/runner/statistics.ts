/** Middle value; the mean of the middle two for an even count. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return NaN;
  if (!Number.isInteger(middle)) return sorted[Math.floor(middle)] as number;
  return ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** Microseconds that are kept to the microsecond. */
const fine = 65_536;
/** From there on to the millisecond, up to a minute. */
const coarse = 60_000;

/** Latencies in microseconds: percentiles without storing every sample. */
export class LatencyHistogram {
  readonly #counts = new Uint32Array(fine + coarse);
  #total = 0;

  record(microseconds: number): void {
    const slot =
      microseconds < fine ? microseconds | 0 : Math.min(fine + Math.floor(microseconds / 1000), fine + coarse - 1);
    this.#counts[slot] = (this.#counts[slot] as number) + 1;
    this.#total++;
  }

  /** `share` from 0 to 1; NaN when there is none. */
  percentile(share: number): number {
    if (this.#total === 0) return NaN;
    let left = Math.ceil(this.#total * share);
    let slot = -1;
    while (left > 0) left -= this.#counts[++slot] as number;
    return slot < fine ? slot : (slot - fine) * 1000;
  }

  get total(): number {
    return this.#total;
  }
}
