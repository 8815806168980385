import type { ConsumeQueue } from '../consume-queue/consume-queue.js';
import { blankUnitSize } from '../consume-queue/queue-block.js';
import type { UnitReader } from './queue-recovery.js';

/**
 * Whether the first and the last unit of each file of a queue are in the order of the log: a file that lost its bytes,
 * or stands in the place of another, shows there. Costs two small reads for each file but the last.
 */
export function boundariesInOrder({ files, maxOffset }: ConsumeQueue, unit: UnitReader): boolean {
  let first = files.firstOffset;
  let next = files.nextFileOffset(first);
  if (next >= maxOffset) return true;
  unit.lookInto(files);
  let last = -1;
  const isNext = (offset: number): boolean => {
    if (!unit.read(offset)) return false;
    // Blanks stand before the first message only.
    if (unit.size === blankUnitSize) return last < 0;
    if (unit.size <= 0 || unit.physicalOffset <= last) return false;
    last = unit.physicalOffset;
    return true;
  };
  for (; next < maxOffset; first = next, next = files.nextFileOffset(first)) {
    if (!isNext(first) || !isNext(next - 1)) return false;
  }
  return isNext(first);
}
