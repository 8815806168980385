import { messageOf } from '../../../common/src/index.js';
import {
  consumerSendMsgBack as declaration,
  decodeMessage,
  isWriteable,
  MessageProperty,
  offsetMessageId,
  propertyOf,
  ResponseCode,
  retryTopicOf,
  withProperty,
  type MessageRecord,
  type SubscriptionGroupConfig,
  type TopicConfig,
} from '../../../protocol/src/index.js';
import { fail, handle, ok, type Exchange, type Fail } from '../../../remoting/src/index.js';
import type { AppendMessage } from '../../../store/src/index.js';
import { appended } from '../appending.js';
import { copyOf, delayed } from '../delay/delayed-message.js';
import type { BrokerParts } from '../parts.js';
import { deadLetterTopicFor, mostRetries, noGroup, noTopic, retryTopicFor } from '../retry/retry-group.js';

type Parts = Pick<
  BrokerParts,
  'config' | 'random' | 'identity' | 'store' | 'delayLevels' | 'topics' | 'groups' | 'stats'
>;
type SendBack = Exchange<typeof declaration>;

/** Where the message goes, and after which delay level; 0 = at once. */
interface Return {
  readonly topic: string;
  readonly queueId: number;
  readonly level: number;
}

/** Level of the first retry when the consumer leaves the choice to the broker. */
const firstLevel = 3;

/**
 * A consumer gives back what it could not handle. A copy waits its delay and comes again in the group's retry topic, or
 * lies with the group's dead letters when it was tried often enough. Refusals in Java's order.
 */
export const consumerSendMsgBack = (parts: Parts) =>
  handle(declaration, [], async (exchange) => {
    const { config, groups, store } = parts;
    const { header } = exchange;
    const group = groups.find(header.group);
    if (group === undefined) return noGroup(header.group);
    if (!isWriteable(config.brokerPermission)) {
      return fail(ResponseCode.NO_PERMISSION, `the broker[${config.brokerIP1}] sending message is forbidden`);
    }
    // A group without retries: the message counts as consumed.
    if (group.retryQueueNums <= 0) return ok({});
    const retryTopic = retryTopicFor(parts, group, header.unitMode);
    if (retryTopic === undefined) return noTopic(retryTopicOf(header.group));
    if (!isWriteable(retryTopic.perm)) {
      return fail(ResponseCode.NO_PERMISSION, `the topic[${retryTopic.topicName}] sending message is forbidden`);
    }
    const record = await store.read(header.offset);
    if (record === undefined) {
      return fail(ResponseCode.SYSTEM_ERROR, `look message by offset failed, ${header.offset}`);
    }
    const found = decodeMessage(record);
    const target = returnOf(parts, exchange, found, group, retryTopic);
    if ('kind' in target) return target;
    const refusal = await append(parts, returned(parts, found, target), target);
    if (refusal !== undefined) return refusal;
    parts.stats.sentBack(group.groupName, propertyOf(found.properties, MessageProperty.RETRY_TOPIC) ?? found.topic);
    return ok({});
  });

function returnOf(
  parts: Parts,
  { header, version }: SendBack,
  { reconsumeTimes }: MessageRecord,
  group: SubscriptionGroupConfig,
  retryTopic: TopicConfig,
): Return | Fail<never> {
  const { delayLevel, maxReconsumeTimes } = header;
  if (delayLevel < 0 || reconsumeTimes >= mostRetries(group, maxReconsumeTimes, version)) {
    const dlq = deadLetterTopicFor(parts, group);
    return 'kind' in dlq ? dlq : { topic: dlq.topicName, queueId: 0, level: 0 };
  }
  // The group may have got more queues for retries since the topic was made: nobody would read those.
  const queues = Math.max(1, Math.min(group.retryQueueNums, retryTopic.readQueueNums));
  const queueId = Math.floor(parts.random() * queues);
  const level = delayLevel === 0 ? firstLevel + reconsumeTimes : delayLevel;
  return { topic: retryTopic.topicName, queueId, level };
}

function returned({ config, identity, delayLevels }: Parts, found: MessageRecord, target: Return): AppendMessage {
  const { topic, queueId, level } = target;
  const { storeHost } = found;
  const originId = offsetMessageId(storeHost.ip, storeHost.port, found.physicalOffset);
  let { properties } = found;
  properties = withDefault(properties, MessageProperty.RETRY_TOPIC, found.topic);
  properties = withDefault(properties, MessageProperty.ORIGIN_MESSAGE_ID, originId);
  properties = withProperty(properties, MessageProperty.WAIT, 'false');
  properties = withProperty(properties, MessageProperty.DELAY, String(level));
  const message: AppendMessage = {
    ...copyOf(found),
    topic,
    queueId,
    properties,
    reconsumeTimes: found.reconsumeTimes + 1,
    storeHost: config.brokerVersion === 'V4_9_7' ? storeHost : identity.storeHost,
  };
  return level > 0 ? delayed(message, level, delayLevels) : message;
}

function withDefault(properties: string, name: string, value: string): string {
  const known = propertyOf(properties, name);
  return known === undefined || known.trim() === '' ? withProperty(properties, name, value) : properties;
}

async function append(
  { store, stats, topics }: Parts,
  message: AppendMessage,
  { topic }: Return,
): Promise<Fail<never> | undefined> {
  const { status, reason, bytes, elapsed } = await appended(store, message);
  if (status !== 'OK') {
    stats.putFailures++;
    return fail(ResponseCode.SYSTEM_ERROR, `${status}: ${reason}`);
  }
  stats.stored(topic, 1, bytes, elapsed);
  try {
    // A message of a topic that a restart would not know is not safe yet.
    await topics.saving(topic);
  } catch (error) {
    return fail(ResponseCode.SYSTEM_ERROR, messageOf(error));
  }
  return undefined;
}
