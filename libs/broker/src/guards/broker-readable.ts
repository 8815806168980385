import { isReadable, ResponseCode } from '../../../protocol/src/index.js';
import { fail } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';
import type { Refusal } from './refusal.js';

/** The operator closed this broker to readers. */
export const brokerReadable =
  ({ config }: Pick<BrokerParts, 'config'>) =>
  (): Refusal =>
    isReadable(config.brokerPermission)
      ? undefined
      : fail(ResponseCode.NO_PERMISSION, `the broker[${config.brokerIP1}] pulling message is forbidden`);
