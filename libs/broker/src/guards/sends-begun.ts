import { ResponseCode } from '../../../protocol/src/index.js';
import { fail } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';
import type { Refusal } from './refusal.js';

/** startAcceptSendRequestTimeStamp lies ahead. */
export const sendsBegun =
  ({ config, clock }: Pick<BrokerParts, 'config' | 'clock'>) =>
  (): Refusal => {
    const start = config.startAcceptSendRequestTimeStamp;
    if (start === 0 || clock.now() >= start) return undefined;
    return fail(ResponseCode.SYSTEM_ERROR, `broker unable to service, until ${new Date(start).toISOString()}`);
  };
