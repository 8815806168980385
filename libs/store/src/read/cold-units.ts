import type { ConsumeQueue, UnitSpan } from '../consume-queue/consume-queue.js';
import { unitSize } from '../consume-queue/queue-block.js';
import { RetiredMemory } from './retired-memory.js';

/** Units read at once, 20 KiB: some thirty pulls. */
const windowUnits = 1024;
/** Queues with a window in memory. */
const largestCount = 128;
/** Pieces of memory that wait for the next window. */
const largestSpare = 16;

interface UnitWindow extends UnitSpan {
  /** Queue offset of the first unit. */
  readonly first: number;
  readonly memory: Buffer;
}

/**
 * Units of old messages, as read last from the files of each queue. Memory of windows that went is used again, as that of
 * blocks is: what lies outside of the heap makes the collector go through all of it.
 */
export class ColdUnits {
  /** The one used longest ago first. */
  private readonly windows = new Map<ConsumeQueue, UnitWindow>();
  private readonly spare: Buffer[] = [];
  /** Of windows that were replaced in this turn: somebody may be looking at them. */
  private readonly retired = new RetiredMemory((memory) => {
    if (this.spare.length < largestSpare) this.spare.push(memory);
  });

  constructor(
    /** False: every read asks the files. */
    private readonly isKept: boolean,
  ) {}

  /** The units from `offset` on, when they are in memory; to be looked at in this turn. */
  find(queue: ConsumeQueue, offset: number): UnitSpan | undefined {
    const window = this.windows.get(queue);
    return window && spanOf(window, offset);
  }

  /** Reads at least `count` units from `offset` on, or what there is; to be looked at in the turn they are there. */
  async load(queue: ConsumeQueue, offset: number, count: number): Promise<UnitSpan> {
    if (!this.isKept || count > windowUnits) return queue.read(offset, count);
    const memory = this.spare.pop() ?? Buffer.alloc(windowUnits * unitSize);
    const { view, count: found } = await queue.read(offset, windowUnits, memory);
    const window = { first: offset, view, at: 0, count: found, memory };
    if (found > 0 && !queue.isDeleted) this.keep(queue, window);
    else this.retired.add(window.memory);
    return window;
  }

  /** An entry in it leads nowhere: the next one who asks shall see what the file says then. */
  forget(queue: ConsumeQueue): void {
    const window = this.windows.get(queue);
    if (!window) return;
    this.windows.delete(queue);
    this.retired.add(window.memory);
  }

  private keep(queue: ConsumeQueue, window: UnitWindow): void {
    this.forget(queue);
    this.windows.set(queue, window);
    for (const oldest of this.windows.keys()) {
      if (this.windows.size <= largestCount) return;
      this.forget(oldest);
    }
  }
}

function spanOf({ first, view, count }: UnitWindow, offset: number): UnitSpan | undefined {
  const skip = offset - first;
  return skip >= 0 && skip < count ? { view, at: skip * unitSize, count: count - skip } : undefined;
}
