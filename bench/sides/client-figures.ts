import type { Figure } from '../runner/figure.js';
import type { LoadResult } from './load.js';

/** What is read from a process whose client is what is measured. */
export const clientRate: Figure<LoadResult> = { title: 'msg/s', of: ({ messages, seconds }) => messages / seconds };
export const clientCpu: Figure<LoadResult> = {
  title: 'client CPU µs',
  of: ({ loadCpu, messages }) => loadCpu / messages,
  digits: 2,
};
export const clientP50: Figure<LoadResult> = { title: 'p50 µs', of: ({ p50 }) => p50 };

export const clientFigures: readonly Figure<LoadResult>[] = [
  clientRate,
  clientCpu,
  clientP50,
  { title: 'p99 µs', of: ({ p99 }) => p99 },
  { title: 'p99.9 µs', of: ({ p999 }) => p999 },
];
