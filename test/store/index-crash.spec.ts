import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../libs/common/src/index.js';
import {
  StoreDirectory,
  appendOne,
  createFaultyDisk,
  createManualClock,
  createRecordingDisk,
  diskError,
  foundBodies,
  indexCaughtUp,
  indexContents,
  keyedMessage,
  readQueue,
  seededRandom,
  type RecordingDisk,
} from '../../libs/testkit/src/index.js';

// The message index over crashes and errors of the disk: whatever is left of its files, after the next start it holds
// what an index made from the log alone holds. CRASH_SEED repeats a run.

const seed = Number(process.env['CRASH_SEED'] ?? systemClock.now() % 1_000_000);
/** Of each kind. */
const images = 60;
const config = { mappedFileSizeCommitLog: 8192, mappedFileSizeConsumeQueue: 400, maxHashSlotNum: 7, maxIndexNum: 16 };

let directory: StoreDirectory;
let image: StoreDirectory;
beforeEach(() => {
  directory = new StoreDirectory();
  image = new StoreDirectory();
});
afterEach(async () => {
  await directory.remove();
  await image.remove();
});

const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise<void>((resolve) => setImmediate(resolve));
};

/** Rounds of messages with none, one or many keys, with checkpoints in between. */
async function live(rounds: number) {
  const random = seededRandom(seed);
  const clock = createManualClock();
  const disk = createRecordingDisk(directory.path);
  const store = await directory.start(config, { disk, clock });
  for (let round = 0; round < rounds; round++) {
    const count = 1 + Math.floor(random() * 4);
    const sends = Array.from({ length: count }, (_, i) => {
      const keys = Array.from({ length: Math.floor(random() ** 3 * 25) }, (_key, k) => `k${(round * 7 + k) % 11}`);
      return appendOne(store, random() < 0.2 ? { properties: '' } : keyedMessage(keys.join(' '), `U${round}.${i}`));
    });
    await Promise.all(sends);
    if (random() < 0.4) clock.advance(6000);
    await turns(6);
  }
  return { disk, random };
}

/** Some of the moments at which the machine may stop, all over its life. */
function momentsOf(disk: RecordingDisk, random: () => number): number[] {
  const step = Math.max(1, disk.moment / images);
  return Array.from({ length: Math.floor(disk.moment / step) }, (_, i) => Math.floor((i + random()) * step));
}

/** Starts a store on the image: every message is found by its unique key, and the files are those of a fresh index. */
async function expectIndexed(about: unknown): Promise<void> {
  const clock = createManualClock();
  const store = await image.start(config, { clock });
  await indexCaughtUp(store);
  for (const { body } of await readQueue(store)) {
    const [, unique] = /\|(U.*)$/.exec(body.toString()) ?? [];
    if (unique !== undefined) {
      expect({ about, bodies: await foundBodies(store, unique) }).toEqual({ about, bodies: [body.toString()] });
    }
  }
  await store.close();
  const recovered = store.figures().commitLogMaxOffset === 0 ? [] : indexContents(image.path);
  rmSync(join(image.path, 'index'), { recursive: true, force: true });
  await (await image.start(config, { clock })).close();
  if (recovered.length > 0) expect({ about, files: recovered }).toEqual({ about, files: indexContents(image.path) });
}

/** A short life on the image with one call failing. Returns how many calls there were. */
async function failAt(site: number): Promise<number> {
  rmSync(image.path, { recursive: true, force: true });
  const disk = createFaultyDisk();
  const clock = createManualClock();
  disk.fault = (_call, index) => (index === site ? diskError('EIO') : undefined);
  const store = image.create(config, { disk, clock });
  await store.start().catch(() => undefined);
  for (let i = 0; i < 12 && store.unavailable === undefined; i++) {
    await appendOne(store, keyedMessage(`k${i % 5} own-${i}`, `U${i}`));
    if (i % 6 === 0) clock.advance(6000);
    await turns(6);
  }
  // What could not be written is tried again.
  clock.advance(1000);
  await turns(10);
  await store.close().catch(() => undefined);
  return disk.calls.length;
}

describe(`the message index, seed ${seed}`, () => {
  it('is whole after a kill at any moment', async () => {
    const { disk, random } = await live(40);
    for (const moment of momentsOf(disk, random)) {
      disk.imageAfterKill(moment, Math.floor(random() * 300), image.path);
      await expectIndexed({ seed, moment });
    }
  }, 120_000);

  it('is whole after a power cut at any moment', async () => {
    const { disk, random } = await live(40);
    for (const moment of momentsOf(disk, random)) {
      const share = random();
      disk.imageAfterPowerCut(moment, () => random() < share, image.path);
      await expectIndexed({ seed, moment, share });
    }
  }, 120_000);

  it('is whole after an error at any call that changes the disk', async () => {
    const sites = await failAt(-1);
    expect(sites).toBeGreaterThan(60);
    for (let site = 0; site < sites; site++) {
      await failAt(site);
      await expectIndexed({ site });
    }
  }, 120_000);
});
