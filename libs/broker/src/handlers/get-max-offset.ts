import { getMaxOffset as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

export const getMaxOffset = ({ store }: Pick<BrokerParts, 'store'>) =>
  handle(declaration, [], ({ header: { topic, queueId } }) => ok({ offset: store.maxOffset(topic, queueId) }));
