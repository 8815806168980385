import type { ConsumeQueue, UnitSpan } from '../consume-queue/consume-queue.js';
import { unitSize } from '../consume-queue/queue-block.js';

/** Units read at once, 20 KiB: some thirty pulls. */
const windowUnits = 1024;
/** Queues with a window in memory. */
const largestCount = 128;

interface UnitWindow extends UnitSpan {
  /** Queue offset of the first unit. */
  readonly first: number;
}

/** Units of old messages, as read last from the files of each queue. */
export class ColdUnits {
  /** The one used longest ago first. */
  private readonly windows = new Map<ConsumeQueue, UnitWindow>();

  constructor(
    /** False: every read asks the files. */
    private readonly isKept: boolean,
  ) {}

  /** The units from `offset` on, when they are in memory. */
  find(queue: ConsumeQueue, offset: number): UnitSpan | undefined {
    const window = this.windows.get(queue);
    return window && spanOf(window, offset);
  }

  /** Reads at least `count` units from `offset` on, or what there is. */
  async load(queue: ConsumeQueue, offset: number, count: number): Promise<UnitSpan> {
    const { view, count: found } = await queue.read(offset, this.isKept ? Math.max(count, windowUnits) : count);
    const window = { first: offset, view, at: 0, count: found };
    if (this.isKept && found > 0 && !queue.isDeleted) this.keep(queue, window);
    return window;
  }

  /** An entry in it leads nowhere: the next one who asks shall see what the file says then. */
  forget(queue: ConsumeQueue): void {
    this.windows.delete(queue);
  }

  private keep(queue: ConsumeQueue, window: UnitWindow): void {
    this.windows.delete(queue);
    this.windows.set(queue, window);
    for (const oldest of this.windows.keys()) {
      if (this.windows.size <= largestCount) return;
      this.windows.delete(oldest);
    }
  }
}

function spanOf({ first, view, count }: UnitWindow, offset: number): UnitSpan | undefined {
  const skip = offset - first;
  return skip >= 0 && skip < count ? { view, at: skip * unitSize, count: count - skip } : undefined;
}
