import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../libs/common/src/index.js';
import { crashRounds } from './crash-rounds.js';

// The short form; `npm run test:crash` kills more often. CRASH_ROUNDS and CRASH_SEED change both.
describe('kill -9 of the broker under load', () => {
  const rounds = Number(process.env['CRASH_ROUNDS'] ?? 2);
  const seed = Number(process.env['CRASH_SEED'] ?? systemClock.now() % 1_000_000);
  it.each(['ASYNC_FLUSH', 'SYNC_FLUSH'] as const)(
    '%s: every acknowledged message is served at its offset, and no offset is missing',
    async (flushDiskType) => {
      const report = await crashRounds({ rounds, flushDiskType, seed });
      expect({ seed, faults: report.faults }).toEqual({ seed, faults: [] });
      expect(report.acked).toBeGreaterThan(rounds * 10);
      expect(report.outages).toHaveLength(rounds);
    },
    120_000,
  );
});
