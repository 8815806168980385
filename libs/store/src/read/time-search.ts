import type { CommitLog } from '../commit-log/commit-log.js';
import { readInt64, recordSizeAt, storeTimestampAt, storeTimestampPrefix } from '../commit-log/record-reader.js';
import { RecordOffset } from '../../../protocol/src/message/index.js';
import type { ColdReader } from './cold-reader.js';
import type { ConsumeQueue } from '../consume-queue/consume-queue.js';
import { blankUnitSize, unitPhysicalOffset, unitRecordSize } from '../consume-queue/queue-block.js';

/** Store times by queue offset. The time is in the record, so each look is one at the queue and one at the log. */
export class TimeSearch {
  constructor(
    private readonly log: CommitLog,
    private readonly cold: ColdReader,
  ) {}

  /** -1 when there is no such message any more, or not yet. */
  storeTime(queue: ConsumeQueue, offset: number): number | Promise<number> {
    if (!Number.isSafeInteger(offset) || offset < queue.minOffset || offset >= queue.maxOffset) return -1;
    const span = queue.span(offset);
    if (!span) return this.storeTimeCold(queue, offset);
    const size = unitRecordSize(span.view, span.at);
    return size === blankUnitSize ? -1 : this.recordTime(unitPhysicalOffset(span.view, span.at));
  }

  /** Store time in the record at a physical offset, -1 when none is there. */
  recordTime(physicalOffset: number): number | Promise<number> {
    const chunk = this.log.peek(physicalOffset);
    if (chunk) return timeIn(chunk.bytes, physicalOffset - chunk.base, physicalOffset);
    return this.cold
      .read(physicalOffset, storeTimestampPrefix + 32)
      .then((bytes) => (bytes ? timeIn(bytes, 0, physicalOffset) : -1));
  }

  /**
   * Where `timestamp` is in the queue. `lower`: the first message stored at that time or later, the next offset when
   * there is none. `upper`: the last one stored at that time or before, 0 when there is none. As in 5.x; 4.9 knows no
   * boundary and takes the nearer of the two neighbours.
   */
  async offsetAt(queue: ConsumeQueue, timestamp: number, boundary: 'lower' | 'upper'): Promise<number> {
    const { minOffset, maxOffset } = queue;
    let low = minOffset;
    let high = maxOffset;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const time = await this.storeTime(queue, middle);
      const isBefore = boundary === 'lower' ? time < timestamp : time <= timestamp;
      if (isBefore) low = middle + 1;
      else high = middle;
    }
    if (boundary === 'lower') return low;
    return low === minOffset ? 0 : low - 1;
  }

  private async storeTimeCold(queue: ConsumeQueue, offset: number): Promise<number> {
    const { view, at, count } = await queue.read(offset, 1);
    if (count === 0 || unitRecordSize(view, at) === blankUnitSize) return -1;
    return this.recordTime(unitPhysicalOffset(view, at));
  }
}

function timeIn(bytes: Buffer, at: number, physicalOffset: number): number {
  if (recordSizeAt(bytes, at, physicalOffset) === 0) return -1;
  return readInt64(bytes, at + storeTimestampAt(bytes.readInt32BE(at + RecordOffset.SYS_FLAG)));
}
