import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../libs/common/src/index.js';
import { createMessageStore, type Disk, type MessageStore } from '../../libs/store/src/index.js';
import {
  appendOne,
  crashImage,
  createFaultyDisk,
  createManualClock,
  createMemoryDisk,
  createRecordingDisk,
  diskError,
  foundBodies,
  indexCaughtUp,
  keyedMessage,
  readQueue,
  seededRandom,
  smallStoreConfig,
  type ManualClock,
  type MemoryDisk,
  type RecordingDisk,
} from '../../libs/testkit/src/index.js';
import { crashSettings } from '../crash/crash-settings.js';

// The message index over crashes and errors of the disk: whatever is left of its files, after the next start it holds
// what an index made from the log alone holds. CRASH_SEED repeats a run.

const { seed } = crashSettings();
/** Of each kind; the moments are others in each run. */
const images = 30;
const config = smallStoreConfig('/store', {
  mappedFileSizeCommitLog: 8192,
  mappedFileSizeConsumeQueue: 400,
  maxHashSlotNum: 7,
  maxIndexNum: 16,
});

function emptyDisk(): MemoryDisk {
  const disk = createMemoryDisk();
  disk.makeDirectory('/store');
  return disk;
}

function createStore(disk: Disk, clock: ManualClock = createManualClock()): MessageStore {
  return createMessageStore(config, { clock, disk, log: silentLogger });
}

async function startStore(disk: Disk, clock?: ManualClock): Promise<MessageStore> {
  const store = createStore(disk, clock);
  await store.start();
  return store;
}

/** Of all index files, oldest first: their names are times. */
function indexContents(disk: MemoryDisk): Buffer[] {
  const paths = [...disk.files.keys()].filter((path) => path.startsWith('/store/index/')).sort();
  return paths.map((path) => disk.files.get(path)?.contents() ?? Buffer.alloc(0));
}

const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise<void>((resolve) => setImmediate(resolve));
};

/** Rounds of messages with none, one or many keys, with checkpoints in between. */
async function live(rounds: number) {
  const random = seededRandom(seed);
  const clock = createManualClock();
  const disk = createRecordingDisk(emptyDisk());
  const store = await startStore(disk, clock);
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
async function expectIndexed(image: MemoryDisk, about: unknown): Promise<void> {
  const store = await startStore(image);
  await indexCaughtUp(store);
  for (const { body } of await readQueue(store)) {
    const [, unique] = /\|(U.*)$/.exec(body.toString()) ?? [];
    if (unique !== undefined) {
      expect({ about, bodies: await foundBodies(store, unique) }).toEqual({ about, bodies: [body.toString()] });
    }
  }
  await store.close();
  const recovered = store.figures().commitLogMaxOffset === 0 ? [] : indexContents(image);
  image.removeTree('/store/index');
  await (await startStore(image)).close();
  if (recovered.length > 0) expect({ about, files: recovered }).toEqual({ about, files: indexContents(image) });
}

/** A short life with one call failing. Returns how many calls there were, and what is left. */
async function failAt(site: number): Promise<{ calls: number; disk: MemoryDisk }> {
  const memory = emptyDisk();
  const disk = createFaultyDisk(memory);
  const clock = createManualClock();
  disk.fault = (_call, index) => (index === site ? diskError('EIO') : undefined);
  const store = createStore(disk, clock);
  await store.start().catch(() => undefined);
  for (let i = 0; i < 12 && store.unavailable === undefined; i++) {
    await appendOne(store, keyedMessage(`k${i % 5} own-${i}`, `U${i}`));
    if (i % 6 === 0) clock.advance(6000);
    await turns(6);
  }
  await store.close().catch(() => undefined);
  memory.closeAll();
  return { calls: disk.calls.length, disk: memory };
}

describe(`the message index, seed ${seed}`, () => {
  it('is whole after a kill at any moment', async () => {
    const { disk, random } = await live(40);
    for (const moment of momentsOf(disk, random)) {
      const image = crashImage(disk, { kind: 'kill', moment, tornTo: Math.floor(random() * 300) });
      await expectIndexed(image, { seed, moment });
    }
  }, 120_000);

  it('is whole after a power cut at any moment', async () => {
    const { disk, random } = await live(40);
    for (const moment of momentsOf(disk, random)) {
      const plan = { kind: 'power', moment, names: 'loose', sector: 512, seed: Math.floor(random() * 1e9) } as const;
      await expectIndexed(crashImage(disk, plan), { seed, plan });
    }
  }, 120_000);

  it('is whole after an error at any call that changes the disk', async () => {
    const { calls } = await failAt(-1);
    expect(calls).toBeGreaterThan(60);
    for (let site = 0; site < calls; site++) await expectIndexed((await failAt(site)).disk, { site });
  }, 120_000);
});
