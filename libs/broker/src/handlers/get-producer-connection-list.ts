import { getProducerConnectionList as declaration, ResponseCode } from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';
import { memberConnection } from '../tables/member-connection.js';

export const getProducerConnectionList = ({ producers }: Pick<BrokerParts, 'producers'>) =>
  handle(declaration, [], ({ header: { producerGroup } }) => {
    const members = producers.members(producerGroup);
    if (members === undefined) {
      return fail(ResponseCode.SYSTEM_ERROR, `the producer group[${producerGroup}] not exist`);
    }
    return ok({}, { body: { connectionSet: [...members].map(memberConnection) } });
  });
