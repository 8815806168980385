/** Where a rule does not hold, and why. `path` is a file, or a directory when it ends in a slash. */
export interface Exception {
  readonly rule: string;
  readonly path: string;
  readonly reason: string;
}

export const exceptions: readonly Exception[] = [
  { rule: 'clock', path: 'libs/common/src/clock.ts', reason: 'It is the clock.' },
  { rule: 'clock', path: 'bench/', reason: 'Benchmarks measure real time.' },
  { rule: 'unfinished', path: 'test/tidy/text-rules.ts', reason: 'It spells what it looks for.' },
];
