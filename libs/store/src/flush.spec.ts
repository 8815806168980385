import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  StoreDirectory,
  appendMany,
  appendOne,
  createFaultyDisk,
  createManualClock,
  diskError,
  readQueue,
  shortWrite,
  unsyncedDisk,
  type FaultyDisk,
} from '../../testkit/src/index.js';
import type { AppendResult, MessageStore } from './contract.js';

let directory: StoreDirectory;
let disk: FaultyDisk;
beforeEach(() => {
  directory = new StoreDirectory();
  disk = createFaultyDisk();
});
afterEach(() => directory.remove());

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Holds every fdatasync and direct write back until released. */
function gate(): { release(): void; readonly waiting: number } {
  let waiters: (() => void)[] = [];
  disk.beforeSync = () => new Promise((resolve) => waiters.push(resolve));
  return {
    release() {
      disk.beforeSync = undefined;
      for (const resolve of waiters) resolve();
      waiters = [];
    },
    get waiting() {
      return waiters.length;
    },
  };
}

const syncs = (): number => disk.calls.filter((call) => call === 'fdatasync').length;
const writes = (): number => disk.calls.filter((call) => call === 'writeSync').length;

describe('ASYNC_FLUSH', () => {
  it('writes a tick with one call and does not wait for the disk', async () => {
    const store = await directory.start({}, { disk });
    const before = [writes(), syncs()];
    await appendMany(store, 100);
    expect([writes(), syncs()]).toEqual([(before[0] as number) + 1, before[1]]);
    expect(store.figures().flushedOffset).toBe(0);
  });

  it('leaves what is written during a flush to the next interval', async () => {
    const clock = createManualClock();
    const store = await directory.start({ flushCommitLogLeastPages: 0 }, { disk, clock });
    const before = syncs();
    const first = await appendOne(store);
    const closed = gate();
    clock.advance(500);
    while (closed.waiting === 0) await turn();
    const later = await appendOne(store);
    closed.release();
    while (store.figures().flushedOffset <= first.physicalOffset) await turn();
    for (let turns = 0; turns < 10; turns++) await turn();
    expect([store.figures().flushedOffset, syncs() - before]).toEqual([later.physicalOffset, 1]);
    clock.advance(500);
    while (store.figures().flushedOffset <= later.physicalOffset) await turn();
  });

  it('flushes in the background once four pages were written, at an interval that may change', async () => {
    const clock = createManualClock();
    const config = directory.config({ flushIntervalCommitLog: 500 });
    const store = await directory.start(config, { disk, clock });
    await appendMany(store, 4, { body: Buffer.alloc(4096) });
    clock.advance(499);
    expect(store.figures().flushedOffset).toBe(0);
    clock.advance(1);
    while (store.figures().flushedOffset < store.figures().commitLogMaxOffset) await turn();
    await store.close();
    expect(clock.timers).toBe(0);
  });

  it.each([
    ['waits for flushCommitLogThoroughInterval with less', { flushCommitLogThoroughInterval: 3000 }, 3000],
    ['does not wait with flushCommitLogLeastPages=0', { flushCommitLogLeastPages: 0 }, 500],
  ])('%s', async (_name, changes, due) => {
    const clock = createManualClock();
    const store = await directory.start({ ...changes, flushIntervalConsumeQueue: 60_000 }, { disk, clock });
    await appendOne(store);
    clock.advance(due - 1);
    await turn();
    expect(isFlushed(store)).toBe(false);
    clock.advance(1);
    while (!isFlushed(store)) await turn();
    await store.close();
  });
});

/** Whether the disk has all of the log. */
function isFlushed(store: MessageStore): boolean {
  const { flushedOffset, commitLogMaxOffset } = store.figures();
  return flushedOffset === commitLogMaxOffset;
}

describe.each(['past', 'through'] as const)('SYNC_FLUSH %s the page cache', (way) => {
  const isDirect = way === 'past';
  const sync = { flushDiskType: 'SYNC_FLUSH', flushCommitLogDirect: isDirect } as const;
  const flushes = (): number => disk.calls.filter((call) => call === (isDirect ? 'writeDirect' : 'fdatasync')).length;
  beforeEach(() => {
    disk = createFaultyDisk(unsyncedDisk);
  });

  it('answers, and lets read, when the disk has the group; the next group gathers meanwhile', async () => {
    const store = await directory.start(sync, { disk });
    // Of a new file, size and name have to get there, too.
    await appendMany(store, 3);
    const before = flushes();
    const held = gate();
    const first = appendMany(store, 10);
    while (held.waiting === 0) await turn();
    const later = [appendMany(store, 5), turn().then(() => appendMany(store, 5))];
    await turn();
    await turn();
    expect(store.maxOffset('TopicTest', 0)).toBe(3);
    expect(held.waiting).toBe(1);
    held.release();
    expect((await first).every(({ status }) => status === 'OK')).toBe(true);
    for (const results of await Promise.all(later))
      expect(results.map(({ status }) => status)).toEqual(Array(5).fill('OK'));
    expect(flushes() - before).toBe(2);
    expect(store.figures().flushedOffset).toBe(store.figures().commitLogMaxOffset);
    expect((await readQueue(store)).length).toBe(23);
  });

  it('takes what the answers of one flush bring along with what gathered meanwhile', async () => {
    const store = await directory.start(sync, { disk });
    await appendMany(store, 3);
    const before = flushes();
    const held = gate();
    const first = appendOne(store);
    while (held.waiting === 0) await turn();
    const gathered = appendMany(store, 5);
    await turn();
    const brought = first.then(() => appendMany(store, 5));
    held.release();
    await Promise.all([gathered, brought]);
    expect(flushes() - before).toBe(2);
  });

  it('brings what is appended while a write is under way to the disk in its turn, not before', async () => {
    const store = await directory.start(sync, { disk });
    await appendMany(store, 3);
    const held = gate();
    const first = appendMany(store, 5);
    while (held.waiting === 0) await turn();
    const later = appendMany(store, 5);
    await turn();
    held.release();
    const next = gate();
    const { physicalOffset, bytes } = (await first).at(-1) as AppendResult;
    while (next.waiting === 0) await turn();
    const file = readFileSync(join(directory.path, 'commitlog', '0'.repeat(20)));
    expect(file.readInt32BE(physicalOffset)).toBe(bytes);
    // Through the page cache the kernel has it, which is no promise.
    expect(file.readInt32BE(physicalOffset + bytes)).toBe(isDirect ? 0 : bytes);
    next.release();
    await later;
  });

  it('moves the checkpoint while messages never cease to come', async () => {
    // Two lanes that overlap: whenever a flush ends, something is written already.
    const slow = async (): Promise<void> => {
      await turn();
      await turn();
    };
    const clock = createManualClock();
    const writeDirect: typeof unsyncedDisk.writeDirect = (...blocks) =>
      slow().then(() => unsyncedDisk.writeDirect(...blocks));
    const store = await directory.start(sync, { disk: { ...unsyncedDisk, fdatasync: slow, writeDirect }, clock });
    let left = 3000;
    const isOver = (): boolean => left-- <= 0;
    const lane = async (queueId: number): Promise<void> => {
      while (!isOver()) await Promise.race([appendOne(store, { queueId }), turn()]);
    };
    const lanes = [lane(0), lane(1)];
    const durable = (): bigint => readFileSync(join(directory.path, 'checkpoint')).readBigInt64BE(264);
    while (durable() === 0n && !isOver()) {
      clock.advance(1000);
      await turn();
    }
    expect(left).toBeGreaterThan(0);
    left = 0;
    await Promise.all(lanes);
  });

  it('answers a message that was sent with WAIT=false as soon as the kernel has it', async () => {
    const store = await directory.start(sync, { disk });
    const held = gate();
    const answered: string[] = [];
    const waiting = appendOne(store).then(() => answered.push('WAIT=true'));
    const early = appendOne(store, { waitForFlush: false }).then(() => answered.push('WAIT=false'));
    while (held.waiting === 0) await turn();
    await turn();
    // A direct write is the first that the kernel hears of it.
    expect(answered).toEqual(isDirect ? [] : ['WAIT=false']);
    expect(store.maxOffset('TopicTest', 0)).toBe(0);
    held.release();
    await Promise.all([waiting, early]);
    expect(store.maxOffset('TopicTest', 0)).toBe(2);
  });

  it('says FLUSH_DISK_TIMEOUT when the disk is late; the message is there afterwards', async () => {
    const clock = createManualClock();
    const store = await directory.start({ ...sync, syncFlushTimeout: 3000 }, { disk, clock });
    const held = gate();
    let result: AppendResult | undefined;
    const pending = appendOne(store).then((r) => (result = r));
    while (held.waiting === 0) await turn();
    clock.advance(2999);
    await turn();
    expect(result).toBeUndefined();
    clock.advance(1);
    expect(await pending).toMatchObject({ status: 'FLUSH_DISK_TIMEOUT', queueOffset: 0, physicalOffset: 0 });
    held.release();
    while (store.maxOffset('TopicTest', 0) === 0) await turn();
    expect((await readQueue(store)).length).toBe(1);
    expect((await appendOne(store)).status).toBe('OK');
  });
});

describe('a failing disk', () => {
  it('fences the store when a write fails: nothing is acked, and the reason is told', async () => {
    const store = await directory.start({}, { disk });
    await appendMany(store, 5);
    disk.fault = (call, _index, target) =>
      call === 'writeSync' && target.includes('commitlog') ? diskError('EIO') : undefined;
    const failed = await appendMany(store, 3);
    expect(failed.map(({ status }) => status)).toEqual(['SYSTEM_ERROR', 'SYSTEM_ERROR', 'SYSTEM_ERROR']);
    disk.fault = () => undefined;
    expect(await appendOne(store)).toMatchObject({
      status: 'SERVICE_NOT_AVAILABLE',
      reason: 'write to the commit log failed: EIO: injected',
    });
    expect(store.unavailable).toBe('write to the commit log failed: EIO: injected');
    expect((await readQueue(store)).length).toBe(5);
    await store.close();
    const again = await directory.start();
    expect((await readQueue(again)).length).toBe(5);
    expect((await appendOne(again)).queueOffset).toBe(5);
  });

  it.each(['ASYNC_FLUSH', 'SYNC_FLUSH'] as const)(
    'fences the store when fdatasync fails (%s)',
    async (flushDiskType) => {
      const clock = createManualClock();
      const changes = { flushDiskType, flushCommitLogDirect: false, flushCommitLogLeastPages: 0 };
      const store = await directory.start(changes, { disk, clock });
      disk.fault = (call) => (call === 'fdatasync' ? diskError('EIO') : undefined);
      const first = await appendOne(store);
      expect(first.status).toBe(flushDiskType === 'ASYNC_FLUSH' ? 'OK' : 'SYSTEM_ERROR');
      clock.advance(500);
      while (store.unavailable === undefined) await turn();
      disk.fault = () => undefined;
      expect(await appendOne(store)).toMatchObject({ status: 'SERVICE_NOT_AVAILABLE' });
      expect(store.unavailable).toBe('fdatasync of the commit log failed: EIO: injected');
    },
  );

  it('refuses a message when no new file can be made, and takes the next when one can', async () => {
    const store = await directory.start({ mappedFileSizeCommitLog: 4096 }, { disk });
    const body = Buffer.alloc(3000);
    await appendOne(store, { body });
    disk.fault = (call) => (call === 'truncate' ? diskError('ENOSPC') : undefined);
    expect(await appendOne(store, { body })).toMatchObject({
      status: 'SYSTEM_ERROR',
      reason: 'no room could be made in the commit log: ENOSPC: injected',
    });
    expect((await appendOne(store)).queueOffset).toBe(1);
    disk.fault = () => undefined;
    expect((await appendOne(store, { body })).queueOffset).toBe(2);
    expect(store.unavailable).toBeUndefined();
    await store.close();
    expect((await readQueue(await directory.start({ mappedFileSizeCommitLog: 4096 }))).length).toBe(3);
  });

  it.each([diskError('EIO'), shortWrite('ENOSPC')])(
    'fences the store when a direct write fails (%s)',
    async (error) => {
      disk = createFaultyDisk(unsyncedDisk);
      const store = await directory.start({ flushDiskType: 'SYNC_FLUSH' }, { disk });
      await appendMany(store, 5);
      disk.fault = (call) => (call === 'writeDirect' ? error : undefined);
      const failed = await appendMany(store, 3, { body: Buffer.alloc(9000) });
      expect(failed.map(({ status }) => status)).toEqual(['SYSTEM_ERROR', 'SYSTEM_ERROR', 'SYSTEM_ERROR']);
      disk.fault = () => undefined;
      const reason = `write to the commit log failed: ${error.code}: injected`;
      expect(await appendOne(store)).toMatchObject({ status: 'SERVICE_NOT_AVAILABLE', reason });
      expect(store.unavailable).toBe(reason);
      expect((await readQueue(store)).length).toBe(5);
      await store.close();
      // What had got there of the three is no promise, but no reason to lose anything either.
      const again = await directory.start({ flushDiskType: 'SYNC_FLUSH' });
      expect((await readQueue(again)).slice(0, 5).map(({ body }) => body.toString())).toEqual(
        Array.from({ length: 5 }, (_, i) => `body ${i}`),
      );
      expect((await appendOne(again)).status).toBe('OK');
    },
  );

  it.each([
    ['ASYNC_FLUSH', false],
    ['SYNC_FLUSH', false],
    ['SYNC_FLUSH', true],
  ] as const)(
    'never acks what a restart does not find, wherever one error strikes (%s, direct: %s)',
    async (flushDiskType, flushCommitLogDirect) => {
      const sizes = { mappedFileSizeCommitLog: 4096, mappedFileSizeConsumeQueue: 200 };
      const changes = { ...sizes, flushDiskType, flushCommitLogDirect };
      const sites = await life(new StoreDirectory(), changes, Infinity);
      for (let site = 0; site < sites.calls; site++) {
        const place = new StoreDirectory();
        const { acked } = await life(place, changes, site);
        const store = await place.start(changes);
        const bodies = (await readQueue(store)).map(({ body }) => body.toString());
        for (const [offset, body] of acked) expect([site, bodies[offset]]).toEqual([site, body]);
        await place.remove();
      }
      expect(sites.calls).toBeGreaterThan(30);
    },
    60_000,
  );
});

/** A short life of a store in which the call number `site` fails. */
async function life(
  place: StoreDirectory,
  changes: Parameters<StoreDirectory['create']>[0],
  site: number,
): Promise<{ calls: number; acked: Map<number, string> }> {
  const faulty = createFaultyDisk(unsyncedDisk);
  faulty.fault = (_call, index) => (index === site ? diskError('EIO') : undefined);
  const acked = new Map<number, string>();
  const store = place.create(changes, { disk: faulty });
  await store.start().catch(() => undefined);
  for (let round = 0; round < 4; round++) {
    const bodies = Array.from({ length: 6 }, (_, i) => `body ${round}/${i} `.repeat(20));
    const results = await Promise.all(bodies.map((body) => appendOne(store, { body: Buffer.from(body) })));
    results.forEach((result, i) => {
      if (result.status === 'OK') acked.set(result.queueOffset, bodies[i] as string);
    });
  }
  await store.close().catch(() => undefined);
  if (site === Infinity) await place.remove();
  return { calls: faulty.calls.length, acked };
}
