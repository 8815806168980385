import { getUnitTopicList as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import { topicListEnabled } from '../guards/topic-list-enabled.js';
import type { NamesrvParts } from '../parts.js';
import { isUnit } from '../topic-flags.js';

export const getUnitTopicList = ({ config, routes }: Pick<NamesrvParts, 'config' | 'routes'>) =>
  handle(declaration, [topicListEnabled(config)], () => ok({}, { body: { topicList: routes.topicsByFlag(isUnit) } }));
