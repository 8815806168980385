import type { ConsumeQueue } from '../consume-queue/consume-queue.js';
import { unitPhysicalOffset, unitRecordSize, unitSize, unitTagsCode } from '../consume-queue/queue-block.js';
import type { QueueUnit } from '../contract.js';

/** The entries from a queue offset on, as they stand in the queue; empty outside of it. */
export async function readUnits(queue: ConsumeQueue, from: number, count: number): Promise<QueueUnit[]> {
  if (!Number.isSafeInteger(from) || from < queue.minOffset || from >= queue.maxOffset) return [];
  const { view, at, count: found } = await queue.read(from, count);
  return Array.from({ length: found }, (_, i) => {
    const position = at + i * unitSize;
    return {
      physicalOffset: unitPhysicalOffset(view, position),
      size: unitRecordSize(view, position),
      tagsCode: unitTagsCode(view, position),
    };
  });
}

/** The same, with what consumequeue_ext has of each. */
export async function readExtendedUnits(queue: ConsumeQueue, from: number, count: number): Promise<QueueUnit[]> {
  const units = await readUnits(queue, from, count);
  if (!queue.hasExtension) return units;
  const extended: QueueUnit[] = [];
  for (const [i, unit] of units.entries()) {
    const extension = await queue.extensionOf(from + i);
    extended.push(extension === undefined ? unit : { ...unit, extension });
  }
  return extended;
}
