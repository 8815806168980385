import { median } from './statistics.js';

/** One number of a sample, as it is printed and held to goals. */
export interface Figure<S> {
  /** With its unit: "CPU µs". */
  readonly title: string;
  readonly of: (sample: S) => number;
  /** After the point, below 10,000; 0 by default. */
  readonly digits?: number;
}

/** Of the rounds of a row. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

export function showNumber(value: number, digits = 0): string {
  // A ratio to nothing is no number to print.
  if (!Number.isFinite(value)) return '-';
  if (Math.abs(value) >= 1e6) return `${(value / 1e6).toFixed(2)}M`;
  return Math.abs(value) >= 10_000 ? `${Math.round(value / 1000)}k` : value.toFixed(digits);
}

export function showSpread({ median: middle, min, max }: Spread, digits = 0): string {
  const ends = `[${showNumber(min, digits)}-${showNumber(max, digits)}]`;
  return Number.isFinite(middle) ? `${showNumber(middle, digits)} ${ends}` : '-';
}
