import { getAllTopicListFromNameserver as declaration, ResponseCode } from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import type { NamesrvParts } from '../parts.js';

export const getAllTopicListFromNameserver = ({ config, routes }: Pick<NamesrvParts, 'config' | 'routes'>) =>
  handle(declaration, [], () => {
    if (!config.enableAllTopicList) return fail(ResponseCode.SYSTEM_ERROR, 'disable');
    return ok({}, { body: { topicList: routes.topics() } });
  });
