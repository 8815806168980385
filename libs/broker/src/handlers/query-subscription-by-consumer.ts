import { querySubscriptionByConsumer as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

export const querySubscriptionByConsumer = ({ consumers }: Pick<BrokerParts, 'consumers'>) =>
  handle(declaration, [], ({ header: { group, topic } }) => {
    const subscriptionData = topic === undefined ? undefined : consumers.group(group)?.subscriptions.get(topic);
    return ok({}, { body: { group, topic, subscriptionData } });
  });
