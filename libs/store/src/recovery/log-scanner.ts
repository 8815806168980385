import { blankRecordSize } from '../../../protocol/src/message/index.js';
import type { Segments } from '../commit-log/segments.js';
import { scanRecord, type RecordFacts } from '../commit-log/record-reader.js';
import type { Disk } from '../disk/disk.js';

const windowSize = 4 * 1024 * 1024;

export interface ScanEnd {
  /** Behind the last good record. */
  readonly offset: number;
  /** Why the scan ended there, when it was not the unwritten end of the log. */
  readonly damage: string | undefined;
}

export interface LogScan {
  readonly disk: Disk;
  readonly segments: Segments;
  /** Physical offset of the first record. */
  readonly from: number;
  /** Whether a record must end in a right checksum of the whole. */
  readonly needsChecksum: boolean;
}

type OnRecord = (record: RecordFacts, physicalOffset: number) => void;

/**
 * Reads the log from a record's start to the first byte that is none, telling `onRecord` of each record. Reads are
 * asynchronous, so that a long recovery does not hold up the process.
 */
export async function scanLog(scan: LogScan, onRecord: OnRecord): Promise<ScanEnd> {
  // The CRC does not cover topic and properties: whether the last record is whole shows in what follows it.
  let held: { record: RecordFacts; physicalOffset: number } | undefined;
  const end = await scanSegments(scan, (record, physicalOffset) => {
    if (held) onRecord(held.record, held.physicalOffset);
    held = { record, physicalOffset };
  });
  if (!held) return end;
  if (held.record.endsInZeros) return { offset: held.physicalOffset, damage: 'the last record ends in zeros' };
  onRecord(held.record, held.physicalOffset);
  return end;
}

async function scanSegments(scan: LogScan, onRecord: OnRecord): Promise<ScanEnd> {
  const { disk, segments } = scan;
  let offset = scan.from;
  while (offset < segments.endOffset) {
    const base = segments.baseOf(offset);
    const fd = disk.open(segments.path(base), false);
    try {
      const end = await scanSegment(scan, fd, offset, onRecord);
      offset = end.offset;
      if (!end.isBlank) return end;
    } finally {
      disk.close(fd);
    }
  }
  return { offset, damage: undefined };
}

async function scanSegment(
  { disk, segments, needsChecksum }: LogScan,
  fd: number,
  from: number,
  onRecord: OnRecord,
): Promise<ScanEnd & { isBlank: boolean }> {
  const base = segments.baseOf(from);
  const end = base + segments.size;
  let offset = from;
  let wanted = windowSize;
  while (offset + blankRecordSize <= end) {
    const window = Buffer.allocUnsafe(Math.min(wanted, end - offset));
    const length = await disk.read(fd, window, offset - base);
    const bytes = window.subarray(0, length);
    wanted = windowSize;
    let at = 0;
    for (;;) {
      const scanned = scanRecord(bytes, at, offset, end - offset, needsChecksum);
      if (scanned.kind === 'partial') {
        // A file cut short by something else than this store has nothing more to give.
        if (length < window.length)
          return { offset, damage: `the file ends at ${offset - base + length}`, isBlank: false };
        wanted = Math.max(windowSize, scanned.size);
        break;
      }
      if (scanned.kind === 'record') {
        onRecord(scanned, offset);
        offset += scanned.size;
        at += scanned.size;
        continue;
      }
      if (scanned.kind === 'blank') return { offset: end, damage: undefined, isBlank: true };
      return { offset, damage: scanned.kind === 'damaged' ? scanned.reason : undefined, isBlank: false };
    }
  }
  return { offset: end, damage: undefined, isBlank: true };
}
