import { isClosedToSenders, ResponseCode, topicNameProblem } from '../../../protocol/src/index.js';
import { fail } from '../../../remoting/src/index.js';
import type { Refusal, TopicRequest } from './refusal.js';

/** The name is a topic's, and not one of those only brokers write to. */
export function sendableTopic({ header }: TopicRequest): Refusal {
  const problem = topicNameProblem(header.topic);
  if (problem !== undefined) return fail(ResponseCode.INVALID_PARAMETER, problem);
  if (!isClosedToSenders(header.topic)) return undefined;
  return fail(ResponseCode.NO_PERMISSION, `Sending message to topic[${header.topic}] is forbidden.`);
}
