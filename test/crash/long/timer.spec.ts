import { expect, it } from '@jest/globals';
import { crashSettings, publish } from '../crash-settings.js';
import { timerRun } from '../timer/timer-run.js';

const { isFull, seed } = crashSettings();
const messages = isFull ? 1_000_000 : 200_000;
const crashes = isFull ? 100 : 40;

it(`${messages} timed messages over ${crashes} crashes, seed ${seed}`, async () => {
  const report = await timerRun({ messages, crashes, seed });
  const { lateness, faults, ...counts } = report;
  const figures = { ...counts, 'late p50, ms': lateness.p50, 'late p99, ms': lateness.p99 };
  publish('timer', report, Object.entries(figures));
  for (const fault of faults) process.stdout.write(`  ${fault}\n`);
  expect({ seed, faults }).toEqual({ seed, faults: [] });
  expect(report).toMatchObject({ early: 0, lost: 0, twiceBeyondWindow: 0, cancelledDelivered: 0 });
  expect(report.cancelledTooLate).toBeLessThan(report.cancelled / 100);
});
