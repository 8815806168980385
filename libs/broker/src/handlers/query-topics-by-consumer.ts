import { queryTopicsByConsumer as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

export const queryTopicsByConsumer = ({ offsets, identity }: Pick<BrokerParts, 'offsets' | 'identity'>) =>
  handle(declaration, [], ({ header: { group } }) =>
    ok({}, { body: { topicList: offsets.topicsOf(group), brokerAddr: identity.address } }),
  );
