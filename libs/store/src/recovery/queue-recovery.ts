import { join } from 'node:path';
import { isDirectoryName, type QueueTable } from '../consume-queue/queue-table.js';
import type { ConsumeQueue } from '../consume-queue/consume-queue.js';
import { blankUnitSize, unitPhysicalOffset, unitRecordSize, unitSize } from '../consume-queue/queue-block.js';
import type { Disk } from '../disk/disk.js';

/** Finds the queues on disk. Names of queues whose files do not fit together. */
export function loadQueues(disk: Disk, queues: QueueTable): string[] {
  const damaged: string[] = [];
  disk.makeDirectory(queues.directory);
  for (const topic of disk.list(queues.directory)) {
    if (!isDirectoryName(topic)) continue;
    for (const name of listDirectory(disk, join(queues.directory, topic))) {
      if (!/^\d{1,10}$/.test(name)) continue;
      const queue = queues.obtain(topic, Number(name));
      if (queue && !queue.files.load()) damaged.push(`${topic}/${name}`);
    }
  }
  return damaged;
}

/** A stray file beside the topics is no topic. */
function listDirectory(disk: Disk, path: string): string[] {
  try {
    return disk.list(path);
  } catch {
    return [];
  }
}

/**
 * Keeps of a queue what stands for records before `limit` and forgets the rest, on disk too. Relies on the entries up
 * to there being whole, so that the last one is found by halving; `end` is where they are known to be, if so.
 */
export function cutQueueAt(
  queue: ConsumeQueue,
  limit: number,
  minPhysicalOffset: number,
  wasCleanStop: boolean,
  end: number = queue.files.endOffset,
): LastEntry {
  const { files } = queue;
  const unit = new UnitReader(queue);
  let low = files.firstOffset;
  let high = end;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (unit.read(middle) && unit.size > 0 && unit.physicalOffset < limit) low = middle + 1;
    else high = middle;
  }
  // After a power cut anything may stand behind; after a clean stop nothing does, and thousands of files stay untouched.
  if (!wasCleanStop || (unit.read(low) && unit.size !== 0)) files.cut(low);
  const max = low;
  let min = files.firstOffset;
  // Entries of files that retention removed, and blanks before the first message, are no messages.
  for (let top = max; min < top;) {
    const middle = Math.floor((min + top) / 2);
    if (unit.read(middle) && unit.size !== blankUnitSize && unit.physicalOffset >= minPhysicalOffset) top = middle;
    else min = middle + 1;
  }
  const isOrdered = areFilesOrdered(queue, unit, max);
  const hasLast = max > files.firstOffset && unit.read(max - 1) && unit.size !== blankUnitSize;
  queue.resume(min, max, hasLast ? unit.physicalOffset + unit.size : 0);
  return hasLast
    ? { physicalOffset: unit.physicalOffset, size: unit.size, isOrdered }
    : { physicalOffset: -1, size: 0, isOrdered };
}

/** What the last entry of a queue points to; -1 without any. */
export interface LastEntry {
  readonly physicalOffset: number;
  readonly size: number;
  /** False when a file of the queue was zeroed, or holds something else. */
  readonly isOrdered: boolean;
}

/** One look at the beginning of each file: halving passes by most of them. */
function areFilesOrdered({ files }: ConsumeQueue, unit: UnitReader, end: number): boolean {
  let last = -1;
  for (let offset = files.firstOffset; offset < end; offset = files.nextFileOffset(offset)) {
    if (!unit.read(offset) || unit.size <= 0) return false;
    if (unit.size === blankUnitSize) continue;
    if (unit.physicalOffset <= last) return false;
    last = unit.physicalOffset;
  }
  return true;
}

/**
 * Where the entries of a queue end, and the record of the last one; undefined when those in the last three files, as
 * many as Java looks at, are not in the order of the log, or some were lost: no file is made before it has an entry.
 */
export function orderedEnd(queue: ConsumeQueue): { offset: number; physicalOffset: number } | undefined {
  const { files } = queue;
  if (files.wasShort) return undefined;
  const bytes = Buffer.alloc(3200 * unitSize);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let last = -1;
  let end = 0;
  for (let offset = files.recentOffset(3); offset < files.endOffset;) {
    const length = files.readSync(offset, bytes);
    if (length < unitSize) return undefined;
    for (let at = 0; at + unitSize <= length; at += unitSize, offset++) {
      const size = unitRecordSize(view, at);
      // Only the last file may have room left.
      if (size === 0) return offset > files.recentOffset(1) ? { offset, physicalOffset: end } : undefined;
      if (size === blankUnitSize) continue;
      const physicalOffset = unitPhysicalOffset(view, at);
      if (size < 0 || physicalOffset <= last) return undefined;
      last = physicalOffset;
      end = physicalOffset + size;
    }
  }
  return { offset: files.endOffset, physicalOffset: end };
}

/** One unit at a time. */
class UnitReader {
  physicalOffset = 0;
  size = 0;
  private readonly bytes = Buffer.alloc(unitSize);
  private readonly view = new DataView(this.bytes.buffer, this.bytes.byteOffset, unitSize);

  constructor(private readonly queue: ConsumeQueue) {}

  read(offset: number): boolean {
    if (this.queue.files.readSync(offset, this.bytes) < unitSize) return false;
    this.physicalOffset = unitPhysicalOffset(this.view, 0);
    this.size = unitRecordSize(this.view, 0);
    return true;
  }
}
