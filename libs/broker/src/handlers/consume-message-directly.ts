import { consumeMessageDirectly as declaration } from '../../../protocol/src/index.js';
import { handle } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';
import { askConsumer, relayed } from '../relay/consumer-relay.js';
import { messageById } from '../message-by-id.js';

type Parts = Pick<BrokerParts, 'consumers' | 'store' | 'identity' | 'topics' | 'groups'>;
const request = relayed(declaration);

/** The message goes to the client with the request, as a pull would have brought it. */
export const consumeMessageDirectly = ({ consumers, store, identity, topics, groups }: Parts) =>
  handle(request, [], async ({ header }) => {
    const { msgId = '', topic = '', consumerGroup } = header;
    const record = await messageById(store, msgId);
    if (!Buffer.isBuffer(record)) return record;
    const topicSysFlag = topics.get(topic)?.topicSysFlag;
    const group = groups.get(consumerGroup);
    const flags = {
      ...(topicSysFlag === undefined ? {} : { topicSysFlag }),
      ...(group === undefined ? {} : { groupSysFlag: group.groupSysFlag ?? 0 }),
    };
    const told = { ...header, brokerName: identity.brokerName, ...flags };
    return askConsumer(consumers, request, told, record);
  });
