import { deleteExpiredCommitlog as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

/** Answered before the files are gone, as Java does: there may be many. */
export const deleteExpiredCommitlog = ({ store, log }: Pick<BrokerParts, 'store' | 'log'>) =>
  handle(declaration, [], ({ connection }) => {
    log.info('expired files of the commit log are deleted by request', { peer: connection.remoteAddress });
    store.deleteExpiredFiles();
    return ok({});
  });
