import { isClosedToSenders, ResponseCode, topicNameProblem } from '../../../protocol/src/index.js';
import { fail } from '../../../remoting/src/index.js';
import type { Refusal, TopicRequest } from './refusal.js';

/** The name is a topic's, and not one of those only brokers write to. */
export function sendableTopic(): (request: TopicRequest) => Refusal {
  // Looked at once for all messages in a row.
  let known = '';
  return ({ header: { topic } }) => {
    if (topic === known && topic !== '') return undefined;
    const problem = topicNameProblem(topic);
    if (problem !== undefined) return fail(ResponseCode.INVALID_PARAMETER, problem);
    if (isClosedToSenders(topic)) {
      return fail(ResponseCode.NO_PERMISSION, `Sending message to topic[${topic}] is forbidden.`);
    }
    known = topic;
    return undefined;
  };
}
