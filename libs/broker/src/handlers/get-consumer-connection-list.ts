import { getConsumerConnectionList as declaration, ResponseCode } from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';
import { memberConnection } from '../tables/member-connection.js';

export const getConsumerConnectionList = ({ consumers }: Pick<BrokerParts, 'consumers'>) =>
  handle(declaration, [], ({ header: { consumerGroup } }) => {
    const group = consumers.group(consumerGroup);
    if (group === undefined) {
      return fail(ResponseCode.CONSUMER_NOT_ONLINE, `the consumer group[${consumerGroup}] not online`);
    }
    const { consumeType, messageModel, consumeFromWhere, subscriptions: subscriptionTable } = group;
    const connectionSet = [...group.members.values()].map(memberConnection);
    return ok({}, { body: { connectionSet, consumeType, messageModel, consumeFromWhere, subscriptionTable } });
  });
