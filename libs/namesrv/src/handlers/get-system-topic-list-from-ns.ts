import { getSystemTopicListFromNs as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { NamesrvParts } from '../parts.js';

export const getSystemTopicListFromNs = ({ routes }: Pick<NamesrvParts, 'routes'>) =>
  handle(declaration, [], () => ok({}, { body: routes.systemTopics() }));
