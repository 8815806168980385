import { unlockBatchMq as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

export const unlockBatchMq = ({ queueLocks }: Pick<BrokerParts, 'queueLocks'>) =>
  handle(declaration, [], (exchange) => {
    const { consumerGroup: group, clientId, mqSet } = exchange.body();
    for (const { topic, queueId } of mqSet) queueLocks.unlock({ group, topic, queueId }, clientId);
    return ok({});
  });
