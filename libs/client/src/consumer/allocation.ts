import type { MessageQueue } from '../contract/index.js';
import { compareQueues, compareText } from '../message-queue.js';

/**
 * AllocateMessageQueueAveragely: each member takes one contiguous share of the sorted queues; the first members take one
 * more when it does not divide. Members decide alone, so the result must be Java's, queue by queue.
 *
 * @returns this member's queues; none when `clientId` is not among `members`.
 */
export function allocateAveragely(
  clientId: string,
  queues: readonly MessageQueue[],
  members: readonly string[],
): MessageQueue[] {
  const sortedQueues = queues.toSorted(compareQueues);
  const sortedMembers = [...new Set(members)].toSorted(compareText);
  const index = sortedMembers.indexOf(clientId);
  if (index < 0) return [];
  const share = Math.floor(sortedQueues.length / sortedMembers.length);
  const rest = sortedQueues.length % sortedMembers.length;
  const start = index * share + Math.min(index, rest);
  return sortedQueues.slice(start, start + share + (index < rest ? 1 : 0));
}
