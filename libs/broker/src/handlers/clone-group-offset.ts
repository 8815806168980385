import { cloneGroupOffset as declaration, ResponseCode } from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import { seeFaq } from '../guards/refusal.js';
import type { BrokerParts } from '../parts.js';

type Parts = Pick<BrokerParts, 'groups' | 'topics' | 'offsets' | 'consumers' | 'log'>;

/** Java clones nothing when no topic is named, although it looks for the topics then; here it is all of them. */
export const cloneGroupOffset = ({ groups, topics, offsets, consumers, log }: Parts) =>
  handle(declaration, [], async ({ header: { srcGroup, destGroup, topic = '', offline } }) => {
    // Offsets are of groups that exist, so that names from outside cannot fill the table.
    if (groups.find(destGroup) === undefined) {
      const remark = `subscription group [${destGroup.slice(0, 255)}] does not exist, ${seeFaq}`;
      return fail(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, remark);
    }
    const named = topic.trim() === '' ? offsets.topicsOf(srcGroup) : [topic];
    for (const name of named) {
      if (topics.get(name) === undefined) continue;
      if (!offline && consumers.hasLeft(srcGroup, name)) continue;
      offsets.clone(srcGroup, destGroup, name);
      log.info('a group is given the offsets of another', { topic: name, from: srcGroup, to: destGroup });
    }
    await offsets.save();
    return ok({});
  });
