/** A running timer; `cancel` is idempotent. */
export interface Timer {
  /** It does not run any more. */
  cancel(): void;
}

/**
 * Time as a parameter, so that a whole cluster can run in one process on simulated time.
 * All durations and instants are milliseconds.
 */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. May jump. */
  now(): number;
  /** Never goes back; only differences mean something. */
  monotonic(): number;
  /** Runs `task` once. Keeps the process alive until then. */
  after(delay: number, task: () => void): Timer;
  /** Runs `task` again and again. Housekeeping only: does not keep the process alive. */
  every(interval: number, task: () => void): Timer;
}

/** Node fires a timer with a longer delay at once. */
const longestTimeout = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delay, task) {
    let left = delay;
    const run = (): void => {
      left -= longestTimeout;
      if (left > 0) timer = setTimeout(run, Math.min(left, longestTimeout));
      else task();
    };
    let timer = setTimeout(run, Math.min(left, longestTimeout));
    return { cancel: () => clearTimeout(timer) };
  },
  every(interval, task) {
    const timer = setInterval(task, Math.min(interval, longestTimeout));
    timer.unref();
    return { cancel: () => clearInterval(timer) };
  },
};

/** Resolves after `delay` milliseconds, or at once when `signal` aborts. Never rejects. */
export function pause(clock: Clock, delay: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = (): void => {
      timer.cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = clock.after(delay, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
