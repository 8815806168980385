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
  unit: UnitReader = new UnitReader(),
): LastEntry {
  const { files } = queue;
  unit.lookInto(files);
  const isBefore = (offset: number): boolean => unit.read(offset) && unit.size > 0 && unit.physicalOffset < limit;
  const low = endOfUnits(files.firstOffset, end, isBefore);
  // After a power cut anything may stand behind; after a clean stop nothing does, and thousands of files stay untouched.
  const mayBeFollowed = (unit.read(low) && unit.size !== 0) || !(wasCleanStop || files.endsBefore(low));
  if (mayBeFollowed) files.cut(low);
  const max = low;
  let min = files.firstOffset;
  // Entries of files that retention removed, and blanks before the first message, are no messages.
  for (let top = max; min < top;) {
    const middle = Math.floor((min + top) / 2);
    if (unit.read(middle) && unit.size !== blankUnitSize && unit.physicalOffset >= minPhysicalOffset) top = middle;
    else min = middle + 1;
  }
  const hasLast = max > files.firstOffset && unit.read(max - 1) && unit.size !== blankUnitSize;
  queue.resume(min, max, hasLast ? unit.physicalOffset + unit.size : 0);
  return hasLast ? { physicalOffset: unit.physicalOffset, size: unit.size } : { physicalOffset: -1, size: 0 };
}

/** First offset from `first` on, before `end`, of which `isBefore` does not hold; it holds of all before that one. */
export function endOfUnits(first: number, end: number, isBefore: (offset: number) => boolean): number {
  let low = first;
  let high = end;
  // Where queues are many they are short: their end is near the front, and mostly in the bytes already read.
  for (let step = windowUnits; low + step < high; step *= 8) {
    if (isBefore(low + step - 1)) low += step;
    else high = low + step - 1;
  }
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What the last entry of a queue points to; -1 without any. */
export interface LastEntry {
  readonly physicalOffset: number;
  readonly size: number;
}

/**
 * Where the entries of a queue end, and the record of the last one; undefined when those in the last three files are
 * not in the order of the log. As many as Java looks at.
 */
export function orderedEnd(queue: ConsumeQueue): { offset: number; physicalOffset: number } | undefined {
  const { files } = queue;
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
      if (size === 0) return offset >= files.recentOffset(1) ? { offset, physicalOffset: end } : undefined;
      if (size === blankUnitSize) continue;
      const physicalOffset = unitPhysicalOffset(view, at);
      if (size < 0 || physicalOffset <= last) return undefined;
      last = physicalOffset;
      end = physicalOffset + size;
    }
  }
  return { offset: files.endOffset, physicalOffset: end };
}

/** So many units are read at once: not more than a page of the page cache. */
const windowUnits = Math.floor(4096 / unitSize);

/** Files of units, as those of a queue. */
export interface UnitSource {
  /** First offset of the file that holds `offset`. */
  fileOffset(offset: number): number;
  /** Fills `target` from the unit at `offset`; ends at the end of a file, 0 bytes where there is none. */
  readSync(offset: number, target: Buffer): number;
}

/** One unit at a time, of one queue after the other. */
export class UnitReader {
  physicalOffset = 0;
  size = 0;
  private readonly bytes = Buffer.alloc(windowUnits * unitSize);
  private readonly view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
  private files: UnitSource | undefined;
  /** Queue offsets of the units at hand. */
  private first = 0;
  private end = 0;

  lookInto(files: UnitSource): void {
    this.files = files;
    this.first = this.end = 0;
  }

  read(offset: number): boolean {
    if (offset < this.first || offset >= this.end) this.fetch(offset);
    if (offset < this.first || offset >= this.end) return false;
    const at = (offset - this.first) * unitSize;
    this.physicalOffset = unitPhysicalOffset(this.view, at);
    this.size = unitRecordSize(this.view, at);
    return true;
  }

  private fetch(offset: number): void {
    const { files } = this;
    if (!files) return;
    const inFile = offset - files.fileOffset(offset);
    this.first = offset - (inFile % windowUnits);
    this.end = this.first + Math.floor(files.readSync(this.first, this.bytes) / unitSize);
  }
}
