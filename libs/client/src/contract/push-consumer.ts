import type { Lifecycle } from '../../../common/src/index.js';
import type { MessageQueue, ReceivedMessage } from './message.js';

export type MessageModel = 'CLUSTERING' | 'BROADCASTING';
export type ConsumeFromWhere = 'CONSUME_FROM_LAST_OFFSET' | 'CONSUME_FROM_FIRST_OFFSET' | 'CONSUME_FROM_TIMESTAMP';

export interface ConsumeContext {
  readonly messageQueue: MessageQueue;
  /** Fires when the consumer is closing or has lost the queue. */
  readonly signal: AbortSignal;
}

/** Resolved = consumed; thrown or rejected = delivered again later. */
export type MessageHandler = (messages: readonly ReceivedMessage[], context: ConsumeContext) => void | Promise<void>;

export interface PushConsumerConfig {
  readonly consumerGroup: string;
  readonly handler: MessageHandler;
  readonly messageModel?: MessageModel; // CLUSTERING
  readonly consumeFromWhere?: ConsumeFromWhere; // CONSUME_FROM_LAST_OFFSET
  /** yyyyMMddHHmmss, for CONSUME_FROM_TIMESTAMP. Default: half an hour ago. */
  readonly consumeTimestamp?: string;
  /** Handlers running at once. Default 20. */
  readonly concurrency?: number;
  readonly consumeMessageBatchMaxSize?: number; // 1
  readonly pullBatchSize?: number; // 32
  readonly pullInterval?: number; // 0 ms
  readonly pullThresholdForQueue?: number; // 1000 messages
  readonly pullThresholdSizeForQueue?: number; // 100 (unit: MiB)
  readonly consumeConcurrentlyMaxSpan?: number; // 2000
  /** A failed handler's message comes again after this long. Default 5000 ms. */
  readonly redeliveryDelay?: number;
  /** Milliseconds close() waits for handlers under way. Default 10,000. */
  readonly awaitTerminationMillis?: number;
}

export interface PushConsumer extends Lifecycle {
  readonly consumerGroup: string;
  /** Tag expression "a || b" or "*". Before start or while running. */
  subscribe(topic: string, expression?: string): void;
  unsubscribe(topic: string): void;
  /** Stops pulling; messages already here are still handled. */
  suspend(): void;
  resume(): void;
  /** Stops pulling for good, and resolves when handlers under way have ended or the deadline passed. Then call close(). */
  drain(): Promise<void>;
  /** Queues held now. */
  readonly assignment: readonly MessageQueue[];
}
