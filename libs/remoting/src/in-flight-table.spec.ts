import { describe, expect, it } from '@jest/globals';
import { RocketMQError } from '../../common/src/index.js';
import { heartBeat, type AnyDeclaration } from '../../protocol/src/index.js';
import { createManualClock } from '../../testkit/src/manual-clock.js';
import { InFlightTable } from './in-flight-table.js';
import type { PendingCall } from './pending-call.js';

const clock = createManualClock();
const declaration = heartBeat as unknown as AnyDeclaration;

interface Call extends PendingCall {
  readonly failures: unknown[];
}

function call(opaque: number, timeout = 3000): Call {
  const failures: unknown[] = [];
  const fail = (error: unknown): void => void failures.push(error);
  return {
    opaque,
    declaration,
    timeout,
    deadline: clock.monotonic() + timeout,
    failures,
    fail,
    succeed: () => undefined,
  };
}

const table = (): InFlightTable => new InFlightTable(clock, 1000, 'peer');

describe('InFlightTable', () => {
  it('gives a call to the response with its id, once', () => {
    const calls = table();
    const first = call(calls.nextOpaque());
    calls.add(first);
    expect(calls.take(first.opaque + 64)).toBeUndefined();
    expect(calls.take(-first.opaque)).toBeUndefined();
    expect(calls.get(first.opaque)).toBe(first);
    expect(calls.take(first.opaque)).toBe(first);
    expect(calls.take(first.opaque)).toBeUndefined();
    expect(calls.size).toBe(0);
  });

  it('keeps an old call among thousands that come and go', () => {
    const calls = table();
    const parked = call(calls.nextOpaque());
    calls.add(parked);
    for (let i = 0; i < 5000; i++) {
      const next = call(calls.nextOpaque());
      calls.add(next);
      expect(calls.take(next.opaque)).toBe(next);
    }
    expect(calls.take(parked.opaque)).toBe(parked);
  });

  it('has room for all that are allowed', () => {
    const calls = table();
    const made = Array.from({ length: 1000 }, () => {
      const next = call(calls.nextOpaque());
      calls.add(next);
      return next;
    });
    expect(() => calls.checkRoom('HEART_BEAT')).toThrow('1000 calls are under way');
    for (const one of made) expect(calls.take(one.opaque)).toBe(one);
  });

  it('ends each call at its own time, whatever came after it', () => {
    const calls = table();
    const [late, early] = [call(calls.nextOpaque(), 5000), call(calls.nextOpaque(), 1000)];
    calls.add(late);
    calls.add(early);
    clock.advance(1000);
    expect([early.failures, late.failures]).toEqual([[expect.objectContaining({ code: 'TIMEOUT' })], []]);
    clock.advance(4000);
    expect(late.failures).toHaveLength(1);
    expect(calls.size).toBe(0);
  });

  it('fails all of them, and takes new ones afterwards', () => {
    const calls = table();
    const one = call(calls.nextOpaque());
    calls.add(one);
    const error = new RocketMQError('CONNECTION_FAILED', 'gone');
    calls.failAll(error);
    expect([one.failures, calls.size]).toEqual([[error], 0]);
    clock.advance(3000);
    expect(one.failures).toHaveLength(1);
  });
});
