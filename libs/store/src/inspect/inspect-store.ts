import type { ReadOnlyDisk } from '../disk/read-only-disk.js';
import type { CheckpointWords } from '../lifecycle/checkpoint.js';
import { UnitReader } from '../recovery/queue-recovery.js';
import { readConfigFiles, type ConfigFileSummary } from './config-files.js';
import { readIndexLayout, type IndexShape } from './index-view.js';
import { walkLog } from './log-walk.js';
import type { LockState } from '../disk/read-only-disk.js';
import { StoreFiles, type StoreLocation } from './store-files.js';

export interface InspectOptions extends StoreLocation {
  /** Only the queues of this topic. */
  readonly topic?: string;
  readonly index?: IndexShape;
  readonly disk?: ReadOnlyDisk;
}

/** Bytes: of the files as they are listed, and what of them takes room. */
export interface FilesSummary {
  readonly files: number;
  readonly bytes: number;
  readonly allocatedBytes: number;
  readonly holeBytes: number;
}

export interface LogSummary extends FilesSummary {
  readonly directory: string;
  readonly fileSize: number;
  readonly minOffset: number;
  /** Behind the last whole record. */
  readonly maxOffset: number;
  /** Milliseconds since the epoch; undefined without a record. */
  readonly firstStoreTime: number | undefined;
  readonly lastStoreTime: number | undefined;
}

export interface QueueSummary {
  readonly topic: string;
  readonly queueId: number;
  readonly minOffset: number;
  readonly maxOffset: number;
  readonly count: number;
  /** Records at the end of the log that the queue's files do not have yet. */
  readonly lag: number;
}

export interface IndexSummary {
  readonly file: string;
  readonly bytes: number;
  readonly allocatedBytes: number;
  readonly beginTimestamp: number;
  readonly endTimestamp: number;
  readonly beginOffset: number;
  readonly endOffset: number;
  readonly keys: number;
  readonly usedSlots: number;
  /** Share of the places for keys in use, 0..1; undefined for a file of an unknown shape. */
  readonly fill: number | undefined;
}

export interface StoreSummary {
  readonly directory: string;
  readonly lock: LockState;
  /** What `abort` holds, a process id mostly; undefined after an orderly stop. */
  readonly abort: string | undefined;
  readonly log: LogSummary;
  readonly consumeQueues: FilesSummary & { readonly topics: number; readonly queues: number };
  readonly queues: readonly QueueSummary[];
  readonly index: readonly IndexSummary[];
  readonly checkpoint: CheckpointWords | undefined;
  readonly config: readonly ConfigFileSummary[];
}

/**
 * What is in a store, without reading more of the log than the part behind the checkpoint, or its last file. Reads only.
 *
 * @throws RocketMQError ARGUMENT_INVALID when the directory is none of a store.
 */
export async function inspectStore(options: InspectOptions): Promise<StoreSummary> {
  const files = new StoreFiles(options, options.disk);
  const { disk, log, checkpoint } = files;
  const tail = await readTail(files);
  const first = await firstStoreTime(files);
  const unit = new UnitReader();
  const queues: QueueSummary[] = [];
  const topics = new Set<string>();
  const total = { files: 0, bytes: 0, allocatedBytes: 0 };
  for (const view of files.queues(options.topic)) {
    const { topic, queueId } = view;
    const { minOffset, maxOffset } = view.bounds(log.minOffset, unit);
    const end = tail.queueEnds.get(`${topic}/${queueId}`) ?? 0;
    topics.add(topic);
    total.files += view.fileCount;
    total.bytes += view.fileCount * view.fileSize;
    total.allocatedBytes += view.allocated;
    const lag = Math.max(0, end - maxOffset);
    queues.push({ topic, queueId, minOffset, maxOffset, count: maxOffset - minOffset, lag });
  }
  return {
    directory: options.directory,
    lock: files.lock,
    abort: files.abort,
    log: {
      directory: log.directory,
      fileSize: log.fileSize,
      minOffset: log.minOffset,
      maxOffset: tail.end,
      firstStoreTime: first,
      lastStoreTime: tail.lastStoreTime ?? first,
      ...withHoles({ files: log.files.length, bytes: sum(log.files, 'length'), allocatedBytes: log.allocated }),
    },
    consumeQueues: { ...withHoles(total), topics: topics.size, queues: queues.length },
    queues,
    index: files.indexFiles().map((path) => summaryOfIndex(disk, path, files.shown(path), options.index)),
    checkpoint,
    config: readConfigFiles(files),
  };
}

interface LogTail {
  readonly end: number;
  readonly lastStoreTime: number | undefined;
  /** By "topic/queueId": behind the last record in the part that was read. */
  readonly queueEnds: ReadonlyMap<string, number>;
}

/** Reads from where the checkpoint vouches for the queues, or the last file with a record, to the end. */
async function readTail({ log, checkpoint }: StoreFiles): Promise<LogTail> {
  const own = checkpoint?.own;
  const queueEnds = new Map<string, number>();
  let lastStoreTime: number | undefined;
  const visitor = {
    onRecord(record: {
      topic: string;
      queueId: number;
      queueOffset: number;
      storeTimestamp: number;
      isVisible: boolean;
    }) {
      if (record.isVisible) queueEnds.set(`${record.topic}/${record.queueId}`, record.queueOffset + 1);
      lastStoreTime = record.storeTimestamp;
      return true;
    },
    onDamage: () => undefined,
  };
  const isUsable = typeof own === 'object' && own.offset >= log.minOffset && own.offset <= log.endOffset;
  let end = log.minOffset;
  // Without a record in the last file the one before it is asked.
  const starts = log.files.map(({ base }) => base).reverse();
  for (const start of isUsable ? [own.offset, ...starts.filter((base) => base <= own.offset)] : starts) {
    const found = await walkLog(log, start, visitor);
    end = Math.max(end, found);
    if (lastStoreTime !== undefined) break;
    // Nothing is behind it: the time beside it is that of the last message.
    if (isUsable && checkpoint && checkpoint.physicMsgTimestamp > 0) {
      lastStoreTime = checkpoint.physicMsgTimestamp;
      break;
    }
  }
  return { end, lastStoreTime, queueEnds };
}

async function firstStoreTime({ log }: StoreFiles): Promise<number | undefined> {
  let time: number | undefined;
  const onRecord = ({ storeTimestamp }: { storeTimestamp: number }): boolean => {
    time = storeTimestamp;
    return false;
  };
  await walkLog(log, log.minOffset, { onRecord, onDamage: () => undefined });
  return time;
}

function summaryOfIndex(disk: ReadOnlyDisk, path: string, file: string, shape: IndexShape | undefined): IndexSummary {
  const { length, allocated, header, room } = readIndexLayout(disk, path, shape);
  const { beginTimestamp, endTimestamp, beginOffset, endOffset, usedSlots, nextItem } = header;
  return {
    file,
    bytes: length,
    allocatedBytes: allocated,
    beginTimestamp,
    endTimestamp,
    beginOffset,
    endOffset,
    keys: nextItem - 1,
    usedSlots,
    fill: room ? nextItem / room.items : undefined,
  };
}

function withHoles(files: Omit<FilesSummary, 'holeBytes'>): FilesSummary {
  return { ...files, holeBytes: Math.max(0, files.bytes - files.allocatedBytes) };
}

function sum<K extends string>(items: readonly Readonly<Record<K, number>>[], key: K): number {
  return items.reduce((total, item) => total + item[key], 0);
}
