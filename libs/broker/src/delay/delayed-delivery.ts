import { messageOf, type Lifecycle, type Timer } from '../../../common/src/index.js';
import { SystemTopic } from '../../../protocol/src/index.js';
import type { AppendResult } from '../../../store/src/index.js';
import type { BrokerParts } from '../parts.js';
import { DelayOffsetTable } from './delay-offset-table.js';
import { queueOfLevel } from './delayed-message.js';
import { LevelDelivery } from './level-delivery.js';

type Parts = Pick<BrokerParts, 'config' | 'clock' | 'log' | 'store' | 'stats' | 'delayLevels'>;

/** How far deliveries have come, and where the log ended then. */
interface Progress {
  readonly offsets: ReadonlyMap<number, number>;
  readonly logEnd: number;
}

/** How far the messages of a level are delivered, and where its queue ends. */
export interface LevelProgress {
  readonly level: number;
  readonly offset: number;
  readonly maxOffset: number;
}

/**
 * Delivers delayed messages: one loop a level over the queues of the delay topic. What is delivered is written down once
 * the disk has the delivered copies too, so that a power failure may let messages come twice but loses none.
 */
export class DelayedDelivery implements Lifecycle {
  private readonly table: DelayOffsetTable;
  private readonly levels = new Map<number, LevelDelivery>();
  /** Waits for the disk to have what it vouches for. */
  private unsaved: Progress | undefined;
  private timer: Timer | undefined;

  constructor(private readonly parts: Parts) {
    const { store, clock, log, stats, delayLevels } = parts;
    this.table = new DelayOffsetTable(parts);
    for (let level = 1; level <= delayLevels.highest; level++) {
      const onStored = (topic: string, { bytes, elapsed }: AppendResult): void =>
        stats.stored(topic, 1, bytes, elapsed);
      const options = { level, delay: delayLevels.delayOf(level), store, clock, log, onStored };
      this.levels.set(level, new LevelDelivery(options));
    }
    store.onArrival((topic, queueId) => {
      if (topic === SystemTopic.SCHEDULE) this.levels.get(queueId + 1)?.wake();
    });
  }

  async start(): Promise<void> {
    await this.table.load();
    for (const [level, delivery] of this.levels) delivery.start(this.table.get(level) ?? 0);
    this.timer = this.parts.clock.every(this.parts.config.flushDelayOffsetInterval, () => void this.saveSoon());
  }

  async close(): Promise<void> {
    this.timer?.cancel();
    await Promise.all([...this.levels.values()].map((delivery) => delivery.close()));
    await this.table.settled();
  }

  /** The last word, once the store has closed and flushed its log. */
  async saveLast(): Promise<void> {
    this.unsaved = undefined;
    await this.save();
  }

  progress(): LevelProgress[] {
    const { store } = this.parts;
    return [...this.levels].map(([level, { offset }]) => {
      return { level, offset, maxOffset: store.maxOffset(SystemTopic.SCHEDULE, queueOfLevel(level)) };
    });
  }

  private saveSoon(): Promise<void> {
    return this.save().catch((error: unknown) =>
      this.parts.log.error('offsets of delayed messages were not saved', { error: messageOf(error) }),
    );
  }

  private async save(): Promise<void> {
    const { flushedOffset, commitLogMaxOffset } = this.parts.store.figures();
    this.unsaved ??= { offsets: this.offsets(), logEnd: commitLogMaxOffset };
    if (this.unsaved.logEnd > flushedOffset) return;
    const { offsets } = this.unsaved;
    this.unsaved = undefined;
    await this.table.save(offsets);
  }

  private offsets(): ReadonlyMap<number, number> {
    return new Map([...this.levels].map(([level, { offset }]) => [level, offset]));
  }
}
