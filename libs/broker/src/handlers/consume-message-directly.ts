import { messageOf } from '../../../common/src/index.js';
import {
  consumeMessageDirectly as declaration,
  parseOffsetMessageId,
  ResponseCode,
} from '../../../protocol/src/index.js';
import { fail, handle } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';
import { askConsumer, relayed } from '../relay/consumer-relay.js';

type Parts = Pick<BrokerParts, 'consumers' | 'store' | 'identity' | 'topics' | 'groups'>;
const request = relayed(declaration);

/** The message goes to the client with the request, as a pull would have brought it. */
export const consumeMessageDirectly = ({ consumers, store, identity, topics, groups }: Parts) =>
  handle(request, [], async ({ header }) => {
    const { msgId = '', topic = '', consumerGroup } = header;
    let offset: number;
    try {
      ({ offset } = parseOffsetMessageId(msgId));
    } catch (error) {
      return fail(ResponseCode.SYSTEM_ERROR, messageOf(error));
    }
    const record = await store.read(offset);
    if (record === undefined) return fail(ResponseCode.SYSTEM_ERROR, `can not find message by the offset, ${offset}`);
    const topicSysFlag = topics.get(topic)?.topicSysFlag;
    const group = groups.get(consumerGroup);
    const flags = {
      ...(topicSysFlag === undefined ? {} : { topicSysFlag }),
      ...(group === undefined ? {} : { groupSysFlag: group.groupSysFlag ?? 0 }),
    };
    const told = { ...header, brokerName: identity.brokerName, ...flags };
    return askConsumer(consumers, request, told, record);
  });
