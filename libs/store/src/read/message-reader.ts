/*
 * HOT PATH (get from memory). Copies: nothing, slices of the log's chunks go out. Allocates: the result, one slice for
 * each run of adjacent records, one array of queue offsets. Calls: the filter, once a unit.
 */
import type { Logger } from '../../../common/src/index.js';
import type { CommitLog } from '../commit-log/commit-log.js';
import { recordSizeAt, scanRecord } from '../commit-log/record-reader.js';
import type { StoreConfig } from '../config.js';
import type { ConsumeQueue, UnitSpan } from '../consume-queue/consume-queue.js';
import {
  blankUnitSize,
  unitPhysicalOffset,
  unitRecordSize,
  unitSize,
  unitTagsCode,
} from '../consume-queue/queue-block.js';
import type { QueueTable } from '../consume-queue/queue-table.js';
import type { GetRequest, GetResult, GetStatus } from '../contract.js';

/** Units looked at in one call, at least; a filter that matches nothing must not walk the whole queue at once. */
const unitsAtOnce = 800;

/** Cold records this near to each other are fetched with one read, gap and all. */
const largestGap = 16 * 1024;

/** Records chosen by a walk over the units. */
interface Selection {
  status: GetStatus;
  nextBeginOffset: number;
  readonly physicalOffsets: number[];
  readonly sizes: number[];
  readonly queueOffsets: number[];
  bytes: number;
}

export class MessageReader {
  constructor(
    private readonly config: StoreConfig,
    private readonly log: CommitLog,
    private readonly queues: QueueTable,
    private readonly logger: Logger,
  ) {}

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
    if (!queue.span(offset)) return this.getCold(request, queue);
    const selection = this.select(request, maxOffset, (at) => queue.span(at));
    return this.sliceCached(selection, minOffset, maxOffset) ?? this.fetch(selection, minOffset, maxOffset);
  }

  /**
   * The record at a physical offset, whole and as it was written: the offset may come from anybody, and a body may hold
   * what looks like the head of a record.
   */
  read(physicalOffset: number, size?: number): Buffer | undefined | Promise<Buffer | undefined> {
    if (!Number.isSafeInteger(physicalOffset) || physicalOffset < 0) return undefined;
    const chunk = this.log.cached(physicalOffset);
    if (!chunk) return this.readCold(physicalOffset, size);
    const at = physicalOffset - chunk.base;
    const found = recordSizeAt(chunk.bytes, at, physicalOffset);
    if (found === 0 || at + found > chunk.length) return undefined;
    return this.whole(chunk.bytes.subarray(at, at + found), physicalOffset);
  }

  /** Whether a pull of this offset would touch memory only. */
  isInMemory(queue: ConsumeQueue, offset: number): boolean {
    const span = queue.span(offset);
    return span !== undefined && this.log.cached(unitPhysicalOffset(span.view, span.at)) !== undefined;
  }

  private async readCold(physicalOffset: number, size: number | undefined): Promise<Buffer | undefined> {
    // A first look tells the size, unless the caller knows it.
    const first = await this.log.readUpTo(physicalOffset, size ?? 4096);
    const found = first ? recordSizeAt(first, 0, physicalOffset) : 0;
    if (!first || found === 0 || found > this.log.segments.size) return undefined;
    const record = found <= first.length ? first.subarray(0, found) : await this.log.read(physicalOffset, found);
    return record && this.whole(record, physicalOffset);
  }

  private whole(record: Buffer, physicalOffset: number): Buffer | undefined {
    const { segments } = this.log;
    const left = segments.baseOf(physicalOffset) + segments.size - physicalOffset;
    return scanRecord(record, 0, physicalOffset, left).kind === 'record' ? record : undefined;
  }

  private async getCold(request: GetRequest, queue: ConsumeQueue): Promise<GetResult> {
    const { minOffset, maxOffset } = queue;
    const units = await queue.read(request.offset, this.unitLimit(request));
    if (units.count === 0) {
      const next = queue.files.nextFileOffset(request.offset);
      return nothing('OFFSET_FOUND_NULL', Math.min(next, maxOffset), minOffset, maxOffset);
    }
    const selection = this.select(request, request.offset + units.count, (at) => {
      const skip = at - request.offset;
      return { view: units.view, at: skip * unitSize, count: units.count - skip };
    });
    return this.sliceCached(selection, minOffset, maxOffset) ?? this.fetch(selection, minOffset, maxOffset);
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
    const stop = Math.min(end, request.offset + this.unitLimit(request));
    const physicalOffsets: number[] = [];
    const sizes: number[] = [];
    const queueOffsets: number[] = [];
    let bytes = 0;
    let status: GetStatus = 'NO_MATCHED_MESSAGE';
    // Behind a record that is gone, the rest of its file is gone too.
    let skipBefore = 0;
    let offset = request.offset;
    walk: while (offset < stop) {
      const span = unitsAt(offset);
      if (!span) break;
      const { view } = span;
      const spanEnd = Math.min(stop, offset + span.count);
      for (let at = span.at; offset < spanEnd; offset++, at += unitSize) {
        const physicalOffset = unitPhysicalOffset(view, at);
        const size = unitRecordSize(view, at);
        if (physicalOffset < skipBefore) continue;
        if (sizes.length > 0 && (sizes.length >= maxMessages || bytes + size > maxBytes)) break walk;
        if (matches && !matches(unitTagsCode(view, at))) continue;
        if (size === blankUnitSize || physicalOffset < logMin || physicalOffset + size > logEnd) {
          if (sizes.length === 0) status = 'MESSAGE_WAS_REMOVING';
          if (size !== blankUnitSize) skipBefore = this.log.segments.baseOf(physicalOffset) + this.log.segments.size;
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
    return { status, nextBeginOffset: offset, physicalOffsets, sizes, queueOffsets, bytes };
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
    return resultOf(selection, slices, minOffset, maxOffset);
  }

  /** The selected records from the files; what has gone or is damaged meanwhile ends the result. */
  private async fetch(selection: Selection, minOffset: number, maxOffset: number): Promise<GetResult> {
    const { physicalOffsets, sizes, queueOffsets } = selection;
    const slices: Buffer[] = [];
    let good = 0;
    for (let i = 0; i < sizes.length && good === i;) {
      const run = this.runFrom(physicalOffsets, sizes, i);
      const start = physicalOffsets[i] as number;
      const bytes = await this.log.read(start, run.end - start);
      good += bytes ? this.sliceRun(bytes, selection, i, run.next, slices) : 0;
      i = run.next;
    }
    if (good === sizes.length) return resultOf(selection, slices, minOffset, maxOffset);
    if (good === 0) {
      const next = (queueOffsets[0] ?? selection.nextBeginOffset - 1) + 1;
      return nothing('MESSAGE_WAS_REMOVING', next, minOffset, maxOffset);
    }
    const nextBeginOffset = queueOffsets[good] as number;
    const bytes = slices.reduce((sum, slice) => sum + slice.length, 0);
    const kept = { ...selection, nextBeginOffset, bytes, queueOffsets: queueOffsets.slice(0, good) };
    return resultOf(kept, slices, minOffset, maxOffset);
  }

  /** Records to be read at once: near to each other and in one file. */
  private runFrom(physicalOffsets: readonly number[], sizes: readonly number[], first: number) {
    const { segments } = this.log;
    const base = segments.baseOf(physicalOffsets[first] as number);
    let end = (physicalOffsets[first] as number) + (sizes[first] as number);
    let next = first + 1;
    for (; next < sizes.length; next++) {
      const start = physicalOffsets[next] as number;
      if (start < end || start - end > largestGap || segments.baseOf(start) !== base) break;
      end = start + (sizes[next] as number);
    }
    return { end, next };
  }

  /** Cuts a run into slices, adjacent records together. Returns how many records were whole. */
  private sliceRun(bytes: Buffer, selection: Selection, first: number, next: number, slices: Buffer[]): number {
    const { physicalOffsets, sizes } = selection;
    const base = physicalOffsets[first] as number;
    let sliceStart = 0;
    let sliceEnd = 0;
    let i = first;
    for (; i < next; i++) {
      const at = (physicalOffsets[i] as number) - base;
      const size = sizes[i] as number;
      if (recordSizeAt(bytes, at, base + at) !== size) {
        this.logger.error('no whole record where a consume queue points to', { physicalOffset: base + at, size });
        break;
      }
      if (at !== sliceEnd) {
        slices.push(bytes.subarray(sliceStart, sliceEnd));
        sliceStart = at;
      }
      sliceEnd = at + size;
    }
    if (sliceEnd > sliceStart) slices.push(bytes.subarray(sliceStart, sliceEnd));
    return i - first;
  }
}

function nothing(status: GetStatus, nextBeginOffset: number, minOffset: number, maxOffset: number): GetResult {
  return { status, nextBeginOffset, minOffset, maxOffset, slices: [], messageCount: 0, bytes: 0, queueOffsets: [] };
}

function resultOf(selection: Selection, slices: Buffer[], minOffset: number, maxOffset: number): GetResult {
  const { status, nextBeginOffset, bytes, queueOffsets } = selection;
  return {
    status,
    nextBeginOffset,
    minOffset,
    maxOffset,
    slices,
    messageCount: queueOffsets.length,
    bytes,
    queueOffsets,
  };
}
