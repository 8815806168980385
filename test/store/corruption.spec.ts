import { expect, it } from '@jest/globals';
import { runCorruption } from '../crash/corruption/corruption-run.js';
import { crashSettings } from '../crash/crash-settings.js';

// The short form; `npm run test:crash` spoils 300 stores, with --full 2,200. CRASH_SEED repeats a run.
const { seed } = crashSettings();

it(`100 spoiled stores, seed ${seed}: damage is named, and nothing wrong is served`, async () => {
  const { failures, fields } = await runCorruption({ seed, flips: 90, truncations: 10 });
  expect(failures).toEqual([]);
  const named = Object.values(fields).reduce((sum, count) => sum + count.named, 0);
  expect(named).toBeGreaterThan(15);
}, 60_000);
