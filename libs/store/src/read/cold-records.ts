import type { Logger } from '../../../common/src/index.js';
import { lmqPrefix } from '../../../protocol/src/message/index.js';
import type { CommitLog } from '../commit-log/commit-log.js';
import { isRecord } from '../commit-log/record-check.js';
import { recordSizeAt, scanRecord } from '../commit-log/record-reader.js';
import type { ConsumeQueue } from '../consume-queue/consume-queue.js';
import { coldBlockSize, type ColdBlock, type ColdBlocks } from './cold-blocks.js';
import type { ColdReader } from './cold-reader.js';
import { RecordGatherer, type GatheredRecords, type SelectedRecords } from './record-gatherer.js';
import { SliceList } from './slice-list.js';

/** Records this near to each other are fetched together, with what lies around them. */
const largestGap = 16 * 1024;
/** Read first when the size of a record is not known, or too large to be believed unseen. */
const firstLook = 4096;
const largestBelieved = 1024 * 1024;

/** Where a queue says that the record belongs. */
interface QueuePlace {
  readonly queue: ConsumeQueue;
  readonly queueOffset: number;
}

export interface FetchedRecords {
  readonly slices: Buffer[];
  /** Records in the slices. */
  readonly count: number;
}

/** Bytes of the log from a physical offset on: a block, or records by themselves. */
type RecordSource = ColdBlock;

/** What was read for one selection. */
interface RecordSources {
  readonly blocks: Map<number, ColdBlock | 'loading'>;
  /** Records by themselves, by their physical offset. */
  readonly single: Map<number, Buffer>;
}

export interface ColdRecordsParts {
  readonly log: CommitLog;
  readonly cold: ColdReader;
  readonly coldBlocks: ColdBlocks;
  readonly logger: Logger;
}

/**
 * Records from the files of the log, each looked at before it is handed out: what a disk gives back years later need not
 * be what was written. A damaged one is named in the log, and not handed out.
 */
export class ColdRecords {
  private gatherer: RecordGatherer | undefined;

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

  /**
   * The first records of a selection, up to one that is gone or damaged, as slices with adjacent ones together; they are
   * valid until the end of the turn. Waits only when something has to be read.
   */
  fetch(queue: ConsumeQueue, selected: SelectedRecords): FetchedRecords | Promise<FetchedRecords> {
    const sources: RecordSources = { blocks: new Map(), single: new Map() };
    const loads: Promise<void>[] = [];
    let held: ColdBlock | undefined;
    for (let i = 0; i < selected.sizes.length; i++) {
      if (held && isWithin(held, selected.physicalOffsets[i] as number, selected.sizes[i] as number)) continue;
      held = undefined;
      if (this.isNearOthers(selected, i)) held = this.holdBlocks(selected, i, sources, loads);
      else loads.push(this.loadSingle(selected, i, sources));
    }
    if (loads.length === 0) return this.sliceAndRelease(queue, selected, sources);
    // One, as a rule: the first pull that comes into a new block.
    return (loads.length === 1 ? (loads[0] as Promise<void>) : Promise.all(loads)).then(
      () => this.sliceAndRelease(queue, selected, sources),
      async (error: unknown) => {
        await Promise.allSettled(loads);
        this.release(sources);
        throw error;
      },
    );
  }

  /** Worth reading what lies around it: others of this selection do. One that claims to go on behind its file never is. */
  private isNearOthers({ physicalOffsets, sizes }: SelectedRecords, i: number): boolean {
    const { segments } = this.parts.log;
    const start = physicalOffsets[i] as number;
    const size = sizes[i] as number;
    if (size > largestBelieved || start + size > segments.baseOf(start) + segments.size) return false;
    const before = i === 0 ? -Infinity : (physicalOffsets[i - 1] as number) + (sizes[i - 1] as number);
    const behind = physicalOffsets[i + 1] ?? Infinity;
    return distance(before, start) <= largestGap || distance(start + size, behind) <= largestGap;
  }

  /** Notes the blocks the record lies in, and begins to read those that are not in memory. Returns the last one. */
  private holdBlocks(
    selected: SelectedRecords,
    i: number,
    { blocks }: RecordSources,
    loads: Promise<void>[],
  ): ColdBlock | undefined {
    const { coldBlocks } = this.parts;
    const start = selected.physicalOffsets[i] as number;
    const end = start + (selected.sizes[i] as number);
    let last: ColdBlock | undefined;
    for (let base = coldBlocks.baseOf(start); base < end; base += coldBlockSize) {
      const length = Math.min(end - base, coldBlockSize);
      const held = blocks.get(base);
      if (held === 'loading' || (held && held.bytes.length >= length)) continue;
      if (held) coldBlocks.release(held);
      last = coldBlocks.take(base, length);
      blocks.set(base, last ?? 'loading');
      if (last) continue;
      loads.push(
        coldBlocks.load(base).then((loaded) => {
          if (loaded) blocks.set(base, loaded);
          else blocks.delete(base);
        }),
      );
    }
    return last;
  }

  private release({ blocks }: RecordSources): void {
    for (const block of blocks.values()) if (block !== 'loading') this.parts.coldBlocks.release(block);
  }

  private sliceAndRelease(queue: ConsumeQueue, selected: SelectedRecords, sources: RecordSources): FetchedRecords {
    const fetched = this.slice(queue, selected, sources);
    this.release(sources);
    return fetched;
  }

  /** An entry that was damaged may claim any size: memory for it is taken when the record says the same. */
  private async loadSingle({ physicalOffsets, sizes }: SelectedRecords, i: number, sources: RecordSources) {
    const start = physicalOffsets[i] as number;
    const size = sizes[i] as number;
    const bytes = size <= largestBelieved ? await this.parts.cold.read(start, size) : await this.read(start);
    if (bytes?.length === size) sources.single.set(start, bytes);
  }

  /** Cuts the records out of what was read. Ends before the first that is not whole, or not the one the queue means. */
  private slice(queue: ConsumeQueue, selected: SelectedRecords, sources: RecordSources): FetchedRecords {
    const { physicalOffsets, sizes, queueOffsets } = selected;
    const place = queue.topic.startsWith(lmqPrefix) ? undefined : queue;
    const slices = new SliceList();
    let source: RecordSource | undefined;
    let count = 0;
    while (count < sizes.length) {
      const start = physicalOffsets[count] as number;
      const size = sizes[count] as number;
      const queueOffset = queueOffsets[count] as number;
      if (!source || !isWithin(source, start, size)) source = this.locate(start, size, sources);
      if (!source) {
        if (start >= this.parts.log.minOffset) this.report(start, `no record of ${size} bytes`, { queue, queueOffset });
        break;
      }
      let sound = source.isProven ? sizes.length - count : countRecords(source, selected, count, place);
      const gathered = this.gather(source, selected, count, sound, place);
      if (gathered) {
        slices.add(gathered.bytes, 0, gathered.bytes.length);
        count += gathered.count;
        continue;
      }
      if (source.isProven) sound = countRecords(source, selected, count, place);
      if (sound === 0) {
        if (!this.isWhole(source.bytes, start - source.base, start, size, { queue, queueOffset })) {
          this.forget(start, size);
          break;
        }
        sound = 1;
      }
      for (const end = count + sound; count < end; count++) {
        const at = (physicalOffsets[count] as number) - source.base;
        slices.add(source.bytes, at, at + (sizes[count] as number));
      }
    }
    return { slices: slices.all(), count };
  }

  /** At most `most` of the next records, when they are known to be whole: all that is left to ask is which they are. */
  private gather(
    block: ColdBlock,
    selected: SelectedRecords,
    from: number,
    most: number,
    place: ConsumeQueue | undefined,
  ): GatheredRecords | undefined {
    const { memory } = this.parts.coldBlocks;
    if (most === 0 || !memory.has(block.bytes)) return undefined;
    this.gatherer ??= new RecordGatherer(memory);
    return this.gatherer.gather(block, selected, from, most, place);
  }

  /** Memory with a whole record; one that lies across blocks is put together. */
  private locate(start: number, size: number, sources: RecordSources): RecordSource | undefined {
    const single = sources.single.get(start);
    if (single) return { base: start, bytes: single, isProven: false };
    const parts: Buffer[] = [];
    const end = start + size;
    for (let base = this.parts.coldBlocks.baseOf(start); base < end; base += coldBlockSize) {
      const block = sources.blocks.get(base);
      if (block === undefined || block === 'loading') return undefined;
      if (isWithin(block, start, size)) return block;
      const stop = Math.min(end - base, coldBlockSize);
      if (block.bytes.length < stop) return undefined;
      parts.push(block.bytes.subarray(Math.max(start - base, 0), stop));
    }
    return { base: start, bytes: Buffer.concat(parts), isProven: false };
  }

  private forget(start: number, size: number): void {
    const { coldBlocks } = this.parts;
    coldBlocks.forget(coldBlocks.baseOf(start));
    coldBlocks.forget(coldBlocks.baseOf(start + size - 1));
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

/** How many records from number `from` on lie in the source, and are whole and what the queue means at the first look. */
function countRecords(
  source: RecordSource,
  { physicalOffsets, sizes, queueOffsets }: SelectedRecords,
  from: number,
  place: ConsumeQueue | undefined,
): number {
  const { base, bytes } = source;
  let i = from;
  for (; i < sizes.length; i++) {
    const start = physicalOffsets[i] as number;
    const size = sizes[i] as number;
    if (!isWithin(source, start, size)) break;
    if (!isRecord(bytes, start - base, size, start, place, queueOffsets[i] as number)) break;
  }
  return i - from;
}

/** Of a byte from the end of what lies before it; a record that lies before what it follows is near to nothing. */
function distance(end: number, start: number): number {
  return start < end ? Infinity : start - end;
}

function isWithin({ base, bytes }: RecordSource, start: number, size: number): boolean {
  return start >= base && start + size <= base + bytes.length;
}
