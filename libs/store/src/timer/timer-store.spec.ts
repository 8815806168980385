import { beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../../common/src/index.js';
import { createMemoryDisk, type MemoryDisk } from '../../../testkit/src/index.js';
import type { RecoveredTimer, TimerSource } from './timer-recovery.js';
import { TimerStore, type NewTimerUnit } from './timer-store.js';

const start = 1_700_000_000_000;
const recordSize = 100;
/** Ten units a file, and a blank. */
const fileSize = 10 * 52 + 30;

let disk: MemoryDisk;
beforeEach(() => {
  disk = createMemoryDisk();
  disk.makeDirectory('/store');
});

/** The message with this number in the timer's queue. */
function unit(number: number, slot: number, changes: Partial<NewTimerUnit> = {}): NewTimerUnit {
  const slotTime = start + slot * 1000;
  return {
    magic: 1,
    writeTime: start,
    slotTime,
    physicalOffset: number * recordSize,
    size: recordSize,
    topicHash: 7,
    deliverTime: slotTime + 500,
    ...changes,
  };
}

/** A queue whose messages lie one behind the other in the log. */
function source(messages: number, changes: Partial<TimerSource> = {}): TimerSource {
  return {
    commitLogEnd: messages * recordSize,
    queueMin: 0,
    queueMax: messages,
    queueOffsetAt: (physicalOffset) => {
      const number = physicalOffset / recordSize;
      return Promise.resolve(Number.isSafeInteger(number) && number < messages ? number : undefined);
    },
    ...changes,
  };
}

function create(): TimerStore {
  return new TimerStore({ root: '/store', fileSize, precision: 1000, disk, logger: silentLogger });
}

async function open(from: TimerSource): Promise<{ store: TimerStore; found: RecoveredTimer }> {
  const store = create();
  return { store, found: await store.open(from) };
}

/** Units of a slot, the newest first. */
function chain(store: TimerStore, slot: number): number[] {
  const numbers: number[] = [];
  let position = store.slotAt(start + slot * 1000)?.last ?? -1;
  while (position >= 0) {
    const found = store.unitAt(position);
    if (found === undefined) throw new Error(`no unit at ${position}`);
    numbers.push(found.physicalOffset / recordSize);
    position = found.previous;
  }
  return numbers;
}

function flush(store: TimerStore, queueOffset: number, readTime = start, flushed = Infinity): Promise<void> {
  const commitLogEnd = queueOffset * recordSize;
  return store.flush({ readTime, deliveredTo: readTime, queueOffset, commitLogEnd, commitLogFlushed: flushed }, start);
}

describe('units', () => {
  it('of a slot are chained, across files too', async () => {
    const { store } = await open(source(0));
    for (let i = 0; i < 25; i++) store.add(unit(i, i % 2));
    store.write();
    expect(chain(store, 0)).toEqual([24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0]);
    expect(chain(store, 1)).toHaveLength(12);
    expect(store.slotAt(start)).toMatchObject({ first: 0, count: 13 });
    expect([...disk.files.keys()].filter((path) => path.startsWith('/store/timerlog'))).toEqual(
      [0, 550, 1100].map((base) => `/store/timerlog/${String(base).padStart(20, '0')}`),
    );
  });

  it('are added a cancellation, which counts against the number', async () => {
    const { store } = await open(source(0));
    store.add(unit(0, 1));
    store.add(unit(1, 1, { magic: 5 }));
    store.write();
    expect(store.slotAt(start + 1000)?.count).toBe(0);
    expect(chain(store, 1)).toEqual([1, 0]);
  });
});

describe('a restart', () => {
  it('after a stop in order finds everything as it was', async () => {
    const { store } = await open(source(0));
    for (let i = 0; i < 25; i++) store.add(unit(i, i % 3));
    store.write();
    await flush(store, 25);
    const before = [0, 1, 2].map((slot) => chain(store, slot));
    store.close();
    const { store: next, found } = await open(source(25));
    expect(found).toMatchObject({ queueOffset: 25, readTime: start });
    expect([0, 1, 2].map((slot) => chain(next, slot))).toEqual(before);
  });

  it('finds units that were written and not flushed', async () => {
    const { store } = await open(source(0));
    store.add(unit(0, 0));
    store.write();
    await flush(store, 1);
    for (let i = 1; i < 25; i++) store.add(unit(i, i % 3));
    store.write();
    const { store: next, found } = await open(source(25));
    expect(found.queueOffset).toBe(25);
    expect(chain(next, 0)).toEqual([24, 21, 18, 15, 12, 9, 6, 3, 0]);
    expect(next.slotAt(start)?.count).toBe(9);
    next.add(unit(25, 0));
    next.write();
    expect(chain(next, 0)[0]).toBe(25);
  });

  it('ends at a torn unit, and reads the queue from there', async () => {
    const { store } = await open(source(0));
    store.add(unit(0, 0));
    store.write();
    await flush(store, 1);
    for (let i = 1; i < 5; i++) store.add(unit(i, 0));
    store.write();
    disk.files.get('/store/timerlog/00000000000000000000')?.write(Buffer.alloc(9), 4 * 52 + 43);
    const { store: next, found } = await open(source(5));
    expect(found.queueOffset).toBe(4);
    expect(chain(next, 0)).toEqual([3, 2, 1, 0]);
  });

  it('goes by the newer words only while the commit log has what they are about', async () => {
    const { store } = await open(source(0));
    for (let i = 0; i < 10; i++) store.add(unit(i, i));
    store.write();
    await flush(store, 10, start);
    await flush(store, 10, start + 5000, 0);
    // Of what was delivered since, nothing was lost: a kill.
    expect((await open(source(10))).found.readTime).toBe(start + 5000);
    // The end of the log was: a power cut.
    expect((await open(source(9))).found.readTime).toBe(start);
  });

  it("in order leaves the newest state in Java's words, too, also when an older one still waited for the disk", async () => {
    const { store } = await open(source(0));
    for (let i = 0; i < 10; i++) store.add(unit(i, i));
    store.write();
    await flush(store, 5, start + 1000, 0);
    await flush(store, 10, start + 2000);
    const words = store.checkpointWords;
    expect([0, 8, 16, 24].map((at) => Number(words.readBigInt64BE(at)))).toEqual([start + 2000, 520, 10, 10]);
  });

  it('knows of the queue what was delivered without waiting', async () => {
    const { store } = await open(source(0));
    store.add(unit(0, 0));
    store.write();
    await flush(store, 8);
    expect((await open(source(9))).found.queueOffset).toBe(8);
  });

  it('keeps no slots that are delivered, and takes them out of the file when no crash can ask for them', async () => {
    const { store } = await open(source(0));
    for (let i = 0; i < 4; i++) store.add(unit(i, i));
    store.write();
    await flush(store, 4, start + 2000, 0);
    expect([...store.slots()]).toHaveLength(4);
    await flush(store, 4, start + 2000);
    expect([...store.slots()]).toHaveLength(2);
    await flush(store, 4, start + 3000);
    store.close();
    const { store: next } = await open(source(4));
    expect([...next.slots()].map(({ time }) => time)).toEqual([start + 3000]);
  });
});

describe('a commit log that lost its end', () => {
  it('takes the units of what it lost with it, and slots know only those that are left', async () => {
    const { store } = await open(source(0));
    for (let i = 0; i < 30; i++) store.add(unit(i, i % 3));
    store.write();
    await flush(store, 30);
    store.close();
    const { store: next, found } = await open(source(14));
    expect(found).toMatchObject({ queueOffset: 14, coveredQueueOffset: 14 });
    expect(chain(next, 0)).toEqual([12, 9, 6, 3, 0]);
    expect(chain(next, 1)).toEqual([13, 10, 7, 4, 1]);
    expect(next.slotAt(start + 1000)).toMatchObject({ count: 5 });
    next.add(unit(14, 1));
    next.write();
    expect(chain(next, 1)[0]).toBe(14);
  });

  it('and all there was leaves nothing', async () => {
    const { store } = await open(source(0));
    for (let i = 0; i < 30; i++) store.add(unit(i, i % 3));
    store.write();
    await flush(store, 30);
    store.close();
    const { store: next, found } = await open(source(0));
    expect(found.queueOffset).toBe(0);
    expect([...next.slots()]).toEqual([]);
  });
});

describe('files that are missing', () => {
  it('the timer log: everything is read from the queue once more', async () => {
    const { store } = await open(source(0));
    for (let i = 0; i < 30; i++) store.add(unit(i, i % 3));
    store.write();
    await flush(store, 30, start + 1000);
    store.close();
    disk.removeTree('/store/timerlog');
    const { store: next, found } = await open(source(30));
    expect(found).toMatchObject({ queueOffset: 0, coveredQueueOffset: 30, coveredTime: start + 1000 });
    expect([...next.slots()]).toEqual([]);
  });

  it('a file in its middle: the same', async () => {
    const { store } = await open(source(0));
    for (let i = 0; i < 30; i++) store.add(unit(i, i % 3));
    store.write();
    await flush(store, 30);
    disk.files.delete('/store/timerlog/00000000000000000550');
    expect((await open(source(30))).found.queueOffset).toBe(0);
  });

  it.each(['missing', 'of another size'])('the wheel, %s: it is made again', async (problem) => {
    const { store } = await open(source(0));
    for (let i = 0; i < 30; i++) store.add(unit(i, i % 3));
    store.write();
    await flush(store, 30, start + 1000);
    store.close();
    if (problem === 'missing') disk.files.delete('/store/timerwheel');
    else disk.files.get('/store/timerwheel')?.truncate(64);
    const { store: next, found } = await open(source(30));
    expect(found.queueOffset).toBe(30);
    expect(next.slotAt(start)).toBeUndefined();
    expect(chain(next, 2)).toEqual([29, 26, 23, 20, 17, 14, 11, 8, 5, 2]);
  });
});

describe("a store of Java's", () => {
  /** As Java leaves it: units without an instant, and a checkpoint with its own words only. */
  async function asJava(messages: number, flushed: number): Promise<void> {
    const { store } = await open(source(0));
    for (let i = 0; i < messages; i++) store.add(unit(i, i % 2, { deliverTime: undefined }));
    store.write();
    await flush(store, messages);
    store.close();
    const words = Buffer.alloc(4096);
    for (const [i, word] of [start, flushed * 52, flushed, flushed].entries()) {
      words.writeBigInt64BE(BigInt(word), i * 8);
    }
    disk.files.get('/store/config/timercheck')?.write(words, 0);
  }

  it('is gone on with where its log ends', async () => {
    await asJava(8, 4);
    const { store, found } = await open(source(8));
    expect(found).toMatchObject({ queueOffset: 8, readTime: start });
    expect(chain(store, 1)).toEqual([7, 5, 3, 1]);
  });

  it('keeps no unit behind its checkpoint that names no message', async () => {
    await asJava(8, 4);
    const { found } = await open(
      source(8, { queueOffsetAt: (at) => Promise.resolve(at < 600 ? at / 100 : undefined) }),
    );
    expect(found.queueOffset).toBe(6);
  });
});

describe('retention', () => {
  it('deletes files of the timer log whose messages are gone, and counts what waited there', async () => {
    const { store } = await open(source(0));
    for (let i = 0; i < 35; i++) store.add(unit(i, i));
    store.write();
    expect(await store.countWaiting(0, 1200, start + 5000)).toBe(7);
    store.deleteBefore(900);
    expect(disk.files.has('/store/timerlog/00000000000000000000')).toBe(true);
    store.deleteBefore(1000);
    expect(disk.files.has('/store/timerlog/00000000000000000000')).toBe(false);
    expect(disk.files.has('/store/timerlog/00000000000000000550')).toBe(true);
    expect(store.unitAt(0)).toBeUndefined();
    expect(store.unitAt(550)?.physicalOffset).toBe(1000);
  });
});

it('writes no files while nothing waits', async () => {
  const { store } = await open(source(0));
  await flush(store, 0);
  store.close();
  expect([...disk.files.keys()]).toEqual([]);
});
