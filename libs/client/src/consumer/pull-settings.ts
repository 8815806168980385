import { topicNameProblem } from '../../../protocol/src/message/index.js';
import type { ConsumeFromWhere, LitePullConsumerConfig, MessageModel, PullConsumerConfig } from '../contract/index.js';
import { OptionReader } from '../option-reader.js';
import { consumeStarts, messageModels, readGroup, readStrategy, readTimestamp } from './push-settings.js';

const most = 2 ** 31 - 1;
const millis = { min: 1, max: most };
const nameRule = 'must be a list of topic names';

/** PullConsumerConfig, checked and with every default filled in. */
export type PullSettings = Required<PullConsumerConfig>;

/** LitePullConsumerConfig, checked and with every default filled in. */
export interface LitePullSettings extends Required<Omit<LitePullConsumerConfig, 'consumeTimestamp'>> {
  /** Milliseconds since the epoch; undefined means half an hour before the start. */
  readonly consumeTimestamp: number | undefined;
}

/** @throws RocketMQError ARGUMENT_INVALID naming every wrong option. */
export function readPullConsumerConfig(config: PullConsumerConfig): PullSettings {
  const read = new OptionReader('PullConsumerConfig', config);
  const settings: PullSettings = {
    consumerGroup: readGroup(read),
    messageModel: readModel(read),
    registerTopics: readTopics(read),
    allocateMessageQueueStrategy: readStrategy(read),
    ...readSuspension(read),
    consumerPullTimeoutMillis: read.integer('consumerPullTimeoutMillis', 10_000, millis),
    maxReconsumeTimes: read.integer('maxReconsumeTimes', 16, { min: -1, max: most }),
  };
  read.finish();
  return settings;
}

/** Bounds are Java's. @throws RocketMQError ARGUMENT_INVALID naming every wrong option. */
export function readLitePullConsumerConfig(config: LitePullConsumerConfig): LitePullSettings {
  const read = new OptionReader('LitePullConsumerConfig', config);
  const settings: LitePullSettings = {
    consumerGroup: readGroup(read),
    messageModel: readModel(read),
    allocateMessageQueueStrategy: readStrategy(read),
    consumeFromWhere: read.oneOf<ConsumeFromWhere>('consumeFromWhere', 'CONSUME_FROM_LAST_OFFSET', consumeStarts),
    consumeTimestamp: readTimestamp(read),
    autoCommit: read.boolean('autoCommit', true),
    autoCommitIntervalMillis: read.integer('autoCommitIntervalMillis', 5_000, { min: 1_000, max: most }),
    pullBatchSize: read.integer('pullBatchSize', 10, { min: 1, max: 1024 }),
    pullThresholdForAll: read.integer('pullThresholdForAll', 10_000, { min: 1, max: most }),
    pullThresholdForQueue: read.integer('pullThresholdForQueue', 1_000, { min: 1, max: 65_535 }),
    pullThresholdSizeForQueue: read.integer('pullThresholdSizeForQueue', 100, { min: 1, max: 1024 }),
    consumeMaxSpan: read.integer('consumeMaxSpan', 2_000, { min: 1, max: 65_535 }),
    pollTimeoutMillis: read.integer('pollTimeoutMillis', 5_000, { min: 0, max: most }),
    ...readSuspension(read),
    topicMetadataCheckIntervalMillis: read.integer('topicMetadataCheckIntervalMillis', 30_000, { min: 10, max: most }),
    pullTimeDelayMillsWhenException: read.integer('pullTimeDelayMillsWhenException', 1_000, millis),
  };
  read.finish();
  return settings;
}

function readModel(read: OptionReader<{ readonly messageModel?: MessageModel }>): MessageModel {
  return read.oneOf('messageModel', 'CLUSTERING', messageModels);
}

function readTopics(read: OptionReader<PullConsumerConfig>): readonly string[] {
  const topics: unknown = read.value('registerTopics') ?? [];
  const isTopic = (topic: unknown): topic is string =>
    typeof topic === 'string' && topicNameProblem(topic) === undefined;
  if (Array.isArray(topics) && topics.every(isTopic)) return [...new Set(topics)];
  read.problem('registerTopics', nameRule, topics);
  return [];
}

interface Suspension {
  readonly brokerSuspendMaxTimeMillis: number;
  readonly consumerTimeoutMillisWhenSuspend: number;
}

function readSuspension(read: OptionReader<Partial<Suspension>>): Suspension {
  const brokerSuspendMaxTimeMillis = read.integer('brokerSuspendMaxTimeMillis', 20_000, millis);
  const consumerTimeoutMillisWhenSuspend = read.integer('consumerTimeoutMillisWhenSuspend', 30_000, millis);
  if (consumerTimeoutMillisWhenSuspend < brokerSuspendMaxTimeMillis) {
    read.problem(
      'consumerTimeoutMillisWhenSuspend',
      `must not be below brokerSuspendMaxTimeMillis (${brokerSuspendMaxTimeMillis}), or answers come too late`,
      consumerTimeoutMillisWhenSuspend,
    );
  }
  return { brokerSuspendMaxTimeMillis, consumerTimeoutMillisWhenSuspend };
}
