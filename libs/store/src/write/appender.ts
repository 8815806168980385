/*
 * HOT PATH (append). Allocates: one result a message. Calls: the record writer. Everything else happens once a tick: one
 * write for all records, then the dispatcher.
 */
import { codeOf, messageOf, type Clock, type Logger } from '../../../common/src/index.js';
import { MessageSysFlag, maxPropertiesLength } from '../../../protocol/src/message/index.js';
import type { CommitLog } from '../commit-log/commit-log.js';
import { checksumLength } from '../commit-log/record-checksum.js';
import { byteLength } from '../commit-log/record-writer.js';
import { isVisible } from '../commit-log/record-reader.js';
import type { StoreConfig } from '../config.js';
import type { ConsumeQueue } from '../consume-queue/consume-queue.js';
import type { QueueTable } from '../consume-queue/queue-table.js';
import type { AppendBatch, AppendMessage, AppendResult, AppendStatus } from '../contract.js';
import { AppendGroup, PendingAppend } from './append-group.js';
import type { Dispatcher } from './dispatcher.js';
import type { LogFlusher } from './log-flusher.js';

export interface AppenderParts {
  readonly config: StoreConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly log: CommitLog;
  readonly queues: QueueTable;
  readonly dispatcher: Dispatcher;
}

/** So many bytes are given to the kernel before the tick ends: later they would have left the processor's cache. */
const writeAhead = 128 * 1024;
/** So many may wait in memory for a disk that is slow, or stands still. */
const mostHeld = 64 * 1024 * 1024;

type Done = (result: AppendResult) => void;

/** The one writer: gives out offsets at once, writes once a tick, answers when the promise of the flush mode is kept. */
export class Appender {
  /** Why appends are refused, once they are. */
  unavailable: string | undefined = 'the store is not started';
  /** Why appends are refused for the time being. */
  suspended: string | undefined;
  putTotal = 0;
  putFailed = 0;
  putBytes = 0;
  longestAppend = 0;
  private group = new AppendGroup();
  private readonly free: AppendGroup[] = [];
  /** SYNC_FLUSH: written, waiting for the disk; in order. */
  private unflushed: AppendGroup[] = [];
  private isScheduled = false;
  private readonly isSync: boolean;
  /** Bytes that a message's own properties may take. */
  private readonly propertiesLimit: number;
  private readonly writeGroupSoon = (): void => this.writeGroup();

  constructor(
    private readonly parts: AppenderParts,
    private readonly flusher: LogFlusher,
  ) {
    this.isSync = parts.config.flushDiskType === 'SYNC_FLUSH';
    this.propertiesLimit = maxPropertiesLength - (parts.config.enabledAppendPropCRC ? 1 + checksumLength : 0);
  }

  append(message: AppendMessage, done: Done): void {
    const queue = this.admit(message, done);
    if (!queue) return;
    const { group } = this;
    const storeTimestamp = this.openGroup();
    let physicalOffset: number;
    const isQueued = isVisible(message.sysFlag);
    const queueOffset = isQueued ? queue.nextOffset : 0;
    try {
      physicalOffset = this.parts.log.append(message, queue.topicBytes, queueOffset, storeTimestamp);
    } catch (error) {
      return this.refuseAfter(error, done);
    }
    this.enqueue(queue, message, physicalOffset, isQueued);
    const bytes = this.parts.log.lastSize;
    group.appends.push(
      new PendingAppend(physicalOffset, queueOffset, storeTimestamp, bytes, message.waitForFlush, done),
    );
    if (this.parts.log.unwrittenBytes >= writeAhead) this.write();
  }

  /** All or nothing: every message is looked at, and room is made, before the first is written. */
  appendBatch(batch: AppendBatch, done: Done): void {
    if (batch.count === 0) return this.refuse('MESSAGE_ILLEGAL', 'a batch without messages', done);
    const first = batch.at(0);
    const { waitForFlush } = first;
    const queue = this.admit(first, done);
    if (!queue) return;
    const refusal = this.batchRefusal(batch);
    if (refusal !== undefined) return this.refuse('MESSAGE_ILLEGAL', refusal, done);
    const { log } = this.parts;
    const { topicBytes } = queue;
    const queueOffset = queue.nextOffset;
    const storeTimestamp = this.openGroup();
    const offsets: number[] = [];
    let size = 0;
    try {
      log.reserve(batch, topicBytes);
      for (let i = 0; i < batch.count; i++) {
        const message = batch.at(i);
        const physicalOffset = log.appendReserved(message, topicBytes, queue.nextOffset, storeTimestamp);
        this.enqueue(queue, message, physicalOffset, true);
        size += log.lastSize;
        offsets.push(physicalOffset);
      }
    } catch (error) {
      return this.refuseAfter(error, done);
    }
    const append = new PendingAppend(offsets[0] as number, queueOffset, storeTimestamp, size, waitForFlush, done);
    append.setPhysicalOffsets(offsets);
    this.group.appends.push(append);
    if (log.unwrittenBytes >= writeAhead) this.write();
  }

  /** Writes what is pending now, at the latest with the end of the tick. */
  writeGroup(): void {
    this.isScheduled = false;
    const { group } = this;
    if (group.appends.length === 0) return;
    this.group = this.free.pop() ?? new AppendGroup();
    if (this.unavailable !== undefined) return this.fail(group);
    if (!this.write()) return this.fail(group);
    group.end = this.parts.log.syncableOffset;
    if (this.isSync) this.awaitFlush(group);
    else this.finish(group);
  }

  /** False after an error. */
  private write(): boolean {
    try {
      this.parts.log.write();
      return true;
    } catch (error) {
      this.fence(`write to the commit log failed: ${messageOf(error)}`);
      return false;
    }
  }

  /** The disk has more: answers the groups that are wholly on it. */
  flushed(): void {
    const { flushedOffset } = this.parts.log;
    let ready = 0;
    while (ready < this.unflushed.length && (this.unflushed[ready] as AppendGroup).end <= flushedOffset) ready++;
    for (const group of this.unflushed.splice(0, ready)) this.finish(group);
  }

  /** After an error of the disk nothing may be promised any more: all that wait, and all that come, are refused. */
  fence(reason: string): void {
    if (this.unavailable !== undefined) return;
    this.parts.logger.error('the store refuses writes from now on', { reason });
    this.stop(reason);
  }

  /** Refuses everything from now on, and what still waits. */
  stop(reason: string): void {
    this.unavailable ??= reason;
    for (const group of this.unflushed.splice(0)) this.fail(group);
  }

  private batchRefusal(batch: AppendBatch): string | undefined {
    const { topic, queueId } = batch.at(0);
    for (let i = 0; i < batch.count; i++) {
      const message = batch.at(i);
      if (message.topic !== topic || message.queueId !== queueId || !isPlain(message.sysFlag)) {
        return 'a batch must be for one queue, and without transactions';
      }
      const refusal = this.sizeRefusal(message);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  private admit(message: AppendMessage, done: Done): ConsumeQueue | undefined {
    const refusal = this.unavailable ?? this.suspended ?? this.overload;
    if (refusal !== undefined) {
      this.refuse('SERVICE_NOT_AVAILABLE', refusal, done);
      return undefined;
    }
    const tooLarge = this.sizeRefusal(message);
    if (tooLarge !== undefined) {
      this.refuse('MESSAGE_ILLEGAL', tooLarge, done);
      return undefined;
    }
    const { queues } = this.parts;
    const queue = queues.obtain(message.topic, message.queueId);
    if (!queue) {
      this.refuse('MESSAGE_ILLEGAL', 'the topic or queue id cannot be the name of a directory', done);
      return undefined;
    }
    return queue;
  }

  /** Only direct writes let it come so far: other ones are made, or hold up the process, within the tick. */
  private get overload(): string | undefined {
    const { heldBytes } = this.parts.log;
    return heldBytes < mostHeld ? undefined : `the disk is too slow: ${heldBytes} bytes wait to be written`;
  }

  private sizeRefusal({ body, properties }: AppendMessage): string | undefined {
    const { maxMessageSize } = this.parts.config;
    if (body.length > maxMessageSize) return `the body has ${body.length} bytes, maxMessageSize is ${maxMessageSize}`;
    if (properties.length * 3 > this.propertiesLimit && byteLength(properties) > this.propertiesLimit) {
      return `the properties exceed ${this.propertiesLimit} bytes`;
    }
    return undefined;
  }

  private refuse(status: AppendStatus, reason: string, done: Done): void {
    this.putFailed++;
    const append = new PendingAppend(-1, -1, -1, 0, false, done);
    append.status = status;
    append.reason = reason;
    queueMicrotask(() => this.parts.dispatcher.answer(append));
  }

  private refuseAfter(error: unknown, done: Done): void {
    if (codeOf(error) === 'ARGUMENT_INVALID') return this.refuse('MESSAGE_ILLEGAL', messageOf(error), done);
    this.refuse('SYSTEM_ERROR', `no room could be made in the commit log: ${messageOf(error)}`, done);
  }

  /** The time all records of a group carry: one look at the clock a tick. */
  private openGroup(): number {
    const { group } = this;
    if (!this.isScheduled) {
      this.isScheduled = true;
      group.storeTimestamp = this.parts.clock.now();
      group.startedAt = this.parts.clock.monotonic();
      setImmediate(this.writeGroupSoon);
    }
    return group.storeTimestamp;
  }

  private enqueue(queue: ConsumeQueue, message: AppendMessage, physicalOffset: number, isQueued: boolean): void {
    const size = this.parts.log.lastSize;
    this.putBytes += size;
    this.putTotal++;
    if (!isQueued) return;
    queue.nextOffset++;
    const code = queue.codeOf(message.tagsCode, this.group.storeTimestamp);
    this.group.addUnit(queue, physicalOffset, size, code);
  }

  private awaitFlush(group: AppendGroup): void {
    const { clock, config, dispatcher, log } = this.parts;
    this.unflushed.push(group);
    // A direct write is the first that the kernel hears of them: before it, a kill would take what was acknowledged.
    if (!log.isDirect) for (const append of group.appends) if (!append.waitForFlush) dispatcher.answer(append);
    const timer = clock.after(config.syncFlushTimeout, () => {
      for (const append of group.appends) {
        if (append.isAnswered) continue;
        append.status = 'FLUSH_DISK_TIMEOUT';
        append.elapsed = clock.monotonic() - group.startedAt;
        append.reason = `not on the disk within ${config.syncFlushTimeout} ms`;
        dispatcher.answer(append);
      }
    });
    group.cancelTimeout = () => timer.cancel();
    // A flush that began within the tick, after a write ahead, may have taken all of it along.
    if (group.end <= log.flushedOffset) this.flushed();
    else this.flusher.request();
  }

  private finish(group: AppendGroup): void {
    group.cancelTimeout?.();
    group.elapsed = this.parts.clock.monotonic() - group.startedAt;
    this.longestAppend = Math.max(this.longestAppend, group.elapsed);
    this.parts.dispatcher.dispatch(group);
    group.clear();
    if (this.free.length < 4) this.free.push(group);
  }

  private fail(group: AppendGroup): void {
    group.cancelTimeout?.();
    for (const append of group.appends) {
      if (append.isAnswered) continue;
      this.putFailed++;
      append.status = 'SYSTEM_ERROR';
      append.reason = this.unavailable ?? 'unknown';
      this.parts.dispatcher.answer(append);
    }
  }
}

function isPlain(sysFlag: number): boolean {
  return (sysFlag & MessageSysFlag.TRANSACTION_MASK) === 0;
}
