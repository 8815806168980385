import { describe, expect, it } from '@jest/globals';
import { codeOf, messageOf, RocketMQError } from './errors.js';

describe('RocketMQError', () => {
  it('carries a code, a cause, and whether the call may be repeated', () => {
    const cause = new Error('ECONNREFUSED');
    const error = new RocketMQError('CONNECTION_FAILED', 'no connection to mq1:9876', { cause });
    expect(error).toMatchObject({ name: 'RocketMQError', code: 'CONNECTION_FAILED', retryable: true, cause });
    expect(String(error)).toBe('RocketMQError: no connection to mq1:9876');
  });

  it('is not retryable when only a change helps, unless its maker knows better', () => {
    expect(new RocketMQError('CONFIG_INVALID', 'x').retryable).toBe(false);
    expect(new RocketMQError('REQUEST_REFUSED', 'x', { retryable: true }).retryable).toBe(true);
    expect(new RocketMQError('TIMEOUT', 'x', { retryable: false }).retryable).toBe(false);
    expect('cause' in new RocketMQError('TIMEOUT', 'x')).toBe(false);
  });
});

it.each<[unknown, string, string | undefined]>([
  [new RocketMQError('CLOSED', 'gone'), 'gone', 'CLOSED'],
  [Object.assign(new Error('taken'), { code: 'EADDRINUSE' }), 'taken', 'EADDRINUSE'],
  [{ message: 'of another realm', code: 5 }, 'of another realm', undefined],
  ['text', 'text', undefined],
  [null, 'null', undefined],
  [undefined, 'undefined', undefined],
])('reads message and code of %p', (thrown, message, code) => {
  expect([messageOf(thrown), codeOf(thrown)]).toEqual([message, code]);
});
