import { getConsumeStats as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';
import { queueProgress, type QueueProgressTable } from '../stats/queue-progress.js';

type Parts = Pick<BrokerParts, 'topics' | 'offsets' | 'consumers' | 'store' | 'stats' | 'identity'>;

/** How far a group is behind in each queue of one topic, of several, or of all it ever committed offsets in. */
export const getConsumeStats = (parts: Parts) =>
  handle(declaration, [], async ({ header: { consumerGroup, topic, topicList } }) => {
    const offsetTable: QueueProgressTable = [];
    let consumeTps = 0;
    for (const name of topicsAsked(parts, consumerGroup, topic, topicList)) {
      const config = parts.topics.get(name);
      if (config === undefined) continue;
      for (const row of await queueProgress(parts, consumerGroup, config, config.readQueueNums)) offsetTable.push(row);
      consumeTps += parts.stats.consumeRate(consumerGroup, name);
    }
    return ok({}, { body: { consumeTps, offsetTable } });
  });

/** A list is taken as it is; a topic, or all of them, only while the members that are online subscribe to it. */
function topicsAsked({ offsets, consumers }: Parts, group: string, topic = '', topicList = ''): Iterable<string> {
  const listed = topicList.split(';').filter((name) => name.trim() !== '');
  if (listed.length > 0) return new Set(listed);
  const topics = topic.trim() === '' ? offsets.topicsOf(group) : [topic];
  return topics.filter((name) => !consumers.hasLeft(group, name));
}
