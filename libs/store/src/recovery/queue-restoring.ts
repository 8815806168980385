import type { Logger } from '../../../common/src/index.js';
import type { ConsumeQueue } from '../consume-queue/consume-queue.js';

/** What recovery found in the log, for a queue. */
export interface FoundUnit {
  readonly queueOffset: number;
  readonly physicalOffset: number;
  readonly size: number;
  readonly tagsCode: number;
  readonly storeTimestamp: number;
}

/**
 * Gives the records that recovery finds to their queues, by the offsets they carry. Nothing in a record vouches for that
 * number (see docs/store.md), so one that was given before is believed only when another record bears it out: the one
 * behind it goes on from there (the queue began anew), or the one before it left a hole of just that size.
 */
export class QueueRestoring {
  private readonly suspects = new Map<ConsumeQueue, FoundUnit>();
  /** Where a queue was when the last record of it went further ahead. */
  private readonly jumps = new Map<ConsumeQueue, number>();

  constructor(
    private readonly logger: Logger,
    private readonly fileOf: (physicalOffset: number) => string,
  ) {}

  take(queue: ConsumeQueue, found: FoundUnit): void {
    this.settle(queue, found.queueOffset);
    const { queueOffset } = found;
    const jumpedFrom = this.jumps.get(queue);
    this.jumps.delete(queue);
    if (queueOffset > 0 && queueOffset < queue.maxOffset && queueOffset - 1 !== jumpedFrom) {
      this.suspects.set(queue, found);
      return;
    }
    if (queueOffset > queue.maxOffset && queue.maxOffset > queue.minOffset) this.jumps.set(queue, queue.maxOffset);
    restore(queue, found);
  }

  /** No record follows. */
  end(): void {
    for (const queue of [...this.suspects.keys()]) this.settle(queue, undefined);
  }

  /** @param next the offset of the record of the same queue that follows */
  private settle(queue: ConsumeQueue, next: number | undefined): void {
    const suspect = this.suspects.get(queue);
    if (suspect === undefined) return;
    this.suspects.delete(queue);
    const { physicalOffset, queueOffset } = suspect;
    if (next === queueOffset + 1) return restore(queue, suspect);
    this.logger.error('a record of the commit log is in no queue: the queue offset in it belongs to another one', {
      file: this.fileOf(physicalOffset),
      physicalOffset,
      topic: queue.topic,
      queueId: queue.queueId,
      queueOffset,
    });
  }
}

function restore(
  queue: ConsumeQueue,
  { queueOffset, physicalOffset, size, tagsCode, storeTimestamp }: FoundUnit,
): void {
  queue.restore(queueOffset, physicalOffset, size, tagsCode, storeTimestamp);
}
