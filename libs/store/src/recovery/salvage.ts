import { join } from 'node:path';
import { RecordOffset, messageMagic, messageMagicV2 } from '../../../protocol/src/message/index.js';
import { recordSizeAt } from '../commit-log/record-reader.js';
import type { Segments } from '../commit-log/segments.js';
import type { Disk } from '../disk/disk.js';
import { offsetFileName } from '../disk/file-name.js';

const windowSize = 4 * 1024 * 1024;
/** Beyond so many bytes without a record nothing more is looked for in a file. */
const searchLimit = 16 * 1024 * 1024;

/**
 * A record that cannot be read is either the torn end of the log or damage in the middle of it. In the second case the
 * log is cut there all the same, or offsets would not be gapless, but the records behind are kept in `directory`.
 *
 * Returns the path of what was kept, undefined when nothing follows.
 */
export async function salvage(
  disk: Disk,
  segments: Segments,
  offset: number,
  directory: string,
): Promise<string | undefined> {
  const base = segments.baseOf(offset);
  const end = await lastRecordEnd(disk, segments, base, offset);
  const hasFilesBehind = segments.endOffset > base + segments.size && (await hasRecords(disk, segments, base));
  if (end === undefined && !hasFilesBehind) return undefined;
  disk.makeDirectory(directory);
  if (hasFilesBehind) {
    for (const later of segments.dropAfter(base))
      disk.rename(segments.path(later), join(directory, offsetFileName(later)));
  }
  const path = join(directory, offsetFileName(offset));
  await copyRange(disk, segments.path(base), offset - base, (end ?? offset) - offset, path);
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
  const window = Buffer.allocUnsafe(windowSize);
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
