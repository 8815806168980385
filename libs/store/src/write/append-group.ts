import type { AppendResult, AppendStatus } from '../contract.js';
import type { ConsumeQueue } from '../consume-queue/consume-queue.js';

/** One append under way; becomes its own result. */
export class PendingAppend implements AppendResult {
  status: AppendStatus = 'OK';
  reason = '';
  elapsed = 0;
  isAnswered = false;
  /** Of a batch; a single message has none and makes its list when asked. */
  private offsets: readonly number[] | undefined;

  constructor(
    public physicalOffset: number,
    public queueOffset: number,
    public storeTimestamp: number,
    readonly bytes: number,
    readonly waitForFlush: boolean,
    readonly done: (result: AppendResult) => void,
  ) {}

  get physicalOffsets(): readonly number[] {
    this.offsets ??= this.physicalOffset < 0 ? [] : [this.physicalOffset];
    return this.offsets;
  }

  setPhysicalOffsets(offsets: readonly number[]): void {
    this.offsets = offsets;
  }
}

/**
 * Appends of one tick, written with one call: what the queues learn of them, and whom to answer. The lists of units keep
 * their memory from group to group: V8 gives that of an emptied array away, and growing it anew costs more than filling it.
 */
export class AppendGroup {
  readonly appends: PendingAppend[] = [];
  /** Of the lists below, how much belongs to this group. */
  units = 0;
  readonly queues: ConsumeQueue[] = [];
  readonly physicalOffsets: number[] = [];
  readonly sizes: number[] = [];
  readonly tagsCodes: number[] = [];
  /** Physical offset behind the last record. */
  end = 0;
  storeTimestamp = 0;
  /** Monotonic time of the first append. */
  startedAt = 0;
  /** Milliseconds from the first append to the last answers. */
  elapsed = 0;
  cancelTimeout: (() => void) | undefined;

  addUnit(queue: ConsumeQueue, physicalOffset: number, size: number, tagsCode: number): void {
    const unit = this.units++;
    this.queues[unit] = queue;
    this.physicalOffsets[unit] = physicalOffset;
    this.sizes[unit] = size;
    this.tagsCodes[unit] = tagsCode;
  }

  clear(): void {
    this.cancelTimeout = undefined;
    this.appends.length = 0;
    this.units = 0;
  }
}
