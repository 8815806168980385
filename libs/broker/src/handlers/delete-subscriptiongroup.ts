import { deleteSubscriptiongroup as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

type Parts = Pick<BrokerParts, 'groups' | 'offsets' | 'stats' | 'log'>;

/** Members that are online make the group again with their next heartbeat. */
export const deleteSubscriptiongroup = ({ groups, offsets, stats, log }: Parts) =>
  handle(declaration, [], async ({ header: { groupName, cleanOffset, removeOffset }, connection }) => {
    const peer = connection.remoteAddress;
    if (await groups.delete(groupName)) log.info('a subscription group is deleted', { group: groupName, peer });
    stats.forgetGroup(groupName);
    if (cleanOffset || removeOffset) {
      offsets.deleteGroup(groupName);
      await offsets.save();
    }
    return ok({});
  });
