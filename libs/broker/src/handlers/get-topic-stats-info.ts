import { getTopicStatsInfo as declaration, ResponseCode, type TopicStats } from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';
import { maxQueuesPerTopic } from '../tables/topic-table.js';

type Parts = Pick<BrokerParts, 'topics' | 'store' | 'stats' | 'identity'>;

/** Queues for readers too, as 5.x; those of 4.9 are for writers only. */
export const getTopicStatsInfo = ({ topics, store, stats, identity }: Parts) =>
  handle(declaration, [], async ({ header: { topic } }) => {
    const config = topics.get(topic);
    if (config === undefined) return fail(ResponseCode.TOPIC_NOT_EXIST, `topic[${topic}] not exist`);
    const offsetTable: TopicStats['offsetTable'][number][] = [];
    const queues = Math.min(Math.max(config.writeQueueNums, config.readQueueNums), maxQueuesPerTopic);
    for (let queueId = 0; queueId < queues; queueId++) {
      const maxOffset = store.maxOffset(topic, queueId);
      const stored = maxOffset > 0 ? await store.storeTime(topic, queueId, maxOffset - 1) : 0;
      const figures = { minOffset: store.minOffset(topic, queueId), maxOffset, lastUpdateTimestamp: stored };
      offsetTable.push([{ brokerName: identity.brokerName, queueId, topic }, figures]);
    }
    return ok({}, { body: { offsetTable, topicPutTps: stats.putRate(topic) } });
  });
