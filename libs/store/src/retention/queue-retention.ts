import { nextTurn, pause, type Clock, type Logger } from '../../../common/src/index.js';
import type { StoreConfig } from '../config.js';
import type { ConsumeQueue } from '../consume-queue/consume-queue.js';
import { blankUnitSize, unitPhysicalOffset, unitRecordSize, unitSize } from '../consume-queue/queue-block.js';
import type { QueueTable } from '../consume-queue/queue-table.js';

export interface QueueRetentionParts {
  readonly config: StoreConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly queues: QueueTable;
}

/** Queues looked at between two turns of the event loop. */
const queuesATurn = 1000;
/** Units read at once where a search meets blanks. */
const unitsAtOnce = 800;

interface Place {
  readonly offset: number;
  readonly physicalOffset: number;
}

/**
 * Moves the first offsets of the queues behind what the log has lost, and deletes queue files that lie wholly before
 * them. Most queues need one comparison; only those whose first message is gone are searched.
 */
export class QueueRetention {
  constructor(private readonly parts: QueueRetentionParts) {}

  /** `interval`: pause after each queue that lost files, ms. */
  async cutBefore(logMinOffset: number, interval: () => number, signal: AbortSignal): Promise<void> {
    const { queues, clock } = this.parts;
    let looked = 0;
    for (const queue of queues.all()) {
      if (signal.aborted) return;
      if (++looked % queuesATurn === 0) await nextTurn();
      if (queue.isDeleted) continue;
      if (queue.minPhysicalOffset >= logMinOffset && !queue.files.hasFilesBefore(queue.minOffset)) continue;
      const removed = await this.cut(queue, logMinOffset);
      if (removed > 0 && interval() > 0) await pause(clock, interval(), signal);
    }
    queues.alignedTo = logMinOffset;
  }

  private async cut(queue: ConsumeQueue, logMinOffset: number): Promise<number> {
    const first = await firstFrom(queue, logMinOffset);
    if (queue.isDeleted || first.offset < queue.minOffset) return 0;
    const removed = queue.expire(first.offset, first.physicalOffset);
    const { topic, queueId, minOffset } = queue;
    if (removed > 0)
      this.parts.logger.info('files of a consume queue are deleted', { topic, queueId, minOffset, removed });
    return removed;
  }
}

/** The first message at or behind a place in the log, by halving; the end of the queue when all are before. */
async function firstFrom(queue: ConsumeQueue, logMinOffset: number): Promise<Place> {
  if (queue.minPhysicalOffset >= logMinOffset && queue.minPhysicalOffset !== Infinity) {
    return { offset: queue.minOffset, physicalOffset: queue.minPhysicalOffset };
  }
  let found: Place = { offset: queue.maxOffset, physicalOffset: Infinity };
  if (queue.maxPhysicalOffset <= logMinOffset) return found;
  let low = queue.minOffset;
  let high = found.offset;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const message = await messageFrom(queue, middle, high);
    if (message === undefined) {
      high = middle;
    } else if (message.physicalOffset >= logMinOffset) {
      found = message;
      high = middle;
    } else {
      low = message.offset + 1;
    }
  }
  return found;
}

/** The first message at or behind a queue offset: places that were filled with blanks are none. */
async function messageFrom(queue: ConsumeQueue, offset: number, end: number): Promise<Place | undefined> {
  for (let at = offset, wanted = 1; at < end; wanted = unitsAtOnce) {
    const units = await queue.read(at, Math.min(wanted, end - at));
    if (units.count === 0) return undefined;
    for (let i = 0; i < units.count; i++) {
      const position = units.at + i * unitSize;
      if (unitRecordSize(units.view, position) === blankUnitSize) continue;
      return { offset: at + i, physicalOffset: unitPhysicalOffset(units.view, position) };
    }
    at += units.count;
  }
  return undefined;
}
