import {
  codeOf,
  type ErrorCode,
  isRetryable,
  type Logger,
  messageOf,
  RocketMQError,
} from '../../libs/common/src/index.js';
import type { Producer, RocketMQClient } from '../../libs/client/src/index.js';

/** A topic that forFeature asks for. */
export interface TopicDemand {
  readonly name: string;
  /** On each broker; undefined when any number will do. */
  readonly queues: number | undefined;
  /** 'RocketMQModule.forFeature in ShopModule' */
  readonly from: string;
}

/** What a first send would make: Apache's defaultTopicQueueNums. */
export const queuesOfNewTopic = 4;

/**
 * Sees to it that the topics are there: makes those that are missing, on every master. One that is there is left as it is;
 * another number of queues than asked for is a warning, since queues that go away take their messages with them. Brokers
 * make topics on request whatever autoCreateTopicEnable says (Apache's too); permissions and roles may forbid it.
 *
 * @throws RocketMQError naming topic, asker and command when a broker refuses; `retryable` as what it answered.
 */
export async function ensureTopics(
  demands: readonly TopicDemand[],
  { client, producer, log }: { client: RocketMQClient; producer: Producer; log: Logger },
): Promise<void> {
  for (const demand of demands) {
    if (await client.admin.topicExists(demand.name)) await compareQueues(demand, producer, log);
    else await createTopic(demand, client, log);
  }
}

async function createTopic(
  { name, queues = queuesOfNewTopic, from }: TopicDemand,
  client: RocketMQClient,
  log: Logger,
) {
  try {
    await client.admin.createTopic(name, { readQueues: queues, writeQueues: queues });
    log.info(`Created topic '${name}' with ${queues} queues on each broker (${from})`);
  } catch (error) {
    const advice = `Create it: mqadmin updateTopic -n <name server> -c <cluster> -t ${name} -r ${queues} -w ${queues}`;
    throw new RocketMQError(
      (codeOf(error) ?? 'REQUEST_REFUSED') as ErrorCode,
      `${from}: topic '${name}' does not exist and could not be created: ${messageOf(error)}. ${advice}`,
      { cause: error, retryable: isRetryable(error) },
    );
  }
}

async function compareQueues({ name, queues, from }: TopicDemand, producer: Producer, log: Logger): Promise<void> {
  if (queues === undefined) return;
  const found = new Map<string, number>();
  for (const { brokerName } of await producer.fetchPublishMessageQueues(name)) {
    found.set(brokerName, (found.get(brokerName) ?? 0) + 1);
  }
  const others = [...found].filter(([, count]) => count !== queues).map(([broker, count]) => `${count} on ${broker}`);
  if (others.length === 0) return;
  log.warn(
    `${from}: topic '${name}' should have ${queues} queues on each broker and has ${others.join(', ')}; left as it is`,
  );
}
