import { MessageProperty, decodeMessage, keySeparator, propertyOf } from '../../../protocol/src/message/index.js';
import { RocketMQError } from '../../../common/src/index.js';
import { recordSizeAt } from '../commit-log/record-reader.js';
import { blankUnitSize } from '../consume-queue/queue-block.js';
import type { ReadOnlyDisk } from '../disk/read-only-disk.js';
import { UnitReader } from '../recovery/queue-recovery.js';
import { walkLog, type LogDamage } from './log-walk.js';
import { StoreFiles, type StoreLocation } from './store-files.js';

/** Records of a queue between two turns of the event loop. */
const recordsATurn = 256;

export interface DumpOptions extends StoreLocation {
  readonly topic?: string;
  readonly queueId?: number;
  /** First and last queue offset. */
  readonly from?: number;
  readonly to?: number;
  /** One of the message's keys, or its unique id. */
  readonly key?: string;
  /** Physical offset of a record to begin with. */
  readonly physicalOffset?: number;
  readonly limit?: number;
  readonly disk?: ReadOnlyDisk;
}

export interface DumpedRecord {
  readonly physicalOffset: number;
  readonly size: number;
  readonly topic: string;
  readonly queueId: number;
  readonly queueOffset: number;
  /** Milliseconds since the epoch. */
  readonly storeTimestamp: number;
  readonly bornTimestamp: number;
  /** "ip:port" */
  readonly bornHost: string;
  readonly sysFlag: number;
  readonly keys: string;
  readonly tags: string;
  readonly uniqueKey: string;
  /** As stored: compressed when sysFlag says so. */
  readonly body: Buffer;
}

export interface DumpVisitor {
  /** False ends the dump. */
  onRecord(record: DumpedRecord): boolean;
  onDamage(damage: LogDamage): void;
}

/**
 * Tells of the records that `options` ask for, in the order of the log. With topic and queue id given the queue leads
 * to them; else the log is read through. Returns how many there were.
 *
 * @throws RocketMQError ARGUMENT_INVALID when the directory is none of a store, or no record starts at physicalOffset.
 */
export async function dumpRecords(options: DumpOptions, visitor: DumpVisitor): Promise<number> {
  const files = new StoreFiles(options, options.disk);
  const { log } = files;
  const { physicalOffset: start, limit = Infinity } = options;
  let count = 0;
  const take = (bytes: Buffer, at: number): boolean => {
    const record = dumped(bytes, at);
    if (!isWanted(record, options)) return true;
    count++;
    return visitor.onRecord(record) && count < limit;
  };
  if (limit <= 0) return 0;
  if (options.topic !== undefined && options.queueId !== undefined && start === undefined) {
    if (await dumpQueue(files, options, take)) return count;
  }
  if (start !== undefined && !isRecordStart(files, start)) {
    throw new RocketMQError('ARGUMENT_INVALID', `no record starts at physical offset ${start}`);
  }
  await walkLog(log, start ?? log.minOffset, {
    onRecord: (_record, _offset, bytes, at) => take(bytes, at),
    onDamage: (damage) => visitor.onDamage(damage),
  });
  return count;
}

function isWanted(record: DumpedRecord, { topic, queueId, from, to, key }: DumpOptions): boolean {
  return (
    (topic === undefined || record.topic === topic) &&
    (queueId === undefined || record.queueId === queueId) &&
    (from === undefined || record.queueOffset >= from) &&
    (to === undefined || record.queueOffset <= to) &&
    (key === undefined || record.uniqueKey === key || record.keys.split(keySeparator).includes(key))
  );
}

/** False when the queue has no entries: what the log has of it must be looked for there. */
async function dumpQueue(
  files: StoreFiles,
  options: DumpOptions,
  take: (bytes: Buffer, at: number) => boolean,
): Promise<boolean> {
  const view = [...files.queues(options.topic)].find(({ queueId }) => queueId === options.queueId);
  if (!view) return false;
  const unit = new UnitReader();
  const { minOffset, maxOffset } = view.bounds(files.log.minOffset, unit);
  if (maxOffset === minOffset) return false;
  const end = Math.min(maxOffset, (options.to ?? Infinity) + 1);
  for (let offset = Math.max(minOffset, options.from ?? 0); offset < end; offset++) {
    if (!unit.read(offset) || unit.size === blankUnitSize) continue;
    const bytes = readRecord(files, unit.physicalOffset, unit.size);
    if (bytes && !take(bytes, 0)) break;
    // Whoever prints them learns between turns that nobody reads any more.
    if (offset % recordsATurn === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return true;
}

function readRecord(files: StoreFiles, physicalOffset: number, size: number): Buffer | undefined {
  const file = files.log.fileAt(physicalOffset);
  if (!file || size < 0 || size > file.length) return undefined;
  const bytes = Buffer.alloc(size);
  const fd = files.disk.open(files.log.path(file.base), false);
  try {
    files.disk.readSync(fd, bytes, physicalOffset - file.base);
  } finally {
    files.disk.close(fd);
  }
  return recordSizeAt(bytes, 0, physicalOffset) === size ? bytes : undefined;
}

function isRecordStart(files: StoreFiles, physicalOffset: number): boolean {
  const file = files.log.fileAt(physicalOffset);
  if (!file) return false;
  const bytes = Buffer.alloc(128);
  const fd = files.disk.open(files.log.path(file.base), false);
  try {
    files.disk.readSync(fd, bytes, physicalOffset - file.base);
  } finally {
    files.disk.close(fd);
  }
  return recordSizeAt(bytes, 0, physicalOffset) > 0;
}

function dumped(bytes: Buffer, at: number): DumpedRecord {
  const record = decodeMessage(bytes, at);
  const property = (name: string): string => propertyOf(record.properties, name) ?? '';
  return {
    physicalOffset: record.physicalOffset,
    size: record.totalSize,
    topic: record.topic,
    queueId: record.queueId,
    queueOffset: record.queueOffset,
    storeTimestamp: record.storeTimestamp,
    bornTimestamp: record.bornTimestamp,
    bornHost: `${record.bornHost.ip}:${record.bornHost.port}`,
    sysFlag: record.sysFlag,
    keys: property(MessageProperty.KEYS),
    tags: property(MessageProperty.TAGS),
    uniqueKey: property(MessageProperty.UNIQ_KEY),
    body: record.body,
  };
}
