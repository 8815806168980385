import { join } from 'node:path';
import { RecordOffset, messageMagic, messageMagicV2 } from '../../../protocol/src/message/index.js';
import { recordSizeAt } from '../commit-log/record-reader.js';
import type { Segments } from '../commit-log/segments.js';
import type { Disk } from '../disk/disk.js';
import { offsetFileName } from '../disk/file-name.js';

const windowSize = 4 * 1024 * 1024;
/** Beyond so many bytes without a record nothing more is looked for in a file. */
const searchLimit = 16 * 1024 * 1024;

/** Records that stand behind one that cannot be read. */
export interface RecordsBehind {
  /** Physical offset of the damaged record. */
  readonly offset: number;
  /** Behind the last whole record in the same file; `offset` when there is none. */
  readonly end: number;
  /** Whether later files have records. */
  readonly hasFiles: boolean;
}

/**
 * Tells damage in the middle of the log from its torn end: looks for whole records behind `offset`. Undefined when
 * there is none.
 */
export async function recordsBehind(
  disk: Disk,
  segments: Segments,
  offset: number,
): Promise<RecordsBehind | undefined> {
  const base = segments.baseOf(offset);
  const end = await lastRecordEnd(disk, segments, base, offset);
  const hasFiles = segments.endOffset > base + segments.size && (await hasRecords(disk, segments, base));
  return end === undefined && !hasFiles ? undefined : { offset, end: end ?? offset, hasFiles };
}

/**
 * Keeps what the log loses when it is cut at a damaged record: the rest of its file is copied to `directory`, later files
 * move there. Returns the path of the first.
 */
export async function quarantine(
  disk: Disk,
  segments: Segments,
  { offset, end, hasFiles }: RecordsBehind,
  directory: string,
): Promise<string> {
  const base = segments.baseOf(offset);
  disk.makeDirectory(directory);
  if (hasFiles) {
    for (const later of segments.dropAfter(base))
      disk.rename(segments.path(later), join(directory, offsetFileName(later)));
  }
  const path = join(directory, offsetFileName(offset));
  await copyRange(disk, segments.path(base), offset - base, end - offset, path);
  await disk.syncDirectory(directory);
  return path;
}

/** End of the last record that starts behind `offset` in the file at `base`. */
async function lastRecordEnd(
  disk: Disk,
  segments: Segments,
  base: number,
  offset: number,
): Promise<number | undefined> {
  const fd = disk.open(segments.path(base), false);
  const window = Buffer.allocUnsafe(Math.max(0, Math.min(windowSize, base + segments.size - (offset + 1))));
  let found: number | undefined;
  try {
    let at = offset + 1;
    while (at < base + segments.size && at - (found ?? offset) < searchLimit) {
      const length = await disk.read(fd, window, at - base);
      const bytes = window.subarray(0, length);
      found = recordsIn(bytes, at) ?? found;
      if (length < windowSize) break;
      // Records that begin at the very end of the window are seen whole in the next one.
      at += windowSize - 128;
    }
  } finally {
    disk.close(fd);
  }
  return found === undefined ? undefined : Math.min(found, base + segments.size);
}

function recordsIn(bytes: Buffer, offset: number): number | undefined {
  let found: number | undefined;
  for (const magic of [messageMagic, messageMagicV2]) {
    const pattern = Buffer.alloc(4);
    pattern.writeInt32BE(magic);
    for (let hit = bytes.indexOf(pattern); hit >= 0; hit = bytes.indexOf(pattern, hit + 1)) {
      const start = hit - RecordOffset.MAGIC;
      const size = start < 0 ? 0 : recordSizeAt(bytes, start, offset + start);
      if (size > 0) found = Math.max(found ?? 0, offset + start + size);
    }
  }
  return found;
}

async function hasRecords(disk: Disk, segments: Segments, after: number): Promise<boolean> {
  const head = Buffer.alloc(128);
  for (let base = after + segments.size; base < segments.endOffset; base += segments.size) {
    const fd = disk.open(segments.path(base), false);
    try {
      await disk.read(fd, head, 0);
      if (recordSizeAt(head, 0, base) > 0) return true;
    } finally {
      disk.close(fd);
    }
  }
  return false;
}

async function copyRange(disk: Disk, from: string, position: number, length: number, to: string): Promise<void> {
  const source = disk.open(from, false);
  const target = disk.open(to, true);
  try {
    const window = Buffer.allocUnsafe(Math.min(windowSize, Math.max(1, length)));
    for (let done = 0; done < length;) {
      const count = await disk.read(
        source,
        window.subarray(0, Math.min(window.length, length - done)),
        position + done,
      );
      if (count === 0) break;
      disk.writeSync(target, window.subarray(0, count), done);
      done += count;
    }
    await disk.fdatasync(target);
  } finally {
    disk.close(source);
    disk.close(target);
  }
}
