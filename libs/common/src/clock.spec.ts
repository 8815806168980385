import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Clock, pause, systemClock, type Timer } from './clock.js';

/** A clock whose only timer runs when the test says so. */
function handClock(): Clock & { run(): void; readonly waiting: boolean } {
  let task: (() => void) | undefined;
  const arm = (_delay: number, next: () => void): Timer => {
    task = next;
    return { cancel: () => (task = undefined) };
  };
  return {
    now: () => 0,
    monotonic: () => 0,
    after: arm,
    every: arm,
    run: () => task?.(),
    get waiting() {
      return task !== undefined;
    },
  };
}

describe('systemClock', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('runs a task once, unless cancelled', () => {
    const task = jest.fn();
    systemClock.after(10, task);
    const cancelled = systemClock.after(10, task);
    cancelled.cancel();
    cancelled.cancel();
    jest.advanceTimersByTime(100);
    expect(task).toHaveBeenCalledTimes(1);
  });

  it('runs a task again and again, until cancelled', () => {
    const task = jest.fn();
    const timer = systemClock.every(10, task);
    jest.advanceTimersByTime(35);
    timer.cancel();
    jest.advanceTimersByTime(35);
    expect(task).toHaveBeenCalledTimes(3);
  });

  it('waits for delays that are too long for one timer of Node', () => {
    const task = jest.fn();
    const days = 24 * 3600 * 1000;
    systemClock.after(60 * days, task);
    const cancelled = systemClock.after(60 * days, task);
    jest.advanceTimersByTime(59 * days);
    expect(task).not.toHaveBeenCalled();
    cancelled.cancel();
    jest.advanceTimersByTime(2 * days);
    expect(task).toHaveBeenCalledTimes(1);
  });
});

describe('pause', () => {
  it('resolves when the time is over', async () => {
    const clock = handClock();
    const paused = pause(clock, 5);
    clock.run();
    await expect(paused).resolves.toBeUndefined();
  });

  it('resolves at once when aborted, and leaves no timer behind', async () => {
    const clock = handClock();
    const abort = new AbortController();
    const paused = pause(clock, 1e9, abort.signal);
    expect(clock.waiting).toBe(true);
    abort.abort();
    await paused;
    expect(clock.waiting).toBe(false);
    await pause(clock, 1e9, abort.signal);
    expect(clock.waiting).toBe(false);
  });
});
