import { expect, it } from '@jest/globals';
import { crashSettings } from './crash-settings.js';
import { timerRun } from './timer/timer-run.js';

// The short form; `npm run test:crash` plays 200,000, with --full a million. CRASH_SEED repeats a run.
it('30,000 timed messages over 10 crashes: none early, none lost, none twice beyond the window', async () => {
  const { seed } = crashSettings();
  const report = await timerRun({ messages: 30_000, crashes: 10, seed });
  expect({ seed, faults: report.faults }).toEqual({ seed, faults: [] });
  expect(report).toMatchObject({ early: 0, lost: 0, twiceBeyondWindow: 0, cancelledDelivered: 0 });
  expect(report.cancelledTooLate).toBeLessThan(report.cancelled / 100);
  expect(report.kills + report.powerCuts).toBe(10);
  expect(report.acked).toBeGreaterThan(28_000);
  expect(report.cancelled).toBeGreaterThan(300);
  expect(report.twice).toBeGreaterThan(0);
}, 120_000);
