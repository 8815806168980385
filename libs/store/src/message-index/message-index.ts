import { messageOf, type Clock, type Logger } from '../../../common/src/index.js';
import type { CommitLog } from '../commit-log/commit-log.js';
import type { StoreConfig } from '../config.js';
import type { IndexQuery, IndexQueryResult } from '../contract.js';
import type { Disk } from '../disk/disk.js';
import type { FilePool } from '../disk/file-pool.js';
import { IndexBuilder } from './index-builder.js';
import { IndexFiles } from './index-files.js';
import { IndexShape } from './index-layout.js';
import { loadLast, type LoadingParts } from './index-loading.js';
import { openFiles, type IndexKnowledge, type IndexOpening } from './index-opening.js';
import type { IndexPosition, IndexState } from './index-position.js';
import { IndexSearch } from './index-query.js';

export interface MessageIndexParts {
  readonly config: StoreConfig;
  readonly disk: Disk;
  readonly pool: FilePool;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly log: CommitLog;
  readonly directory: string;
  readonly dispatchedOffset: () => number;
  readonly readRecord: LoadingParts['readRecord'];
  readonly recordTime: LoadingParts['recordTime'];
  /** Makes everything durable and moves the checkpoint; false after an error. */
  readonly checkpoint: () => Promise<boolean>;
  /** What is on the disk of the index cannot be relied on. */
  readonly onError: (reason: string) => void;
}

/** So much is indexed before a stop; what is missing beyond is indexed after the next start. */
const catchUpLimit = 256 * 1024 * 1024;

/**
 * Finds messages by key and unique key. Derived from the log in the background, and rebuilt from it where its files do
 * not hold what they should.
 */
export class MessageIndex {
  private readonly files: IndexFiles;
  private readonly builder: IndexBuilder;
  private readonly search: IndexSearch;
  private loading: Promise<void> = Promise.resolve();
  /** Holds until the last file is loaded, and for ever when nothing is indexed. */
  private fixed: IndexPosition | undefined;

  constructor(private readonly parts: MessageIndexParts) {
    const { config, disk, pool, clock, directory, log, logger, readRecord, dispatchedOffset } = parts;
    const onError = (error: unknown): void => this.fail(error);
    const files = new IndexFiles(
      disk,
      pool,
      clock,
      directory,
      new IndexShape(config.maxHashSlotNum, config.maxIndexNum),
      onError,
    );
    this.files = files;
    this.search = new IndexSearch({ files, log, logger, readRecord });
    this.builder = new IndexBuilder({ files, log, clock, logger, dispatchedOffset, onError });
  }

  /** Decides what of the files is kept. The rest happens in the background: nobody has to wait for it. */
  open(known: IndexKnowledge): void {
    const opening = openFiles({ files: this.files, log: this.parts.log, logger: this.parts.logger }, known);
    const { last } = this.files;
    const offset = opening.offset ?? Math.min(known.logEnd, last?.header.endOffset ?? 0);
    this.fixed = this.parts.config.messageIndexEnable ? this.positionAt(offset, opening.next) : known.position;
    this.loading = this.load(opening);
  }

  /** The log was dispatched further. */
  wake(): void {
    this.builder.wake();
  }

  /** Java's queryMessage: at most maxMsgsNumBatch messages. Waits for the last file to be loaded. */
  async query(query: IndexQuery): Promise<IndexQueryResult> {
    await this.loading;
    return this.search.run(query, Math.min(query.maxMessages, this.parts.config.maxMsgsNumBatch));
  }

  /** Hands to the kernel what is indexed so far, and says how far that is. Holds for the disk after {@link sync}. */
  store(): IndexState {
    const { list, last } = this.files;
    // A full file that is the last one gets its slots and header with its successor, or at the stop.
    const full = list.findLast((file) => file.isFull && (file !== last || !file.slots));
    const fullTimestamp = full?.header.endTimestamp ?? 0;
    if (this.fixed || !this.parts.config.messageIndexEnable) return { position: this.fixed, fullTimestamp };
    last?.store();
    return { position: this.positionAt(this.builder.offset, last?.header.next ?? 1), fullTimestamp };
  }

  sync(): Promise<void> {
    return this.files.sync();
  }

  /** Bytes of the log that are dispatched and not indexed yet. */
  get behind(): number {
    if (!this.parts.config.messageIndexEnable) return 0;
    return Math.max(0, this.parts.dispatchedOffset() - (this.fixed?.offset ?? this.builder.offset));
  }

  /**
   * Deletes the files that know records before this offset only, but never the last one. Returns how many.
   * The checkpoint goes first: a file it knows must not be missing at the next start.
   */
  async deleteBefore(minPhysicalOffset: number): Promise<number> {
    await this.loading;
    const { list } = this.files;
    let count = 0;
    while (count < list.length - 1 && (list[count]?.header.endOffset ?? 0) < minPhysicalOffset) count++;
    if (count === 0) return 0;
    const expired = list.splice(0, count);
    if (this.fixed) this.fixed = { ...this.fixed, fileCount: list.length, firstFile: list[0]?.name ?? '' };
    if (!(await this.parts.checkpoint())) return 0;
    this.files.remove(expired);
    return count;
  }

  /** Indexes what is left, unless that is very much, and hands everything to the kernel. */
  async finish(): Promise<void> {
    await this.loading;
    const { behind } = this;
    try {
      if (!(await this.builder.finish(catchUpLimit)) && behind > 0) {
        this.parts.logger.warn('the message index is behind and goes on after the next start', { bytes: behind });
      }
      await this.files.last?.storeAll();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Nothing is read or written any more when it resolves. */
  async stop(): Promise<void> {
    await this.loading;
    await this.builder.stop();
  }

  private async load(opening: IndexOpening): Promise<void> {
    const { files, parts, builder } = this;
    const { config, log, logger, readRecord, recordTime } = parts;
    if (!config.messageIndexEnable) return;
    try {
      const resumption = await loadLast({ files, log, logger, readRecord, recordTime }, opening);
      builder.start(resumption);
      this.fixed = undefined;
    } catch (error) {
      this.fail(error);
    }
  }

  private positionAt(offset: number, next: number): IndexPosition {
    const { list, last } = this.files;
    return { offset, fileCount: list.length, firstFile: list[0]?.name ?? '', lastFile: last?.name ?? '', next };
  }

  private fail(error: unknown): void {
    this.parts.onError(`the message index could not be stored: ${messageOf(error)}`);
  }
}
