import type { MessageQueue } from '../contract/index.js';

/** How far a group has consumed, queue by queue: in memory here, and somewhere that outlives this process. */
export interface OffsetStore {
  /** Before anything else. @throws RocketMQError when stored offsets are there but cannot be read. */
  load(): Promise<void>;
  /**
   * The offset the store knows, which becomes the current one; undefined when it knows none.
   * @throws RocketMQError when the store cannot be asked.
   */
  read(queue: MessageQueue): Promise<number | undefined>;
  /** The offset in memory. */
  current(queue: MessageQueue): number | undefined;
  /** Sets the offset in memory; with `increaseOnly`, only forward. */
  update(queue: MessageQueue, offset: number, increaseOnly: boolean): void;
  /** Stores the current offsets of `queues`. Failures are logged: the next round stores them again. */
  persist(queues: readonly MessageQueue[]): Promise<void>;
  /** Drops the offset from memory: the queue is somebody else's. */
  forget(queue: MessageQueue): void;
}
