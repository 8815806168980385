import {
  dlqTopicOf,
  MQVersion,
  Permission,
  ResponseCode,
  retryTopicOf,
  TopicSysFlag,
  type SubscriptionGroupConfig,
  type TopicConfig,
} from '../../../protocol/src/index.js';
import { fail, type Fail } from '../../../remoting/src/index.js';
import { seeFaq } from '../guards/refusal.js';
import type { BrokerParts } from '../parts.js';

/** What a consumer group and its topics of retries and dead letters have to do with each other. */

const readWrite = Permission.READ | Permission.WRITE;
const dlqQueues = 1;

/** Where messages of the group come again; made with as many queues as the group has for it. */
export function retryTopicFor(
  { topics }: Pick<BrokerParts, 'topics'>,
  { groupName, retryQueueNums }: SubscriptionGroupConfig,
  unitMode: boolean,
): TopicConfig | undefined {
  const sysFlag = unitMode ? TopicSysFlag.UNIT_SUB : 0;
  return topics.createIfAbsent(retryTopicOf(groupName), retryQueueNums, readWrite, sysFlag);
}

/** Where messages of the group end that were tried often enough. */
export function deadLetterTopicFor(
  { topics }: Pick<BrokerParts, 'topics'>,
  { groupName }: SubscriptionGroupConfig,
): TopicConfig | Fail<never> {
  const topic = dlqTopicOf(groupName);
  return topics.createIfAbsent(topic, dlqQueues, readWrite, 0) ?? noTopic(topic);
}

/** How often a message may come again: what its consumer says, when it is new enough to say so. */
export function mostRetries(
  { retryMaxTimes }: SubscriptionGroupConfig,
  asked: number | undefined,
  version: number,
): number {
  return version >= MQVersion.V3_4_9 ? (asked ?? retryMaxTimes) : retryMaxTimes;
}

export function noTopic(topic: string): Fail<never> {
  return fail(ResponseCode.SYSTEM_ERROR, `topic[${topic}] not exist`);
}

export function noGroup(group: string): Fail<never> {
  return fail(
    ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
    `subscription group not exist, ${group.slice(0, 255)} ${seeFaq}`,
  );
}
