import { deleteTopicInBroker as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import { changeableTopic } from '../guards/changeable-topic.js';
import type { BrokerParts } from '../parts.js';

type Parts = Pick<BrokerParts, 'topics' | 'offsets' | 'store' | 'stats' | 'hold' | 'log'>;

/** The topic, its queues and what groups had consumed of it. The log keeps its messages until they expire. */
export const deleteTopicInBroker = (parts: Parts) =>
  handle(declaration, [changeableTopic(parts)], async ({ header: { topic }, connection }) => {
    const { topics, offsets, store, stats, hold, log } = parts;
    if (await topics.delete(topic)) log.info('a topic is deleted', { topic, peer: connection.remoteAddress });
    offsets.deleteTopic(topic);
    stats.forgetTopic(topic);
    await store.deleteTopic(topic);
    await offsets.save();
    hold.wakeTopic(topic);
    return ok({});
  });
