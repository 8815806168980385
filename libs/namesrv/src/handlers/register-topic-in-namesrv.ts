import { registerTopicInNamesrv as declaration, ResponseCode, topicNameProblem } from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import type { NamesrvParts } from '../parts.js';

export const registerTopicInNamesrv = ({ log, routes }: Pick<NamesrvParts, 'log' | 'routes'>) =>
  handle(declaration, [], (exchange) => {
    const { topic } = exchange.header;
    const problem = topicNameProblem(topic);
    if (problem !== undefined) return fail(ResponseCode.INVALID_PARAMETER, problem);
    const result = routes.registerTopic(topic, exchange.body()?.queueDatas ?? []);
    if (typeof result === 'object') return fail(ResponseCode.SYSTEM_ERROR, result.full);
    // Apache answers success to this too.
    if (!result)
      log.warn('a topic names a broker that is not registered', { topic, peer: exchange.connection.remoteAddress });
    return ok({});
  });
