import { describe, expect, it } from '@jest/globals';
import { crashRounds } from './crash-rounds.js';
import { crashSettings } from './crash-settings.js';

// The short form; `npm run test:crash` kills more often. CRASH_SEED repeats a run.
describe('kill -9 of the broker under load', () => {
  const rounds = 2;
  const { seed } = crashSettings();
  it.each(['ASYNC_FLUSH', 'SYNC_FLUSH'] as const)(
    '%s: every acknowledged message is served at its offset, and no offset is missing',
    async (flushDiskType) => {
      const report = await crashRounds({ rounds, doubleKillEvery: 2, flushDiskType, seed });
      expect({ seed, faults: report.faults }).toEqual({ seed, faults: [] });
      expect(report.acked).toBeGreaterThan(rounds * 10);
      expect(report.outages).toHaveLength(rounds);
    },
    120_000,
  );
});
