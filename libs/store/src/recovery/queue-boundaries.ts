import type { ConsumeQueue } from '../consume-queue/consume-queue.js';
import { blankUnitSize } from '../consume-queue/queue-block.js';
import type { UnitReader } from './queue-recovery.js';

/**
 * Whether the first and the last unit of each file of a queue are in the order of the log: a file that lost its bytes,
 * or stands in the place of another, shows there. Costs two small reads for each file but the last.
 */
export function boundariesInOrder(queue: ConsumeQueue, unit: UnitReader): boolean {
  const { files, maxOffset } = queue;
  unit.lookInto(files);
  if (!expiredInOrder(queue, unit)) return false;
  let first = files.firstOffset;
  let next = files.nextFileOffset(first);
  if (next >= maxOffset) return true;
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

/** Whether the entry before the first message is one of an expired message, or none, and not a damaged one. */
function expiredInOrder({ files, minOffset }: ConsumeQueue, unit: UnitReader): boolean {
  const at = minOffset - 1;
  if (at < files.firstOffset || !unit.read(at) || unit.size === blankUnitSize) return true;
  const { physicalOffset } = unit;
  if (physicalOffset < 0) return false;
  return (
    at === files.firstOffset ||
    !unit.read(at - 1) ||
    unit.size === blankUnitSize ||
    unit.physicalOffset < physicalOffset
  );
}
