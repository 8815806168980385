import { join } from 'node:path';
import { RocketMQError, type Clock, type Logger } from '../../../common/src/index.js';
import { minRecordSize } from '../../../protocol/src/message/index.js';
import type { CommitLog } from '../commit-log/commit-log.js';
import { recordSizeAt } from '../commit-log/record-reader.js';
import type { Segments } from '../commit-log/segments.js';
import type { StoreConfig } from '../config.js';
import type { ConsumeQueue } from '../consume-queue/consume-queue.js';
import type { QueueTable } from '../consume-queue/queue-table.js';
import type { Disk } from '../disk/disk.js';
import type { Checkpoint, DurablePosition, QueueCount } from '../lifecycle/checkpoint.js';
import { countQueues } from '../lifecycle/queue-flusher.js';
import { scanLog, type ScanEnd } from './log-scanner.js';
import { boundariesInOrder } from './queue-boundaries.js';
import { UnitReader, cutQueueAt, loadQueues, orderedEnd } from './queue-recovery.js';
import { QueueRestoring } from './queue-restoring.js';
import { recoveryProgress } from './recovery-progress.js';
import { quarantine, recordsBehind } from './salvage.js';

const zeros = 'zeros where a record should be';

export interface RecoveryParts {
  readonly root: string;
  readonly config: StoreConfig;
  readonly clock: Clock;
  readonly disk: Disk;
  readonly log: CommitLog;
  readonly queues: QueueTable;
  readonly checkpoint: Checkpoint;
  readonly logger: Logger;
}

export interface Recovered {
  /** Where the log ends and appending goes on. */
  readonly endOffset: number;
  /** Store time of the last message, 0 without any. */
  readonly lastTimestamp: number;
}

/**
 * Brings log and queues to one state: every good record is in its queue, no entry stands for anything else, and behind
 * the end there are zeros. The queues are believed up to where they are known to be on the disk; from there on they are
 * made again from the log.
 */
export async function recover(parts: RecoveryParts, wasCleanStop: boolean): Promise<Recovered> {
  const { root, config, disk, log, queues, checkpoint, logger, clock } = parts;
  const damaged = loadQueues(disk, queues);
  checkpoint.load();
  const trusted = trustedOffset(parts, wasCleanStop);
  let start = trusted.offset;
  let doubt =
    damaged[0] === undefined
      ? cutQueues(parts, trusted, wasCleanStop)
      : `the files of ${damaged[0]} do not fit together`;
  // Whether an entry and what it points to belong together shows nowhere.
  if (!wasCleanStop && queues.hasExtensions) doubt ??= 'after an unclean stop consumequeue_ext is not believed';
  if (doubt !== undefined && start > log.minOffset) {
    logger.warn('consume queues are rebuilt from the whole commit log', { because: doubt });
    start = log.minOffset;
  }
  if (start === log.minOffset) {
    // That the stop was unclean has to be known as surely as that nothing is vouched for.
    await disk.syncDirectory(root);
    await checkpoint.forgetQueues();
    emptyQueues(parts);
  }
  let lastTimestamp = 0;
  const { segments } = log;
  const progress = recoveryProgress(clock, logger, start, segments.endOffset);
  const restoring = new QueueRestoring(logger, (offset) => segments.path(segments.baseOf(offset)));
  const scan = { disk, segments, from: start, needsChecksum: config.forceVerifyPropCRC };
  const end = await scanLog(scan, (record, physicalOffset) => {
    progress(physicalOffset);
    lastTimestamp = record.storeTimestamp;
    if (!record.isVisible) return;
    const queue = queues.obtain(record.topic, record.queueId);
    const { queueOffset, size, tagsCode, storeTimestamp } = record;
    if (queue) restoring.take(queue, { queueOffset, physicalOffset, size, tagsCode, storeTimestamp });
  });
  restoring.end();
  await dealWithDamage(parts, end);
  await segments.cut(end.offset);
  await segments.syncFrom(start);
  queues.alignedTo = log.minOffset;
  logger.info('recovered the store', { from: start, end: end.offset, wasCleanStop });
  return { endOffset: end.offset, lastTimestamp };
}

/**
 * A torn record at the end is what a crash leaves, and zeros are where nobody wrote. With whole records behind them both
 * are a matter for the operator.
 */
async function dealWithDamage(
  { root, config, disk, log: { segments }, logger }: RecoveryParts,
  { offset, damage = zeros }: ScanEnd,
): Promise<void> {
  if (offset >= segments.endOffset) return;
  const base = segments.baseOf(offset);
  const place = { file: segments.path(base), position: offset - base, offset, damage };
  const behind = await recordsBehind(disk, segments, offset);
  if (!behind) {
    if (damage !== zeros) logger.warn('a torn record at the end of the commit log is cut off', place);
    return;
  }
  if (config.damagedLogPolicy === 'STOP') {
    throw new RocketMQError(
      'STORE_CORRUPT',
      `${place.file} is damaged at byte ${place.position} (${damage}), and whole records follow. Restore the file from a ` +
        `replica or backup, or start with damagedLogPolicy=QUARANTINE: the log then ends before the damaged record, and ` +
        `what follows is kept in ${join(root, 'damaged')}`,
    );
  }
  const saved = await quarantine(disk, segments, behind, join(root, 'damaged'));
  logger.error('the commit log is cut at a damaged record; what follows was kept', { ...place, saved });
}

/** How far the queues are believed. */
interface Trust {
  /** Entries for records before it; from there on they are made again. */
  readonly offset: number;
  /** Set when this store wrote the checkpoint itself. */
  readonly position?: DurablePosition;
  /** Otherwise: where the whole entries of each queue end. */
  readonly ends?: ReadonlyMap<ConsumeQueue, number>;
}

function trustedOffset({ log, queues, checkpoint, logger }: RecoveryParts, wasCleanStop: boolean): Trust {
  const { segments } = log;
  const position = checkpoint.durable;
  if (position && !segments.isEmpty && position.offset >= segments.minOffset && position.offset <= segments.endOffset) {
    return { offset: position.offset, position };
  }
  const { ends, physicalEnd, areOrdered } = queueEnds(queues);
  warnOfShortLog(segments, Math.max(position?.offset ?? 0, physicalEnd), logger);
  // Of a directory that Java left without a stop nothing says what is on the disk: its checkpoint has times, and queue
  // files may get there a minute later.
  const isBelieved = wasCleanStop && areOrdered && physicalEnd <= segments.endOffset;
  if (segments.isEmpty || !isBelieved) return { offset: segments.minOffset };
  return { offset: Math.max(segments.minOffset, physicalEnd), ends };
}

interface QueueEnds {
  /** Of the queues in the order of the log. */
  readonly ends: ReadonlyMap<ConsumeQueue, number>;
  /** Where the last record ends that one of them has an entry of. */
  readonly physicalEnd: number;
  /** Whether all of them are. */
  readonly areOrdered: boolean;
}

function queueEnds(queues: QueueTable): QueueEnds {
  const ends = new Map<ConsumeQueue, number>();
  let physicalEnd = 0;
  let areOrdered = true;
  for (const queue of queues.all()) {
    const end = orderedEnd(queue);
    if (end) {
      ends.set(queue, end.offset);
      physicalEnd = Math.max(physicalEnd, end.physicalOffset);
    } else areOrdered = false;
  }
  return { ends, physicalEnd, areOrdered };
}

/** An empty last file is taken away as one just made; that it was not shows in what is known of its records. */
function warnOfShortLog(segments: Segments, known: number, logger: Logger): void {
  if (known <= segments.endOffset) return;
  const file = segments.path(segments.baseOf(known - 1));
  logger.error('the commit log ends before records that were stored', { end: segments.endOffset, known, file });
}

/** Cuts every queue where trust ends; says why the entries before it cannot be believed, if so. */
function cutQueues(parts: RecoveryParts, trust: Trust, wasCleanStop: boolean): string | undefined {
  const { disk, log, queues } = parts;
  let last = { physicalOffset: -1, size: 0 };
  const unit = new UnitReader();
  for (const queue of queues.all()) {
    const entry = cutQueueAt(queue, trust.offset, log.minOffset, wasCleanStop, trust.ends?.get(queue), unit);
    if (entry.physicalOffset > last.physicalOffset) last = entry;
    if (!boundariesInOrder(queue, unit))
      return `the files of ${queue.topic}/${queue.queueId} are not in the order of the log`;
  }
  if (trust.position) {
    const found = countQueues(queues);
    if (!isSameCount(trust.position, found, log.minOffset)) {
      return `the checkpoint knows ${describe(trust.position)}, but there are ${describe(found)}`;
    }
  }
  if (last.physicalOffset < log.minOffset) return undefined;
  const size = recordSizeAt(readLog(disk, log, last.physicalOffset, minRecordSize), 0, last.physicalOffset);
  return size === last.size ? undefined : `the last entry points to ${last.physicalOffset}, where no such record is`;
}

/** First offsets move with the beginning of the log, so they are compared only while that has not moved. */
function isSameCount(known: DurablePosition, found: QueueCount, logMinOffset: number): boolean {
  return (
    known.queueCount === found.queueCount &&
    known.offsetSum === found.offsetSum &&
    (known.minOffsetSum === found.minOffsetSum || known.logMinOffset !== logMinOffset)
  );
}

function describe(count: QueueCount): string {
  return `${count.queueCount} queues from ${count.minOffsetSum} to ${count.offsetSum} in sum`;
}

/** Queues whose messages have all expired stay as they are: their next offset is known nowhere else. */
function emptyQueues({ log, queues }: RecoveryParts): void {
  for (const queue of queues.all()) {
    if (queue.maxOffset > 0 && queue.maxPhysicalOffset > 0 && queue.maxPhysicalOffset <= log.minOffset) continue;
    queue.files.restart(0);
    queue.resume(0, 0, 0);
  }
}

function readLog(disk: Disk, log: CommitLog, offset: number, length: number): Buffer {
  const { segments } = log;
  const base = segments.baseOf(offset);
  const bytes = Buffer.alloc(length);
  if (offset < segments.minOffset || offset >= segments.endOffset) return bytes;
  const fd = disk.open(segments.path(base), false);
  try {
    disk.readSync(fd, bytes, offset - base);
    return bytes;
  } finally {
    disk.close(fd);
  }
}
