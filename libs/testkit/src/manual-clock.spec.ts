import { describe, expect, it } from '@jest/globals';
import { createManualClock } from './manual-clock.js';

describe('manual clock', () => {
  it('runs due timers in order of time, those they start included, and no others', () => {
    const clock = createManualClock(1000);
    const seen: string[] = [];
    clock.after(20, () => {
      seen.push(`second@${clock.now()}`);
      clock.after(5, () => seen.push(`nested@${clock.now()}`));
    });
    clock.after(10, () => seen.push(`first@${clock.now()}`));
    clock.after(31, () => seen.push('too late'));
    clock.advance(30);
    expect(seen).toEqual(['first@1010', 'second@1020', 'nested@1025']);
    expect(clock.now()).toBe(1030);
    expect(clock.timers).toBe(1);
  });

  it('repeats periodic timers until cancelled, also by their own task', () => {
    const clock = createManualClock();
    let runs = 0;
    const timer = clock.every(10, () => {
      if (++runs === 3) timer.cancel();
    });
    clock.advance(100);
    expect(runs).toBe(3);
    expect(clock.timers).toBe(0);
  });

  it('lets the wall clock jump without firing timers', () => {
    const clock = createManualClock(5000);
    let fired = false;
    clock.after(10, () => (fired = true));
    clock.jump(-1000);
    expect([clock.now(), clock.monotonic(), fired]).toEqual([4000, 0, false]);
    clock.advance(10);
    expect(fired).toBe(true);
  });
});
