import { getTopicConfig as declaration, ResponseCode } from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

export const getTopicConfig = ({ topics }: Pick<BrokerParts, 'topics'>) =>
  handle(declaration, [], ({ header: { topic } }) => {
    const found = topics.get(topic);
    if (found !== undefined) return ok({}, { body: found });
    return fail(ResponseCode.TOPIC_NOT_EXIST, `No topic in this broker. topic: ${topic}`);
  });
