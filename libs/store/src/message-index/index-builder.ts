/*
 * HOT PATH (indexRecords). Once a message: one pass over its properties, 20 bytes for each key. Allocates nothing. Runs
 * between turns of the event loop, a bounded number of records at a time, and never on behalf of a sender.
 */
import { messageOf, nextTurn, type Clock, type Logger, type Timer } from '../../../common/src/index.js';
import { RecordOffset, blankMagic, blankRecordSize, minRecordSize } from '../../../protocol/src/message/index.js';
import type { CommitLog } from '../commit-log/commit-log.js';
import { int32At, recordSizeAt } from '../commit-log/record-reader.js';
import type { IndexFiles } from './index-files.js';
import type { Resumption } from './index-loading.js';
import { RecordKeys } from './record-keys.js';

export interface BuilderParts {
  readonly files: IndexFiles;
  readonly log: CommitLog;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Up to where the log is dispatched: a start of a record. */
  readonly dispatchedOffset: () => number;
  /** A file of the index could not be written. */
  readonly onError: (error: unknown) => void;
}

const recordsATurn = 1024;
const windowSize = 1024 * 1024;
/** Without room for a new file the index waits, and asks again after so many milliseconds. */
const retryDelay = 1000;

/** Follows the dispatched log: from memory, and from the files when it has fallen behind what memory holds. */
export class IndexBuilder {
  /** The keys of every record before it are in the index. */
  offset = 0;
  private skip = 0;
  private state: 'idle' | 'scheduled' | 'reading' | 'waiting' | 'stopped' = 'stopped';
  private retry: Timer | undefined;
  private hasFailed = false;
  private reading: Promise<void> | undefined;
  private readonly keys = new RecordKeys();
  private readonly turnSoon = (): void => this.turn();

  constructor(private readonly parts: BuilderParts) {}

  start({ offset, skip }: Resumption): void {
    this.offset = offset;
    this.skip = skip;
    this.state = 'idle';
    this.wake();
  }

  /** There is more to index. Cheap: called once for each group of appends. */
  wake(): void {
    if (this.state !== 'idle' || this.offset >= this.parts.dispatchedOffset()) return;
    this.state = 'scheduled';
    setImmediate(this.turnSoon);
  }

  get isStopped(): boolean {
    return this.state === 'stopped';
  }

  /** Nothing is indexed any more when it resolves. */
  async stop(): Promise<void> {
    this.state = 'stopped';
    this.retry?.cancel();
    await this.reading;
  }

  /** Stops, but first indexes what is dispatched; not so when more than `limit` bytes are missing. False then. */
  async finish(limit: number): Promise<boolean> {
    const wasStopped = this.isStopped;
    await this.stop();
    if (wasStopped || this.parts.dispatchedOffset() - this.offset > limit) return false;
    while (this.offset < this.parts.dispatchedOffset()) {
      if (this.indexCached()) await nextTurn();
      else await this.indexStored(() => true);
    }
    return true;
  }

  private turn(): void {
    if (this.state !== 'scheduled') return;
    try {
      if (this.indexCached()) {
        this.state = 'idle';
        return this.wake();
      }
    } catch (error) {
      return this.wait(error);
    }
    this.state = 'reading';
    this.reading = this.indexStored(() => this.state === 'reading')
      .then(() => {
        if (this.state !== 'reading') return;
        this.state = 'idle';
        this.wake();
      })
      .catch((error: unknown) => this.wait(error));
  }

  /** What is missing is known exactly, so nothing is lost. */
  private wait(error: unknown): void {
    if (this.isStopped) return;
    if (this.hasFailed) {
      this.state = 'stopped';
      return this.parts.onError(error);
    }
    this.state = 'waiting';
    const { clock, logger } = this.parts;
    if (!this.retry)
      logger.error('the message index stands still: no new file could be made, or the log not be read', {
        error: messageOf(error),
      });
    this.retry = clock.after(retryDelay, () => {
      if (this.state !== 'waiting') return;
      this.state = 'idle';
      this.wake();
    });
  }

  /** Some records from memory. False when the next one is not there. */
  private indexCached(): boolean {
    const end = this.parts.dispatchedOffset();
    let left = recordsATurn;
    while (left > 0 && this.offset < end) {
      const chunk = this.parts.log.peek(this.offset);
      if (!chunk) return false;
      left -= this.indexRecords(chunk.bytes, chunk.base, Math.min(chunk.end, end), left, false);
    }
    return true;
  }

  /** A window of the log from its files, with turns of the event loop in between. */
  private async indexStored(goesOn: () => boolean): Promise<void> {
    const { log } = this.parts;
    // Files may be deleted before they were indexed.
    if (this.offset < log.minOffset) {
      this.offset = log.minOffset;
      this.skip = 0;
    }
    const from = this.offset;
    const window = await this.readWindow(from);
    if (from < log.minOffset) return;
    if (!window?.length) return this.leaveFile('no bytes');
    const end = from + window.length;
    const isCut = end < Math.min(this.parts.dispatchedOffset(), this.segmentEnd(from));
    while (this.offset < end && goesOn()) {
      const before = this.offset;
      this.indexRecords(window, from, end, recordsATurn, isCut);
      // The last record goes beyond the window.
      if (this.offset === before) break;
      await nextTurn();
    }
  }

  private async readWindow(from: number): Promise<Buffer | undefined> {
    const { log, dispatchedOffset } = this.parts;
    try {
      const window = await log.readUpTo(from, Math.min(windowSize, dispatchedOffset() - from));
      const size = window ? recordSizeAt(window, 0, from) : 0;
      return window && size > window.length ? await log.readUpTo(from, size) : window;
    } catch (error) {
      if (from < log.minOffset) return undefined;
      throw error;
    }
  }

  /**
   * Indexes whole records in `bytes`, which hold the log from `base` to `end`; `isCut` when the last one may go on
   * behind. Returns how many it has seen, the one it stopped at included.
   */
  private indexRecords(bytes: Buffer, base: number, end: number, limit: number, isCut: boolean): number {
    const segmentEnd = this.segmentEnd(base);
    let seen = 0;
    for (; seen < limit && this.offset < end; seen++) {
      const at = this.offset - base;
      const left = end - this.offset;
      if (this.offset + blankRecordSize > segmentEnd) this.offset = segmentEnd;
      else if (left < blankRecordSize && isCut) break;
      else if (left >= blankRecordSize && int32At(bytes, at + RecordOffset.MAGIC) === blankMagic) {
        this.offset = segmentEnd;
      } else {
        const size = recordSizeAt(bytes, at, this.offset);
        const isWhole = size > 0 && size <= left;
        if (isCut && (size > left || (size === 0 && left < minRecordSize))) break;
        if (isWhole) this.indexRecord(bytes, at, size);
        if (isWhole) this.offset += size;
        else this.leaveFile('no record where one should be');
      }
    }
    return seen + 1;
  }

  private segmentEnd(offset: number): number {
    const { segments } = this.parts.log;
    return segments.baseOf(offset) + segments.size;
  }

  /** Where no record is nobody knows where the next one begins, except in the next file. */
  private leaveFile(reason: string): void {
    const { offset } = this;
    const { segments } = this.parts.log;
    const file = segments.path(segments.baseOf(offset));
    this.parts.logger.error('the rest of a commit log file is not indexed', { file, offset, reason });
    this.offset = Math.min(this.segmentEnd(offset), this.parts.dispatchedOffset());
    this.skip = 0;
  }

  private indexRecord(bytes: Buffer, at: number, size: number): void {
    const { keys, offset } = this;
    if (!keys.read(bytes, at, size)) {
      this.parts.logger.error('a record whose lengths do not add up is not indexed', { offset });
    }
    this.putKeys();
    this.skip = 0;
    this.retry = undefined;
  }

  private putKeys(): void {
    const { files } = this.parts;
    const { keys, offset } = this;
    // Java makes the next file with the record that comes after the last one is full, whether that has keys or not.
    let file = files.writable();
    for (; this.skip < keys.count; this.skip++) {
      if (file.isFull) file = files.writable();
      // Set while the file may be written: an error that comes from there is no reason to try again.
      this.hasFailed = true;
      file.put(keys.hashes[this.skip] as number, offset, keys.storeTimestamp);
      this.hasFailed = false;
    }
  }
}
