import type { AppendMessage, AppendResult } from '../../../../store/src/index.js';
import { appended, isStored } from '../../appending.js';
import type { BrokerParts } from '../../parts.js';

type Parts = Pick<BrokerParts, 'store' | 'stats' | 'log'>;

/** Appends all of them at once. Says of each whether it is stored; the caller tries the others again. */
export async function putAll({ store, stats, log }: Parts, messages: readonly AppendMessage[]): Promise<boolean[]> {
  const results = await Promise.all(messages.map((message) => appended(store, message)));
  let refused: AppendResult | undefined;
  const stored = results.map((result, i) => {
    // The disk had its copy before: not to have this one in time is no reason for a third.
    const isDone = isStored(result);
    if (isDone) stats.stored((messages[i] as AppendMessage).topic, 1, result.bytes, result.elapsed);
    else refused ??= result;
    return isDone;
  });
  if (refused !== undefined) {
    const { status, reason } = refused;
    const count = stored.filter((isDone) => !isDone).length;
    log.error('timed messages could not be stored, they are tried again', { messages: count, status, reason });
  }
  return stored;
}
