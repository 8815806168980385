import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../libs/common/src/index.js';
import { crashRounds } from '../crash-rounds.js';

describe('kill -9 of the broker under load, many times', () => {
  const rounds = Number(process.env['CRASH_ROUNDS'] ?? 20);
  const seed = Number(process.env['CRASH_SEED'] ?? systemClock.now() % 1_000_000);
  it.each(['ASYNC_FLUSH', 'SYNC_FLUSH'] as const)(
    '%s: every acknowledged message is served at its offset, and no offset is missing',
    async (flushDiskType) => {
      const { faults, ...figures } = await crashRounds({ rounds, flushDiskType, seed });
      process.stdout.write(`${flushDiskType} seed ${seed} ${JSON.stringify(figures)}\n`);
      expect({ seed, faults }).toEqual({ seed, faults: [] });
      expect(figures.acked).toBeGreaterThan(rounds * 10);
      expect(figures.outages).toHaveLength(rounds);
    },
  );
});
