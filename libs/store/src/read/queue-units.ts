import type { ConsumeQueue } from '../consume-queue/consume-queue.js';
import { unitPhysicalOffset, unitRecordSize, unitSize, unitTagsCode } from '../consume-queue/queue-block.js';
import type { QueueUnit } from '../contract.js';

/** The entries from a queue offset on, as they stand in the queue; empty outside of it. */
export async function readUnits(queue: ConsumeQueue, from: number, count: number): Promise<QueueUnit[]> {
  if (!Number.isSafeInteger(from) || from < queue.minOffset || from >= queue.maxOffset) return [];
  const { view, at, count: found } = await queue.read(from, count);
  const units: QueueUnit[] = [];
  for (let i = 0; i < found; i++) {
    const position = at + i * unitSize;
    const extension = await queue.extensionOf(from + i);
    units.push({
      physicalOffset: unitPhysicalOffset(view, position),
      size: unitRecordSize(view, position),
      tagsCode: unitTagsCode(view, position),
      ...(extension === undefined ? {} : { extension }),
    });
  }
  return units;
}
