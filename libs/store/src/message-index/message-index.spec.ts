import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { silentLogger } from '../../../common/src/index.js';
import { MessageSysFlag, decodeMessage } from '../../../protocol/src/message/index.js';
import {
  StoreDirectory,
  appendKeyed,
  appendMany,
  appendOne,
  createManualClock,
  diskError,
  foundBodies,
  indexCaughtUp,
  indexContents,
  indexPaths,
  keyedMessage,
  unsyncedDisk,
} from '../../../testkit/src/index.js';
import { CommitLog } from '../commit-log/commit-log.js';
import type { AppendResult } from '../contract.js';
import { FilePool } from '../disk/file-pool.js';
import { indexName } from './index-layout.js';
import { MessageIndex } from './message-index.js';
import { indexHash } from './record-keys.js';

const begun = Date.UTC(2026, 0, 1);
const itemSize = 20;
const slotsEnd = 40 + 100 * 4;
const indexFileSize = slotsEnd + 400 * itemSize;

let directory: StoreDirectory;
beforeEach(() => void (directory = new StoreDirectory()));
afterEach(() => directory.remove());

const checkpointAt = (place: StoreDirectory, at: number): number =>
  Number(readFileSync(join(place.path, 'checkpoint')).readBigInt64BE(at));

describe('queries', () => {
  it('find messages by key and unique key, in memory and in the files', async () => {
    const store = await directory.start();
    await appendKeyed(store, 500);
    await indexCaughtUp(store);
    expect(indexPaths(directory.path).length).toBe(4);
    for (const i of [0, 7, 132, 133, 499]) {
      const body = `own-${i} shared-${i % 10}|U${i}`;
      expect([await foundBodies(store, `own-${i}`), await foundBodies(store, `U${i}`)]).toEqual([[body], [body]]);
    }
    expect((await foundBodies(store, 'shared-3')).length).toBe(50);
    for (const other of ['own-500', 'own', 'own-1 shared-1', '']) expect(await foundBodies(store, other)).toEqual([]);
    expect(await foundBodies(store, 'own-1', { topic: 'Other' })).toEqual([]);
  });

  it('hand out the newest ones, at most maxMsgsNumBatch, in the order of the log', async () => {
    const store = await directory.start({ maxMsgsNumBatch: 20 });
    await appendKeyed(store, 500);
    await indexCaughtUp(store);
    const bodies = await foundBodies(store, 'shared-3');
    expect(bodies).toEqual(Array.from({ length: 20 }, (_, i) => `own-${303 + i * 10} shared-3|U${303 + i * 10}`));
    expect(await foundBodies(store, 'shared-3', { maxMessages: 2 })).toEqual(bodies.slice(-2));
    expect(await foundBodies(store, 'shared-3', { maxMessages: 0 })).toEqual([]);
  });

  it('hand out what fits into one answer', async () => {
    const store = await directory.start({ mappedFileSizeCommitLog: 32 * 1024 * 1024 });
    const bodies = ['a', 'b', 'c', 'd'].map((letter) => Buffer.alloc(4 * 1024 * 1024, letter));
    for (const body of bodies) expect((await appendOne(store, { ...keyedMessage('k'), body })).status).toBe('OK');
    await indexCaughtUp(store);
    expect((await foundBodies(store, 'k')).map((body) => body.charAt(0))).toEqual(['b', 'c', 'd']);
    await store.close();
  });

  it('keep to the time asked for, to a second', async () => {
    const clock = createManualClock(begun);
    const store = await directory.start({}, { clock });
    for (let i = 0; i < 8; i++) {
      await appendOne(store, keyedMessage('k', `U${i}`));
      clock.advance(1000);
    }
    await indexCaughtUp(store);
    const at = (second: number): number => begun + second * 1000;
    expect(await foundBodies(store, 'k', { begin: at(2), end: at(4) })).toEqual(['k|U2', 'k|U3', 'k|U4']);
    expect(await foundBodies(store, 'k', { begin: at(6) })).toEqual(['k|U6', 'k|U7']);
    expect(await foundBodies(store, 'k', { end: at(0) })).toEqual(['k|U0']);
    expect(await foundBodies(store, 'k', { end: at(-1) })).toEqual([]);
    const query = { topic: 'TopicTest', key: 'k', maxMessages: 9, begin: 0, end: at(9) };
    const { physicalOffset } = decodeMessage((await store.query(query)).records.at(-1) as Buffer);
    expect(await store.query(query)).toMatchObject({
      indexLastUpdateTimestamp: at(7),
      indexLastUpdatePhyOffset: physicalOffset,
    });
  });

  it('never show a message whose key has the same hash only', async () => {
    const store = await directory.start();
    const [one, two] = ['Aa', 'BB'];
    expect(indexHash('TopicTest', one)).toBe(indexHash('TopicTest', two));
    await appendOne(store, keyedMessage(one, 'U1'));
    for (let i = 0; i < 5; i++) await appendOne(store, keyedMessage(two, `V${i}`));
    await indexCaughtUp(store);
    expect(await foundBodies(store, one, { maxMessages: 1 })).toEqual(['Aa|U1']);
    expect((await foundBodies(store, two)).length).toBe(5);
  });

  it('see prepared and committed messages, but none rolled back', async () => {
    const store = await directory.start();
    const { TRANSACTION_PREPARED, TRANSACTION_COMMIT, TRANSACTION_ROLLBACK } = MessageSysFlag;
    for (const sysFlag of [TRANSACTION_PREPARED, TRANSACTION_COMMIT, TRANSACTION_ROLLBACK]) {
      await appendOne(store, { ...keyedMessage(`k ${sysFlag}`), sysFlag });
    }
    await indexCaughtUp(store);
    expect(await foundBodies(store, 'k')).toEqual([`k ${TRANSACTION_PREPARED}|`, `k ${TRANSACTION_COMMIT}|`]);
  });

  it('take the last of several pairs, no empty one, and no name that only ends alike', async () => {
    const store = await directory.start();
    await appendOne(store, { properties: 'KEYS\u0001a\u0002KEYS\u0001b  c\u0002KEYS\u0001\u0002XKEYS\u0001d\u0002' });
    await appendOne(store, { properties: 'x\u0001KEYS\u0002KEYSX\u0001e\u0002UNIQ_KEY\u0001f' });
    await indexCaughtUp(store);
    const counts = await Promise.all(Array.from('abcdef').map(async (key) => (await foundBodies(store, key)).length));
    expect(counts).toEqual([0, 1, 1, 0, 0, 1]);
  });

  it('find what an idle index was asked for only later, on or off', async () => {
    const off = await directory.start({ messageIndexEnable: false });
    await appendKeyed(off, 10);
    expect([await foundBodies(off, 'own-3'), off.figures().indexBehindBytes]).toEqual([[], 0]);
    await off.close();
    expect(existsSync(join(directory.path, 'index'))).toBe(false);
    const on = await directory.start();
    await indexCaughtUp(on);
    expect((await foundBodies(on, 'own-3')).length).toBe(1);
    await on.close();
    const offAgain = await directory.start({ messageIndexEnable: false });
    await appendKeyed(offAgain, 10, 10);
    expect([(await foundBodies(offAgain, 'own-3')).length, (await foundBodies(offAgain, 'own-13')).length]).toEqual([
      1, 0,
    ]);
    await offAgain.close();
    const onAgain = await directory.start();
    await indexCaughtUp(onAgain);
    expect((await foundBodies(onAgain, 'own-13')).length).toBe(1);
  });
});

describe('files', () => {
  it('are named by local time, each after the one before', () => {
    const date = new Date(2026, 2, 4, 5, 6, 7, 89);
    expect(indexName(date.getTime(), undefined)).toBe('20260304050607089');
    expect(indexName(date.getTime(), '20260304050607089')).toBe('20260304050607090');
    expect(indexName(date.getTime(), '20261231235959999')).toBe('20270101000000000');
  });

  it('have the layout of the format, and take over where the one before ended', async () => {
    const clock = createManualClock(begun);
    const store = await directory.start({ maxIndexNum: 4 }, { clock });
    const results: AppendResult[] = [];
    for (const [i, key] of ['a', 'b', 'c', 'd'].entries()) {
      results.push(await appendOne(store, keyedMessage(key)));
      clock.advance(i === 2 ? 5000 : 1500);
    }
    await store.close();
    expect(indexContents(directory.path).map((bytes) => bytes.length)).toEqual([520, 520]);
    const [first, second] = indexContents(directory.path) as [Buffer, Buffer];
    const header = (bytes: Buffer): number[] => [
      ...[0, 8, 16, 24].map((at) => Number(bytes.readBigInt64BE(at))),
      bytes.readInt32BE(32),
      bytes.readInt32BE(36),
    ];
    const offset = (i: number): number => results[i]?.physicalOffset as number;
    expect(header(first)).toEqual([begun, begun + 3000, offset(0), offset(2), 3, 4]);
    expect(header(second)).toEqual([begun + 8000, begun + 8000, offset(3), offset(3), 1, 2]);
    const item = (bytes: Buffer, place: number): number[] => {
      const at = slotsEnd + place * itemSize;
      const [hash, seconds, previous] = [0, 12, 16].map((skip) => bytes.readInt32BE(at + skip));
      return [hash as number, Number(bytes.readBigInt64BE(at + 4)), seconds as number, previous as number];
    };
    expect([1, 2, 3].map((place) => item(first, place))).toEqual([
      [indexHash('TopicTest', 'a'), offset(0), 0, 0],
      [indexHash('TopicTest', 'b'), offset(1), 1, 0],
      [indexHash('TopicTest', 'c'), offset(2), 3, 0],
    ]);
    // Counted from the end of the file before, which is what the header said when it came.
    expect(item(second, 1)).toEqual([indexHash('TopicTest', 'd'), offset(3), 5, 0]);
    expect(first.readInt32BE(40 + (indexHash('TopicTest', 'b') % 100) * 4)).toBe(2);
    expect(checkpointAt(directory, 16)).toBe(begun + 3000);
  });

  it('wait for room on the disk and then have everything, while messages are taken all the time', async () => {
    const clock = createManualClock(begun);
    const error = jest.fn();
    let isDiskFull = true;
    const truncate = (fd: number, length: number): void => {
      if (isDiskFull && length === indexFileSize) throw diskError('ENOSPC');
      unsyncedDisk.truncate(fd, length);
    };
    const ports = { disk: { ...unsyncedDisk, truncate }, clock, log: { ...silentLogger, error } };
    const store = await directory.start({}, ports);
    await appendKeyed(store, 20);
    for (let i = 0; i < 5; i++) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      clock.advance(1000);
    }
    expect([store.unavailable, error.mock.calls.length]).toEqual([undefined, 1]);
    expect(await foundBodies(store, 'own-0')).toEqual([]);
    isDiskFull = false;
    clock.advance(1000);
    await indexCaughtUp(store);
    // From the second file on the first ones are full.
    await appendKeyed(store, 200, 20);
    isDiskFull = true;
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(indexPaths(directory.path).length).toBe(1);
    isDiskFull = false;
    clock.advance(1000);
    await indexCaughtUp(store);
    for (let i = 0; i < 220; i++) expect((await foundBodies(store, `U${i}`)).length).toBe(1);
    await store.close();
    expect(indexContents(directory.path).map((bytes) => bytes.readInt32BE(36))).toEqual([400, 262]);
  });

  it('that are expired are deleted when the checkpoint does not count them, but never the last one', async () => {
    const store = await directory.start();
    await appendKeyed(store, 500);
    const logEnd = store.figures().commitLogMaxOffset;
    await store.close();
    const before = indexPaths(directory.path);
    const ends = indexContents(directory.path).map((bytes) => Number(bytes.readBigInt64BE(24)));
    const seen: [number, number][] = [];
    const index = openIndex(logEnd, () => {
      seen.push([indexPaths(directory.path).length, index.store().position?.fileCount ?? -1]);
      return Promise.resolve(seen.length < 3);
    });
    index.open({ position: undefined, durableTimestamp: 0, wasCleanStop: true, logEnd });
    expect([await index.deleteBefore(ends[0] as number), seen]).toEqual([0, []]);
    expect([await index.deleteBefore(ends[1] as number), seen]).toEqual([1, [[4, 3]]]);
    expect(indexPaths(directory.path)).toEqual(before.slice(1));
    expect(await index.deleteBefore(ends[2] as number)).toBe(1);
    // Not while the checkpoint still counts it.
    expect([await index.deleteBefore(Infinity), indexPaths(directory.path)]).toEqual([0, before.slice(2)]);
    await index.stop();
  });

  it('that the checkpoint does not count any more are gone with the next start', async () => {
    const store = await directory.start();
    await appendKeyed(store, 500);
    await store.close();
    const before = indexPaths(directory.path);
    cpSync(indexPaths(directory.path)[0] as string, join(directory.path, 'index', '20200101000000000'));
    const again = await directory.start();
    expect([indexPaths(directory.path), (await foundBodies(again, 'own-0')).length]).toEqual([before, 1]);
  });
});

/** An index over the directory of a closed store. */
function openIndex(logEnd: number, checkpoint: () => Promise<boolean>): MessageIndex {
  const pool = new FilePool(unsyncedDisk, 16);
  const log = new CommitLog(unsyncedDisk, pool, {
    directory: join(directory.path, 'commitlog'),
    segmentSize: 64 * 1024,
    chunkSize: 1024,
    cacheSize: 1024,
    hasChecksum: false,
    preparedBytes: 0,
    wantsDirect: false,
  });
  log.segments.load();
  log.resume(logEnd);
  return new MessageIndex({
    config: directory.config(),
    disk: unsyncedDisk,
    pool,
    clock: createManualClock(begun),
    logger: silentLogger,
    log,
    directory: join(directory.path, 'index'),
    dispatchedOffset: () => logEnd,
    readRecord: (offset) => log.read(offset, 91).then((head) => head && log.read(offset, head.readInt32BE(0))),
    recordTime: () => begun,
    checkpoint,
    onError: (reason) => expect(reason).toBe(''),
  });
}

it('follows the log in its files when memory does not reach back any more', async () => {
  const store = await directory.start({
    maxIndexNum: 4000,
    hotTailBytes: 1024 * 1024,
    mappedFileSizeCommitLog: 1024 * 1024,
  });
  await appendMany(store, 15_000, keyedMessage('k', 'U'));
  // Of these only the last mebibyte is in memory when indexing begins.
  await indexCaughtUp(store);
  expect((await foundBodies(store, 'k')).length).toBe(64);
  await store.close();
  const items = indexContents(directory.path).map((bytes) => bytes.readInt32BE(36) - 1);
  expect(items.reduce((sum, count) => sum + count, 0)).toBe(30_000);
});
