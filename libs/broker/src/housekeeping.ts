import { messageOf, type Lifecycle, type Timer } from '../../common/src/index.js';
import type { BrokerParts } from './parts.js';
import { memberScanInterval } from './tables/client-member.js';

type Parts = Pick<
  BrokerParts,
  'config' | 'clock' | 'log' | 'offsets' | 'consumers' | 'producers' | 'queueLocks' | 'filters'
>;

/** As in Java. */
const filterSaveInterval = 10_000;

/** What is done from time to time: offsets go to the disk, clients without heartbeats are let go, and so are their locks. */
export function housekeeping(parts: Parts): Lifecycle {
  const { config, clock, log, offsets, consumers, producers, queueLocks, filters } = parts;
  const timers: Timer[] = [];
  const saveOffsets = (): Promise<void> =>
    offsets.save().catch((error: unknown) => log.error('consumer offsets were not saved', { error: messageOf(error) }));
  const saveFilters = (): Promise<void> =>
    filters.save().catch((error: unknown) => log.error('consumer filters were not saved', { error: messageOf(error) }));
  return {
    start() {
      timers.push(clock.every(config.flushConsumerOffsetInterval, () => void saveOffsets()));
      timers.push(clock.every(filterSaveInterval, () => void saveFilters()));
      timers.push(
        clock.every(memberScanInterval, () => {
          consumers.expire();
          producers.expire();
          queueLocks.expire();
        }),
      );
      return Promise.resolve();
    },
    async close() {
      for (const timer of timers) timer.cancel();
      await Promise.all([offsets.save(), filters.save()]);
    },
  };
}
