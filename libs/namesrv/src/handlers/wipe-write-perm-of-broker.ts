import { wipeWritePermOfBroker as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { NamesrvParts } from '../parts.js';

export const wipeWritePermOfBroker = ({ log, routes }: Pick<NamesrvParts, 'log' | 'routes'>) =>
  handle(declaration, [], ({ connection, header: { brokerName } }) => {
    const wipeTopicCount = routes.wipeWritePermission(brokerName);
    log.info('a broker was closed to senders', {
      broker: brokerName,
      topics: wipeTopicCount,
      peer: connection.remoteAddress,
    });
    return ok({ wipeTopicCount });
  });
