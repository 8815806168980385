/*
 * HOT PATH (get from memory). Copies: nothing, slices of the log's chunks go out. Allocates: the result, one slice for
 * each run of adjacent records, one array of queue offsets. Calls: the filter, once a unit.
 */
import { totalmem } from 'node:os';
import type { Logger } from '../../../common/src/index.js';
import { minRecordSize } from '../../../protocol/src/message/index.js';
import type { CommitLog } from '../commit-log/commit-log.js';
import { recordSizeAt, scanRecord } from '../commit-log/record-reader.js';
import type { StoreConfig } from '../config.js';
import type { ConsumeQueue, UnitSpan } from '../consume-queue/consume-queue.js';
import {
  blankUnitSize,
  isExtensionAddress,
  unitPhysicalOffset,
  unitRecordSize,
  unitSize,
  unitTagsCode,
} from '../consume-queue/queue-block.js';
import type { QueueTable } from '../consume-queue/queue-table.js';
import type { GetRequest, GetResult, GetStatus } from '../contract.js';
import { ColdRecords, type FetchedRecords } from './cold-records.js';
import { ColdBlocks } from './cold-blocks.js';
import type { ColdReader } from './cold-reader.js';
import { ColdUnits } from './cold-units.js';
import type { SelectedRecords } from './record-gatherer.js';

/** Units looked at in one call, at least; a filter that matches nothing must not walk the whole queue at once. */
const unitsAtOnce = 800;

/** Records chosen by a walk over the units. */
interface Selection extends SelectedRecords {
  status: GetStatus;
  nextBeginOffset: number;
  bytes: number;
  isFarBehind: boolean;
}

export interface MessageReaderParts {
  readonly config: StoreConfig;
  readonly log: CommitLog;
  readonly cold: ColdReader;
  readonly queues: QueueTable;
  readonly logger: Logger;
}

export class MessageReader {
  private readonly config: StoreConfig;
  private readonly log: CommitLog;
  private readonly queues: QueueTable;
  private readonly records: ColdRecords;
  private readonly coldUnits: ColdUnits;
  private readonly memory = totalmem();

  constructor(private readonly parts: MessageReaderParts) {
    this.config = parts.config;
    this.log = parts.log;
    this.queues = parts.queues;
    const { coldReadCacheBytes } = parts.config;
    const coldBlocks = new ColdBlocks(parts.log, parts.cold, coldReadCacheBytes);
    this.records = new ColdRecords({ ...parts, coldBlocks });
    this.coldUnits = new ColdUnits(coldReadCacheBytes > 0);
  }

  /** Java's getMessage: see the statuses in the contract. */
  get(request: GetRequest): GetResult | Promise<GetResult> {
    const { offset } = request;
    const queue = this.queues.find(request.topic, request.queueId);
    if (!queue) return nothing('NO_MATCHED_LOGIC_QUEUE', 0, 0, 0);
    const { minOffset, maxOffset } = queue;
    if (maxOffset === 0) return nothing('NO_MESSAGE_IN_QUEUE', 0, minOffset, maxOffset);
    if (offset < minOffset) return nothing('OFFSET_TOO_SMALL', minOffset, minOffset, maxOffset);
    if (offset === maxOffset) return nothing('OFFSET_OVERFLOW_ONE', offset, minOffset, maxOffset);
    if (offset > maxOffset) return nothing('OFFSET_OVERFLOW_BADLY', maxOffset, minOffset, maxOffset);
    const unitsAt = (at: number): UnitSpan | undefined => queue.span(at) ?? this.coldUnits.find(queue, at);
    if (!unitsAt(offset)) return this.getCold(request, queue);
    const selection = this.select(request, maxOffset, unitsAt);
    return this.sliceCached(selection, minOffset, maxOffset) ?? this.fetch(selection, queue, minOffset, maxOffset);
  }

  /**
   * The record at a physical offset, whole and as it was written: the offset may come from anybody, and a body may hold
   * what looks like the head of a record.
   */
  read(physicalOffset: number, size?: number): Buffer | undefined | Promise<Buffer | undefined> {
    if (!Number.isSafeInteger(physicalOffset) || physicalOffset < 0) return undefined;
    const chunk = this.log.cached(physicalOffset);
    if (!chunk) return this.records.read(physicalOffset, size);
    const at = physicalOffset - chunk.base;
    const found = recordSizeAt(chunk.bytes, at, physicalOffset);
    if (found === 0 || at + found > chunk.length) return undefined;
    return this.whole(chunk.bytes.subarray(at, at + found), physicalOffset);
  }

  /** Whether a pull of this offset would touch memory only. */
  isInMemory(queue: ConsumeQueue, offset: number): boolean {
    const span = queue.span(offset);
    return span !== undefined && this.log.peek(unitPhysicalOffset(span.view, span.at)) !== undefined;
  }

  private whole(record: Buffer, physicalOffset: number): Buffer | undefined {
    const { segments } = this.log;
    const left = segments.baseOf(physicalOffset) + segments.size - physicalOffset;
    return scanRecord(record, 0, physicalOffset, left).kind === 'record' ? record : undefined;
  }

  private async getCold(request: GetRequest, queue: ConsumeQueue): Promise<GetResult> {
    const { minOffset, maxOffset } = queue;
    const units = await this.coldUnits.load(queue, request.offset, this.unitLimit(request));
    // Retention may have been faster.
    if (request.offset < queue.minOffset)
      return nothing('OFFSET_TOO_SMALL', queue.minOffset, queue.minOffset, maxOffset);
    if (units.count === 0) {
      const next = queue.files.nextFileOffset(request.offset);
      return nothing('OFFSET_FOUND_NULL', Math.min(next, maxOffset), minOffset, maxOffset);
    }
    const selection = this.select(request, request.offset + units.count, (at) => {
      const skip = at - request.offset;
      return { view: units.view, at: skip * unitSize, count: units.count - skip };
    });
    return this.sliceCached(selection, minOffset, maxOffset) ?? this.fetch(selection, queue, minOffset, maxOffset);
  }

  private unitLimit(request: GetRequest): number {
    return Math.max(unitsAtOnce, Math.min(request.maxMessages, this.config.maxTransferCountOnMessageInMemory));
  }

  /** Walks the units from the request's offset on, before `end`, until a limit is met. */
  private select(request: GetRequest, end: number, unitsAt: (offset: number) => UnitSpan | undefined): Selection {
    const { matches } = request;
    const maxBytes = Math.min(request.maxBytes ?? Infinity, this.config.maxTransferBytesOnMessageInMemory);
    const maxMessages = Math.min(request.maxMessages, this.config.maxTransferCountOnMessageInMemory);
    const { minOffset: logMin, writtenOffset: logEnd } = this.log;
    // As Java guesses: what was written longer ago than memory holds has to come from the disk.
    const oldBefore = logEnd - (this.memory * this.config.accessMessageInMemoryMaxRatio) / 100;
    const maxOldBytes = Math.min(maxBytes, this.config.maxTransferBytesOnMessageInDisk);
    const maxOldMessages = Math.min(maxMessages, this.config.maxTransferCountOnMessageInDisk);
    const stop = Math.min(end, request.offset + this.unitLimit(request));
    const physicalOffsets: number[] = [];
    const sizes: number[] = [];
    const queueOffsets: number[] = [];
    let bytes = 0;
    let status: GetStatus = 'NO_MATCHED_MESSAGE';
    // Once queues are cut to where the log begins, an entry that points before it is no expired one but damaged.
    const expiredBefore = this.queues.alignedTo < logMin ? logMin : 0;
    // Behind a record that is gone, the rest of its file is gone too.
    let skipBefore = 0;
    let offset = request.offset;
    let lastPhysicalOffset = logEnd;
    walk: while (offset < stop) {
      const span = unitsAt(offset);
      if (!span) break;
      const { view } = span;
      const spanEnd = Math.min(stop, offset + span.count);
      for (let at = span.at; offset < spanEnd; offset++, at += unitSize) {
        const physicalOffset = unitPhysicalOffset(view, at);
        const size = unitRecordSize(view, at);
        if (physicalOffset >= 0 && physicalOffset < skipBefore) continue;
        lastPhysicalOffset = physicalOffset;
        if (sizes.length > 0) {
          const isOld = physicalOffset < oldBefore;
          if (sizes.length >= (isOld ? maxOldMessages : maxMessages)) break walk;
          if (bytes + size > (isOld ? maxOldBytes : maxBytes)) break walk;
        }
        // Without its tags code a message is left to the consumer's own filter.
        if (matches && !matches(unitTagsCode(view, at)) && !isExtensionAddress(view, at)) continue;
        if (physicalOffset < logMin || physicalOffset + size > logEnd || size < minRecordSize) {
          if (sizes.length === 0) status = 'MESSAGE_WAS_REMOVING';
          if (size === blankUnitSize) continue;
          if (physicalOffset >= 0 && physicalOffset < expiredBefore)
            skipBefore = this.log.segments.baseOf(physicalOffset) + this.log.segments.size;
          else this.reportUnit(request, offset, physicalOffset, size);
          continue;
        }
        physicalOffsets.push(physicalOffset);
        sizes.push(size);
        queueOffsets.push(offset);
        bytes += size;
        status = 'FOUND';
        skipBefore = 0;
      }
    }
    const isFarBehind = lastPhysicalOffset < oldBefore;
    return { status, nextBeginOffset: offset, physicalOffsets, sizes, queueOffsets, bytes, isFarBehind };
  }

  private reportUnit({ topic, queueId }: GetRequest, queueOffset: number, physicalOffset: number, size: number): void {
    const unit = { topic, queueId, queueOffset, physicalOffset, size };
    this.parts.logger.error('a damaged entry of a consume queue is passed over: it points to no record', unit);
    const queue = this.queues.find(topic, queueId);
    if (queue) this.coldUnits.forget(queue);
  }

  /** The selected records as slices of memory, or undefined when one is not there any more. */
  private sliceCached(selection: Selection, minOffset: number, maxOffset: number): GetResult | undefined {
    const { physicalOffsets, sizes } = selection;
    const slices: Buffer[] = [];
    for (let i = 0; i < sizes.length;) {
      const start = physicalOffsets[i] as number;
      const chunk = this.log.cached(start);
      if (!chunk) return undefined;
      let end = start + (sizes[i++] as number);
      while (i < sizes.length && physicalOffsets[i] === end && end < chunk.end) end += sizes[i++] as number;
      slices.push(chunk.bytes.subarray(start - chunk.base, end - chunk.base));
    }
    return resultOf(selection, slices, true, minOffset, maxOffset);
  }

  /** The selected records from the files, or what was read of these before. */
  private fetch(
    selection: Selection,
    queue: ConsumeQueue,
    minOffset: number,
    maxOffset: number,
  ): GetResult | Promise<GetResult> {
    const fetched = this.records.fetch(queue, selection);
    if ('then' in fetched)
      return fetched.then((found) => this.fetchedResult(selection, queue, found, minOffset, maxOffset));
    return this.fetchedResult(selection, queue, fetched, minOffset, maxOffset);
  }

  /** What has gone or is damaged meanwhile ends the result. */
  private fetchedResult(
    selection: Selection,
    queue: ConsumeQueue,
    { slices, count }: FetchedRecords,
    minOffset: number,
    maxOffset: number,
  ): GetResult {
    const { queueOffsets } = selection;
    if (count === queueOffsets.length) return resultOf(selection, slices, false, minOffset, maxOffset);
    this.coldUnits.forget(queue);
    if (count === 0) {
      const next = (queueOffsets[0] ?? selection.nextBeginOffset - 1) + 1;
      return nothing('MESSAGE_WAS_REMOVING', next, minOffset, maxOffset);
    }
    const nextBeginOffset = queueOffsets[count] as number;
    const bytes = slices.reduce((sum, slice) => sum + slice.length, 0);
    const kept = { ...selection, nextBeginOffset, bytes, queueOffsets: queueOffsets.slice(0, count) };
    return resultOf(kept, slices, false, minOffset, maxOffset);
  }
}

function nothing(status: GetStatus, nextBeginOffset: number, minOffset: number, maxOffset: number): GetResult {
  return {
    status,
    nextBeginOffset,
    minOffset,
    maxOffset,
    slices: [],
    isLasting: true,
    messageCount: 0,
    bytes: 0,
    isFarBehind: false,
    queueOffsets: [],
  };
}

function resultOf(
  selection: Selection,
  slices: Buffer[],
  isLasting: boolean,
  minOffset: number,
  maxOffset: number,
): GetResult {
  const { status, nextBeginOffset, bytes, isFarBehind, queueOffsets } = selection;
  return {
    status,
    nextBeginOffset,
    minOffset,
    maxOffset,
    slices,
    isLasting,
    messageCount: queueOffsets.length,
    bytes,
    isFarBehind,
    queueOffsets,
  };
}
