import { SystemGroup, SystemTopic, groupNameProblem, topicNameProblem } from '../../../protocol/src/message/index.js';
import type {
  AllocateStrategy,
  ConsumeFromWhere,
  ConsumeHook,
  ConsumeMode,
  MessageHandler,
  MessageModel,
  PushConsumerConfig,
  SubscriptionCheck,
} from '../contract/index.js';
import { readHooks } from '../hook-option.js';
import { OptionReader } from '../option-reader.js';
import { allocateStrategyProblem } from './allocation/index.js';

/** PushConsumerConfig, checked and with every default filled in. */
export interface PushSettings {
  readonly consumerGroup: string;
  readonly handler: MessageHandler;
  readonly messageModel: MessageModel;
  readonly consumeFromWhere: ConsumeFromWhere;
  /** Milliseconds since the epoch; undefined means half an hour before the start. */
  readonly consumeTimestamp: number | undefined;
  readonly concurrency: number;
  readonly consumeMessageBatchMaxSize: number;
  readonly pullBatchSize: number;
  readonly pullInterval: number;
  readonly pullThresholdForQueue: number;
  readonly pullThresholdSizeForQueue: number;
  readonly consumeConcurrentlyMaxSpan: number;
  readonly consumeMode: ConsumeMode;
  readonly concurrencyPerQueue: number;
  readonly pullThresholdForTopic: number;
  readonly pullThresholdSizeForTopic: number;
  /** -1 means Java's default of the mode. */
  readonly maxReconsumeTimes: number;
  /** Minutes. */
  readonly consumeTimeout: number;
  readonly suspendCurrentQueueTimeMillis: number;
  readonly hooks: readonly ConsumeHook[];
  readonly enableMsgTrace: boolean;
  readonly customizedTraceTopic: string;
  readonly checkSubscription: SubscriptionCheck;
  readonly awaitTerminationMillis: number;
  readonly allocateMessageQueueStrategy: AllocateStrategy;
}

const modes: readonly ConsumeMode[] = ['CONCURRENTLY', 'ORDERLY'];
const checks: readonly SubscriptionCheck[] = ['warn', 'refuse', 'off'];
export const messageModels: readonly MessageModel[] = ['CLUSTERING', 'BROADCASTING'];
export const consumeStarts: readonly ConsumeFromWhere[] = [
  'CONSUME_FROM_LAST_OFFSET',
  'CONSUME_FROM_FIRST_OFFSET',
  'CONSUME_FROM_TIMESTAMP',
];

const concurrencyRange = { min: 1, max: 1000 };
/** Minutes: a week. */
const longestTimeout = 7 * 24 * 60;

/** Bounds are Java's. @throws RocketMQError ARGUMENT_INVALID naming every wrong option. */
export function readPushConsumerConfig(config: PushConsumerConfig): PushSettings {
  const read = new OptionReader('PushConsumerConfig', config);
  const handler: unknown = read.value('handler');
  if (typeof handler !== 'function') read.problem('handler', 'must be a function', handler ?? null);
  const settings: PushSettings = {
    consumerGroup: readGroup(read),
    handler: config.handler,
    allocateMessageQueueStrategy: readStrategy(read),
    messageModel: read.oneOf('messageModel', 'CLUSTERING', messageModels),
    consumeFromWhere: read.oneOf('consumeFromWhere', 'CONSUME_FROM_LAST_OFFSET', consumeStarts),
    consumeTimestamp: readTimestamp(read),
    concurrency: read.integer('concurrency', 20, concurrencyRange),
    consumeMessageBatchMaxSize: read.integer('consumeMessageBatchMaxSize', 1, { min: 1, max: 1024 }),
    pullBatchSize: read.integer('pullBatchSize', 32, { min: 1, max: 1024 }),
    pullInterval: read.integer('pullInterval', 0, { min: 0, max: 65_535 }),
    pullThresholdForQueue: read.integer('pullThresholdForQueue', 1000, { min: 1, max: 65_535 }),
    pullThresholdSizeForQueue: read.integer('pullThresholdSizeForQueue', 100, { min: 1, max: 1024 }),
    consumeConcurrentlyMaxSpan: read.integer('consumeConcurrentlyMaxSpan', 2000, { min: 1, max: 65_535 }),
    consumeMode: read.oneOf('consumeMode', 'CONCURRENTLY', modes),
    concurrencyPerQueue: read.integer('concurrencyPerQueue', concurrencyRange.max, concurrencyRange),
    pullThresholdForTopic: readTopicThreshold(read, 'pullThresholdForTopic', 6_553_500),
    pullThresholdSizeForTopic: readTopicThreshold(read, 'pullThresholdSizeForTopic', 102_400),
    maxReconsumeTimes: read.integer('maxReconsumeTimes', -1, { min: -1, max: 2 ** 31 - 1 }),
    consumeTimeout: readTimeout(read),
    suspendCurrentQueueTimeMillis: read.integer('suspendCurrentQueueTimeMillis', 1_000, { min: 10, max: 30_000 }),
    hooks: readHooks(read),
    enableMsgTrace: read.boolean('enableMsgTrace', false),
    customizedTraceTopic: read.text('customizedTraceTopic', SystemTopic.TRACE, topicNameProblem),
    checkSubscription: read.oneOf('checkSubscription', 'warn', checks),
    awaitTerminationMillis: read.integer('awaitTerminationMillis', 10_000, { min: 0, max: 2 ** 31 - 1 }),
  };
  read.finish();
  return settings;
}

export function readStrategy(
  read: OptionReader<{ readonly allocateMessageQueueStrategy?: AllocateStrategy }>,
): AllocateStrategy {
  const strategy = read.value('allocateMessageQueueStrategy') ?? 'AVG';
  const problem = allocateStrategyProblem(strategy);
  if (problem !== undefined) read.problem('allocateMessageQueueStrategy', problem, strategy);
  return strategy;
}

/** @throws RocketMQError ARGUMENT_INVALID. */
export function readConcurrency(concurrency: number): number {
  const read = new OptionReader<PushConsumerConfig>('PushConsumerConfig', { concurrency } as PushConsumerConfig);
  const value = read.integer('concurrency', 20, concurrencyRange);
  read.finish();
  return value;
}

export function readGroup(read: OptionReader<{ readonly consumerGroup: string }>): string {
  const group: unknown = read.value('consumerGroup');
  if (typeof group !== 'string') {
    read.problem('consumerGroup', 'must be a text', group ?? null);
    return '';
  }
  const problem = groupNameProblem(group);
  if (problem !== undefined) read.problem('consumerGroup', `is wrong: ${problem}`);
  // Java refuses the default name as well: members of unrelated applications would share it.
  if (group === SystemGroup.DEFAULT_CONSUMER) read.problem('consumerGroup', `must be a name of your own`, group);
  return group;
}

/** -1 = no threshold; Java refuses 0. */
function readTopicThreshold(
  read: OptionReader<PushConsumerConfig>,
  name: 'pullThresholdForTopic' | 'pullThresholdSizeForTopic',
  max: number,
): number {
  const value = read.integer(name, -1, { min: -1, max });
  if (value === 0) read.problem(name, `must be -1 or a whole number from 1 to ${max}`, value);
  return value;
}

function readTimeout(read: OptionReader<PushConsumerConfig>): number {
  const minutes: unknown = read.value('consumeTimeout') ?? 15;
  if (typeof minutes === 'number' && minutes > 0 && minutes <= longestTimeout) return minutes;
  read.problem('consumeTimeout', `must be a number of minutes, more than 0 and at most ${longestTimeout}`, minutes);
  return 15;
}

export function readTimestamp(read: OptionReader<{ readonly consumeTimestamp?: string }>): number | undefined {
  const given: unknown = read.value('consumeTimestamp');
  if (given === undefined) return undefined;
  const parts = typeof given === 'string' ? /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(given) : null;
  if (parts !== null) {
    const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number);
    const date = new Date(year, month - 1, day, hour, minute, second);
    // The 31st of February is no date, though JavaScript makes one of it.
    if (date.getMonth() === month - 1 && date.getDate() === day) return date.getTime();
  }
  read.problem('consumeTimestamp', 'must be yyyyMMddHHmmss in local time', given);
  return undefined;
}
