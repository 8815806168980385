import { isReadable, ResponseCode } from '../../../protocol/src/index.js';
import { fail } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';
import { seeFaq, type Refusal, type TopicRequest } from './refusal.js';

/** The topic exists and may be read. */
export const readableTopic =
  ({ topics }: Pick<BrokerParts, 'topics'>) =>
  ({ header: { topic } }: TopicRequest): Refusal => {
    const found = topics.get(topic);
    if (found === undefined) {
      const remark = `topic[${topic.slice(0, 255)}] not exist, apply first please! ${seeFaq}`;
      return fail(ResponseCode.TOPIC_NOT_EXIST, remark);
    }
    if (isReadable(found.perm)) return undefined;
    return fail(ResponseCode.NO_PERMISSION, `the topic[${topic}] pulling message is forbidden`);
  };
