import type { Clock, Logger } from '../../../common/src/index.js';

/** Milliseconds between two lines; a recovery that is done sooner says nothing. */
const interval = 5000;

/**
 * Tells the operator how far a long recovery is: bytes done, percent, seconds left at the rate so far. The end is that of
 * the last file, which may be empty behind the last record, so that the rest is at most what is told.
 */
export function recoveryProgress(clock: Clock, logger: Logger, start: number, end: number): (offset: number) => void {
  const startedAt = clock.monotonic();
  let nextAt = startedAt + interval;
  return (offset) => {
    const now = clock.monotonic();
    if (now < nextAt) return;
    nextAt = now + interval;
    const bytes = offset - start;
    const secondsLeft = Math.round(((end - offset) / Math.max(1, bytes)) * ((now - startedAt) / 1000));
    logger.info('recovering the commit log', {
      bytes,
      of: end - start,
      percent: Math.floor((100 * bytes) / Math.max(1, end - start)),
      secondsLeft,
    });
  };
}
