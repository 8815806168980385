import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { silentLogger } from '../../../common/src/index.js';
import {
  StoreDirectory,
  appendKeyed,
  appendOne,
  createManualClock,
  foundBodies,
  indexCaughtUp,
  indexContents,
  indexPaths,
  keyedMessage,
  unsyncedDisk,
} from '../../../testkit/src/index.js';
import { indexHash } from './record-keys.js';

const begun = Date.UTC(2026, 0, 1);
const itemSize = 20;
const slotsEnd = 40 + 100 * 4;

let directory: StoreDirectory;
let copy: StoreDirectory;
beforeEach(() => {
  directory = new StoreDirectory();
  copy = new StoreDirectory();
});
afterEach(async () => {
  await directory.remove();
  await copy.remove();
});

const checkpointAt = (place: StoreDirectory, at: number): number =>
  Number(readFileSync(join(place.path, 'checkpoint')).readBigInt64BE(at));

function crash(): void {
  rmSync(copy.path, { recursive: true });
  cpSync(directory.path, copy.path, { recursive: true });
}

function patch(path: string, change: (bytes: Buffer) => void): void {
  const bytes = readFileSync(path);
  change(bytes);
  writeFileSync(path, bytes);
}

describe('after a crash', () => {
  it.each([
    ['nothing on the disk yet', 0],
    ['part of it on the disk', 6000],
  ])('everything is found again: %s', async (_name, elapsed) => {
    const clock = createManualClock(begun);
    const store = await directory.start({}, { clock });
    await appendKeyed(store, 250);
    await indexCaughtUp(store);
    if (elapsed > 0) {
      clock.advance(elapsed);
      while (checkpointAt(directory, 312) === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    }
    await appendKeyed(store, 250, 250);
    await indexCaughtUp(store);
    crash();
    const again = await copy.start({}, { clock });
    await indexCaughtUp(again);
    for (let i = 0; i < 500; i++)
      expect(await foundBodies(again, `U${i}`)).toEqual([`own-${i} shared-${i % 10}|U${i}`]);
    await again.close();
    await store.close();
    expect(indexContents(copy.path)).toEqual(indexContents(directory.path));
    const bytes = indexContents(copy.path);
    writeFileSync(join(copy.path, 'abort'), '');
    await (await copy.start({}, { clock })).close();
    expect(indexContents(copy.path)).toEqual(bytes);
  });

  it('does not wait for the index to be made', async () => {
    const store = await directory.start();
    await appendKeyed(store, 400);
    await store.close();
    rmSync(join(directory.path, 'index'), { recursive: true });
    const again = await directory.start();
    expect(again.figures().indexBehindBytes).toBeGreaterThan(0);
    expect((await appendOne(again, keyedMessage('new'))).status).toBe('OK');
    await indexCaughtUp(again);
    expect([(await foundBodies(again, 'own-0')).length, (await foundBodies(again, 'new')).length]).toEqual([1, 1]);
  });

  it('an index ahead of the log is cut back', async () => {
    const store = await directory.start();
    await appendKeyed(store, 300);
    const last = await appendOne(store, keyedMessage('gone', 'G'));
    await store.close();
    crash();
    patch(join(copy.path, 'commitlog', '0'.repeat(20)), (bytes) => bytes.fill(0, last.physicalOffset));
    writeFileSync(join(copy.path, 'abort'), '');
    const again = await copy.start();
    await appendOne(again, keyedMessage('come', 'C'));
    await indexCaughtUp(again);
    expect([await foundBodies(again, 'gone'), await foundBodies(again, 'come')]).toEqual([[], ['come|C']]);
    await again.close();
    const fresh = readFileSync(indexPaths(copy.path).at(-1) as string);
    rmSync(join(copy.path, 'index'), { recursive: true });
    await (await copy.start()).close();
    const made = readFileSync(indexPaths(copy.path).at(-1) as string);
    expect(made.equals(fresh)).toBe(true);
  });
});

describe('damaged files', () => {
  const damages: [string, () => void][] = [
    ['all missing', () => rmSync(join(copy.path, 'index'), { recursive: true })],
    ['the first missing', () => rmSync(indexPaths(copy.path)[0] as string)],
    ['one in the middle missing', () => rmSync(indexPaths(copy.path)[1] as string)],
    ['the last missing', () => rmSync(indexPaths(copy.path)[3] as string)],
    ['the last short', () => truncateSync(indexPaths(copy.path)[3] as string, 1000)],
    ['the last empty', () => truncateSync(indexPaths(copy.path)[3] as string, 0)],
    ['the last zeroed', () => patch(indexPaths(copy.path)[3] as string, (bytes) => bytes.fill(0))],
    ['one in the middle zeroed', () => patch(indexPaths(copy.path)[1] as string, (bytes) => bytes.fill(0))],
    ['one in the middle longer', () => truncateSync(indexPaths(copy.path)[1] as string, 10_000)],
    ['the end of a full one zeroed', () => patch(indexPaths(copy.path)[2] as string, (bytes) => bytes.fill(0, 4096))],
    [
      'the last items zeroed after a crash',
      () => {
        patch(indexPaths(copy.path)[3] as string, (bytes) => bytes.fill(0, slotsEnd + 30 * itemSize));
        writeFileSync(join(copy.path, 'abort'), '');
      },
    ],
    [
      'an item flipped after a crash',
      () => {
        patch(indexPaths(copy.path)[3] as string, (bytes) => bytes.writeInt32BE(77, slotsEnd + 20 * itemSize));
        writeFileSync(join(copy.path, 'abort'), '');
      },
    ],
    [
      'slots and header of garbage after a crash',
      () => {
        patch(indexPaths(copy.path)[3] as string, (bytes) => bytes.fill(0x5a, 0, slotsEnd));
        writeFileSync(join(copy.path, 'abort'), '');
      },
    ],
    ['a checkpoint of garbage', () => writeFileSync(join(copy.path, 'checkpoint'), Buffer.alloc(4096, 0x5a))],
    [
      'no checkpoint after a crash',
      () => {
        rmSync(join(copy.path, 'checkpoint'));
        writeFileSync(join(copy.path, 'abort'), '');
      },
    ],
    ['the index of another log', () => patchOffsets()],
  ];

  /** Items and header of the only file that stays lead to places of the log where no record begins. */
  function patchOffsets(): void {
    rmSync(join(copy.path, 'checkpoint'));
    for (let i = 3; i > 0; i--) rmSync(indexPaths(copy.path)[i] as string);
    patch(indexPaths(copy.path)[0] as string, (bytes) => {
      const places = [16, 24, ...Array.from({ length: 399 }, (_, i) => slotsEnd + (i + 1) * itemSize + 4)];
      for (const at of places) bytes.writeBigInt64BE(bytes.readBigInt64BE(at) + 3n, at);
    });
  }

  it.each(damages)('%s: made again as they were', async (_name, damage) => {
    const store = await directory.start();
    await appendKeyed(store, 500);
    await store.close();
    const before = indexContents(directory.path);
    expect(before.length).toBe(4);
    crash();
    damage();
    const again = await copy.start();
    await indexCaughtUp(again);
    for (const i of [0, 132, 133, 200, 300, 499]) expect((await foundBodies(again, `U${i}`)).length).toBe(1);
    await again.close();
    expect(indexContents(copy.path)).toEqual(before);
  });

  it('of another size are named', async () => {
    const store = await directory.start();
    await appendKeyed(store, 200);
    await store.close();
    const warn = jest.fn();
    const again = await directory.start({ maxIndexNum: 500 }, { log: { ...silentLogger, warn } });
    const because = expect.stringMatching(/index\/\d{17} has 8440 bytes, and with maxHashSlotNum .* 10440$/);
    expect(warn).toHaveBeenCalledWith(expect.any(String), expect.objectContaining({ because }));
    await indexCaughtUp(again);
    expect((await foundBodies(again, 'own-0')).length).toBe(1);
  });

  it('leaves what is no index file alone', async () => {
    const store = await directory.start();
    await appendKeyed(store, 5);
    await store.close();
    writeFileSync(join(directory.path, 'index', 'notes.txt'), 'mine');
    const again = await directory.start();
    expect((await foundBodies(again, 'own-0')).length).toBe(1);
    expect(readFileSync(join(directory.path, 'index', 'notes.txt'), 'utf8')).toBe('mine');
  });

  it.each([0, 3])('lead no query round in circles: an item that follows itself by %d', async (ahead) => {
    const store = await directory.start();
    for (let i = 0; i < 10; i++) await appendOne(store, keyedMessage('Aa', `U${i}`));
    await store.close();
    const path = indexPaths(directory.path)[0] as string;
    const places = Array.from({ length: 20 }, (_, i) => i + 1);
    const ofKey = places.filter(
      (place) => readFileSync(path).readInt32BE(slotsEnd + place * itemSize) === indexHash('TopicTest', 'Aa'),
    );
    const at = slotsEnd + (ofKey[4] as number) * itemSize;
    patch(path, (bytes) => bytes.writeInt32BE(ofKey[4 + ahead] as number, at + 16));
    const error = jest.fn();
    const again = await directory.start({}, { log: { ...silentLogger, error } });
    // The same hash, so that nothing found ends the walk.
    expect(await foundBodies(again, 'BB')).toEqual([]);
    expect((await foundBodies(again, 'Aa')).length).toBe(6);
    expect(error).toHaveBeenCalledTimes(1);
    expect(error).toHaveBeenCalledWith(expect.any(String), expect.objectContaining({ file: path, at }));
  });

  it('never show a wrong message while running: each item that is flipped is told of once', async () => {
    const store = await directory.start();
    await appendKeyed(store, 132);
    await store.close();
    const whole = readFileSync(indexPaths(directory.path)[0] as string);
    const place = Array.from({ length: 390 }, (_, i) => i + 1).find(
      (each) => whole.readInt32BE(slotsEnd + each * itemSize) === indexHash('TopicTest', 'own-77'),
    ) as number;
    const slot = 40 + (indexHash('TopicTest', 'own-77') % 100) * 4;
    const at = slotsEnd + place * itemSize;
    const flips: [number, number][] = [
      [slot, 0x40],
      [slot + 3, 0x01],
      ...Array.from({ length: itemSize }, (_, i) => [at + i, 0x40] as [number, number]),
      ...Array.from({ length: itemSize }, (_, i) => [at + i, 0x01] as [number, number]),
    ];
    let told = 0;
    for (const [byte, bits] of flips) {
      patch(indexPaths(directory.path)[0] as string, (bytes) => void (bytes[byte] = (whole[byte] as number) ^ bits));
      const error = jest.fn();
      const again = await directory.start({}, { log: { ...silentLogger, error } });
      for (let round = 0; round < 2; round++) {
        for (let i = 0; i < 132; i += 7) {
          const bodies = await foundBodies(again, `own-${i}`);
          expect({ byte, bodies: bodies.filter((body) => body !== `own-${i} shared-${i % 10}|U${i}`) }).toEqual({
            byte,
            bodies: [],
          });
        }
      }
      for (const [message, context] of error.mock.calls) {
        expect(message).toBe('a damaged item of the message index is passed over');
        expect(context).toMatchObject({ file: indexPaths(directory.path)[0] as string, at: expect.any(Number) });
      }
      const places = error.mock.calls.map(([, context]) => (context as { at: number }).at);
      expect(new Set(places).size).toBe(places.length);
      told += places.length;
      await again.close();
      writeFileSync(indexPaths(directory.path)[0] as string, whole);
    }
    expect(told).toBeGreaterThan(15);
  });
});

describe('a directory that Java left', () => {
  /** As if Java had appended: its words of the checkpoint have moved. */
  function touchCheckpoint(indexTimestamp: number): void {
    patch(join(copy.path, 'checkpoint'), (bytes) => {
      bytes.writeBigInt64BE(bytes.readBigInt64BE(0) + 1n, 0);
      bytes.writeBigInt64BE(BigInt(indexTimestamp), 16);
    });
  }

  it.each([
    ['after a clean stop', false, Number.MAX_SAFE_INTEGER],
    ['after a crash, all files whole', true, Number.MAX_SAFE_INTEGER],
    ['after a crash, only the first two whole', true, begun + 260_000],
    ['after a crash, none whole', true, 0],
  ])('%s: goes on without a gap and without repetition', async (_name, wasKilled, indexTimestamp) => {
    const clock = createManualClock(begun);
    const store = await directory.start({}, { clock });
    for (let i = 0; i < 400; i++) {
      await appendOne(store, keyedMessage(`own-${i} two-${i} three-${i} four-${i}`, `U${i}`));
      clock.advance(1000);
    }
    await store.close();
    const before = indexContents(directory.path);
    crash();
    touchCheckpoint(indexTimestamp);
    if (wasKilled) writeFileSync(join(copy.path, 'abort'), '');
    const deleted: string[] = [];
    const remove = (path: string): void => {
      deleted.push(path);
      unsyncedDisk.remove(path);
    };
    const disk = { ...unsyncedDisk, remove };
    const again = await copy.start({}, { clock, disk });
    await indexCaughtUp(again);
    expect(await foundBodies(again, 'four-399')).toEqual(['own-399 two-399 three-399 four-399|U399']);
    await again.close();
    expect(indexContents(copy.path)).toEqual(before);
    const kept = before.length - deleted.filter((path) => path.includes('index')).length;
    expect(kept).toBe(indexTimestamp === 0 ? 0 : indexTimestamp < Number.MAX_SAFE_INTEGER ? 3 : before.length);
  });
});
