import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  RocketMQError,
  codeOf,
  createLifecycle,
  messageOf,
  type Clock,
  type Logger,
  type Timer,
} from '../../common/src/index.js';
import { CommitLog } from './commit-log/commit-log.js';
import { commitLogDirectory } from './commit-log/segments.js';
import type { StoreConfig } from './config.js';
import { unitSize } from './consume-queue/queue-block.js';
import { QueueTable } from './consume-queue/queue-table.js';
import type {
  AppendBatch,
  AppendMessage,
  AppendResult,
  ArrivalListener,
  GetRequest,
  GetResult,
  IndexQuery,
  IndexQueryResult,
  MessageStore,
  QueueUnit,
  StoreFigures,
} from './contract.js';
import { DelayLevels } from './delay-levels.js';
import type { Disk } from './disk/disk.js';
import { FilePool } from './disk/file-pool.js';
import { nodeDisk } from './disk/node-disk.js';
import { Checkpoint } from './lifecycle/checkpoint.js';
import { QueueFlusher } from './lifecycle/queue-flusher.js';
import { StoreLock } from './lifecycle/store-lock.js';
import { MessageIndex } from './message-index/message-index.js';
import { DiskGauge, usedRatio } from './retention/disk-gauge.js';
import { LogRetention } from './retention/log-retention.js';
import { QueueRetention } from './retention/queue-retention.js';
import { Retention } from './retention/retention.js';
import { FilteredReader } from './read/filtered-reader.js';
import { MessageReader } from './read/message-reader.js';
import { ColdReader } from './read/cold-reader.js';
import { TimeSearch } from './read/time-search.js';
import { readExtendedUnits, readUnits } from './read/queue-units.js';
import { recover } from './recovery/recovery.js';
import { Appender } from './write/appender.js';
import { Dispatcher } from './write/dispatcher.js';
import { LogFlusher } from './write/log-flusher.js';

export interface StorePorts {
  readonly clock: Clock;
  readonly log: Logger;
  /** The file system of this machine unless given. */
  readonly disk?: Disk;
  /** With enableConsumeQueueExt: which SQL92 filters take the message of this record, as bits, to be kept beside its entry. */
  readonly filterBitMapOf?: (topic: string, record: Buffer) => Buffer | undefined;
}

const chunkSize = 4 * 1024 * 1024;
const syncPreparedBytes = 384 * 1024;
/** At the earliest so long after the last one the consume queues go to the disk and the checkpoint moves. */
const checkpointInterval = 5000;

/**
 * A store in `config.storePathRootDir`. Nothing is touched before `start`.
 *
 * `start` rejects with RocketMQError STORE_UNAVAILABLE (locked by another broker, unwritable) or STORE_CORRUPT (files
 * missing or of another size), naming the path.
 */
export function createMessageStore(config: StoreConfig, ports: StorePorts): MessageStore {
  const store = new FileMessageStore(config, ports);
  const lifecycle = createLifecycle({ start: () => store.open(), close: () => store.shut() });
  return Object.assign(store, { start: () => lifecycle.start(), close: () => lifecycle.close() });
}

class FileMessageStore implements Omit<MessageStore, 'start' | 'close'> {
  private readonly root: string;
  private readonly disk: Disk;
  private readonly pool: FilePool;
  private readonly log: CommitLog;
  private readonly queues: QueueTable;
  private readonly lock: StoreLock;
  private readonly checkpoint: Checkpoint;
  private readonly dispatcher: Dispatcher;
  private readonly logFlusher: LogFlusher;
  private readonly appender: Appender;
  private readonly queueFlusher: QueueFlusher;
  private readonly index: MessageIndex;
  private readonly reader: MessageReader;
  private readonly filteredReader: FilteredReader;
  private readonly times: TimeSearch;
  private readonly retention: Retention;
  private readonly timers: Timer[] = [];
  private bootTime = 0;
  private earliestTime = -1;

  constructor(
    private readonly config: StoreConfig,
    private readonly ports: StorePorts,
  ) {
    const { clock, log: logger, disk = nodeDisk } = ports;
    this.disk = disk;
    this.root = config.storePathRootDir === '' ? join(homedir(), 'store') : config.storePathRootDir;
    this.pool = new FilePool(disk, config.maxOpenFiles);
    const directory = commitLogDirectory(this.root, config.storePathCommitLog);
    const { mappedFileSizeCommitLog: segmentSize, hotTailBytes: cacheSize, enabledAppendPropCRC: hasChecksum } = config;
    const preparedBytes = config.flushDiskType === 'SYNC_FLUSH' ? syncPreparedBytes : 0;
    const { wantsDirect } = this;
    const options = { directory, segmentSize, chunkSize, cacheSize, hasChecksum, preparedBytes, wantsDirect };
    const log = new CommitLog(disk, this.pool, options);
    const extension = {
      directory: join(this.root, 'consumequeue_ext'),
      fileSize: config.mappedFileSizeConsumeQueueExt,
      isEnabled: config.enableConsumeQueueExt,
    };
    const queueDirectory = join(this.root, 'consumequeue');
    const delayLevels = new DelayLevels(config.messageDelayLevel);
    const queues = new QueueTable(disk, this.pool, queueDirectory, queueFileSize(config), extension, delayLevels);
    const dispatcher = new Dispatcher(logger);
    const fence = (reason: string): void => this.appender.fence(reason);
    const logFlusher = new LogFlusher(config, clock, log, () => this.appender.flushed(), fence);
    this.log = log;
    this.queues = queues;
    this.dispatcher = dispatcher;
    this.logFlusher = logFlusher;
    this.lock = new StoreLock(disk, this.root);
    this.checkpoint = new Checkpoint(disk, join(this.root, 'checkpoint'));
    this.appender = new Appender({ config, clock, logger, log, queues, dispatcher }, logFlusher);
    const { checkpoint } = this;
    const cold = new ColdReader(log);
    this.reader = new MessageReader({ config, log, cold, queues, logger });
    this.filteredReader = new FilteredReader(config, this.reader);
    this.times = new TimeSearch(log, cold);
    this.index = this.createIndex(fence);
    dispatcher.onDispatched = () => this.index.wake();
    this.keepBitMaps(ports.filterBitMapOf);
    this.queueFlusher = new QueueFlusher({
      disk,
      clock,
      log,
      queues,
      index: this.index,
      dispatcher,
      logFlusher,
      checkpoint,
      onError: fence,
    });
    this.retention = this.createRetention();
  }

  private keepBitMaps(filterBitMapOf: StorePorts['filterBitMapOf']): void {
    if (filterBitMapOf === undefined || !this.config.enableConsumeQueueExt) return;
    this.dispatcher.filterBitMapOf = (topic, physicalOffset, size) => {
      const chunk = this.log.cached(physicalOffset);
      if (chunk === undefined) return undefined;
      const at = physicalOffset - chunk.base;
      return filterBitMapOf(topic, chunk.bytes.subarray(at, at + size));
    };
  }

  async open(): Promise<void> {
    try {
      this.lock.take();
      this.log.segments.load();
      const wasCleanStop = !this.disk.exists(this.abortPath);
      this.markRunning();
      await this.recover(wasCleanStop);
      this.startTimers();
    } catch (error) {
      if (codeOf(error)?.startsWith('STORE_')) throw error;
      const text = `the store in ${this.root} cannot be opened: ${messageOf(error)}`;
      throw new RocketMQError('STORE_UNAVAILABLE', text, { cause: error });
    }
  }

  async shut(): Promise<void> {
    for (const timer of this.timers.splice(0)) timer.cancel();
    const { appender } = this;
    try {
      await this.retention.close();
      appender.writeGroup();
      const isFlushed = await this.flushAll();
      appender.stop('the store is closed');
      // Without the file the next start believes that everything is in place.
      if (isFlushed) this.disk.remove(this.abortPath);
    } finally {
      await this.index.stop();
      await this.logFlusher.idle();
      this.log.close();
      this.checkpoint.close();
      this.pool.close();
      this.lock.release();
    }
  }

  append(message: AppendMessage, done: (result: AppendResult) => void): void {
    this.appender.append(message, done);
  }

  appendBatch(batch: AppendBatch, done: (result: AppendResult) => void): void {
    this.appender.appendBatch(batch, done);
  }

  get(request: GetRequest): GetResult | Promise<GetResult> {
    const { matchesRecord } = request;
    return matchesRecord === undefined ? this.reader.get(request) : this.filteredReader.get(request, matchesRecord);
  }

  read(physicalOffset: number, size?: number): Buffer | undefined | Promise<Buffer | undefined> {
    return this.reader.read(physicalOffset, size);
  }

  query(query: IndexQuery): Promise<IndexQueryResult> {
    return this.index.query(query);
  }

  minOffset(topic: string, queueId: number): number {
    return this.queues.find(topic, queueId)?.minOffset ?? 0;
  }

  maxOffset(topic: string, queueId: number): number {
    return this.queues.find(topic, queueId)?.maxOffset ?? 0;
  }

  offsetByTime(
    topic: string,
    queueId: number,
    timestamp: number,
    boundary: 'lower' | 'upper',
  ): number | Promise<number> {
    const queue = this.queues.find(topic, queueId);
    return queue ? this.times.offsetAt(queue, timestamp, boundary) : 0;
  }

  storeTime(topic: string, queueId: number, offset: number): number | Promise<number> {
    const queue = this.queues.find(topic, queueId);
    return queue ? this.times.storeTime(queue, offset) : -1;
  }

  earliestStoreTime(topic: string, queueId: number): number | Promise<number> {
    const queue = this.queues.find(topic, queueId);
    return queue ? this.times.storeTime(queue, queue.minOffset) : -1;
  }

  isInMemory(topic: string, queueId: number, offset: number): boolean {
    const queue = this.queues.find(topic, queueId);
    return queue !== undefined && this.reader.isInMemory(queue, offset);
  }

  async deleteTopic(topic: string): Promise<void> {
    this.queues.remove(topic);
    // Recovery must not begin before this moment, or it would bring the queues back.
    await this.queueFlusher.flush();
  }

  deleteExpiredFiles(): void {
    this.retention.deleteNow();
  }

  async deleteExpiredQueueFiles(): Promise<void> {
    await this.retention.followNow();
  }

  async deleteUnusedTopics(isUsed: (topic: string) => boolean): Promise<string[]> {
    const unused = this.queues.topicNames().filter((topic) => !isUsed(topic));
    for (const topic of unused) this.queues.remove(topic);
    if (unused.length > 0) await this.queueFlusher.flush();
    return unused;
  }

  async queueUnits(topic: string, queueId: number, from: number, count: number): Promise<QueueUnit[] | undefined> {
    const queue = this.queues.find(topic, queueId);
    return queue && readUnits(queue, from, count);
  }

  async extendedUnits(topic: string, queueId: number, from: number, count: number): Promise<QueueUnit[] | undefined> {
    const queue = this.queues.find(topic, queueId);
    return queue && readExtendedUnits(queue, from, count);
  }

  onArrival(listener: ArrivalListener): void {
    this.dispatcher.onArrival(listener);
  }

  figures(): StoreFigures {
    const { log, appender, dispatcher } = this;
    const logSpace = this.disk.space(log.segments.directory);
    return {
      commitLogMinOffset: log.minOffset,
      commitLogMaxOffset: log.writtenOffset,
      flushedOffset: log.flushedOffset,
      dispatchBehindBytes: log.writtenOffset - dispatcher.dispatchedOffset,
      indexBehindBytes: this.index.behind,
      commitLogDiskRatio: usedRatio(logSpace),
      consumeQueueDiskRatio: usedRatio(this.disk.space(this.queues.directory)),
      diskTotalBytes: logSpace.total,
      diskFreeBytes: logSpace.available,
      earliestMessageTime: this.earliestTime >= 0 ? this.earliestTime : dispatcher.firstTimestamp,
      bootTime: this.bootTime,
      putTotal: appender.putTotal,
      putFailed: appender.putFailed,
      putBytes: appender.putBytes,
      putMessageEntireTimeMax: appender.longestAppend,
    };
  }

  get unavailable(): string | undefined {
    return this.appender.unavailable ?? this.appender.suspended;
  }

  /** In this order: SYNC_FLUSH tells the queues of a message when the disk has it. False when not all is on the disk. */
  private async flushAll(): Promise<boolean> {
    const { appender } = this;
    if (appender.unavailable !== undefined || !(await this.logFlusher.flushed())) return false;
    await this.index.finish();
    return (await this.queueFlusher.flush()) && appender.unavailable === undefined;
  }

  private createRetention(): Retention {
    const { config, disk, pool, log, queues, checkpoint, times, appender } = this;
    const { clock, log: logger } = this.ports;
    const onLook = (refusal: string | undefined): void => void (appender.suspended = refusal);
    const directories = [log.segments.directory, queues.directory];
    const gauge = new DiskGauge({ config, disk, logger, directories, onLook });
    return new Retention({
      config,
      clock,
      logger,
      gauge,
      logFiles: new LogRetention({ config, clock, logger, disk, pool, log, checkpoint, times }),
      queueFiles: new QueueRetention({ config, clock, logger, queues }),
      followers: [this.index],
      onLogCut: () => this.noteEarliest(),
    });
  }

  private createIndex(fence: (reason: string) => void): MessageIndex {
    const { config, disk, pool, log, reader, times, dispatcher } = this;
    return new MessageIndex({
      config,
      disk,
      pool,
      clock: this.ports.clock,
      logger: this.ports.log,
      log,
      directory: join(this.root, 'index'),
      dispatchedOffset: () => dispatcher.dispatchedOffset,
      readRecord: (physicalOffset) => reader.read(physicalOffset),
      recordTime: (physicalOffset) => times.recordTime(physicalOffset),
      checkpoint: () => this.queueFlusher.flush(),
      onError: fence,
    });
  }

  private get wantsDirect(): boolean {
    return this.config.flushDiskType === 'SYNC_FLUSH' && this.config.flushCommitLogDirect;
  }

  private get abortPath(): string {
    return join(this.root, 'abort');
  }

  /** Java looks for the file only; 5.x writes its process id into it too. */
  private markRunning(): void {
    const fd = this.disk.open(this.abortPath, true);
    try {
      this.disk.writeSync(fd, Buffer.from(String(process.pid)), 0);
    } finally {
      this.disk.close(fd);
    }
  }

  private async recover(wasCleanStop: boolean): Promise<void> {
    const { root, config, disk, log, queues, checkpoint, dispatcher, appender } = this;
    const { clock, log: logger } = this.ports;
    const parts = { root, config, clock, disk, log, queues, checkpoint, logger };
    const { endOffset, lastTimestamp } = await recover(parts, wasCleanStop);
    log.resume(endOffset);
    if (this.wantsDirect && !log.isDirect) logger.debug('there are no direct writes to the commit log here');
    dispatcher.dispatchedOffset = endOffset;
    dispatcher.lastTimestamp = lastTimestamp;
    await this.noteEarliest();
    this.bootTime = clock.now();
    appender.unavailable = undefined;
    const { index: position, indexTimestamp: durableTimestamp } = checkpoint;
    this.index.open({ position, durableTimestamp, wasCleanStop, logEnd: endOffset });
    await disk.syncDirectory(this.root);
    // What was recovered shall not have to be recovered once more.
    await this.queueFlusher.flush();
    if (appender.unavailable !== undefined) throw new RocketMQError('STORE_UNAVAILABLE', appender.unavailable);
  }

  private async noteEarliest(): Promise<void> {
    const { minOffset } = this.log;
    const time = await this.times.recordTime(minOffset);
    // Of two looks at once the one at a file that is gone may end last.
    if (this.log.minOffset === minOffset) this.earliestTime = time;
  }

  private startTimers(): void {
    const { config } = this;
    if (config.flushDiskType === 'ASYNC_FLUSH') {
      this.repeat(
        () => config.flushIntervalCommitLog,
        () => this.logFlusher.turn(),
      );
    }
    this.repeat(
      () => config.flushIntervalConsumeQueue,
      () => this.queueFlusher.turn(checkpointInterval),
    );
    this.retention.start();
    this.repeat(
      () => config.cleanResourceInterval,
      () => this.retention.turn(),
    );
  }

  /** The intervals may be changed while running: a new one holds from the next turn on. */
  private repeat(interval: () => number, task: () => void): void {
    let current = interval();
    const turn = (): void => {
      task();
      if (interval() === current) return;
      current = interval();
      timer.cancel();
      timer = this.ports.clock.every(current, turn);
    };
    let timer = this.ports.clock.every(current, turn);
    this.timers.push({ cancel: () => timer.cancel() });
  }
}

/** Java rounds the configured size up to whole units. */
function queueFileSize(config: StoreConfig): number {
  return Math.ceil(config.mappedFileSizeConsumeQueue / unitSize) * unitSize;
}
