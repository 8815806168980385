import { getSubscriptiongroupConfig as declaration, ResponseCode } from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

/** As in Java, a group that may be made by using it has its settings already. */
export const getSubscriptiongroupConfig = ({ groups }: Pick<BrokerParts, 'groups'>) =>
  handle(declaration, [], ({ header: { group } }) => {
    const config = groups.find(group);
    if (config !== undefined) return ok({}, { body: config });
    return fail(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, 'No group in this broker');
  });
