import { ResponseCode, topicNameProblem } from '../../../protocol/src/index.js';
import { fail } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';
import type { Refusal, TopicRequest } from './refusal.js';

/** The name is a topic's, and the topic is not the brokers' own. */
export const changeableTopic =
  ({ topics }: Pick<BrokerParts, 'topics'>) =>
  ({ header }: TopicRequest): Refusal => {
    const problem = topicNameProblem(header.topic);
    if (problem !== undefined) return fail(ResponseCode.INVALID_PARAMETER, problem);
    if (!topics.isSystem(header.topic)) return undefined;
    return fail(ResponseCode.INVALID_PARAMETER, `The topic[${header.topic}] is conflict with system topic.`);
  };
