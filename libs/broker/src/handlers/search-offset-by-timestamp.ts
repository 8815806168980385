import { searchOffsetByTimestamp as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

export const searchOffsetByTimestamp = ({ store }: Pick<BrokerParts, 'store'>) =>
  handle(declaration, [], async ({ header: { topic, queueId, timestamp, boundaryType } }) => {
    const boundary = boundaryType?.toUpperCase() === 'UPPER' ? 'upper' : 'lower';
    return ok({ offset: await store.offsetByTime(topic, queueId, timestamp, boundary) });
  });
