import { invokeBrokerToResetOffset as declaration } from '../../../protocol/src/index.js';
import { handle } from '../../../remoting/src/index.js';
import { resetByBroker } from '../offset-reset/reset-by-broker.js';
import { resetByMembers } from '../offset-reset/reset-by-members.js';
import type { BrokerParts } from '../parts.js';

type Parts = Pick<
  BrokerParts,
  'config' | 'topics' | 'groups' | 'offsets' | 'consumers' | 'store' | 'identity' | 'hold' | 'log'
>;

export const invokeBrokerToResetOffset = (parts: Parts) =>
  handle(declaration, [], ({ header }) =>
    parts.config.useServerSideResetOffset ? resetByBroker(parts, header) : resetByMembers(parts, header),
  );
