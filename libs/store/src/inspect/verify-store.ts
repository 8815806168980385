import { join } from 'node:path';
import type { RecordFacts } from '../commit-log/record-reader.js';
import { unitSize } from '../consume-queue/queue-block.js';
import type { ReadOnlyDisk } from '../disk/read-only-disk.js';
import { readConfigFiles, readTopicNames } from './config-files.js';
import { Findings, Outlook, type StoreFinding } from './findings.js';
import { IndexCheck, indexHashes } from './index-check.js';
import { readIndexLayout, type IndexShape } from './index-view.js';
import { walkLog, type LogDamage } from './log-walk.js';
import { QueueCheck, WindowPool, type QueueCheckParts } from './queue-check.js';
import type { QueueView, UnitPlace } from './queue-view.js';
import { isRollback, propertiesOfRecord } from './record-fields.js';
import { StoreFiles, type StoreLocation } from './store-files.js';

export interface VerifyOptions extends StoreLocation {
  readonly index?: IndexShape;
  readonly disk?: ReadOnlyDisk;
  /** Each finding as it comes. */
  readonly onFinding?: (finding: StoreFinding) => void;
  /** Now and then: bytes of the log gone through, of about so many. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface StoreVerdict {
  readonly directory: string;
  /** Stopped in order; else a broker is at work, or was killed, and what is under way is no fault. */
  readonly isAtRest: boolean;
  readonly logMinOffset: number;
  /** Behind the last whole record. */
  readonly logMaxOffset: number;
  readonly records: number;
  readonly queues: number;
  /** Entries that stand for their record. */
  readonly queueEntries: number;
  readonly indexItems: number;
  readonly faults: number;
  readonly notes: number;
  /** The first thousand. */
  readonly findings: readonly StoreFinding[];
}

/** Progress is told every so many bytes. */
const progressStep = 8 * 1024 * 1024;

/**
 * Goes through the whole log once and compares queues and index with it on the way. Reads only; takes memory for each
 * queue, but not for each message.
 *
 * @throws RocketMQError ARGUMENT_INVALID when the directory is none of a store, and the system's error when reading fails.
 */
export async function verifyStore(options: VerifyOptions): Promise<StoreVerdict> {
  const files = new StoreFiles(options, options.disk);
  const findings = new Findings(files, options.onFinding ?? (() => undefined));
  checkLayout(files, findings);
  const verification = new Verification(files, findings, options);
  const logMaxOffset = await walkLog(files.log, files.log.minOffset, verification);
  verification.finish(logMaxOffset);
  checkCheckpoint(files, findings, logMaxOffset);
  checkConfig(files, findings);
  return {
    directory: options.directory,
    isAtRest: files.isAtRest,
    logMinOffset: files.log.minOffset,
    logMaxOffset,
    ...verification.figures(),
    faults: findings.faults,
    notes: findings.notes,
    findings: findings.kept,
  };
}

class Verification {
  private records = 0;
  private nextProgress = 0;
  private firstOffset: number | undefined;
  private readonly outlook: Outlook;
  private readonly queueParts: QueueCheckParts;
  private readonly topics = new Map<string, Map<number, QueueCheck>>();
  /** Records of queues without files: of topics that were deleted, or of queues that got lost. */
  private readonly homeless = new Map<string, { count: number; place: UnitPlace; first: number }>();
  private readonly index: IndexCheck | undefined;

  constructor(
    private readonly files: StoreFiles,
    private readonly findings: Findings,
    private readonly options: VerifyOptions,
  ) {
    const { disk, log, isAtRest } = files;
    this.outlook = new Outlook(files);
    const common = { findings, outlook: this.outlook, isAtRest };
    this.queueParts = { ...common, windows: new WindowPool() };
    for (const view of files.queues()) this.addQueue(view);
    const layouts = files.indexFiles().map((path) => readIndexLayout(disk, path, options.index));
    if (layouts.length > 0) this.index = new IndexCheck(layouts, { ...common, disk, logMinOffset: log.minOffset });
  }

  onRecord(record: RecordFacts, offset: number, bytes: Buffer, at: number): boolean {
    this.records++;
    this.firstOffset ??= offset;
    if (record.isVisible) this.checkQueue(record, offset);
    if (this.index) {
      const hashes = isRollback(bytes, at) ? [] : indexHashes(record.topic, propertiesOfRecord(bytes, at, record.size));
      this.index.onRecord(record, offset, hashes, () => this.placeOf(offset));
    }
    if (offset >= this.nextProgress) {
      this.nextProgress = offset + progressStep;
      const { minOffset, allocated } = this.files.log;
      this.options.onProgress?.(offset - minOffset, Math.max(allocated, offset - minOffset));
    }
    return true;
  }

  onDamage({ offset, reason, next, isFollowed }: LogDamage): void {
    const hasRecordsBehind = next !== undefined || isFollowed;
    // What a broker is just writing is not whole yet.
    const isUnderWay = !hasRecordsBehind && this.files.lock === 'held';
    const behind = next === undefined ? '' : `; the next record is at ${next}`;
    const kind = isUnderWay ? 'note' : 'fault';
    const recovery = this.outlook.ofLog(offset, hasRecordsBehind);
    this.findings[kind]('commitlog', this.placeOf(offset), `no whole record: ${reason}${behind}`, recovery);
  }

  finish(logMaxOffset: number): void {
    // A broker at work may have removed files since they were listed.
    const { isAtRest, log } = this.files;
    const logMinOffset = isAtRest ? log.minOffset : (this.firstOffset ?? log.minOffset);
    for (const queues of this.topics.values())
      for (const queue of queues.values()) queue.finish(logMinOffset, logMaxOffset);
    this.index?.finish();
    const known = readTopicNames(this.files);
    for (const [name, { count, place, first }] of this.homeless) {
      const topic = name.slice(0, name.lastIndexOf('/'));
      const what = `${name} has no files, but ${count} records in the log`;
      if (known && !known.has(topic)) {
        this.findings.note('consumequeue', place, `${what}: the topic was deleted`, 'they expire with the log');
      } else if (!this.files.isAtRest) {
        this.findings.note('consumequeue', place, what, this.outlook.ofUnit(first));
      } else {
        this.findings.fault('consumequeue', place, what, this.outlook.ofUnit(first));
      }
    }
  }

  figures() {
    const queues = [...this.topics.values()].flatMap((byId) => [...byId.values()]);
    const queueEntries = queues.reduce((sum, queue) => sum + queue.good, 0);
    return { records: this.records, queues: queues.length, queueEntries, indexItems: this.index?.good ?? 0 };
  }

  private addQueue(view: QueueView): void {
    const { topic, queueId, fileSize } = view;
    // Queues of light topics stand for records of other topics, and their offsets are in a property.
    if (topic.startsWith('%LMQ%')) return;
    let queues = this.topics.get(topic);
    if (!queues) this.topics.set(topic, (queues = new Map()));
    queues.set(queueId, new QueueCheck(view, this.queueParts));
    for (const base of view.misfits) {
      const place = view.placeOf(Math.floor(base / unitSize));
      const what = `not where a file of ${topic}/${queueId} is expected, or not of ${fileSize} bytes as the first`;
      this.findings.fault('consumequeue', place, what, 'all queues are made again from the log');
    }
  }

  private checkQueue(record: RecordFacts, offset: number): void {
    const queue = this.topics.get(record.topic)?.get(record.queueId);
    if (queue) return queue.onRecord(record, offset);
    const name = `${record.topic}/${record.queueId}`;
    const found = this.homeless.get(name);
    if (found) found.count++;
    else {
      const path = this.files.path(join('consumequeue', name));
      this.homeless.set(name, { count: 1, place: { path, at: 0 }, first: offset });
    }
  }

  private placeOf(offset: number): UnitPlace {
    const { log } = this.files;
    const base = log.fileAt(offset)?.base ?? log.minOffset;
    return { path: log.path(base), at: offset - base };
  }
}

function checkLayout({ log }: StoreFiles, findings: Findings): void {
  let expected = log.minOffset;
  for (const [i, { base, length }] of log.files.entries()) {
    const place = { path: log.path(base), at: 0 };
    const advice = 'a broker refuses to start; restore the file from a copy';
    if (base !== expected) findings.fault('commitlog', place, `a file at offset ${expected} is expected here`, advice);
    if (length !== log.fileSize && !(length === 0 && i === log.files.length - 1)) {
      const what = `it has ${length} bytes, the first file has ${log.fileSize}`;
      findings.fault('commitlog', { ...place, at: length }, what, advice);
    }
    expected = base + log.fileSize;
  }
}

function checkCheckpoint(files: StoreFiles, findings: Findings, logMaxOffset: number): void {
  const own = files.checkpoint?.own;
  const place = { path: files.path('checkpoint'), at: 256 };
  if (own === 'damaged') {
    findings.fault(
      'checkpoint',
      place,
      'the CRC of the words from here on differs',
      'recovery goes by the times before them, as Java does',
    );
  } else if (typeof own === 'object' && own.offset > logMaxOffset) {
    const what = `it says that the queues are whole up to ${own.offset}, but the log ends at ${logMaxOffset}`;
    findings.fault('checkpoint', { ...place, at: 264 }, what, 'recovery makes the queues again from the whole log');
  }
}

function checkConfig(files: StoreFiles, findings: Findings): void {
  for (const { file, damage } of readConfigFiles(files)) {
    if (damage === undefined) continue;
    const advice = file.endsWith('.bak')
      ? 'it is needed only without the file itself'
      : 'a broker takes the .bak beside it';
    findings.fault('config', { path: files.path(file), at: 0 }, damage, advice);
  }
}
