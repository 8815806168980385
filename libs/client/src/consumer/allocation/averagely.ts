import type { MessageQueue } from '../../contract/index.js';

/** AVG: each member takes one contiguous share; the first members take one more when it does not divide. */
export function allocateAveragely(
  clientId: string,
  queues: readonly MessageQueue[],
  members: readonly string[],
): readonly MessageQueue[] {
  const index = members.indexOf(clientId);
  if (index < 0) return [];
  const share = Math.floor(queues.length / members.length);
  const rest = queues.length % members.length;
  const start = index * share + Math.min(index, rest);
  return queues.slice(start, start + share + (index < rest ? 1 : 0));
}

/** AVG_BY_CIRCLE: queues are dealt like cards. */
export function allocateByCircle(
  clientId: string,
  queues: readonly MessageQueue[],
  members: readonly string[],
): readonly MessageQueue[] {
  const index = members.indexOf(clientId);
  return index < 0 ? [] : queues.filter((_, position) => position % members.length === index);
}
