import { queryTopicConsumeByWho as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

export const queryTopicConsumeByWho = ({ consumers, offsets }: Pick<BrokerParts, 'consumers' | 'offsets'>) =>
  handle(declaration, [], ({ header: { topic } }) => {
    const groups = new Set([...consumers.groupsSubscribed(topic), ...offsets.groupsOf(topic)]);
    return ok({}, { body: { groupList: [...groups] } });
  });
