import { deleteTopicInNamesrv as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { NamesrvParts } from '../parts.js';

export const deleteTopicInNamesrv = ({ routes }: Pick<NamesrvParts, 'routes'>) =>
  handle(declaration, [], ({ header: { topic, clusterName } }) => {
    routes.deleteTopic(topic, clusterName);
    return ok({});
  });
