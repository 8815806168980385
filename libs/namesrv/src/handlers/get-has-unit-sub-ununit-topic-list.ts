import { getHasUnitSubUnunitTopicList as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import { topicListEnabled } from '../guards/topic-list-enabled.js';
import type { NamesrvParts } from '../parts.js';
import { hasUnitSub, isUnit } from '../topic-flags.js';

export const getHasUnitSubUnunitTopicList = ({ config, routes }: Pick<NamesrvParts, 'config' | 'routes'>) =>
  handle(declaration, [topicListEnabled(config)], () =>
    ok({}, { body: { topicList: routes.topicsByFlag((flag) => hasUnitSub(flag) && !isUnit(flag)) } }),
  );
