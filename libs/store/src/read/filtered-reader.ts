import type { StoreConfig } from '../config.js';
import type { GetRequest, GetResult } from '../contract.js';
import type { MessageReader } from './message-reader.js';

type Limits = Pick<StoreConfig, 'maxTransferCountOnMessageInMemory' | 'maxTransferBytesOnMessageInMemory'>;
type RecordMatch = (record: Buffer) => boolean;

/** Messages looked at for one request: Java's limit, maxFilterMessageSize, in entries of a consume queue. */
const mostLookedAt = 800;

/**
 * Reads with a filter that needs the records: takes them from the reader as others do, a few at a time, and hands out
 * those that match. What the reader does for everybody else knows nothing of it.
 */
export class FilteredReader {
  constructor(
    private readonly config: Limits,
    private readonly reader: Pick<MessageReader, 'get'>,
  ) {}

  /** As long as the reader has all in memory, at once. */
  get(request: GetRequest, matches: RecordMatch): GetResult | Promise<GetResult> {
    // What the request has room for says nothing of how many are looked at.
    const steps = { ...request, maxMessages: this.config.maxTransferCountOnMessageInMemory, maxBytes: Infinity };
    return this.goOn(new Collection(request, this.config, matches), steps);
  }

  private goOn(collection: Collection, steps: GetRequest): GetResult | Promise<GetResult> {
    for (;;) {
      const step = this.reader.get({ ...steps, offset: collection.nextOffset });
      if ('then' in step) {
        return step.then((found) => (collection.take(found) ? collection.result : this.goOn(collection, steps)));
      }
      if (collection.take(step)) return collection.result;
    }
  }
}

class Collection {
  nextOffset: number;
  private readonly slices: Buffer[] = [];
  private readonly queueOffsets: number[] = [];
  private readonly maxMessages: number;
  private readonly maxBytes: number;
  private readonly stop: number;
  private bytes = 0;
  /** Of what was read last; undefined before. */
  private last: GetResult | undefined;

  constructor(
    { offset, maxMessages, maxBytes = Infinity }: GetRequest,
    limits: Limits,
    private readonly matches: RecordMatch,
  ) {
    this.nextOffset = offset;
    this.stop = offset + mostLookedAt;
    this.maxMessages = Math.min(maxMessages, limits.maxTransferCountOnMessageInMemory);
    this.maxBytes = Math.min(maxBytes, limits.maxTransferBytesOnMessageInMemory);
  }

  /** Picks the messages of one step. True when the request is answered with what is here. */
  take(step: GetResult): boolean {
    const isFirst = this.last === undefined;
    // An end that only a later step met is none: the offsets before it were looked at.
    this.last = isFirst || step.status === 'FOUND' ? step : { ...step, status: 'NO_MATCHED_MESSAGE' };
    if (step.status !== 'FOUND') {
      this.nextOffset = step.nextBeginOffset;
      return true;
    }
    let place = 0;
    for (const slice of step.slices) {
      for (let at = 0; at < slice.length; place++) {
        const record = slice.subarray(at, at + slice.readInt32BE(at));
        at += record.length;
        const offset = step.queueOffsets[place] as number;
        // As in Java, the message behind the last one that had room is not asked about.
        if (this.isFullFor(record)) {
          this.nextOffset = offset;
          return true;
        }
        if (this.matches(record)) this.add(record, offset, step.isLasting);
      }
    }
    this.nextOffset = step.nextBeginOffset;
    return this.slices.length >= this.maxMessages || this.nextOffset >= this.stop || this.nextOffset >= step.maxOffset;
  }

  /** With no message that matches, what the last step says of the queue stays. */
  get result(): GetResult {
    const last = this.last as GetResult;
    const isFound = this.slices.length > 0;
    return {
      ...last,
      status: isFound ? 'FOUND' : last.status === 'FOUND' ? 'NO_MATCHED_MESSAGE' : last.status,
      nextBeginOffset: this.nextOffset,
      slices: this.slices,
      isLasting: true,
      messageCount: this.slices.length,
      bytes: this.bytes,
      queueOffsets: this.queueOffsets,
    };
  }

  private isFullFor({ length }: Buffer): boolean {
    const count = this.slices.length;
    return count > 0 && (count >= this.maxMessages || this.bytes + length > this.maxBytes);
  }

  /** Bytes that others will take over are copied: more steps may follow. */
  private add(record: Buffer, offset: number, isLasting: boolean): void {
    this.slices.push(isLasting ? record : Buffer.from(record));
    this.queueOffsets.push(offset);
    this.bytes += record.length;
  }
}
