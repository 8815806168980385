import type { ConsumeStats, TopicConfig } from '../../../protocol/src/index.js';
import type { BrokerParts } from '../parts.js';
import { maxQueuesPerTopic } from '../tables/topic-table.js';

type Parts = Pick<BrokerParts, 'offsets' | 'store' | 'identity'>;
export type QueueProgressTable = ConsumeStats['offsetTable'][number][];

/** How far a group has come in the first `queues` queues of a topic. */
export async function queueProgress(
  { offsets, store, identity }: Parts,
  group: string,
  { topicName: topic }: TopicConfig,
  queues: number,
): Promise<QueueProgressTable> {
  const table: QueueProgressTable = [];
  for (let queueId = 0; queueId < Math.min(queues, maxQueuesPerTopic); queueId++) {
    const brokerOffset = store.maxOffset(topic, queueId);
    const consumerOffset = offsets.get(group, topic, queueId) ?? 0;
    const stored = consumerOffset > 0 ? await store.storeTime(topic, queueId, consumerOffset - 1) : 0;
    const pullOffset = Math.max(consumerOffset, offsets.pulledTo(group, topic, queueId));
    const lastTimestamp = Math.max(0, stored);
    const key = { brokerName: identity.brokerName, queueId, topic };
    table.push([key, { brokerOffset, consumerOffset, lastTimestamp, pullOffset }]);
  }
  return table;
}
