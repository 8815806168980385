import { lockBatchMq as declaration, type MessageQueueKey } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

type Parts = Pick<BrokerParts, 'identity' | 'log' | 'topics' | 'groups' | 'queueLocks'>;

/**
 * The reply holds the queues that are the client's now. Unlike in Java only queues that exist here can be locked, and by
 * groups that do, so that names from outside cannot fill the table.
 */
export const lockBatchMq = ({ identity, log, topics, groups, queueLocks }: Parts) =>
  handle(declaration, [], (exchange) => {
    const { consumerGroup: group, clientId, mqSet } = exchange.body();
    if (groups.find(group) === undefined) return ok({}, { body: { lockOKMQSet: [] } });
    const exists = ({ brokerName, topic, queueId }: MessageQueueKey): boolean => {
      const config = topics.get(topic);
      const queues = config === undefined ? 0 : Math.max(config.readQueueNums, config.writeQueueNums);
      return brokerName === identity.brokerName && queueId >= 0 && queueId < queues;
    };
    const lockOKMQSet: MessageQueueKey[] = [];
    const holders = new Set<string>();
    for (const queue of mqSet) {
      if (!exists(queue)) continue;
      const holder = queueLocks.lock({ group, topic: queue.topic, queueId: queue.queueId }, clientId);
      if (holder === undefined) lockOKMQSet.push(queue);
      else holders.add(holder);
    }
    if (holders.size > 0) {
      log.warn('queues are locked by other members', { group, clientId, holders: [...holders].slice(0, 5) });
    }
    return ok({}, { body: { lockOKMQSet } });
  });
