import { join, relative } from 'node:path';
import { RocketMQError } from '../../../common/src/index.js';
import { commitLogDirectory } from '../commit-log/segments.js';
import { isDirectoryName } from '../consume-queue/queue-table.js';
import { offsetFilePath, offsetOfFileName } from '../disk/file-name.js';
import { readOnlyDisk, type LockState, type ReadOnlyDisk } from '../disk/read-only-disk.js';
import { decodeCheckpoint, type CheckpointWords } from '../lifecycle/checkpoint.js';
import { QueueView } from './queue-view.js';

export interface StoreLocation {
  /** storePathRootDir. */
  readonly directory: string;
  /** storePathCommitLog, when it is not <directory>/commitlog. */
  readonly commitLog?: string;
}

export interface FileOfLog {
  /** Physical offset of the first byte. */
  readonly base: number;
  readonly length: number;
  readonly allocated: number;
}

/** A store's directory as it lies there: which files, and what of them can be said without reading much. */
export class StoreFiles {
  readonly log: LogFiles;
  readonly lock: LockState;
  /** Content of `abort`, the process id of who wrote it in ours and 5.x; undefined when there is none. */
  readonly abort: string | undefined;
  readonly checkpoint: CheckpointWords | undefined;

  /** @throws RocketMQError ARGUMENT_INVALID when this is no directory of a store. */
  constructor(
    private readonly location: StoreLocation,
    readonly disk: ReadOnlyDisk = readOnlyDisk,
  ) {
    const { directory } = location;
    const logDirectory = commitLogDirectory(directory, location.commitLog ?? '');
    if (!disk.exists(directory)) throw new RocketMQError('ARGUMENT_INVALID', `there is no directory ${directory}`);
    if (!disk.exists(logDirectory)) {
      throw new RocketMQError(
        'ARGUMENT_INVALID',
        `${directory} is no store: there is no ${logDirectory}; ` +
          'give the storePathRootDir of a broker, and its storePathCommitLog if that is elsewhere',
      );
    }
    this.log = new LogFiles(disk, logDirectory);
    this.lock = disk.lockState(this.path('lock'));
    this.abort = disk.exists(this.path('abort')) ? this.readSmall('abort').toString('utf8').trim() : undefined;
    const words = this.readSmall('checkpoint');
    this.checkpoint = disk.exists(this.path('checkpoint')) ? decodeCheckpoint(words) : undefined;
  }

  /** Stopped in order: nothing is under way, and everything has to fit together. */
  get isAtRest(): boolean {
    return this.abort === undefined && this.lock !== 'held';
  }

  path(name: string): string {
    return join(this.location.directory, name);
  }

  /** A path as people know it: within the store. */
  shown(path: string): string {
    const inside = relative(this.location.directory, path);
    return inside.startsWith('..') ? path : inside;
  }

  /** All queues, by topic in order of names and by number. */
  *queues(onlyTopic?: string): IterableIterator<QueueView> {
    for (const topic of this.disk.list(this.path('consumequeue'))) {
      if (!isDirectoryName(topic) || (onlyTopic !== undefined && topic !== onlyTopic)) continue;
      const directory = this.path(join('consumequeue', topic));
      const ids = namesIn(this.disk, directory).filter((name) => /^\d{1,10}$/.test(name));
      for (const id of ids.map(Number).sort((a, b) => a - b)) yield new QueueView(this.disk, directory, topic, id);
    }
  }

  /** Index files, oldest first. */
  indexFiles(): string[] {
    const names = namesIn(this.disk, this.path('index')).filter((name) => /^\d{17}$/.test(name));
    return names.map((name) => this.path(join('index', name)));
  }

  /** At most 64 KiB; empty when there is no such file. */
  private readSmall(name: string): Buffer {
    const path = this.path(name);
    if (!this.disk.exists(path)) return Buffer.alloc(0);
    const fd = this.disk.open(path, false);
    try {
      const bytes = Buffer.alloc(Math.min(65_536, this.disk.size(fd)));
      return bytes.subarray(0, this.disk.readSync(fd, bytes, 0));
    } finally {
      this.disk.close(fd);
    }
  }
}

/** The files of the log, whatever their sizes. */
export class LogFiles {
  readonly files: readonly FileOfLog[];
  /** Bytes of a whole file: that of the first one. */
  readonly fileSize: number;

  constructor(
    readonly disk: ReadOnlyDisk,
    readonly directory: string,
  ) {
    this.files = disk.list(directory).flatMap((name) => {
      const base = offsetOfFileName(name);
      const usage = base === undefined ? undefined : disk.usage(join(directory, name));
      return base === undefined || usage === undefined ? [] : [{ base, ...usage }];
    });
    this.fileSize = this.files[0]?.length ?? 0;
  }

  get minOffset(): number {
    return this.files[0]?.base ?? 0;
  }

  /** End of the last file. */
  get endOffset(): number {
    const last = this.files.at(-1);
    return last ? last.base + last.length : 0;
  }

  get allocated(): number {
    return this.files.reduce((sum, file) => sum + file.allocated, 0);
  }

  path(base: number): string {
    return offsetFilePath(this.directory, base);
  }

  fileAt(offset: number): FileOfLog | undefined {
    return this.files.findLast(({ base, length }) => offset >= base && offset < base + length);
  }
}

/** A stray file among directories holds nothing. */
function namesIn(disk: ReadOnlyDisk, directory: string): string[] {
  try {
    return disk.list(directory);
  } catch {
    return [];
  }
}
