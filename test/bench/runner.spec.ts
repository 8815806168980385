import { describe, expect, it } from '@jest/globals';
import type { Contestant, Row } from '../../bench/runner/benchmark.js';
import { showSpread, spreadOf, type Figure } from '../../bench/runner/figure.js';
import { atLeast, atMost, judge } from '../../bench/runner/goal.js';
import { judgeRow, measureRow } from '../../bench/runner/measuring.js';
import { isGood, reportRow } from '../../bench/runner/report.js';
import { LatencyHistogram, median } from '../../bench/runner/statistics.js';

interface Sample {
  readonly value: number;
}

const value: Figure<Sample> = { title: 'value', of: (sample) => sample.value };
const ours: Contestant = { name: 'ours', version: '1' };
const java: Contestant = { name: 'Apache', version: '2', kind: 'java' };

/** A row whose samples are given by contestant, warm-up first. */
function rowOf(samples: ReadonlyMap<Contestant, readonly number[]>, goals: Row<Sample, Contestant>['goals']) {
  const calls: string[] = [];
  const row: Row<Sample, Contestant> = {
    title: 'row',
    contestants: [...samples.keys()],
    figures: [value],
    goals: goals ?? [],
    measure(contestant, round) {
      calls.push(`${contestant.name} ${round}`);
      return Promise.resolve({ value: samples.get(contestant)?.[round + 1] ?? NaN });
    },
  };
  return { row, calls };
}

describe('verdicts', () => {
  it.each([
    ['at least, reached', atLeast(value, 3, { never: 1.3 }), [2, 3, 9], 'reached'],
    ['at least, missed', atLeast(value, 3, { never: 1.3 }), [2, 2, 9], 'missed'],
    ['at least, below the limit', atLeast(value, 3, { never: 1.3 }), [1.2, 1.2, 9], 'beyond the limit'],
    ['at most, reached', atMost(value, 2, { never: 3 }), [1, 2, 9], 'reached'],
    ['at most, missed', atMost(value, 2, { never: 3 }), [1, 3, 9], 'missed'],
    ['at most, above the limit', atMost(value, 2, { never: 3 }), [1, 3.1, 9], 'beyond the limit'],
    ['a goal without a limit is only missed', atMost(value, 2), [90, 90, 90], 'missed'],
    [
      'one round of many is enough where every one counts',
      atMost(value, 0, { never: 0, inEvery: true }),
      [0, 0, 1],
      'beyond the limit',
    ],
    ['every one at least', atLeast(value, 1, { inEvery: true }), [1, 2, 0.5], 'missed'],
    ['what is no number reaches nothing', atMost(value, 2), [NaN], 'beyond the limit'],
    ['nothing recorded to hold it to', atMost(value, NaN, { never: NaN }), [1], 'beyond the limit'],
  ])('%s', (_name, goal, values, outcome) => {
    expect(judge(goal, values).outcome).toBe(outcome);
  });

  it('is none without the peer it is held to', () => {
    expect(judge(atLeast(value, 3, { against: 'java' }), undefined).outcome).toBe('no peer');
  });
});

describe('figures', () => {
  it.each([
    ['medians and ends', [0.4, 0.5, 0.61], '0.50 [0.40-0.61]'],
    ['large ones, short', [20_000, 1_500_000], '760k [20k-1.50M]'],
    ['nothing for what is no number', [NaN], '-'],
    ['nothing for a ratio to nothing', [Infinity], '-'],
  ])('are printed as %s', (_name, values, text) => {
    expect(showSpread(spreadOf(values), 2)).toBe(text);
  });
});

describe('a row', () => {
  it('lets the contestants take turns, turns the order around, and does not count what warms up', async () => {
    const { row, calls } = rowOf(new Map([[ours, [1, 10, 20]], [java, [1, 5, 2]]]), []); // prettier-ignore
    const samples = await measureRow(row, 2);
    expect(calls).toEqual(['Apache -1', 'ours -1', 'ours 0', 'Apache 0', 'Apache 1', 'ours 1']);
    expect(samples.get(ours)).toEqual([{ value: 10 }, { value: 20 }]);
  });

  it('divides within a round, not medians by medians', async () => {
    const given = new Map([[ours, [0, 10, 20, 90]], [java, [0, 5, 20, 10]]]); // prettier-ignore
    const { row } = rowOf(given, [atLeast(value, 2, { against: 'java' })]);
    const samples = await measureRow(row, 3);
    const [verdict] = judgeRow(row, samples);
    expect(verdict).toMatchObject({ outcome: 'reached', measured: '2.00 [1.00-9.00]' });
    expect(reportRow(row, samples, []).sides[1]?.ratios).toEqual({ value: { median: 2, min: 1, max: 9 } });
  });

  it('fails the run when it is beyond its limit, and when something was wrong', async () => {
    const { row } = rowOf(new Map([[ours, [0, 4]]]), [atMost(value, 2, { never: 3 })]);
    const samples = await measureRow(row, 1);
    const bad = reportRow(row, samples, judgeRow(row, samples));
    const machine = { cores: 2, processor: '', memoryGiB: 1, kernel: '', node: '' };
    const report = { benchmark: 'x', command: '', date: '', machine, rows: [], notes: [] };
    expect(isGood(report)).toBe(true);
    expect(isGood({ ...report, rows: [bad] })).toBe(false);
    expect(isGood({ ...report, error: 'a message is missing' })).toBe(false);
  });
});

describe('statistics', () => {
  it('takes the middle, or the mean of the middle two', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, NaN]);
  });

  it('keeps latencies to the microsecond, and above 65 ms to the millisecond', () => {
    const histogram = new LatencyHistogram();
    for (const micros of [5, 60_000, 1_234_567]) histogram.record(micros);
    expect([0.3, 0.6, 1].map((share) => histogram.percentile(share))).toEqual([5, 60_000, 1_234_000]);
  });
});
