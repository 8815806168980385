import { showNumber, showSpread, spreadOf, type Figure, type Spread } from './figure.js';

/** What a figure of ours is to reach: alone, or divided by the same figure of a peer in the same round. */
export interface Goal<S> {
  readonly figure: Figure<S>;
  readonly direction: 'at least' | 'at most';
  readonly target: number;
  /** Beyond it the run fails; short of the target alone it does not. */
  readonly never?: number;
  /** The `kind` of a contestant. */
  readonly against?: string;
  /** Every round is held to it, not their median: for what must not happen once. */
  readonly inEvery?: true;
}

type GoalExtras = Pick<Goal<never>, 'never' | 'against' | 'inEvery'>;

export function atLeast<S>(figure: Figure<S>, target: number, extras: GoalExtras = {}): Goal<S> {
  return { figure, target, direction: 'at least', ...extras };
}

export function atMost<S>(figure: Figure<S>, target: number, extras: GoalExtras = {}): Goal<S> {
  return { figure, target, direction: 'at most', ...extras };
}

export interface Verdict {
  /** "sends/s at least 3 times java, never below 1.3" */
  readonly goal: string;
  readonly measured: string;
  readonly outcome: 'reached' | 'missed' | 'beyond the limit' | 'no peer';
  /** "missed by 12 %". */
  readonly text: string;
}

/** @param values of the rounds, undefined when the peer did not run. */
export function judge<S>(goal: Goal<S>, values: readonly number[] | undefined): Verdict {
  const described = describeGoal(goal);
  if (values === undefined) return { goal: described, measured: '-', outcome: 'no peer', text: 'no peer' };
  const spread = spreadOf(values);
  const value = judgedValue(goal, spread);
  const outcome = outcomeOf(goal, value);
  const measured = showSpread(spread, 2);
  return {
    goal: described,
    measured,
    outcome,
    text: outcome === 'reached' ? 'reached' : `${outcome}: ${gap(goal, value)}`,
  };
}

function judgedValue<S>({ direction, inEvery }: Goal<S>, { median, min, max }: Spread): number {
  if (!inEvery) return median;
  return direction === 'at least' ? min : max;
}

function outcomeOf<S>({ direction, target, never }: Goal<S>, value: number): Verdict['outcome'] {
  const isWithin = (limit: number): boolean => (direction === 'at least' ? value >= limit : value <= limit);
  if (isWithin(target)) return 'reached';
  // What is no number is within nothing, and no measurement either.
  if (Number.isNaN(value)) return 'beyond the limit';
  return never !== undefined && !isWithin(never) ? 'beyond the limit' : 'missed';
}

function gap<S>({ target }: Goal<S>, value: number): string {
  if (target === 0) return `${showNumber(value, 2)} off`;
  return `${Math.ceil((Math.abs(value - target) / target) * 100)} % off`;
}

function describeGoal<S>({ figure, direction, target, never, against, inEvery }: Goal<S>): string {
  const times = against === undefined ? '' : ` times ${against}`;
  const limit = never === undefined ? '' : `, never ${direction === 'at least' ? 'below' : 'above'} ${round(never)}`;
  return `${figure.title} ${direction} ${round(target)}${times}${limit}${inEvery ? ', in every round' : ''}`;
}

/** Thirds are written as people read them. */
const round = (value: number): string => String(Math.round(value * 1000) / 1000);
