/*
 * HOT PATH (pull of old messages). Copies each record once, in WebAssembly: to make a view of each and copy that takes longer
 * than its bytes do. Allocates one view a call. Benchmark: pull.
 */
import type { QueuePlace } from '../commit-log/record-check.js';
import type { BlockMemory } from './block-memory.js';
import { gatherRecordsModule } from './gather-records.wasm.js';

/** See libs/store/wasm/gather-records.ts. */
type Gather = (
  list: number,
  count: number,
  block: number,
  length: number,
  base: number,
  queueId: number,
  topic: number,
  topicLength: number,
  out: number,
) => number;

/** The scratch memory: a topic's name, the list of records, and what was gathered in this turn. */
const topicAt = 0;
const longestTopic = 127;
const listAt = 128;
const entrySize = 16;
const longestList = 1024;
const outAt = listAt + longestList * entrySize;

/** A block in the module's memory. */
export interface GatherSource {
  readonly base: number;
  readonly bytes: Buffer;
}

/** Records of a queue, in its order. */
export interface SelectedRecords {
  readonly physicalOffsets: readonly number[];
  readonly sizes: readonly number[];
  readonly queueOffsets: readonly number[];
}

export interface GatheredRecords {
  /** One record behind the other; valid until the end of the turn. */
  readonly bytes: Buffer;
  readonly count: number;
}

export class RecordGatherer {
  private readonly topic: Uint8Array;
  /** The list twice over: two int32 and a float64 an entry. */
  private readonly ints: Int32Array;
  private readonly floats: Float64Array;
  private readonly out: Buffer;
  private readonly gatherRecords: Gather;
  private used = 0;
  private readonly reuse = (): void => void (this.used = 0);

  /** @param blocks of which one was taken that the module sees */
  constructor({ memory, scratchSize }: BlockMemory) {
    if (!memory) throw new Error('no memory that a module could see');
    const module = new WebAssembly.Module(Buffer.from(gatherRecordsModule, 'base64'));
    const { gather } = new WebAssembly.Instance(module, { env: { memory } }).exports;
    this.gatherRecords = gather as Gather;
    const { buffer } = memory;
    this.topic = new Uint8Array(buffer, topicAt, longestTopic);
    this.ints = new Int32Array(buffer, listAt, (longestList * entrySize) / 4);
    this.floats = new Float64Array(buffer, listAt, (longestList * entrySize) / 8);
    this.out = Buffer.from(buffer, outAt, scratchSize - outAt);
  }

  /**
   * The records from number `from` of a selection on, `most` at most, as many as lie in the source and are plainly what the
   * queue means. Undefined when the first is not, or there is no room left in this turn.
   *
   * @param place undefined: whatever queue they belong to
   */
  gather(
    { base, bytes }: GatherSource,
    selected: SelectedRecords,
    from: number,
    most: number,
    place: QueuePlace | undefined,
  ): GatheredRecords | undefined {
    const topicLength = place ? place.topicBytes.length : 0;
    if (topicLength > longestTopic) return undefined;
    const listed = this.list(selected, from, most, base, base + bytes.length);
    if (listed === 0) return undefined;
    if (place) this.topic.set(place.topicBytes);
    const { used } = this;
    const block = bytes.byteOffset;
    const queueId = place ? place.queueId : 0;
    const out = outAt + used;
    const count = this.gatherRecords(listAt, listed, block, bytes.length, base, queueId, topicAt, topicLength, out);
    if (count === 0) return undefined;
    let length = 0;
    for (let i = from; i < from + count; i++) length += selected.sizes[i] as number;
    if (used === 0) setImmediate(this.reuse);
    this.used += length;
    return { bytes: this.out.subarray(used, used + length), count };
  }

  /** Lists the next records as far as they lie in [base, end) and there is room for them. Returns how many. */
  private list(selected: SelectedRecords, from: number, most: number, base: number, end: number): number {
    const { physicalOffsets, sizes, queueOffsets } = selected;
    const { ints, floats } = this;
    const last = Math.min(sizes.length - from, most, longestList);
    let room = this.out.length - this.used;
    for (let count = 0; count < last; count++) {
      const start = physicalOffsets[from + count] as number;
      const size = sizes[from + count] as number;
      room -= size;
      if (start < base || start + size > end || room < 0) return count;
      ints[count * 4] = start - base;
      ints[count * 4 + 1] = size;
      floats[count * 2 + 1] = queueOffsets[from + count] as number;
    }
    return last;
  }
}
