import { describe, expect, it } from '@jest/globals';
import { formatLogLine, silentLogger } from './logger.js';

describe('formatLogLine', () => {
  it('writes the message and its context on one line', () => {
    expect(formatLogLine('topic created', { topic: 'orders', queues: 8, system: false })).toBe(
      'topic created topic="orders" queues=8 system=false',
    );
  });

  it('does not let a value forge a line', () => {
    const line = formatLogLine('refused\nok', { topic: 'a\r\nERROR x', peer: 'b\u2028c\u009b', 'k\n': 1 });
    expect(line).not.toMatch(/[\r\n\u2028\u2029]|\p{Cc}/u);
    expect(line).toContain('refused\\u000aok topic="a\\r\\nERROR x"');
  });

  it('cuts long values of any kind', () => {
    const line = formatLogLine('x'.repeat(100_000), { text: 'y'.repeat(100_000), list: Array(100_000).fill(1) });
    expect(line.length).toBeLessThan(7000);
  });

  it('survives values that JSON does not know', () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    const hostile = {
      toJSON() {
        throw new Error('no');
      },
    };
    expect(formatLogLine('m', { offset: 5n, circle, hostile, missing: undefined })).toMatch(
      /^m offset="5" circle=\(not to be shown as JSON\) hostile=\(not .* missing=undefined$/,
    );
  });
});

it('the silent logger takes everything', () => {
  for (const level of ['debug', 'info', 'warn', 'error'] as const) expect(silentLogger[level]('x')).toBeUndefined();
});
