import { codeOf, messageOf } from '../../../common/src/index.js';
import {
  ResponseCode,
  topicFilterTypes,
  updateAndCreateTopic as declaration,
  type RequestHeader,
} from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import { changeableTopic } from '../guards/changeable-topic.js';
import type { BrokerParts } from '../parts.js';
import { alterAttributes } from '../tables/topic-attributes.js';
import { maxQueuesPerTopic } from '../tables/topic-table.js';

type Header = RequestHeader<typeof declaration>;

/** Answered when the topic is on disk. Name servers hear of it at once. */
export const updateAndCreateTopic = (parts: Pick<BrokerParts, 'topics'>) =>
  handle(declaration, [changeableTopic(parts)], async ({ header }) => {
    const problem = problemOf(header);
    if (problem !== undefined) return fail(ResponseCode.INVALID_PARAMETER, problem);
    const { topic: topicName, readQueueNums, writeQueueNums, perm, topicSysFlag = 0, order } = header;
    const topicFilterType = topicFilterTypes.find((type) => type === header.topicFilterType) ?? 'SINGLE_TAG';
    try {
      const attributes = alterAttributes(parts.topics.get(topicName)?.attributes, header.attributes);
      const topic = {
        topicName,
        readQueueNums,
        writeQueueNums,
        perm,
        topicSysFlag,
        order,
        topicFilterType,
        attributes,
      };
      await parts.topics.update(topic);
    } catch (error) {
      const refused = codeOf(error) === 'ARGUMENT_INVALID';
      return fail(refused ? ResponseCode.INVALID_PARAMETER : ResponseCode.SYSTEM_ERROR, messageOf(error));
    }
    return ok({});
  });

function problemOf({ readQueueNums, writeQueueNums, perm, topicFilterType }: Header): string | undefined {
  for (const [name, queues] of Object.entries({ readQueueNums, writeQueueNums })) {
    if (queues < 0 || queues > maxQueuesPerTopic)
      return `${name} must be from 0 to ${maxQueuesPerTopic}, not ${queues}`;
  }
  if (perm < 0 || perm > 7) return `perm must be from 0 to 7 (2 write, 4 read, 6 both), not ${perm}`;
  if (topicFilterTypes.some((type) => type === topicFilterType)) return undefined;
  return `topicFilterType must be one of ${topicFilterTypes.join(', ')}, not ${topicFilterType.slice(0, 64)}`;
}
