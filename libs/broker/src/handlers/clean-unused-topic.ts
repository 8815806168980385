import { cleanUnusedTopic as declaration, lmqPrefix } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

type Parts = Pick<BrokerParts, 'store' | 'topics' | 'log'>;

/** Spared are, as in 5.x, system topics and light queues, which no table of topics has. */
export const cleanUnusedTopic = ({ store, topics, log }: Parts) =>
  handle(declaration, [], async ({ connection }) => {
    const isUsed = (topic: string): boolean =>
      topics.get(topic) !== undefined || topics.isSystem(topic) || topic.startsWith(lmqPrefix);
    const removed = await store.deleteUnusedTopics(isUsed);
    log.info('queues of unknown topics are removed by request', { removed, peer: connection.remoteAddress });
    return ok({});
  });
