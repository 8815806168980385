import type { Lifecycle } from '../../../common/src/index.js';
import type { AllocateStrategy } from './allocation.js';
import type { MessageSelector } from './filter.js';
import type { MessageQueue, ReceivedMessage } from './message.js';
import type { MessageQueueListener } from './pull-consumer.js';
import type { ConsumeFromWhere, MessageModel } from './push-consumer.js';

/** Apache's names and defaults; milliseconds, messages, MiB. docs/pull-consumer.md explains each. */
export interface LitePullConsumerConfig {
  readonly consumerGroup: string;
  readonly messageModel?: MessageModel; // CLUSTERING
  readonly allocateMessageQueueStrategy?: AllocateStrategy; // AVG
  readonly consumeFromWhere?: ConsumeFromWhere; // CONSUME_FROM_LAST_OFFSET
  /** yyyyMMddHHmmss, for CONSUME_FROM_TIMESTAMP. Default: half an hour ago. */
  readonly consumeTimestamp?: string;
  readonly autoCommit?: boolean; // true
  readonly autoCommitIntervalMillis?: number; // 5000, at least 1000
  readonly pullBatchSize?: number; // 10
  readonly pullThresholdForAll?: number; // 10,000 messages
  readonly pullThresholdForQueue?: number; // 1000 messages
  readonly pullThresholdSizeForQueue?: number; // 100 MiB
  readonly consumeMaxSpan?: number; // 2000
  readonly pollTimeoutMillis?: number; // 5000
  readonly brokerSuspendMaxTimeMillis?: number; // 20,000
  readonly consumerTimeoutMillisWhenSuspend?: number; // 30,000
  readonly topicMetadataCheckIntervalMillis?: number; // 30,000
  readonly pullTimeDelayMillsWhenException?: number; // 1000
}

/** The queues of a topic changed. */
export type TopicMessageQueueChangeListener = (topic: string, queues: readonly MessageQueue[]) => void;

/**
 * Pulls in the background and hands out what it has when asked: Java's DefaultLitePullConsumer. Either it subscribes to
 * topics and gets its share of their queues, or it is assigned queues; not both.
 */
export interface LitePullConsumer extends Lifecycle {
  readonly consumerGroup: string;
  readonly isRunning: boolean;
  /** Tag expression "a || b" or "*", or a selector. Before start or while running. The listener hears of changes of the own share. */
  subscribe(topic: string, expression?: string | MessageSelector, listener?: MessageQueueListener): void;
  /** Gives its queues back. */
  unsubscribe(topic: string): void;
  /** These queues and no others. */
  assign(queues: readonly MessageQueue[]): void;
  /** Tag expression, or selector, for the queues of a topic that are assigned. Before start. */
  setSubExpressionForAssign(topic: string, expression: string | MessageSelector): void;
  /** Queues held now, sorted. */
  readonly assignment: readonly MessageQueue[];
  /** All queues of the topic that can be read, from the name servers. */
  fetchMessageQueues(topic: string): Promise<MessageQueue[]>;
  /** Messages of one queue, at most pullBatchSize; none when `timeout` milliseconds passed without. Default pollTimeoutMillis. */
  poll(timeout?: number): Promise<readonly ReceivedMessage[]>;
  /** Stops pulling; what is here already is still handed out. */
  pause(queues: readonly MessageQueue[]): void;
  /** Ends `pause`. */
  resume(queues: readonly MessageQueue[]): void;
  /** The next message comes from this offset. Rejects when the queue is not held, or has no such offset. */
  seek(queue: MessageQueue, offset: number): Promise<void>;
  /** To the oldest message the queue still has. Rejects as `seek` does. */
  seekToBegin(queue: MessageQueue): Promise<void>;
  /** Behind the last message. Rejects as `seek` does. */
  seekToEnd(queue: MessageQueue): Promise<void>;
  /** All that was handed out counts as done. Stored within persistConsumerOffsetInterval. */
  commit(): void;
  /** As `commit`, of all queues or of these; resolves when the brokers know. */
  commitSync(queues?: readonly MessageQueue[]): Promise<void>;
  /** These offsets instead; `persist` false leaves storing them to the next round. Queues not held are left out. */
  commitOffsets(offsets: Iterable<readonly [MessageQueue, number]>, persist?: boolean): Promise<void>;
  /** What was committed: here, else at the broker; -1 when nothing was. */
  committed(queue: MessageQueue): Promise<number>;
  /** Offset of the first message that was stored at `timestamp` (milliseconds since the epoch) or later. */
  offsetForTimestamp(queue: MessageQueue, timestamp: number): Promise<number>;
  /** Told when the queues of the topic change, looked at every topicMetadataCheckIntervalMillis. One listener a topic. */
  registerTopicMessageQueueChangeListener(topic: string, listener: TopicMessageQueueChangeListener): Promise<void>;
}
