/** Upper ends in milliseconds, exclusive but for the first, and how Apache's table calls them. */
const ranges: readonly (readonly [end: number, label: string])[] = [
  [0, '[<=0ms]'],
  [10, '[0~10ms]'],
  [50, '[10~50ms]'],
  [100, '[50~100ms]'],
  [200, '[100~200ms]'],
  [500, '[200~500ms]'],
  [1000, '[500ms~1s]'],
  [2000, '[1~2s]'],
  [3000, '[2~3s]'],
  [4000, '[3~4s]'],
  [5000, '[4~5s]'],
  [10_000, '[5~10s]'],
  [Infinity, '[10s~]'],
];

/** Steps of the buckets percentiles are read from: width in milliseconds, and how many of them. */
const steps: readonly (readonly [width: number, count: number])[] = [
  [1, 20],
  [2, 15],
  [5, 10],
  [10, 10],
  [50, 6],
  [100, 5],
  [1000, 9],
];

function bucketEnds(): Float64Array {
  const ends: number[] = [];
  let end = 0;
  for (const [width, count] of steps) for (let i = 0; i < count; i++) ends.push((end += width));
  return Float64Array.from([...ends, Infinity]);
}

interface Period {
  readonly ranges: Float64Array;
  readonly buckets: Float64Array;
}

/** How long appends took until they were acknowledged, in the last whole period (a minute) and since the start. */
export class PutLatency {
  private readonly ends = bucketEnds();
  private current = this.emptyPeriod();
  private last = this.emptyPeriod();
  private longest = 0;

  /** Milliseconds. */
  add(elapsed: number): void {
    const whole = Math.floor(elapsed);
    if (whole > this.longest) this.longest = whole;
    const { ranges: counts, buckets } = this.current;
    if (whole <= 0) {
      counts[0] = (counts[0] ?? 0) + 1;
      buckets[0] = (buckets[0] ?? 0) + 1;
      return;
    }
    let range = 1;
    while (whole >= (ranges[range]?.[0] ?? Infinity)) range++;
    counts[range] = (counts[range] ?? 0) + 1;
    let bucket = 0;
    while (whole > (this.ends[bucket] ?? Infinity)) bucket++;
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }

  /** Starts a new period. */
  turn(): void {
    this.last = this.current;
    this.current = this.emptyPeriod();
  }

  /** Whole milliseconds, since the start. */
  get max(): number {
    return this.longest;
  }

  /** "[<=0ms]:12 [0~10ms]:3 ..." of the last period. */
  distribution(): string {
    return ranges.map(([, label], i) => `${label}:${this.last.ranges[i]} `).join('');
  }

  /** Milliseconds below which the share `part` (0..1) of the last period's appends stayed. */
  percentile(part: number): number {
    const { buckets } = this.last;
    const wanted = Math.floor(buckets.reduce((sum, count) => sum + count, 0) * part);
    let passed = 0;
    for (let i = 0; i < buckets.length; i++) {
      const count = buckets[i] ?? 0;
      if (wanted > passed + count) {
        passed += count;
        continue;
      }
      const start = i === 0 ? 0 : (this.ends[i - 1] ?? 0);
      const end = this.ends[i] ?? start;
      return count === 0 || end === Infinity ? start : start + ((end - start) * (wanted - passed)) / count;
    }
    return 0;
  }

  private emptyPeriod(): Period {
    return { ranges: new Float64Array(ranges.length), buckets: new Float64Array(this.ends.length) };
  }
}
