import { expect, it } from '@jest/globals';
import { systemClock } from '../../../libs/common/src/index.js';
import { crashSettings, publish } from '../crash-settings.js';
import { runImages, type ImageReport } from '../images/image-run.js';

const settings = crashSettings();
const lives = settings.isFull ? 200 : 100;
const imagesPerLife = settings.only?.imagesPerLife ?? (settings.isFull ? 50 : 20);

it(`${lives * imagesPerLife} crash images of ${lives} lives, seed ${settings.seed}`, async () => {
  const startedAt = systemClock.monotonic();
  let printed = 0;
  const onProgress = (done: number, { failures }: ImageReport): void => {
    if (done - printed < 1000) return;
    printed = done;
    const rate = Math.round((done * 1000) / (systemClock.monotonic() - startedAt));
    process.stdout.write(`${done} of ${lives * imagesPerLife} images, ${rate} a second, ${failures.length} failed\n`);
  };
  const report = await runImages({ ...settings, lives, imagesPerLife, onProgress });
  publish('crash-images', report, rowsOf(report));
  for (const { replay, plan, faults } of report.failures)
    process.stdout.write(`\nfailed: ${replay}\n  ${plan}\n  ${faults.join('\n  ')}\n`);
  expect(report.failures).toEqual([]);
  expect(report.images).toBe(settings.only ? 1 : lives * imagesPerLife);
});

function rowsOf({ kinds, lives: workloads, images, messages, changes }: ImageReport): (string | number)[][] {
  const head = ['kind of crash', 'images', 'acked', 'lost', 'of these promised', 'phantoms', 'faulty'];
  const rows = Object.entries(kinds)
    .sort(([one], [two]) => (one < two ? -1 : 1))
    .map(([kind, count]) => [kind, count.images, count.acked, count.lost, count.broken, count.phantoms, count.faulty]);
  const sum = (column: number): number => rows.reduce((total, row) => total + Number(row[column]), 0);
  const total = `all: ${workloads} lives, ${messages} messages, ${changes} changes of the disk, ${images} images`;
  return [head, ...rows, [total, ...[1, 2, 3, 4, 5, 6].map(sum)]];
}
