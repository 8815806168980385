import { isWriteable, ResponseCode } from '../../../protocol/src/index.js';
import { fail } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';
import type { Refusal, TopicRequest } from './refusal.js';

/**
 * The operator closed this broker to writers. As in Java only ordered topics are refused here: producers of the others
 * learn it from the route and go on to another broker.
 */
export const brokerWriteable =
  ({ config, topics }: Pick<BrokerParts, 'config' | 'topics'>) =>
  ({ header }: TopicRequest): Refusal =>
    isWriteable(config.brokerPermission) || topics.get(header.topic)?.order !== true
      ? undefined
      : fail(ResponseCode.NO_PERMISSION, `the broker[${config.brokerIP1}] sending message is forbidden`);
