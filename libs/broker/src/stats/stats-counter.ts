import type { BrokerStatsItem } from '../../../protocol/src/index.js';

/** Milliseconds between two samples, and how many are kept: Java's, which tools take for a minute, an hour and a day. */
const periods = {
  minute: { interval: 10_000, kept: 7 },
  hour: { interval: 600_000, kept: 7 },
  day: { interval: 3_600_000, kept: 25 },
} as const;

export type StatsPeriod = keyof typeof periods;

interface Sample {
  readonly time: number;
  readonly sum: number;
  readonly times: number;
}

/** One statistic of one key. Whoever counts only adds; figures are worked out when somebody asks. */
export class StatsCounter {
  sum = 0;
  /** How many calls the sum came in. */
  times = 0;
  private readonly samples: Record<StatsPeriod, Sample[]> = { minute: [], hour: [], day: [] };

  add(value: number): void {
    this.sum += value;
    this.times++;
  }

  /** To be called at the interval of the period. */
  sample(period: StatsPeriod, now: number): void {
    const { interval, kept } = periods[period];
    const samples = this.samples[period];
    if (samples.length === 0) samples.push({ time: now - interval, sum: 0, times: 0 });
    samples.push({ time: now, sum: this.sum, times: this.times });
    if (samples.length > kept) samples.shift();
  }

  /** `tps` a second, `avgpt` a call. */
  figures(period: StatsPeriod): BrokerStatsItem {
    const samples = this.samples[period];
    const [first, last] = [samples[0], samples.at(-1)];
    if (first === undefined || last === undefined) return { sum: 0, tps: 0, avgpt: 0 };
    const sum = last.sum - first.sum;
    const times = last.times - first.times;
    const elapsed = last.time - first.time;
    return { sum, tps: elapsed > 0 ? (sum * 1000) / elapsed : 0, avgpt: times > 0 ? sum / times : 0 };
  }

  get isUsed(): boolean {
    return this.sum > 0 || this.times > 0;
  }

  /** Nothing was added for a whole day. */
  get isIdle(): boolean {
    const { day } = this.samples;
    return day.length === periods.day.kept && day[0]?.times === this.times && day[0].sum === this.sum;
  }
}
