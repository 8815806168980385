import { getAllTopicConfig as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

export const getAllTopicConfig = ({ topics }: Pick<BrokerParts, 'topics'>) =>
  handle(declaration, [], () => ok({}, { body: topics.snapshot() }));
