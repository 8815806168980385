import { SystemGroup, groupNameProblem } from '../../../protocol/src/message/index.js';
import type { ConsumeFromWhere, MessageHandler, MessageModel, PushConsumerConfig } from '../contract/index.js';
import { OptionReader } from '../option-reader.js';

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
  readonly redeliveryDelay: number;
  readonly awaitTerminationMillis: number;
}

export const messageModels: readonly MessageModel[] = ['CLUSTERING', 'BROADCASTING'];
export const consumeStarts: readonly ConsumeFromWhere[] = [
  'CONSUME_FROM_LAST_OFFSET',
  'CONSUME_FROM_FIRST_OFFSET',
  'CONSUME_FROM_TIMESTAMP',
];

/** Bounds are Java's. @throws RocketMQError ARGUMENT_INVALID naming every wrong option. */
export function readPushConsumerConfig(config: PushConsumerConfig): PushSettings {
  const read = new OptionReader('PushConsumerConfig', config);
  const handler: unknown = read.value('handler');
  if (typeof handler !== 'function') read.problem('handler', 'must be a function', handler ?? null);
  const settings: PushSettings = {
    consumerGroup: readGroup(read),
    handler: config.handler,
    messageModel: read.oneOf('messageModel', 'CLUSTERING', messageModels),
    consumeFromWhere: read.oneOf('consumeFromWhere', 'CONSUME_FROM_LAST_OFFSET', consumeStarts),
    consumeTimestamp: readTimestamp(read),
    concurrency: read.integer('concurrency', 20, { min: 1, max: 1000 }),
    consumeMessageBatchMaxSize: read.integer('consumeMessageBatchMaxSize', 1, { min: 1, max: 1024 }),
    pullBatchSize: read.integer('pullBatchSize', 32, { min: 1, max: 1024 }),
    pullInterval: read.integer('pullInterval', 0, { min: 0, max: 65_535 }),
    pullThresholdForQueue: read.integer('pullThresholdForQueue', 1000, { min: 1, max: 65_535 }),
    pullThresholdSizeForQueue: read.integer('pullThresholdSizeForQueue', 100, { min: 1, max: 1024 }),
    consumeConcurrentlyMaxSpan: read.integer('consumeConcurrentlyMaxSpan', 2000, { min: 1, max: 65_535 }),
    redeliveryDelay: read.integer('redeliveryDelay', 5_000, { min: 1, max: 2 ** 31 - 1 }),
    awaitTerminationMillis: read.integer('awaitTerminationMillis', 10_000, { min: 0, max: 2 ** 31 - 1 }),
  };
  read.finish();
  return settings;
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
