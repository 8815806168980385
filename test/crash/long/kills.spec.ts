import { describe, expect, it } from '@jest/globals';
import { crashRounds } from '../crash-rounds.js';
import { crashSettings, publish } from '../crash-settings.js';

const { isFull, seed } = crashSettings();

describe('kill -9 of the broker under load, many times', () => {
  const rounds = isFull ? 50 : 10;
  it.each(['ASYNC_FLUSH', 'SYNC_FLUSH'] as const)(
    '%s: every acknowledged message is served at its offset, and no offset is missing',
    async (flushDiskType) => {
      // Twenty-five of a hundred; the two flush modes are tested one after the other.
      const doubleKillEvery = 4;
      const { faults, ...figures } = await crashRounds({ rounds, doubleKillEvery, flushDiskType, seed });
      const { acked, unknown, stored, killedInRecovery, outages } = figures;
      const sorted = [...outages].sort((a, b) => a - b);
      const [median, longest] = [sorted[sorted.length >> 1] ?? 0, sorted.at(-1) ?? 0];
      publish(`kills-${flushDiskType}`, { seed, rounds, ...figures, faults }, [
        ['kills', 'again in recovery', 'acked', 'unknown', 'stored', 'faults', 'outage ms, median', 'longest'],
        [rounds, killedInRecovery, acked, unknown, stored, faults.length, median, longest],
      ]);
      expect({ seed, faults }).toEqual({ seed, faults: [] });
      expect(acked).toBeGreaterThan(rounds * 10);
      expect(outages).toHaveLength(rounds);
      expect(killedInRecovery).toBe(Math.ceil(rounds / doubleKillEvery));
    },
  );
});
