import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { seededRandom, unsyncedDisk } from '../../../testkit/src/index.js';
import { QueueBlock, unitSize } from '../consume-queue/queue-block.js';
import { QueueTable } from '../consume-queue/queue-table.js';
import type { ConsumeQueue } from '../consume-queue/consume-queue.js';
import { FilePool } from '../disk/file-pool.js';
import { UnitReader, cutQueueAt, loadQueues } from './queue-recovery.js';

const recordSize = 100;

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'queues-'))));
afterEach(() => rmSync(directory, { recursive: true }));

/** A queue whose entry n stands for the record at n * recordSize, in files of so many entries. */
function fill(count: number, first: number, unitsPerFile: number): QueueTable {
  const pool = new FilePool(unsyncedDisk, 16);
  const table = new QueueTable(unsyncedDisk, pool, directory, unitsPerFile * unitSize);
  const block = new QueueBlock(first, count);
  for (let i = first; i < first + count; i++) block.push(i * recordSize, recordSize, 0);
  table.obtain('TopicTest', 0)?.files.write(first, block.bytes, first);
  pool.close();
  return new QueueTable(unsyncedDisk, new FilePool(unsyncedDisk, 16), directory, unitsPerFile * unitSize);
}

function load(table: QueueTable): ConsumeQueue {
  expect(loadQueues(unsyncedDisk, table)).toEqual([]);
  return table.find('TopicTest', 0) as ConsumeQueue;
}

describe('cutting a queue', () => {
  it.each([
    [1, 0, 50],
    [203, 0, 300_000],
    [204, 0, 300_000],
    [205, 0, 300_000],
    [5000, 0, 300_000],
    [5000, 0, 1000],
    [5000, 2500, 1000],
    [3000, 130, 50],
  ])('finds where the entries of the log end: %i entries from %i, %i a file', (count, first, unitsPerFile) => {
    const random = seededRandom(count);
    // From the end on, as each cut leaves less.
    const ends = [count, ...Array.from({ length: 8 }, () => Math.floor(random() * count)), 0].sort((a, b) => b - a);
    let queue = load(fill(count, first, unitsPerFile));
    const unit = new UnitReader();
    for (const end of ends) {
      const last = cutQueueAt(queue, (first + end) * recordSize, 0, false, undefined, unit);
      const isEmpty = end === 0;
      // A first file is filled with blanks up to its first message, so that a queue without messages still has those.
      const files = queue.files.firstOffset;
      expect([end, queue.maxOffset]).toEqual([end, isEmpty ? Math.max(first, files) : first + end]);
      expect(last.physicalOffset).toBe(isEmpty ? -1 : (first + end - 1) * recordSize);
      if (!isEmpty) expect(queue.minOffset).toBe(first);
      // What is cut is gone from the disk too.
      queue = load(new QueueTable(unsyncedDisk, new FilePool(unsyncedDisk, 16), directory, unitsPerFile * unitSize));
    }
  });

  it.each([
    ['in the same block', 101],
    ['in the last bytes of the block', 204],
    ['in the next block', 300],
    ['far behind', 250_000],
    ['nowhere', undefined],
  ])('takes off the disk what a power cut left %s', (_where, stale) => {
    const table = fill(100, 0, 300_000);
    const limit = 100 * recordSize;
    const path = join(directory, 'TopicTest/0/00000000000000000000');
    const fd = unsyncedDisk.open(path, false);
    // Of a record that recovery makes entries for; the last bytes of a block are the first of an entry.
    const unit = new QueueBlock(0, 1);
    unit.push(limit, recordSize, 0);
    if (stale !== undefined) unsyncedDisk.writeSync(fd, unit.bytes.subarray(0, 12), stale * unitSize);
    let cuts = 0;
    const disk = { ...unsyncedDisk, truncate: (...args: [number, number]) => (cuts++, unsyncedDisk.truncate(...args)) };
    const pool = new FilePool(disk, 16);
    const queue = load(new QueueTable(disk, pool, table.directory, 300_000 * unitSize));
    cutQueueAt(queue, limit, 0, false);
    expect(queue.maxOffset).toBe(100);
    const rest = Buffer.alloc(299_900 * unitSize);
    unsyncedDisk.readSync(fd, rest, 100 * unitSize);
    expect(rest.every((byte) => byte === 0)).toBe(true);
    // Only Linux tells blocks reliably; elsewhere all are cut.
    if (process.platform === 'linux') expect(cuts > 0).toBe(stale !== undefined);
    unsyncedDisk.close(fd);
  });

  it('leaves the entries of expired records out', () => {
    const queue = load(fill(5000, 0, 1000));
    cutQueueAt(queue, 5000 * recordSize, 1234 * recordSize, true);
    expect([queue.minOffset, queue.maxOffset]).toEqual([1234, 5000]);
  });
});
