import { describe, expect, it } from '@jest/globals';
import { crashImage, type MemoryDisk } from '../../libs/testkit/src/index.js';
import { crashSettings } from '../crash/crash-settings.js';
import { runImages } from '../crash/images/image-run.js';
import { storeLife } from '../crash/images/store-life.js';

// Stores live for a while on a disk that remembers every change; then the machine stops at some of them, and the next
// store has to make sense of what is left. `npm run test:crash` plays many more; CRASH_SEED repeats a run.

const { seed } = crashSettings();

const bytesOf = (disk: MemoryDisk): Map<string, Buffer> =>
  new Map([...disk.files].map(([path, file]) => [path, file.contents()]));

describe(`crash images, seed ${seed}`, () => {
  it('500 of them: nothing promised is lost, nothing else is served, and recovery is final', async () => {
    const { failures, images, kinds } = await runImages({ seed, lives: 50, imagesPerLife: 10 });
    expect(failures).toEqual([]);
    expect(images).toBe(500);
    // Power cuts that lose nothing would mean that nothing was at stake.
    const lost = Object.entries(kinds).filter(([kind]) => kind.startsWith('ASYNC_FLUSH, power'));
    expect(lost.reduce((sum, [, count]) => sum + count.lost, 0)).toBeGreaterThan(0);
  }, 120_000);

  it('notice a disk whose syncs do nothing', async () => {
    const { kinds, failures } = await runImages({ seed: 3, lives: 10, imagesPerLife: 10, isLyingDisk: true });
    const broken = Object.entries(kinds).flatMap(([kind, count]) => (count.broken > 0 ? [kind] : []));
    for (const mode of ['SYNC_FLUSH', 'SYNC_FLUSH direct'])
      expect(broken.filter((kind) => kind.startsWith(`${mode}, power cut`)).length).toBeGreaterThan(0);
    expect(failures[0]?.replay).toMatch(/^CRASH_IMAGE=3:\d+:\d+:10 npm run test:crash$/);
  }, 120_000);

  it('play one image again as it was', async () => {
    const [one, two] = [await storeLife(seed), await storeLife(seed)];
    const plan = { kind: 'power', moment: one.disk.moment >> 1, names: 'loose', sector: 512, seed } as const;
    expect(bytesOf(crashImage(one.disk, plan))).toEqual(bytesOf(crashImage(two.disk, plan)));
  });
});
