import { describe, expect, it } from '@jest/globals';
import { createManualClock } from '../../../testkit/src/manual-clock.js';
import { AsyncGate } from './async-gate.js';

function create(count: number, bytes: number) {
  const clock = createManualClock();
  const gate = new AsyncGate({ count, bytes }, clock);
  const log: string[] = [];
  const pass = (name: string, size = 1, timeout = 1_000): void =>
    gate.pass(
      size,
      timeout,
      () => log.push(name),
      (error) => log.push(`${name}: ${error.code}`),
    );
  return { clock, gate, log, pass };
}

describe('AsyncGate', () => {
  it('lets so many through, then each in its turn as others leave', () => {
    const { clock, gate, log, pass } = create(2, 100);
    for (const name of ['a', 'b', 'c', 'd']) pass(name);
    expect(log).toEqual(['a', 'b']);
    gate.leave(1);
    expect(log).toEqual(['a', 'b', 'c']);
    gate.leave(1);
    expect(log).toEqual(['a', 'b', 'c', 'd']);
    expect(clock.timers).toBe(0);
  });

  it('counts bytes, and lets one that is larger than all through alone', () => {
    const { gate, log, pass } = create(10, 100);
    pass('a', 60);
    pass('large', 500);
    pass('small', 1);
    // Nobody overtakes: else a large one would wait for ever.
    expect(log).toEqual(['a']);
    gate.leave(60);
    expect(log).toEqual(['a', 'large']);
    gate.leave(500);
    expect(log).toEqual(['a', 'large', 'small']);
  });

  it('refuses who waited too long, and lets those behind go on', () => {
    const { clock, gate, log, pass } = create(2, 100);
    pass('a', 60);
    pass('b', 60, 10);
    pass('c', 30);
    clock.advance(10);
    expect(log).toEqual(['a', 'b: TOO_MANY_REQUESTS', 'c']);
    gate.leave(60);
    gate.leave(30);
    expect(clock.timers).toBe(0);
  });

  it('refuses at once when as many wait as may be under way', () => {
    const { log, pass } = create(2, 100);
    for (const name of ['a', 'b', 'c', 'd', 'e']) pass(name);
    expect(log).toEqual(['a', 'b', 'e: TOO_MANY_REQUESTS']);
  });
});
