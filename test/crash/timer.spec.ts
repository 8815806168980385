import { expect, it } from '@jest/globals';
import { crashSettings } from './crash-settings.js';
import { timerRun } from './timer/timer-run.js';

// The short form; `npm run test:crash -- --full long/timer` plays a million. CRASH_SEED repeats a run.
it('100,000 timed messages over 20 crashes: none early, none lost, none twice beyond the window', async () => {
  const { seed } = crashSettings();
  const report = await timerRun({ messages: 100_000, crashes: 20, seed });
  expect({ seed, faults: report.faults }).toEqual({ seed, faults: [] });
  expect(report).toMatchObject({ early: 0, lost: 0, twiceBeyondWindow: 0, cancelledDelivered: 0 });
  expect(report.cancelledTooLate).toBeLessThan(report.cancelled / 100);
  expect(report.kills + report.powerCuts).toBe(20);
  expect(report.acked).toBeGreaterThan(95_000);
  expect(report.cancelled).toBeGreaterThan(1000);
  expect(report.twice).toBeGreaterThan(0);
}, 120_000);
