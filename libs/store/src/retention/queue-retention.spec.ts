import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { silentLogger, type Logger } from '../../../common/src/index.js';
import {
  AgingStore,
  StoreDirectory,
  appendMany,
  appendOne,
  readQueue,
  unsyncedDisk,
} from '../../../testkit/src/index.js';
import type { ConsumeQueue } from '../consume-queue/consume-queue.js';
import { QueueTable } from '../consume-queue/queue-table.js';
import type { MessageStore } from '../contract.js';
import { FilePool } from '../disk/file-pool.js';
import { QueueRetention } from './queue-retention.js';

let aging: AgingStore;
let copies: StoreDirectory[];
beforeEach(() => {
  aging = new AgingStore();
  copies = [];
});
afterEach(async () => {
  await aging.remove();
  for (const copy of copies) await copy.remove();
});

/** Bytes of a queue file in these tests: 50 entries. */
const queueFile = 1000;

/** What a kill at this moment leaves. */
function killed(): StoreDirectory {
  const copy = new StoreDirectory();
  rmSync(copy.path, { recursive: true });
  cpSync(aging.directory.path, copy.path, { recursive: true });
  copies.push(copy);
  return copy;
}

/** Started from a copy: on its own clock, in the first minute, so that nothing is deleted. */
function startCopy(copy: StoreDirectory, log: Logger = silentLogger): Promise<MessageStore> {
  return copy.start({ mappedFileSizeCommitLog: aging.fileSize }, { log });
}

/** Deletes files of the log until `count` are left, at the next turn. */
async function deleteUntil(count: number): Promise<void> {
  aging.disk.percentUsed = () => (aging.logFiles().length > count ? 86 : 50);
  await aging.advance(60_000);
  aging.disk.percentUsed = () => 50;
  await aging.advance(20_000);
  expect(aging.logFiles().length).toBe(count);
}

describe('consume queues', () => {
  it('are cut to the first message the log still has, and lose the files before it', async () => {
    const store = await aging.start({ fileReservedTime: 1000 });
    for (let file = 0; file < 8; file++) {
      await aging.fillFile(store, file, file % 2);
      // A queue with one message here and there.
      await appendOne(store, { queueId: 7 });
    }
    await aging.advance(10_000);
    expect(aging.queueFiles(0)).toEqual([0, queueFile]);
    const before = await readQueue(store, 'TopicTest', 0);
    await deleteUntil(3);
    const { commitLogMinOffset } = store.figures();
    for (const queueId of [0, 1, 7]) {
      const left = await readQueue(store, 'TopicTest', queueId);
      expect(left[0]?.queueOffset).toBe(store.minOffset('TopicTest', queueId));
      expect(left.at(-1)?.queueOffset).toBe(store.maxOffset('TopicTest', queueId) - 1);
      expect(left.every(({ physicalOffset }) => physicalOffset >= commitLogMinOffset)).toBe(true);
    }
    const expected = before.findIndex(({ physicalOffset }) => physicalOffset >= commitLogMinOffset);
    expect(store.minOffset('TopicTest', 0)).toBe(expected);
    expect(aging.queueFiles(0)).toEqual([queueFile]);
    expect(aging.queueFiles(7)).toEqual([0]);
  });

  it('lose their files one queue after the other, with a pause, unless somebody waits', async () => {
    const store = await aging.start({ deleteConsumeQueueFilesInterval: 5000 });
    for (const queueId of [0, 1, 2]) await appendMany(store, 60, { queueId });
    await aging.fill(store, 0);
    aging.disk.percentUsed = () => (aging.logFiles().length > 1 ? 86 : 50);
    while (aging.logFiles().length > 1) await aging.advance(100);
    await aging.advance(4000);
    const filesLeft = (): number[] => [0, 1, 2].map((queueId) => aging.queueFiles(queueId)[0] as number);
    expect(filesLeft().filter((base) => base > 0).length).toBe(1);
    await aging.advance(5000);
    expect(filesLeft().filter((base) => base > 0).length).toBe(2);
    void store.deleteExpiredQueueFiles();
    await aging.advance(5000);
    expect(filesLeft()).not.toContain(0);
  });

  it('that nothing was taken from cost no look at the disk', async () => {
    const store = await aging.start();
    await appendMany(store, 20, { queueId: 5000 });
    await aging.fillFile(store);
    await Promise.all(Array.from({ length: 500 }, (_, queueId) => appendOne(store, { queueId: 100 + queueId })));
    await aging.advance(10_000);
    await store.close();
    const again = await aging.start();
    const read = new Set<string>();
    aging.disk.beforeRead = (path) => void (path.includes('consumequeue') && read.add(path));
    aging.disk.percentUsed = () => (aging.logFiles()[0] === 0 ? 86 : 50);
    await aging.advance(80_000);
    expect(aging.logFiles()[0]).toBe(aging.fileSize);
    expect([...read].map((path) => path.split('/').at(-2))).toEqual(['0']);
    expect(again.minOffset('TopicTest', 5000)).toBe(20);
    expect(again.minOffset('TopicTest', 599)).toBe(0);
  });

  it('that begin with blanks are cut at a message', async () => {
    const store = await aging.start();
    await aging.fill(store, 0);
    await store.close();
    rmSync(join(aging.directory.path, 'commitlog', '0'.repeat(20)));
    rmSync(join(aging.directory.path, 'consumequeue'), { recursive: true });
    const again = await aging.start();
    const blanks = again.minOffset('TopicTest', 0);
    expect(blanks).toBeGreaterThan(10);
    expect(await again.offsetByTime('TopicTest', 0, 0, 'lower')).toBe(blanks);
    expect(await again.queueUnits('TopicTest', 0, blanks - 1, 5)).toEqual([]);
    await aging.fill(again, 0);
    await deleteUntil(6);
    const [first] = await readQueue(again);
    expect(first?.queueOffset).toBe(again.minOffset('TopicTest', 0));
    expect(first?.physicalOffset).toBe(again.figures().commitLogMinOffset);
  });
});

describe('a queue with places that no message took', () => {
  it.each([
    [0, 0],
    [350, 4],
    [401, 1900],
    [1850, 2001],
    [2000, 2002],
    [2500, 2006],
  ])('begins at a message when the log begins at %i', async (logMinOffset, expected) => {
    const disk = { ...unsyncedDisk };
    const queues = new QueueTable(disk, new FilePool(disk, 16), join(aging.directory.path, 'consumequeue'), queueFile);
    const queue = queues.obtain('TopicTest', 0) as ConsumeQueue;
    for (let i = 0; i < 5; i++) queue.restore(i, i * 100, 100, 0, 0);
    for (let i = 0; i < 6; i++) queue.restore(1900 + i, 1000 + i * 100, 100, 0, 0);
    for (let i = 0; i < 6; i++) queue.restore(2000 + i, 1800 + i * 100, 100, 0, 0);
    const { clock } = aging;
    const retention = new QueueRetention({ config: aging.directory.config(), clock, logger: silentLogger, queues });
    await retention.cutBefore(logMinOffset, () => 0, new AbortController().signal);
    expect(queue.minOffset).toBe(expected);
    expect(queues.alignedTo).toBe(logMinOffset);
  });
});

describe('a queue whose messages have all expired', () => {
  it.each([30, 50, 100])('keeps its next offset, with %i messages', async (count) => {
    const store = await aging.start();
    await appendMany(store, count, { queueId: 3 });
    await aging.fill(store, 0);
    await deleteUntil(1);
    const expectEmpty = async (emptied: MessageStore): Promise<void> => {
      expect([emptied.minOffset('TopicTest', 3), emptied.maxOffset('TopicTest', 3)]).toEqual([count, count]);
      for (const [offset, status] of [
        [0, 'OFFSET_TOO_SMALL'],
        [count, 'OFFSET_OVERFLOW_ONE'],
      ] as const) {
        const got = await emptied.get({ topic: 'TopicTest', queueId: 3, offset, maxMessages: 32 });
        expect(got).toMatchObject({ status, nextBeginOffset: count });
      }
      expect(await emptied.earliestStoreTime('TopicTest', 3)).toBe(-1);
      expect(await emptied.offsetByTime('TopicTest', 3, 0, 'lower')).toBe(count);
    };
    await expectEmpty(store);
    expect(aging.queueFiles(3).length).toBe(1);
    const copy = killed();
    await expectEmpty(await startCopy(copy));
    await store.close();
    const again = await aging.start();
    await expectEmpty(again);
    expect((await appendOne(again, { queueId: 3 })).queueOffset).toBe(count);
    expect((await readQueue(again, 'TopicTest', 3)).map(({ queueOffset }) => queueOffset)).toEqual([count]);
    await again.close();
    expect((await readQueue(await aging.start(), 'TopicTest', 3)).length).toBe(1);
  });
});

describe('a stop at any moment of a deletion', () => {
  it('leaves files without a gap, and queues that fit them', async () => {
    const store = await aging.start();
    for (let file = 0; file < 8; file++) {
      await aging.fillFile(store, file, file % 2);
      await appendMany(store, 8, { queueId: 4 });
    }
    await aging.advance(10_000);
    const images = mkdtempSync(join(tmpdir(), 'images-'));
    let count = 0;
    aging.disk.fault = () => {
      cpSync(aging.directory.path, join(images, String(count++)), { recursive: true });
      return undefined;
    };
    try {
      await deleteUntil(2);
      aging.disk.fault = () => undefined;
      expect(count).toBeGreaterThan(8);
      const ends = [0, 1, 4].map((queueId) => store.maxOffset('TopicTest', queueId));
      for (let image = 0; image < count; image++) {
        const copy = new StoreDirectory();
        copies.push(copy);
        rmSync(copy.path, { recursive: true });
        cpSync(join(images, String(image)), copy.path, { recursive: true });
        const warn = jest.fn();
        const again = await startCopy(copy, { ...silentLogger, warn });
        expect([image, [0, 1, 4].map((queueId) => again.maxOffset('TopicTest', queueId))]).toEqual([image, ends]);
        for (const queueId of [0, 1, 4]) {
          const min = again.minOffset('TopicTest', queueId);
          const left = await readQueue(again, 'TopicTest', queueId);
          expect(left.map(({ queueOffset }) => queueOffset)).toEqual(
            Array.from({ length: again.maxOffset('TopicTest', queueId) - min }, (_, i) => min + i),
          );
        }
        // Nothing had to be made again.
        expect(warn).not.toHaveBeenCalled();
        await again.close();
      }
    } finally {
      rmSync(images, { recursive: true });
    }
  }, 60_000);

  it('needs nothing made again when the checkpoint comes between two queues', async () => {
    const store = await aging.start({ deleteConsumeQueueFilesInterval: 1_000_000 });
    for (const queueId of [1, 2, 3]) await appendMany(store, 60, { queueId });
    await aging.fill(store, 0);
    await deleteUntil(1);
    await aging.advance(10_000);
    expect([1, 2, 3].map((queueId) => aging.queueFiles(queueId)[0])).toEqual([queueFile, 0, 0]);
    const warn = jest.fn();
    const again = await startCopy(killed(), { ...silentLogger, warn });
    expect([1, 2, 3].map((queueId) => again.minOffset('TopicTest', queueId))).toEqual([60, 60, 60]);
    expect(warn).not.toHaveBeenCalled();
  });

  it('lets queue files go that a deletion before it had no time for', async () => {
    const store = await aging.start();
    await appendMany(store, 120, { queueId: 4 });
    await aging.fill(store, 0);
    await store.close();
    rmSync(join(aging.directory.path, 'commitlog', '0'.repeat(20)));
    for (const base of [1, 2, 3, 4])
      rmSync(join(aging.directory.path, 'commitlog', String(base * aging.fileSize).padStart(20, '0')), { force: true });
    const again = await aging.start();
    expect(aging.queueFiles(4)).toEqual([0, queueFile, 2 * queueFile]);
    await aging.advance(70_000);
    expect(aging.queueFiles(4)).toEqual([2 * queueFile]);
    expect(again.maxOffset('TopicTest', 4)).toBe(120);
  });
});

describe('entries of a queue', () => {
  it('are told as they stand there, from memory and from files', async () => {
    const store = await aging.start();
    const appended = await appendMany(store, 120);
    const expected = appended.map(({ physicalOffset }) => ({ physicalOffset, tagsCode: 97 }));
    await store.close();
    const again = await aging.start();
    await appendMany(again, 5);
    expect(await again.queueUnits('TopicTest', 0, 40, 30)).toMatchObject(expected.slice(40, 70));
    expect((await again.queueUnits('TopicTest', 0, 110, 100))?.length).toBe(15);
    for (const from of [-1, 125, 0.5]) expect(await again.queueUnits('TopicTest', 0, from, 10)).toEqual([]);
    expect(await again.queueUnits('TopicTest', 9, 0, 10)).toBeUndefined();
  });
});

describe('topics that nobody uses', () => {
  it('lose their queues, for good', async () => {
    const store = await aging.start();
    for (const topic of ['Kept', 'Gone', 'AlsoGone']) await appendMany(store, 3, { topic });
    expect((await store.deleteUnusedTopics((topic) => topic === 'Kept')).toSorted()).toEqual(['AlsoGone', 'Gone']);
    expect(await store.deleteUnusedTopics((topic) => topic === 'Kept')).toEqual([]);
    const again = await startCopy(killed());
    expect(['Kept', 'Gone', 'AlsoGone'].map((topic) => again.maxOffset(topic, 0))).toEqual([3, 0, 0]);
  });
});
