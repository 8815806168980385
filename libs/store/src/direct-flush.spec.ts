import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../common/src/index.js';
import {
  StoreDirectory,
  appendMany,
  appendOne,
  createFaultyDisk,
  createManualClock,
  diskError,
  readQueue,
  seededRandom,
  testSettings,
  unsyncedDisk,
  withoutDirectWrites,
  type FaultyDisk,
} from '../../testkit/src/index.js';
import type { MessageStore } from './contract.js';
import { directBlock, type Disk } from './disk/disk.js';
import { nodeDisk } from './disk/node-disk.js';
import { pageMemory } from './disk/page-memory.js';

const direct = { flushDiskType: 'SYNC_FLUSH', flushCommitLogDirect: true } as const;
const cached = { flushDiskType: 'SYNC_FLUSH', flushCommitLogDirect: false } as const;
const async = { flushDiskType: 'ASYNC_FLUSH' } as const;

let directory: StoreDirectory;
let disk: FaultyDisk;
beforeEach(() => {
  directory = new StoreDirectory();
  disk = createFaultyDisk(unsyncedDisk);
});
afterEach(() => directory.remove());

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const calls = (name: string): number => disk.calls.filter((call) => call === name).length;

/** Digests of the files of the log by name, as anybody reads them. */
function logFiles(place: StoreDirectory): Record<string, string> {
  const path = join(place.path, 'commitlog');
  const digest = (name: string): string =>
    createHash('sha1')
      .update(readFileSync(join(path, name)))
      .digest('hex');
  return Object.fromEntries(readdirSync(path).map((name) => [name, digest(name)]));
}

/** Groups of all sizes over several files; the same messages for the same seed. */
async function fill(store: MessageStore, seed: number): Promise<void> {
  const random = seededRandom(seed);
  for (let group = 0; group < 40; group++) {
    const body = Buffer.alloc(Math.floor(random() * (random() < 0.2 ? 12_000 : 900)), seed);
    await appendMany(store, 1 + Math.floor(random() * 4), { body });
  }
}

describe('direct writes', () => {
  it('leave the bytes that other ones leave, also in turn with them', async () => {
    const changes = { mappedFileSizeCommitLog: 64 * 1024 };
    const lives = {
      cached: [cached, cached, cached],
      direct: [direct, direct, direct],
      mixed: [async, direct, async],
      scarce: [direct, direct, direct],
    };
    const found: Record<string, string>[] = [];
    for (const [name, modes] of Object.entries(lives)) {
      // Soon there is no more memory that direct writes can begin at.
      let left = name === 'scarce' ? 4 : Infinity;
      const directMemory = (bytes: number): Buffer | undefined => (left-- > 0 ? Buffer.alloc(bytes) : undefined);
      const place = new StoreDirectory();
      const clock = createManualClock();
      for (const [seed, mode] of modes.entries()) {
        const store = await place.start({ ...changes, ...mode }, { clock, disk: { ...unsyncedDisk, directMemory } });
        await fill(store, seed + 1);
        await store.close();
      }
      found.push(logFiles(place));
      await place.remove();
    }
    expect(Object.keys(found[0] ?? {}).length).toBeGreaterThan(3);
    for (const files of found.slice(1)) expect(files).toEqual(found[0]);
  });

  it('are one a group, and the page cache hears nothing of the log', async () => {
    const store = await directory.start(direct, { disk });
    await appendOne(store);
    disk.fault = (call, _index, target) =>
      call !== 'writeDirect' && target.includes('commitlog') ? diskError('EIO') : undefined;
    const before = calls('writeDirect');
    for (let group = 0; group < 10; group++) await appendMany(store, 20);
    expect(calls('writeDirect') - before).toBe(10);
  });

  it('take a record that is larger than what goes out at once in pieces, and nobody sees a part of it', async () => {
    const store = await directory.start({ ...direct, mappedFileSizeCommitLog: 32 * 1024 * 1024 }, { disk });
    await appendOne(store);
    const { commitLogMaxOffset: end } = store.figures();
    let seen: unknown;
    disk.fault = (call) => {
      if (call === 'writeDirect') seen ??= store.read(end);
      return undefined;
    };
    const body = Buffer.alloc(4_000_000, 'x');
    const before = calls('writeDirect');
    const sent = appendOne(store, { body });
    const ends: number[] = [];
    disk.beforeSync = async () => void ends.push(store.figures().commitLogMaxOffset);
    expect((await sent).status).toBe('OK');
    expect(calls('writeDirect') - before).toBe(2);
    expect(new Set(ends)).toEqual(new Set([end]));
    expect(await seen).toBeUndefined();
    expect((await readQueue(store))[1]?.body.equals(body)).toBe(true);
  });

  it('hold no more in memory than they should when the disk stands still', async () => {
    const store = await directory.start({ ...direct, mappedFileSizeCommitLog: 128 * 1024 * 1024 }, { disk });
    await appendOne(store);
    let release = (): void => undefined;
    disk.beforeSync = () => new Promise((resolve) => (release = resolve));
    const body = Buffer.alloc(4 * 1024 * 1024);
    const accepted = Array.from({ length: 16 }, () => appendOne(store, { body }));
    await turn();
    expect(await appendOne(store)).toMatchObject({
      status: 'SERVICE_NOT_AVAILABLE',
      reason: expect.stringMatching(/^the disk is too slow: \d+ bytes wait to be written$/),
    });
    expect(store.unavailable).toBeUndefined();
    disk.beforeSync = undefined;
    release();
    for (const { status } of await Promise.all(accepted)) expect(status).toBe('OK');
    expect((await appendOne(store)).status).toBe('OK');
  });

  it('end before their file is closed, whatever else made the store stop', async () => {
    const clock = createManualClock();
    const store = await directory.start({ ...direct, syncFlushTimeout: 60_000 }, { disk, clock });
    await appendOne(store);
    const held: (() => void)[] = [];
    disk.beforeSync = () => new Promise((resolve) => held.push(resolve));
    const waiting = appendOne(store);
    while (held.length === 0) await turn();
    disk.fault = (call, _index, target) =>
      call === 'writeSync' && target.includes('consumequeue') ? diskError('EIO') : undefined;
    clock.advance(6000);
    expect((await waiting).status).toBe('SYSTEM_ERROR');
    let isClosed = false;
    const closing = store.close().then(() => (isClosed = true));
    for (let turns = 0; turns < 20; turns++) await turn();
    // Its number would be the next file's, and the bytes with it.
    expect(isClosed).toBe(false);
    held[0]?.();
    await closing;
  });
});

describe('without direct writes', () => {
  const debugged: string[] = [];
  const log = { ...silentLogger, debug: (text: string): void => void debugged.push(text) };
  beforeEach(() => void debugged.splice(0));

  it.each<[string, Disk, number]>([
    ['a disk that has none', withoutDirectWrites(unsyncedDisk), 65_536],
    ['a file system that refuses them', { ...unsyncedDisk, takesDirect: () => false }, 65_536],
    ['files that do not end with a block', unsyncedDisk, 65_000],
  ])('the page cache is used: %s', async (_name, inner, mappedFileSizeCommitLog) => {
    disk = createFaultyDisk(inner);
    const store = await directory.start({ ...direct, mappedFileSizeCommitLog }, { disk, log });
    const before = calls('fdatasync');
    await appendMany(store, 3);
    await appendMany(store, 3);
    expect([calls('writeDirect'), calls('fdatasync') - before]).toEqual([0, 2]);
    expect(debugged).toEqual(['there are no direct writes to the commit log here']);
    expect((await readQueue(store)).length).toBe(6);
  });
});

// The directory of temporary files may be in memory.
const { cache } = testSettings();
mkdirSync(cache, { recursive: true });
const memory = pageMemory(3 * directBlock) as Buffer;
/** Of which the second is not behind the first in memory. */
const pieces = (at = 0, length = directBlock): Buffer[] =>
  [2 * directBlock, at].map((from) => memory.subarray(from, from + length));
const isTaken = nodeDisk.takesDirect?.(cache, pieces()) ?? false;

// Elsewhere there is nothing to be seen: that the page cache is used then is tested above.
(isTaken ? describe : describe.skip)('on this machine', () => {
  let place: StoreDirectory;
  beforeEach(() => void (place = new StoreDirectory(cache)));
  afterEach(() => place.remove());

  it('memory of WebAssembly begins at a page, and a file system says so', () => {
    expect(nodeDisk.takesDirect?.(place.path, pieces())).toBe(true);
    expect(nodeDisk.takesDirect?.(place.path, pieces(1))).toBe(false);
    expect(nodeDisk.takesDirect?.(place.path, pieces(0, 100))).toBe(false);
    expect(nodeDisk.takesDirect?.(join(place.path, 'missing'), pieces())).toBe(false);
    expect(readdirSync(place.path)).toEqual([]);
  });

  it('readers of files see what was written past the page cache, while the log goes on', async () => {
    const changes = {
      ...direct,
      mappedFileSizeCommitLog: 1024 * 1024,
      hotTailBytes: 1024 * 1024,
      coldReadCacheBytes: 0,
    };
    const store = await place.start(changes, { disk: nodeDisk });
    const sent: string[] = [];
    for (let group = 0; group < 60; group++) {
      const bodies = Array.from({ length: 12 }, (_, i) => `${group}/${i} `.repeat(1 + ((group * 37 + i * 101) % 900)));
      await Promise.all(bodies.map((body) => appendOne(store, { body: Buffer.from(body) })));
      sent.push(...bodies);
      // The page cache has the block that the next write goes to.
      if (group % 9 === 0) logFiles(place);
    }
    const found = (await readQueue(store)).map((record) => record.body.toString());
    expect(found).toEqual(sent);
    await store.close();
    const again = await place.start({ ...changes, ...async }, { disk: nodeDisk });
    expect((await readQueue(again)).length).toBe(sent.length);
  });

  it('several chunks of one file go out from where they are, and serve again', async () => {
    // Chunks of 4 MiB, of which one is in memory beside that which is appended to.
    const changes = { ...direct, mappedFileSizeCommitLog: 24 * 1024 * 1024, hotTailBytes: 1024 * 1024 };
    const store = await place.start(changes, { disk: nodeDisk });
    const bodies = Array.from({ length: 180 }, (_, i) => Buffer.alloc(100_003, i + 1));
    for (let at = 0; at < bodies.length; at += 20) {
      await Promise.all(bodies.slice(at, at + 20).map((body) => appendOne(store, { body })));
    }
    await store.close();
    const again = await place.start({ ...changes, ...async }, { disk: nodeDisk });
    const found = (await readQueue(again)).map(({ body }) => body);
    expect(found.length).toBe(bodies.length);
    expect(found.every((body, i) => body.equals(bodies[i] as Buffer))).toBe(true);
  });

  it('a direct write that cannot be made says why', async () => {
    const store = await place.start(direct, { disk: nodeDisk });
    await appendOne(store);
    const fd = nodeDisk.openDirect?.(join(place.path, 'commitlog', '0'.repeat(20))) as number;
    await expect(nodeDisk.writeDirect?.(fd, pieces(1), 0)).rejects.toMatchObject({
      code: 'EINVAL',
    });
    nodeDisk.close(fd);
    await expect(nodeDisk.writeDirect?.(fd, pieces(), 0)).rejects.toMatchObject({ code: 'EBADF' });
  });
});
