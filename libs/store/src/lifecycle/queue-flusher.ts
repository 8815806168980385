import { messageOf, nextTurn, type Clock } from '../../../common/src/index.js';
import type { CommitLog } from '../commit-log/commit-log.js';
import type { QueueTable } from '../consume-queue/queue-table.js';
import type { Disk } from '../disk/disk.js';
import type { MessageIndex } from '../message-index/message-index.js';
import type { Dispatcher } from '../write/dispatcher.js';
import type { LogFlusher } from '../write/log-flusher.js';
import type { Checkpoint, QueueCount } from './checkpoint.js';

export interface QueueFlusherParts {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly log: CommitLog;
  readonly queues: QueueTable;
  readonly index: MessageIndex;
  readonly dispatcher: Dispatcher;
  readonly logFlusher: LogFlusher;
  readonly checkpoint: Checkpoint;
  readonly onError: (reason: string) => void;
}

/** A page of them. Fewer can wait for the checkpoint: ten thousand queues with a few each are as many files to open. */
const worthwhileUnits = 204;
/** Queues stored between two turns of the event loop. */
const queuesATurn = 16;
/** As many as libuv has threads for them. */
const syncsAtOnce = 4;

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
    this.running = (isDue ? this.checkpoint() : this.store(worthwhileUnits)).then(() => {
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

  /** Hands the units of queues with at least `atLeast` of them to the kernel. */
  private async store(atLeast: number): Promise<void> {
    const { queues, log } = this.parts;
    let done = 0;
    for (const queue of queues.all()) {
      if (!queue.hasMemory || queue.isDeleted) continue;
      if (queue.isDirty && queue.maxOffset - queue.storedOffset >= atLeast) {
        queue.store();
        if (++done % queuesATurn === 0) await nextTurn();
      }
      queue.trim(log.cachedFrom);
    }
  }

  private async checkpoint(): Promise<void> {
    const { queues, index, dispatcher, logFlusher, checkpoint } = this.parts;
    const { dispatchedOffset: offset, lastTimestamp } = dispatcher;
    const position = { offset, logMinOffset: queues.alignedTo, ...countQueues(queues) };
    const indexed = index.store();
    await this.store(1);
    if (!(await logFlusher.flushed())) return;
    await this.syncQueues();
    await index.sync();
    await checkpoint.write(position, lastTimestamp, indexed);
  }

  /** Several at a time: the file system brings their metadata to the disk together. */
  private async syncQueues(): Promise<void> {
    const pending = [...this.parts.queues.all()].filter((queue) => queue.needsSync);
    const directories = new Set<string>();
    const work = async (): Promise<void> => {
      for (let queue = pending.pop(); queue; queue = pending.pop()) {
        for (const directory of queue.takeNewNames()) directories.add(directory);
        await queue.sync();
      }
    };
    await Promise.all(Array.from({ length: syncsAtOnce }, work));
    for (const directory of directories) await this.parts.disk.syncDirectory(directory);
  }

  private fail(error: unknown): void {
    this.failed = true;
    this.parts.onError(`the consume queues or the message index could not be stored: ${messageOf(error)}`);
  }
}

/** What recovery compares the queues it finds with. */
export function countQueues(queues: QueueTable): QueueCount {
  const count = { queueCount: 0, offsetSum: 0, minOffsetSum: 0 };
  for (const { minOffset, maxOffset } of queues.all()) {
    if (maxOffset === 0) continue;
    count.queueCount++;
    count.offsetSum += maxOffset;
    count.minOffsetSum += minOffset;
  }
  return count;
}
