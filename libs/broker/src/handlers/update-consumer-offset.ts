import { ResponseCode, updateConsumerOffset as declaration } from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

/** As 5.x: only groups, topics and queues that exist have offsets, so that names from outside cannot fill the table. */
export const updateConsumerOffset = ({ groups, topics, offsets }: Pick<BrokerParts, 'groups' | 'topics' | 'offsets'>) =>
  handle(declaration, [], ({ header: { consumerGroup, topic, queueId, commitOffset } }) => {
    if (!groups.has(consumerGroup)) {
      return fail(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, `Group ${consumerGroup} not exist!`);
    }
    const config = topics.get(topic);
    if (config === undefined) return fail(ResponseCode.TOPIC_NOT_EXIST, `Topic ${topic} not exist!`);
    if (queueId < 0 || queueId >= Math.max(config.readQueueNums, config.writeQueueNums)) {
      return fail(ResponseCode.INVALID_PARAMETER, `queueId ${queueId} is no queue of topic ${topic}`);
    }
    if (commitOffset < 0) return fail(ResponseCode.INVALID_PARAMETER, `commitOffset ${commitOffset} is negative`);
    if (offsets.isResetPending(consumerGroup, topic, queueId)) {
      return ok({}, { remark: 'Offset has been previously reset' });
    }
    offsets.commit(consumerGroup, topic, queueId, commitOffset);
    return ok({});
  });
