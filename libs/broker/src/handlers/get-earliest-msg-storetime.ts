import { getEarliestMsgStoretime as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

/** -1 when the queue is empty. */
export const getEarliestMsgStoretime = ({ store }: Pick<BrokerParts, 'store'>) =>
  handle(declaration, [], async ({ header: { topic, queueId } }) =>
    ok({ timestamp: await store.earliestStoreTime(topic, queueId) }),
  );
