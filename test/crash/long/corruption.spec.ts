import { expect, it } from '@jest/globals';
import { runCorruption, type CorruptionReport } from '../corruption/corruption-run.js';
import { crashSettings, publish } from '../crash-settings.js';

const { isFull, seed } = crashSettings();
const [flips, truncations] = isFull ? [2000, 200] : [270, 30];

it(`${flips} flips of a byte and ${truncations} truncations, seed ${seed}`, async () => {
  const report = await runCorruption({ seed, flips, truncations });
  publish('corruption', report, rowsOf(report));
  for (const { what, fault } of report.failures.slice(0, 20)) process.stdout.write(`\nfailed: ${what}\n  ${fault}\n`);
  expect(report.failures).toEqual([]);
});

function rowsOf({ fields, differing }: CorruptionReport): (string | number)[][] {
  const head = ['spoiled', 'times', 'refused', 'named', 'harmless', 'served changed', 'what changed'];
  const rows = Object.entries(fields)
    .sort(([one], [two]) => (one < two ? -1 : 1))
    .map(([label, { spoiled, refused, named, harmless, unprotected }]) => {
      const changed = (differing[label] ?? []).join(', ');
      return [label, spoiled, refused, named, harmless, unprotected, changed];
    });
  return [head, ...rows];
}
