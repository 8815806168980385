import { codeOf, messageOf } from '../../../common/src/index.js';
import {
  groupNameProblem,
  ResponseCode,
  updateAndCreateSubscriptiongroup as declaration,
} from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';
import { maxQueuesPerTopic } from '../tables/topic-table.js';

/** Answered when the group is on disk. */
export const updateAndCreateSubscriptiongroup = ({ groups }: Pick<BrokerParts, 'groups'>) =>
  handle(declaration, [], async (exchange) => {
    const group = exchange.body();
    const problem = groupNameProblem(group.groupName);
    if (problem !== undefined) return fail(ResponseCode.INVALID_PARAMETER, problem);
    if (group.retryQueueNums < 0 || group.retryQueueNums > maxQueuesPerTopic) {
      const remark = `retryQueueNums must be from 0 to ${maxQueuesPerTopic}, not ${group.retryQueueNums}`;
      return fail(ResponseCode.INVALID_PARAMETER, remark);
    }
    try {
      await groups.update(group);
    } catch (error) {
      const refused = codeOf(error) === 'ARGUMENT_INVALID';
      return fail(refused ? ResponseCode.INVALID_PARAMETER : ResponseCode.SYSTEM_ERROR, messageOf(error));
    }
    return ok({});
  });
