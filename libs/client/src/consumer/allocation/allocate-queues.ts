import type { AllocateStrategy, MessageQueue } from '../../contract/index.js';
import { compareQueues, compareText, queueKey } from '../../message-queue.js';
import { allocateFunctionOf } from './strategy.js';

/**
 * The queues of one topic that are this member's: sorts both lists, which members need not get in one order, and asks the
 * strategy. A queue it names that the topic does not have, or names twice, is left out. A client id that a broker lists
 * twice counts twice, as in Java.
 *
 * @throws whatever a strategy of the user's throws: nothing is to change then.
 */
export function allocateQueues(
  strategy: AllocateStrategy,
  clientId: string,
  queues: readonly MessageQueue[],
  members: readonly string[],
): readonly MessageQueue[] {
  if (queues.length === 0 || members.length === 0) return [];
  const sorted = queues.toSorted(compareQueues);
  const chosen = allocateFunctionOf(strategy)(clientId, sorted, members.toSorted(compareText));
  const left = new Map(sorted.map((queue) => [queueKey(queue), queue] as const));
  return chosen.flatMap((queue) => {
    const key = queueKey(queue);
    const known = left.get(key);
    left.delete(key);
    return known ?? [];
  });
}
