import { totalmem } from 'node:os';
import { queryConsumerOffset as declaration, ResponseCode } from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

type Parts = Pick<BrokerParts, 'offsets' | 'store' | 'config'>;

/**
 * A group that never committed begins at 0 when the queue is empty or its first message is still in memory: the queue is
 * young then. Otherwise its consumers decide where to begin.
 */
export const queryConsumerOffset = ({ offsets, store, config }: Parts) =>
  handle(declaration, [], ({ header: { consumerGroup, topic, queueId, setZeroIfNotFound } }) => {
    const offset = offsets.get(consumerGroup, topic, queueId);
    if (offset !== undefined && offset >= 0) return ok({ offset });
    if (setZeroIfNotFound === false) {
      return fail(ResponseCode.QUERY_NOT_FOUND, 'Not found, do not set to zero, maybe this group boot first');
    }
    if (
      store.minOffset(topic, queueId) <= 0 &&
      isYoung(store, topic, queueId, config.accessMessageInMemoryMaxRatio / 100)
    )
      return ok({ offset: 0 });
    return fail(ResponseCode.QUERY_NOT_FOUND, 'Not found, V3_0_6_SNAPSHOT maybe this group consumer boot first');
  });

function isYoung(store: BrokerParts['store'], topic: string, queueId: number, memoryShare: number): boolean {
  if (store.maxOffset(topic, queueId) === 0 || store.isInMemory(topic, queueId, 0)) return true;
  const { commitLogMinOffset, commitLogMaxOffset } = store.figures();
  return commitLogMaxOffset - commitLogMinOffset <= totalmem() * memoryShare;
}
