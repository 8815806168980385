import { messageOf, type Clock } from '../../../common/src/index.js';
import type { CommitLog } from '../commit-log/commit-log.js';
import type { QueueTable } from '../consume-queue/queue-table.js';
import type { Dispatcher } from '../write/dispatcher.js';
import type { LogFlusher } from '../write/log-flusher.js';
import type { Checkpoint } from './checkpoint.js';

export interface QueueFlusherParts {
  readonly clock: Clock;
  readonly log: CommitLog;
  readonly queues: QueueTable;
  readonly dispatcher: Dispatcher;
  readonly logFlusher: LogFlusher;
  readonly checkpoint: Checkpoint;
  readonly onError: (reason: string) => void;
}

/** Queues stored between two turns of the event loop. */
const queuesATurn = 64;

/**
 * Stores the consume queues in the background. Cheap part: units go to the kernel, and memory nobody needs is given
 * back. Dear part: everything goes to the disk and the checkpoint moves, which is where recovery will begin.
 */
export class QueueFlusher {
  private running: Promise<void> | undefined;
  private failed = false;
  private nextCheckpointAt = 0;

  constructor(private readonly parts: QueueFlusherParts) {}

  /** One background turn; skipped while the last one runs. */
  turn(checkpointInterval: number): void {
    if (this.running || this.failed) return;
    const { clock } = this.parts;
    const isDue = clock.monotonic() >= this.nextCheckpointAt;
    const startedAt = clock.monotonic();
    this.running = (isDue ? this.checkpoint() : this.store()).then(() => {
      // Many queues make it slow: then it comes less often.
      const now = clock.monotonic();
      if (isDue) this.nextCheckpointAt = now + Math.max(checkpointInterval, (now - startedAt) * 10);
    });
    this.running = this.running.catch((error: unknown) => this.fail(error)).finally(() => (this.running = undefined));
  }

  /** Stores and makes durable everything dispatched so far. False after an error. */
  async flush(): Promise<boolean> {
    while (this.running) await this.running;
    if (this.failed) return false;
    this.running = this.checkpoint()
      .catch((error: unknown) => this.fail(error))
      .finally(() => (this.running = undefined));
    await this.running;
    return !this.failed;
  }

  private async store(): Promise<void> {
    const { queues, log } = this.parts;
    let done = 0;
    for (const queue of queues.all()) {
      if (!queue.hasMemory || queue.isDeleted) continue;
      if (queue.isDirty) {
        queue.store();
        if (++done % queuesATurn === 0) await new Promise<void>((resolve) => setImmediate(resolve));
      }
      queue.trim(log.cachedFrom);
    }
  }

  private async checkpoint(): Promise<void> {
    const { queues, dispatcher, logFlusher, checkpoint } = this.parts;
    const offset = dispatcher.dispatchedOffset;
    const { lastTimestamp } = dispatcher;
    let queueCount = 0;
    let offsetSum = 0;
    for (const queue of queues.all()) {
      if (queue.maxOffset === 0) continue;
      queueCount++;
      offsetSum += queue.maxOffset;
    }
    await this.store();
    if (!(await logFlusher.flushed())) return;
    for (const queue of queues.all()) if (queue.files.needsSync) await queue.files.sync();
    await checkpoint.write({ offset, queueCount, offsetSum }, lastTimestamp);
  }

  private fail(error: unknown): void {
    this.failed = true;
    this.parts.onError(`the consume queues could not be stored: ${messageOf(error)}`);
  }
}
