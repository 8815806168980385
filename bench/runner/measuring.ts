import type { Contestant, Row } from './benchmark.js';
import { judge, type Goal, type Verdict } from './goal.js';

/**
 * Measures a row: the contestants take turns within a round, so that a change of the machine's mood hits all, and the
 * order turns around from round to round, so that nobody always comes after the same.
 */
export async function measureRow<S extends object, C extends Contestant>(
  row: Row<S, C>,
  rounds: number,
): Promise<Map<C, S[]>> {
  const samples = new Map<C, S[]>(row.contestants.map((contestant) => [contestant, []]));
  const warmUps = row.warmUps ?? 1;
  for (let round = -warmUps; round < rounds; round++) {
    const order = round % 2 === 0 ? row.contestants : [...row.contestants].reverse();
    for (const contestant of order) {
      const sample = await row.measure(contestant, round);
      if (round >= 0) samples.get(contestant)?.push(sample);
    }
  }
  return samples;
}

export function judgeRow<S extends object, C extends Contestant>(
  row: Row<S, C>,
  samples: ReadonlyMap<C, readonly S[]>,
): Verdict[] {
  const ours = row.contestants[0];
  if (ours === undefined) return [];
  return (row.goals ?? []).map((goal) => judge(goal, valuesFor(goal, row.contestants, samples)));
}

function valuesFor<S extends object, C extends Contestant>(
  { figure, against }: Goal<S>,
  [ours, ...others]: readonly C[],
  samples: ReadonlyMap<C, readonly S[]>,
): number[] | undefined {
  const own = (ours && samples.get(ours)) ?? [];
  if (against === undefined) return own.map(figure.of);
  const peer = others.find(({ kind }) => kind === against);
  return peer && ratios(figure.of, own, samples.get(peer) ?? []);
}

/** Ours by theirs, round by round. */
export function ratios<S>(of: (sample: S) => number, ours: readonly S[], theirs: readonly S[]): number[] {
  return ours.map((sample, round) => {
    const other = theirs[round];
    return other === undefined ? NaN : of(sample) / of(other);
  });
}
