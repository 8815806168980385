import type { Clock, Timer } from '../../common/src/index.js';

/** A clock that stands still until told to move. */
export interface ManualClock extends Clock {
  /**
   * Moves time forward by `ms` and runs, in order of their due time, every timer that comes due on the way, also those
   * that such timers start. Tasks see `now()` at their own due time. Promise callbacks run after this call, not within.
   */
  advance(ms: number): void;
  /** The wall clock jumps (either way); timers and `monotonic` do not notice, as on a real machine. */
  jump(ms: number): void;
  /** Timers that wait, periodic ones included: zero when everything was cleaned up. */
  readonly timers: number;
}

interface Entry {
  readonly task: () => void;
  /** Undefined: once. */
  readonly interval: number | undefined;
  due: number;
}

/** @param start what `now()` says at first: milliseconds since the epoch. */
export function createManualClock(start = Date.UTC(2024, 0, 1)): ManualClock {
  let elapsed = 0;
  let wallOffset = start;
  // Insertion order breaks ties, as with real timers.
  const entries = new Set<Entry>();

  const add = (delay: number, interval: number | undefined, task: () => void): Timer => {
    const entry: Entry = { task, interval, due: elapsed + Math.max(interval === undefined ? 0 : 1, delay) };
    entries.add(entry);
    return { cancel: () => void entries.delete(entry) };
  };

  const nextDue = (limit: number): Entry | undefined => {
    let next: Entry | undefined;
    for (const entry of entries) {
      if (entry.due <= limit && (next === undefined || entry.due < next.due)) next = entry;
    }
    return next;
  };

  return {
    now: () => wallOffset + elapsed,
    monotonic: () => elapsed,
    after: (delay, task) => add(delay, undefined, task),
    every: (interval, task) => add(interval, interval, task),
    advance(ms) {
      const end = elapsed + ms;
      for (let entry = nextDue(end); entry !== undefined; entry = nextDue(end)) {
        elapsed = Math.max(elapsed, entry.due);
        entries.delete(entry);
        if (entry.interval !== undefined) {
          entry.due += Math.max(1, entry.interval);
          entries.add(entry);
        }
        entry.task();
      }
      elapsed = end;
    },
    jump(ms) {
      wallOffset += ms;
    },
    get timers() {
      return entries.size;
    },
  };
}
