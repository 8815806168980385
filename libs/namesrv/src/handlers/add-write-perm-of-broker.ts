import { addWritePermOfBroker as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { NamesrvParts } from '../parts.js';

export const addWritePermOfBroker = ({ log, routes }: Pick<NamesrvParts, 'log' | 'routes'>) =>
  handle(declaration, [], ({ connection, header: { brokerName } }) => {
    const addTopicCount = routes.addWritePermission(brokerName);
    log.info('a broker was opened to senders', {
      broker: brokerName,
      topics: addTopicCount,
      peer: connection.remoteAddress,
    });
    return ok({ addTopicCount });
  });
