import type { Logger } from '../../../common/src/index.js';
import { lmqPrefix } from '../../../protocol/src/message/index.js';
import type { CommitLog } from '../commit-log/commit-log.js';
import { recordSizeAt, scanRecord } from '../commit-log/record-reader.js';
import type { ConsumeQueue } from '../consume-queue/consume-queue.js';
import type { ColdReader } from './cold-reader.js';

/** Records this near to each other are fetched with one read, gap and all. */
const largestGap = 16 * 1024;
/** Read first when the size of a record is not known, or too large to be believed unseen. */
const firstLook = 4096;
const largestBelieved = 1024 * 1024;

/** Records of a queue, in its order. */
export interface SelectedRecords {
  readonly physicalOffsets: number[];
  readonly sizes: number[];
  readonly queueOffsets: number[];
}

/** Where a queue says that the record belongs. */
interface QueuePlace {
  readonly queue: ConsumeQueue;
  readonly queueOffset: number;
}

export interface ColdRecordsParts {
  readonly log: CommitLog;
  readonly cold: ColdReader;
  readonly logger: Logger;
}

/**
 * Records from the files of the log, each looked at before it is handed out: what a disk gives back years later need not
 * be what was written. A damaged one is named in the log, and not handed out.
 */
export class ColdRecords {
  constructor(private readonly parts: ColdRecordsParts) {}

  /** The record at a physical offset, or undefined when no whole one is there. */
  async read(physicalOffset: number, size = firstLook): Promise<Buffer | undefined> {
    const { cold, log } = this.parts;
    const first = await cold.read(physicalOffset, size <= largestBelieved ? size : firstLook);
    const found = first ? recordSizeAt(first, 0, physicalOffset) : 0;
    if (!first || found === 0 || found > log.segments.size) return undefined;
    const record = found <= first.length ? first.subarray(0, found) : await cold.read(physicalOffset, found);
    if (record?.length !== found) return undefined;
    return this.isWhole(record, 0, physicalOffset, found) ? record : undefined;
  }

  /** The first records of a selection, up to one that is gone or damaged, as slices with adjacent ones together. */
  async fetch(queue: ConsumeQueue, selected: SelectedRecords): Promise<{ slices: Buffer[]; count: number }> {
    const { log } = this.parts;
    const { physicalOffsets, sizes } = selected;
    const slices: Buffer[] = [];
    let count = 0;
    for (let i = 0; i < sizes.length && count === i;) {
      const run = this.runFrom(selected, i);
      const start = physicalOffsets[i] as number;
      const bytes = await this.readRun(start, run.end - start);
      if (bytes) count += this.slice(bytes, queue, selected, i, run.next, slices);
      else if (start >= log.minOffset) {
        this.report(start, `no record of ${sizes[i]} bytes`, {
          queue,
          queueOffset: selected.queueOffsets[i] as number,
        });
      }
      i = run.next;
    }
    return { slices, count };
  }

  /** An entry that was damaged may claim any size: memory for it is taken when the record says the same. */
  private async readRun(start: number, length: number): Promise<Buffer | undefined> {
    const { cold } = this.parts;
    const bytes = length <= largestBelieved ? await cold.read(start, length) : await this.read(start);
    return bytes?.length === length ? bytes : undefined;
  }

  /** Records to be read at once: near to each other and in one file. */
  private runFrom({ physicalOffsets, sizes }: SelectedRecords, first: number): { end: number; next: number } {
    const { segments } = this.parts.log;
    const start = physicalOffsets[first] as number;
    const base = segments.baseOf(start);
    let end = start + (sizes[first] as number);
    let next = first + 1;
    for (; next < sizes.length; next++) {
      const begin = physicalOffsets[next] as number;
      const stop = begin + (sizes[next] as number);
      if (begin < end || begin - end > largestGap || segments.baseOf(begin) !== base) break;
      // One that claims to go on behind the file shall not spoil those before it.
      if (stop - start > largestBelieved || stop > base + segments.size) break;
      end = stop;
    }
    return { end, next };
  }

  /** Cuts a run into slices. Returns how many records were whole and the ones the queue means. */
  private slice(
    bytes: Buffer,
    queue: ConsumeQueue,
    { physicalOffsets, sizes, queueOffsets }: SelectedRecords,
    first: number,
    next: number,
    slices: Buffer[],
  ): number {
    const base = physicalOffsets[first] as number;
    let sliceStart = 0;
    let sliceEnd = 0;
    let i = first;
    for (; i < next; i++) {
      const at = (physicalOffsets[i] as number) - base;
      const size = sizes[i] as number;
      if (!this.isWhole(bytes, at, base + at, size, { queue, queueOffset: queueOffsets[i] as number })) break;
      if (at !== sliceEnd) {
        slices.push(bytes.subarray(sliceStart, sliceEnd));
        sliceStart = at;
      }
      sliceEnd = at + size;
    }
    if (sliceEnd > sliceStart) slices.push(bytes.subarray(sliceStart, sliceEnd));
    return i - first;
  }

  private isWhole(bytes: Buffer, at: number, physicalOffset: number, size: number, place?: QueuePlace): boolean {
    const { segments } = this.parts.log;
    const base = segments.baseOf(physicalOffset);
    const record = scanRecord(bytes, at, physicalOffset, base + segments.size - physicalOffset);
    let damage: string | undefined;
    if (record.kind === 'damaged') damage = record.reason;
    else if (record.kind !== 'record' || record.size !== size) damage = `no record of ${size} bytes`;
    else if (place && !place.queue.topic.startsWith(lmqPrefix)) {
      const { queue, queueOffset } = place;
      if (record.queueOffset !== queueOffset || record.queueId !== queue.queueId || !record.hasTopic(queue.topicBytes))
        damage = `the record is number ${record.queueOffset} of ${record.topic}/${record.queueId}`;
    }
    if (damage === undefined) return true;
    this.report(physicalOffset, damage, place);
    return false;
  }

  private report(physicalOffset: number, damage: string, place: QueuePlace | undefined): void {
    const { segments } = this.parts.log;
    this.parts.logger.error('a damaged record of the commit log is not handed out', {
      file: segments.path(segments.baseOf(physicalOffset)),
      physicalOffset,
      ...(place && { topic: place.queue.topic, queueId: place.queue.queueId, queueOffset: place.queueOffset }),
      damage,
    });
  }
}
