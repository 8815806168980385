import { describe, expect, it } from '@jest/globals';
import {
  createTableFile,
  messageOf,
  silentLogger,
  type TableDisk,
  type TableFile,
} from '../../libs/common/src/index.js';
import {
  crashImage,
  createManualClock,
  createMemoryDisk,
  createRecordingDisk,
  diskError,
  tableDiskOn,
  type MemoryDisk,
  type RecordingDisk,
} from '../../libs/testkit/src/index.js';
import { randomOf } from '../crash/images/seeds.js';
import { drawPlan } from '../crash/images/store-life.js';

// The files under config/: topics, groups, consumer offsets, each kept by a table file.

const names = ['topics', 'subscriptionGroup', 'consumerOffset'];
const path = (name: string): string => `/store/config/${name}.json`;

/** A table that counts its saves, and is as large as it likes. */
class CountingTable {
  version = 0;
  readonly file: TableFile;

  constructor(disk: TableDisk, name: string) {
    this.file = createTableFile({
      path: path(name),
      clock: createManualClock(),
      log: silentLogger,
      disk,
      encode: () => JSON.stringify({ version: this.version, rows: `${this.version},`.repeat(this.version * 97) }),
      decode: (text) => {
        const { version, rows } = JSON.parse(text) as { version: number; rows: string };
        if (rows !== `${version},`.repeat(version * 97)) throw new Error('rows of another version');
        this.version = version;
      },
    });
  }

  save(): Promise<void> {
    this.version++;
    return this.file.save();
  }
}

interface Saved {
  readonly name: string;
  readonly version: number;
  readonly begunAt: number;
  readonly endedAt: number;
}

/** Tables saved again and again, one after the other or at the same time. */
async function live(seed: number): Promise<{ disk: RecordingDisk; saves: Saved[] }> {
  const random = randomOf(seed);
  const memory = createMemoryDisk();
  memory.makeDirectory('/store');
  const disk = createRecordingDisk(memory, () => 1 + random.below(3));
  const tables = names.map((name) => ({ name, table: new CountingTable(tableDiskOn(disk), name) }));
  const saves: Saved[] = [];
  for (let round = 0; round < 12; round++) {
    const saved = tables.map(async ({ name, table }) => {
      if (random.chance(0.4)) return;
      const begunAt = disk.moment;
      const done = table.save();
      const { version } = table;
      await done;
      saves.push({ name, version, begunAt, endedAt: disk.moment });
    });
    await Promise.all(saved);
  }
  return { disk, saves };
}

async function load(image: MemoryDisk, name: string): Promise<number> {
  const table = new CountingTable(tableDiskOn(image), name);
  await table.file.load();
  return table.version;
}

describe('tables', () => {
  it('are whole after a crash at any moment, and as new as the last save that ended', async () => {
    let images = 0;
    for (let seed = 0; seed < 8; seed++) {
      const { disk, saves } = await live(seed);
      for (let moment = 0; moment <= disk.moment; moment++) {
        const plan = drawPlan(randomOf(seed, moment), moment);
        const image = crashImage(disk, plan);
        images++;
        for (const name of names) {
          const own = saves.filter((each) => each.name === name);
          const oldest = Math.max(0, ...own.filter(({ endedAt }) => endedAt <= moment).map(({ version }) => version));
          const newest = Math.max(0, ...own.filter(({ begunAt }) => begunAt <= moment).map(({ version }) => version));
          const version = await load(image, name);
          const about = { seed, plan, name, version, oldest, newest };
          expect({ ...about, isKept: version >= oldest && version <= newest }).toEqual({ ...about, isKept: true });
        }
      }
    }
    expect(images).toBeGreaterThan(1000);
  }, 60_000);

  it('survive an error in any step of a save, which names the file; the next save works', async () => {
    const steps = ['write', 'link', 'rename', 'remove', 'makeDirectories', 'syncDirectory'] as const;
    for (const step of steps) {
      for (const code of ['EIO', 'ENOSPC']) {
        const memory = createMemoryDisk();
        const disk = tableDiskOn(memory);
        const table = new CountingTable(disk, 'topics');
        await table.save();
        await table.save();
        const original = disk[step];
        const fail = (): never => {
          throw diskError(code);
        };
        Object.assign(disk, { [step]: fail });
        const message = await table.save().catch(messageOf);
        expect(message).toBe(`${path('topics')} cannot be written: ${code}: injected`);
        Object.assign(disk, { [step]: original });
        expect([2, 3]).toContain(await load(memory.copy(), 'topics'));
        await table.save();
        expect(await load(memory, 'topics')).toBe(4);
      }
    }
  });
});
