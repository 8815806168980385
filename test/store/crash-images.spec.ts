import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../libs/common/src/index.js';
import {
  StoreDirectory,
  appendOne,
  createManualClock,
  createRecordingDisk,
  readQueue,
  seededRandom,
  type RecordingDisk,
} from '../../libs/testkit/src/index.js';

// A store lives for a while on a disk that remembers every change; then the machine stops at every one of them, and the
// next store has to make sense of what is left. CRASH_SEED repeats a run.

const seed = Number(process.env['CRASH_SEED'] ?? systemClock.now() % 1_000_000);
const files = { mappedFileSizeCommitLog: 4096, mappedFileSizeConsumeQueue: 200 };

interface Ack {
  readonly queueId: number;
  readonly queueOffset: number;
  readonly body: string;
  /** Changes of the disk when the answer came. */
  readonly moment: number;
}

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

/** Rounds of messages to three queues, with a background flush and a checkpoint now and then. */
async function live(flushDiskType: 'ASYNC_FLUSH' | 'SYNC_FLUSH', rounds: number) {
  const random = seededRandom(seed);
  const clock = createManualClock();
  const disk = createRecordingDisk(directory.path);
  const store = await directory.start({ ...files, flushDiskType }, { disk, clock });
  const acks: Ack[] = [];
  const sent = new Map<string, Set<string>>();
  for (let round = 0; round < rounds; round++) {
    const sends = Array.from({ length: 1 + Math.floor(random() * 6) }, async (_, i) => {
      const queueId = Math.floor(random() * 3);
      const body = `${round}/${i} ${'.'.repeat(Math.floor(random() * 300))}`;
      const result = await appendOne(store, { queueId, body: Buffer.from(body) });
      acks.push({ queueId, queueOffset: result.queueOffset, body, moment: disk.moment });
      const place = `${queueId}@${result.queueOffset}`;
      sent.set(place, (sent.get(place) ?? new Set()).add(body));
    });
    await Promise.all(sends);
    if (random() < 0.3) clock.advance(random() < 0.3 ? 6000 : 1000);
    for (let turns = 0; turns < 4; turns++) await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return { disk, acks, sent, random };
}

/** Starts a store on the image: all that had to survive is there, nothing else is, and work goes on. */
async function expectWhole(acks: readonly Ack[], sent: ReadonlyMap<string, ReadonlySet<string>>, about: unknown) {
  const store = await image.start(files);
  const queues = await Promise.all([0, 1, 2].map((queueId) => readQueue(store, 'TopicTest', queueId)));
  const lost = acks.filter(
    ({ queueId, queueOffset, body }) => queues[queueId]?.[queueOffset]?.body.toString() !== body,
  );
  expect({ about, lost }).toEqual({ about, lost: [] });
  for (const [queueId, records] of queues.entries()) {
    expect(records.map(({ queueOffset }) => queueOffset)).toEqual(records.map((_, i) => i));
    const strange = records.filter(
      ({ queueOffset, body }) => !sent.get(`${queueId}@${queueOffset}`)?.has(body.toString()),
    );
    expect({ about, strange }).toEqual({ about, strange: [] });
    expect((await appendOne(store, { queueId })).queueOffset).toBe(records.length);
  }
  await store.close();
}

const until = (acks: readonly Ack[], moment: number): Ack[] => acks.filter((ack) => ack.moment <= moment);

function tornLengths(random: () => number): number[] {
  return [0, Math.floor(random() * 400)];
}

describe(`crash images, seed ${seed}`, () => {
  it.each(['ASYNC_FLUSH', 'SYNC_FLUSH'] as const)(
    'a kill at any moment loses no acknowledged message (%s)',
    async (flushDiskType) => {
      const { disk, acks, sent, random } = await live(flushDiskType, 40);
      expect(acks.length).toBeGreaterThan(60);
      for (let moment = 0; moment <= disk.moment; moment++) {
        for (const torn of tornLengths(random)) {
          disk.imageAfterKill(moment, torn, image.path);
          await expectWhole(until(acks, moment), sent, { seed, moment, torn });
        }
      }
    },
    120_000,
  );

  it('a power cut at any moment loses no message acknowledged in SYNC_FLUSH', async () => {
    const { disk, acks, sent, random } = await live('SYNC_FLUSH', 40);
    for (let moment = 0; moment <= disk.moment; moment++) {
      const share = random();
      disk.imageAfterPowerCut(moment, () => random() < share, image.path);
      await expectWhole(until(acks, moment), sent, { seed, moment, share });
    }
  }, 120_000);

  it('a power cut leaves a log without holes in ASYNC_FLUSH', async () => {
    const { disk, sent, random } = await live('ASYNC_FLUSH', 30);
    for (let moment = 0; moment <= disk.moment; moment += 2) {
      disk.imageAfterPowerCut(moment, () => random() < 0.5, image.path);
      await expectWhole([], sent, { seed, moment });
    }
  }, 120_000);

  it('a kill during the recovery of a kill changes nothing', async () => {
    const { disk, acks, sent } = await live('ASYNC_FLUSH', 20);
    const second = new StoreDirectory();
    for (let moment = 5; moment <= disk.moment; moment += Math.ceil(disk.moment / 8)) {
      disk.imageAfterKill(moment, 50, second.path);
      const recovering: RecordingDisk = createRecordingDisk(second.path);
      const before = disk.moment;
      await (await second.start(files, { disk: recovering })).close();
      expect(disk.moment).toBe(before);
      for (let step = 0; step <= recovering.moment; step++) {
        disk.imageAfterKill(moment, 50, image.path);
        recovering.replayOn(step, image.path);
        await expectWhole(until(acks, moment), sent, { seed, moment, step });
      }
    }
    await second.remove();
  }, 120_000);

  it('plays back what was done', async () => {
    const { disk } = await live('ASYNC_FLUSH', 10);
    disk.imageAfterKill(disk.moment, 0, image.path);
    for (const path of ['checkpoint', 'abort', 'commitlog/00000000000000000000', 'commitlog/00000000000000004096']) {
      expect(existsSync(join(directory.path, path))).toBe(true);
      expect(readFileSync(join(image.path, path)).equals(readFileSync(join(directory.path, path)))).toBe(true);
    }
  });
});
