import { cleanExpiredConsumequeue as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

/** Unlike Java's, a queue stays when all its messages are gone: only it knows the offset of its next message. */
export const cleanExpiredConsumequeue = ({ store, log }: Pick<BrokerParts, 'store' | 'log'>) =>
  handle(declaration, [], async ({ connection }) => {
    log.info('consume queues are cut to the commit log by request', { peer: connection.remoteAddress });
    await store.deleteExpiredQueueFiles();
    return ok({});
  });
