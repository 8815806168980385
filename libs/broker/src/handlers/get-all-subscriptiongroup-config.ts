import { getAllSubscriptiongroupConfig as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

export const getAllSubscriptiongroupConfig = ({ groups }: Pick<BrokerParts, 'groups'>) =>
  handle(declaration, [], () => ok({}, { body: groups.snapshot() }));
