import { getTopicsByCluster as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import { topicListEnabled } from '../guards/topic-list-enabled.js';
import type { NamesrvParts } from '../parts.js';

export const getTopicsByCluster = ({ config, routes }: Pick<NamesrvParts, 'config' | 'routes'>) =>
  handle(declaration, [topicListEnabled(config)], ({ header: { cluster } }) =>
    ok({}, { body: { topicList: routes.topicsOfCluster(cluster) } }),
  );
