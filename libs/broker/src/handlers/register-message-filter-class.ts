import { registerMessageFilterClass as declaration, ResponseCode } from '../../../protocol/src/index.js';
import { fail, handle } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

/** What Apache's brokers say of it, and why: consumers of 4.9 with a source for their filter try it with every heartbeat. */
export const registerMessageFilterClass = ({ messageFilters }: Pick<BrokerParts, 'messageFilters'>) =>
  handle(declaration, [], () => {
    const names = messageFilters.names.join(', ') || 'none';
    const why = `no code is ever uploaded. The host of a broker registers filters, which consumers subscribe to by name with no source; here: ${names}`;
    return fail(ResponseCode.REQUEST_CODE_NOT_SUPPORTED, ` request type 302 not supported: ${why}`);
  });
