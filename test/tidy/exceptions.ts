/** Where a rule does not hold, and why. `path` is a file, or a directory when it ends in a slash. */
export interface Exception {
  readonly rule: string;
  readonly path: string;
  readonly reason: string;
}

export const exceptions: readonly Exception[] = [
  { rule: 'clock', path: 'libs/common/src/clock.ts', reason: 'It is the clock.' },
  { rule: 'clock', path: 'bench/', reason: 'Benchmarks measure real time.' },
  { rule: 'clock', path: 'libs/client/src/client-settings.ts', reason: 'An instance name no other process has.' },
  { rule: 'clock', path: 'libs/client/src/consumer/assignment.ts', reason: 'Spreads calls over brokers; any will do.' },
  { rule: 'clock', path: 'libs/client/src/name-servers.ts', reason: 'Spreads clients over name servers; any will do.' },
  { rule: 'clock', path: 'libs/client/src/producer/queue-choice.ts', reason: 'Where a rotation begins; any will do.' },
  {
    rule: 'environment',
    path: 'libs/client/src/client-settings.ts',
    reason: 'NAMESRV_ADDR, as in Apache; a parameter, with the environment as its default.',
  },
  {
    rule: 'clock',
    path: 'test/interop/',
    reason: 'Processes of others announce little: it looks again until a deadline.',
  },
  { rule: 'default-export', path: 'test/interop/longest-first.mjs', reason: 'Jest asks for it.' },
  { rule: 'default-export', path: 'test/plain-globals.mjs', reason: 'Jest asks for it.' },
  { rule: 'clock', path: 'test/crash/', reason: 'It kills at random moments of real time.' },
  { rule: 'clock', path: 'test/groups/', reason: 'Members come and go in real time.' },
  { rule: 'clock', path: 'test/rolling/', reason: 'Instances stop and start in real time.' },
  { rule: 'clock', path: 'test/pack/getting-started.mjs', reason: 'It waits for a program that announces little.' },
  { rule: 'unfinished', path: 'test/tidy/text-rules.ts', reason: 'It spells what it looks for.' },
  { rule: 'file-length', path: 'libs/broker/src/filter/sql/sql-parser.ts', reason: 'Generated.' },
  { rule: 'function-length', path: 'libs/broker/src/filter/sql/sql-parser.ts', reason: 'Generated.' },
  { rule: 'file-name', path: 'test/store/fixtures/', reason: 'Apache wrote them: queues are named by their topic.' },
];
