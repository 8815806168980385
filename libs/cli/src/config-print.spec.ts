import { expect, it } from '@jest/globals';
import type { ConfigItem } from '../../common/src/index.js';
import { formatConfigItems } from './config-print.js';

const items: ConfigItem[] = [
  {
    name: 'listenPort',
    value: 10911,
    source: 'broker.conf',
    key: { kind: 'int', default: 10911, important: true, note: 'Port.' },
  },
  {
    name: 'traceOn',
    value: true,
    source: undefined,
    key: { kind: 'boolean', default: true, live: true, note: 'Trace.' },
  },
  {
    name: 'brokerRole',
    value: 'ASYNC_MASTER',
    source: undefined,
    key: {
      kind: 'string',
      default: 'ASYNC_MASTER',
      important: true,
      note: 'Role.',
      unsupported: 'there are no slaves',
    },
  },
  {
    name: 'password',
    value: 'hunter2',
    source: 'broker.conf',
    key: { kind: 'string', default: '', secret: true, note: 'x', noEffect: 'there is no login' },
  },
  {
    name: 'threads',
    value: '',
    source: undefined,
    key: { kind: 'string', default: '', note: 'x', noEffect: 'one thread' },
  },
];

it('prints every key with its value, who set it, and what it does', () => {
  expect(formatConfigItems(items, false)).toBe(
    `In effect (2)

  KEY         VALUE  SET BY       EFFECT
  listenPort  10911  broker.conf  Port.
  traceOn     true   default      Trace. May change while it runs.

Only the default is served (1)

  KEY         VALUE         SET BY   EFFECT
  brokerRole  ASYNC_MASTER  default  Otherwise unsupported: there are no slaves.

Accepted, without effect (2)

  KEY       VALUE     SET BY       EFFECT
  password  (hidden)  broker.conf  No effect: there is no login.
  threads   -         default      No effect: one thread.

`,
  );
});

it('prints the important keys alone', () => {
  const text = formatConfigItems(items, true);
  expect(text).toContain('listenPort');
  expect(text).toContain('brokerRole');
  expect(text).not.toMatch(/traceOn|threads|password/);
});

it('cuts values that would tear the table', () => {
  const long: ConfigItem = {
    name: 'x',
    value: 'v'.repeat(500),
    source: undefined,
    key: { kind: 'string', default: '', note: 'n' },
  };
  expect(formatConfigItems([long], false)).toContain(`${'v'.repeat(57)}...  default`);
});
