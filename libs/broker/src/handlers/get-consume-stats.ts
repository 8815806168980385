import { getConsumeStats as declaration, type ConsumeStats, type TopicConfig } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';
import { maxQueuesPerTopic } from '../tables/topic-table.js';

type Parts = Pick<BrokerParts, 'topics' | 'offsets' | 'consumers' | 'store' | 'stats' | 'identity'>;
type OffsetTable = ConsumeStats['offsetTable'][number][];

/** How far a group is behind in each queue of one topic, of several, or of all it ever committed offsets in. */
export const getConsumeStats = (parts: Parts) =>
  handle(declaration, [], async ({ header: { consumerGroup, topic, topicList } }) => {
    const offsetTable: OffsetTable = [];
    let consumeTps = 0;
    for (const name of topicsAsked(parts, consumerGroup, topic, topicList)) {
      const config = parts.topics.get(name);
      if (config === undefined || hasLeft(parts, consumerGroup, name)) continue;
      await addQueues(parts, offsetTable, consumerGroup, config);
      consumeTps += parts.stats.consumed.rate(consumerGroup, name);
    }
    return ok({}, { body: { consumeTps, offsetTable } });
  });

function topicsAsked({ offsets }: Parts, group: string, topic = '', topicList = ''): Iterable<string> {
  const named = [topic, ...topicList.split(';')].filter((name) => name.trim() !== '');
  return named.length > 0 ? new Set(named) : offsets.topicsOf(group);
}

/** The group is online and does not subscribe to the topic any more. */
function hasLeft({ consumers }: Parts, groupName: string, topic: string): boolean {
  const group = consumers.group(groupName);
  return group !== undefined && group.subscriptions.size > 0 && !group.subscriptions.has(topic);
}

async function addQueues(parts: Parts, table: OffsetTable, group: string, config: TopicConfig): Promise<void> {
  const { store, offsets, identity } = parts;
  const topic = config.topicName;
  for (let queueId = 0; queueId < Math.min(config.readQueueNums, maxQueuesPerTopic); queueId++) {
    const brokerOffset = store.maxOffset(topic, queueId);
    const consumerOffset = offsets.get(group, topic, queueId) ?? 0;
    const stored = consumerOffset > 0 ? await store.storeTime(topic, queueId, consumerOffset - 1) : 0;
    const pullOffset = Math.max(consumerOffset, offsets.pulledTo(group, topic, queueId));
    const lastTimestamp = Math.max(0, stored);
    const key = { brokerName: identity.brokerName, queueId, topic };
    table.push([key, { brokerOffset, consumerOffset, lastTimestamp, pullOffset }]);
  }
}
