/*
 * HOT PATH (verify, dump of a whole log). Copies: nothing beyond the read of a window. Calls: the record reader and the
 * visitor, once a record.
 */
import { RecordOffset, blankRecordSize, messageMagic, messageMagicV2 } from '../../../protocol/src/message/index.js';
import { recordSizeAt, scanRecord, type RecordFacts } from '../commit-log/record-reader.js';
import type { FileOfLog, LogFiles } from './store-files.js';

const windowSize = 4 * 1024 * 1024;
/** A record's fixed part: what {@link recordSizeAt} looks at has to be in one window. */
const overlap = 128;

export interface LogVisitor {
  /** A whole record, which stands in `bytes` at `at`. False ends the walk. */
  onRecord(record: RecordFacts, offset: number, bytes: Buffer, at: number): boolean;
  /** Bytes that are no record. */
  onDamage(damage: LogDamage): void;
}

export interface LogDamage {
  readonly offset: number;
  readonly reason: string;
  /** Where the next record starts; undefined when none follows in this file. */
  readonly next: number | undefined;
  /** In a later file there are records. */
  readonly isFollowed: boolean;
}

/** Where the records of a window end. */
interface Stop {
  readonly offset: number;
  /** Bytes the next window needs at least. */
  readonly wanted: number;
  /** The rest of the file is unused. */
  readonly isBlank: boolean;
  /** Set where something else than a record stands: '' for zeros. */
  readonly reason?: string;
}

interface Held {
  readonly record: RecordFacts;
  readonly offset: number;
  readonly bytes: Buffer;
  readonly at: number;
}

/**
 * Reads records from the one that starts at `from` on, over damaged places to the end of the log, which it returns.
 * Unlike recovery, which ends at the first damage, it goes on with the next record that knows where it stands.
 */
export async function walkLog(log: LogFiles, from: number, visitor: LogVisitor): Promise<number> {
  const walk = new Walk(log, visitor);
  let end = from;
  for (const [i, file] of log.files.entries()) {
    // Retention of a broker at work may have removed it since it was listed.
    if (file.base + file.length <= from || !log.disk.exists(log.path(file.base))) continue;
    const isFollowed = log.files[i + 1] !== undefined && (await hasRecord(log, i + 1));
    end = await walk.file(file, Math.max(from, file.base), isFollowed);
    if (walk.isStopped || !isFollowed) break;
  }
  walk.finish();
  return walk.isStopped ? end : Math.max(from, walk.end);
}

/** Whether a file from this one on begins with a record. */
async function hasRecord(log: LogFiles, from: number): Promise<boolean> {
  const head = Buffer.alloc(overlap);
  for (const { base } of log.files.slice(from)) {
    const fd = log.disk.open(log.path(base), false);
    try {
      await log.disk.read(fd, head, 0);
      if (recordSizeAt(head, 0, base) > 0) return true;
    } finally {
      log.disk.close(fd);
    }
  }
  return false;
}

class Walk {
  isStopped = false;
  /** Behind the last whole record. */
  end = 0;
  // The CRC does not cover topic and properties: whether the last record is whole shows in what follows it.
  private held: Held | undefined;

  constructor(
    private readonly log: LogFiles,
    private readonly visitor: LogVisitor,
  ) {}

  /** Walks to the end of the file or of what was written to it; returns where. */
  async file(file: FileOfLog, from: number, isFollowed: boolean): Promise<number> {
    const { disk } = this.log;
    const end = file.base + file.length;
    const fd = disk.open(this.log.path(file.base), false);
    let offset = from;
    let wanted = windowSize;
    let doubt: { readonly offset: number; readonly next: number | undefined } | undefined;
    try {
      while (offset + blankRecordSize <= end && !this.isStopped) {
        const window = Buffer.allocUnsafe(Math.min(wanted, end - offset));
        const bytes = window.subarray(0, await disk.read(fd, window, offset - file.base));
        const stop = this.window(bytes, offset, end, bytes.length < window.length);
        offset = stop.offset;
        wanted = Math.max(windowSize, stop.wanted);
        if (stop.isBlank) return end;
        if (stop.reason === undefined) continue;
        const next = doubt?.offset === offset ? doubt.next : await this.nextRecord(fd, file, offset + 1);
        if (stop.reason === '' && next === undefined && !isFollowed) return offset;
        // A broker may have written it since, and what was found behind it: then it is there now.
        if (doubt?.offset !== offset) {
          doubt = { offset, next };
          continue;
        }
        const reason = stop.reason === '' ? 'zeros where a record is expected' : stop.reason;
        this.visitor.onDamage({ offset, reason, next, isFollowed });
        if (next === undefined) return isFollowed ? end : offset;
        offset = next;
      }
    } finally {
      disk.close(fd);
    }
    return offset;
  }

  finish(): void {
    const { held } = this;
    if (!held || this.isStopped) return;
    this.held = undefined;
    const { record, offset, bytes, at } = held;
    if (record.endsInZeros) {
      this.end = offset;
      const reason = 'the last record ends in zeros';
      this.visitor.onDamage({ offset, reason, next: undefined, isFollowed: false });
    } else {
      this.visitor.onRecord(record, offset, bytes, at);
    }
  }

  /** The records of a window; `isShort`: the file ends with it, before it should. */
  private window(bytes: Buffer, from: number, end: number, isShort: boolean): Stop {
    let offset = from;
    let at = 0;
    for (;;) {
      const scanned = scanRecord(bytes, at, offset, end - offset);
      if (scanned.kind === 'record') {
        if (!this.take(scanned, offset, bytes, at)) return { offset, wanted: 0, isBlank: false };
        offset += scanned.size;
        at += scanned.size;
        continue;
      }
      const stop = { offset, wanted: 0, isBlank: scanned.kind === 'blank' };
      if (scanned.kind === 'end') return { ...stop, reason: '' };
      if (scanned.kind === 'damaged') return { ...stop, reason: scanned.reason };
      if (scanned.kind === 'blank') return stop;
      return isShort ? { ...stop, reason: 'the file ends in the record' } : { ...stop, wanted: scanned.size };
    }
  }

  private take(record: RecordFacts, offset: number, bytes: Buffer, at: number): boolean {
    const { held } = this;
    this.held = { record, offset, bytes, at };
    this.end = offset + record.size;
    if (held && !this.visitor.onRecord(held.record, held.offset, held.bytes, held.at)) this.isStopped = true;
    return !this.isStopped;
  }

  private async nextRecord(fd: number, file: FileOfLog, from: number): Promise<number | undefined> {
    const { disk } = this.log;
    const end = file.base + file.length;
    const window = Buffer.allocUnsafe(windowSize);
    for (let offset = from; offset < end; offset += windowSize - overlap) {
      const bytes = window.subarray(0, await disk.read(fd, window, offset - file.base));
      const found = firstRecordIn(bytes, offset);
      if (found !== undefined) return found;
      if (bytes.length < windowSize) break;
    }
    return undefined;
  }
}

/** Physical offset of the first record in these bytes that knows itself to be where it stands. */
function firstRecordIn(bytes: Buffer, offset: number): number | undefined {
  let first: number | undefined;
  for (const magic of [messageMagic, messageMagicV2]) {
    const pattern = Buffer.alloc(4);
    pattern.writeInt32BE(magic);
    for (let hit = bytes.indexOf(pattern); hit >= 0; hit = bytes.indexOf(pattern, hit + 1)) {
      const start = hit - RecordOffset.MAGIC;
      if (start < 0 || recordSizeAt(bytes, start, offset + start) === 0) continue;
      first = Math.min(first ?? Infinity, offset + start);
      break;
    }
  }
  return first;
}
