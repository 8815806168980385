import { expect, it } from '@jest/globals';
import { systemClock } from '../../libs/common/src/index.js';
import { rollingRestarts } from './rolling-run.js';

// What run.mjs asks for through the environment.
const { ROLLING_ROUNDS, ROLLING_SEED } = process.env;
const rounds = Number(ROLLING_ROUNDS ?? 5);
const seed = Number(ROLLING_SEED ?? systemClock.now() % 1_000_000);

it(
  `${rounds} rolling restarts of two instances under load: nothing lost, nothing early, every stop in time (seed ${seed})`,
  async () => {
    const { sent, duplicates, stops, stuckStop, faults } = await rollingRestarts({ rounds, seed });
    const [longest, total] = [Math.max(...stops), stops.reduce((sum, took) => sum + took, 0)];
    const mean = Math.round(total / stops.length);
    process.stdout.write(
      `${stops.length} stops: ${sent} sent, ${duplicates} came twice; a stop took ${mean} ms, at most ${longest} ms, with a stuck handler ${stuckStop} ms\n`,
    );
    expect({ seed, faults }).toEqual({ seed, faults: [] });
    expect(stops).toHaveLength(2 * rounds + 2);
    expect(sent).toBeGreaterThan(rounds * 100);
  },
  60_000 + rounds * 20_000,
);
