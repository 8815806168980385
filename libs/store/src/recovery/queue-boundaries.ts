import type { ConsumeQueue } from '../consume-queue/consume-queue.js';
import { blankUnitSize, unitPhysicalOffset, unitRecordSize, unitSize } from '../consume-queue/queue-block.js';

/**
 * Whether the first and the last unit of each file of a queue are in the order of the log: a file that lost its bytes,
 * or stands in the place of another, shows there. Costs two small reads for each file but the last.
 */
export function boundariesInOrder({ files, maxOffset }: ConsumeQueue): boolean {
  const bytes = Buffer.alloc(unitSize);
  const view = new DataView(bytes.buffer, bytes.byteOffset, unitSize);
  let last = -1;
  const isNext = (offset: number): boolean => {
    if (files.readSync(offset, bytes) < unitSize) return false;
    const size = unitRecordSize(view, 0);
    if (size === blankUnitSize) return last < 0;
    const physicalOffset = unitPhysicalOffset(view, 0);
    if (size <= 0 || physicalOffset <= last) return false;
    last = physicalOffset;
    return true;
  };
  let first = files.firstOffset;
  for (let next = files.nextFileOffset(first); next < maxOffset; first = next, next = files.nextFileOffset(first)) {
    if (!isNext(first) || !isNext(next - 1)) return false;
  }
  return last < 0 || isNext(first);
}
