import type { QueueProgress } from '../contract/index.js';
import type { HeldQueue } from './held-queue.js';
import type { OffsetStore } from './offset-store.js';

/** Before the first message is done there is no offset to commit: then it is where the pulls began. */
export function progressOf({ queue, shown, messages, nextOffset }: HeldQueue, offsets: OffsetStore): QueueProgress {
  const consumerOffset = offsets.current(queue) ?? messages.minOffset ?? nextOffset;
  return { messageQueue: shown, consumerOffset, cached: messages.count };
}
