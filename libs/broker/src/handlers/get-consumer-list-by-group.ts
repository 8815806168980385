import { getConsumerListByGroup as declaration, ResponseCode } from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

/** An empty group is refused: a consumer that reads an empty list would take it that no queue is anybody's. */
export const getConsumerListByGroup = ({ consumers }: Pick<BrokerParts, 'consumers'>) =>
  handle(declaration, [], ({ header: { consumerGroup } }) => {
    const group = consumers.group(consumerGroup);
    if (group === undefined) return fail(ResponseCode.SYSTEM_ERROR, `no consumer for this group, ${consumerGroup}`);
    return ok({}, { body: { consumerIdList: [...group.members.values()].map((member) => member.clientId) } });
  });
