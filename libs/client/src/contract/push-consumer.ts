import type { Lifecycle, RocketMQError } from '../../../common/src/index.js';
import type { AllocateStrategy } from './allocation.js';
import type { SubscribeExpression } from './filter.js';
import type { MessageQueue, ReceivedMessage } from './message.js';
import type { TraceConfig } from './trace.js';

/** CLUSTERING: each message goes to one member of the group. BROADCASTING: to all of them. */
export type MessageModel = 'CLUSTERING' | 'BROADCASTING';
/** Many messages of a queue at once, or one batch after the other. */
export type ConsumeMode = 'CONCURRENTLY' | 'ORDERLY';
/** Where a group begins that has no offset yet. */
export type ConsumeFromWhere = 'CONSUME_FROM_LAST_OFFSET' | 'CONSUME_FROM_FIRST_OFFSET' | 'CONSUME_FROM_TIMESTAMP';
/** What a member does at its start when others of its group subscribe to something else. */
export type SubscriptionCheck = 'warn' | 'refuse' | 'off';

/** One call of a handler. What it sets counts when it has ended. */
export interface ConsumeContext {
  readonly messageQueue: MessageQueue;
  /** Fires when the consumer is closing, has lost the queue, or waits no longer for this handler (`consumeTimeout`). */
  readonly signal: AbortSignal;
  /**
   * When the messages not consumed come again. 0 (default) lets the broker choose: level 3 at first, one higher each
   * time; 1 to 18 is a level; below 0 they go to the dead-letter topic. Orderly: the queue waits whatever the level is,
   * but for those below 0.
   */
  delayLevelWhenNextConsume: number;
  /** Concurrent: index of the last message of the batch that was consumed; -1 = none. Default: the last one. */
  ackIndex: number;
  /** Orderly: how long the queue waits after a failure, 10 to 30,000 ms. -1 (default): the option of that name. */
  suspendCurrentQueueTimeMillis: number;
  /**
   * What becomes of each message of the batch, in place of the first two, and counts even when the handler fails:
   * undefined = consumed, a number = not consumed, and a level as above. Orderly: messages go on up to the first one that
   * is not consumed and not for the dead-letter topic; from there on the queue waits.
   */
  messageDelayLevels: readonly (number | undefined)[] | undefined;
}

/**
 * Resolved = consumed. Thrown or rejected = not: concurrent consumers give the messages back to the broker and get them
 * again later, orderly ones wait and get the same messages again.
 */
export type MessageHandler = (messages: readonly ReceivedMessage[], context: ConsumeContext) => void | Promise<void>;

/** How a call of a handler ended: it returned, threw, or ran longer than consumeTimeout. */
export type ConsumeOutcome = 'SUCCESS' | 'EXCEPTION' | 'TIME_OUT';

/** A call of a handler that begins. */
export interface ConsumeHookCall {
  readonly consumerGroup: string;
  readonly messageQueue: MessageQueue;
  readonly messages: readonly ReceivedMessage[];
}

/** A call of a handler that has ended. */
export interface ConsumeHookResult extends ConsumeHookCall {
  readonly outcome: ConsumeOutcome;
  /** Messages consumed: from the first on, unless the handler said it of each. */
  readonly consumed: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly error: unknown;
}

/** Called around every handler call, at once and not waited for. What it throws is logged. */
export interface ConsumeHook {
  /** Before the handler. */
  before?(call: ConsumeHookCall): void;
  /** When it has ended, or the consumer waits for it no longer. */
  after?(result: ConsumeHookResult): void;
}

/** Names, bounds and defaults are Java's where it has the option. docs/consumer.md explains them. */
export interface PushConsumerConfig extends TraceConfig {
  readonly consumerGroup: string;
  readonly handler: MessageHandler;
  readonly messageModel?: MessageModel; // CLUSTERING
  /** ORDERLY: the messages of a queue one batch after the other, whichever member has the queue. */
  readonly consumeMode?: ConsumeMode; // CONCURRENTLY
  readonly consumeFromWhere?: ConsumeFromWhere; // CONSUME_FROM_LAST_OFFSET
  /** How the members of a clustering group share queues; the same at all of them. */
  readonly allocateMessageQueueStrategy?: AllocateStrategy; // AVG
  /** yyyyMMddHHmmss, for CONSUME_FROM_TIMESTAMP. Default: half an hour ago. */
  readonly consumeTimestamp?: string;
  /** Handlers running at once. Default 20. */
  readonly concurrency?: number;
  /** Handlers running at once with messages of one queue. Default: no limit but `concurrency`; 1 when orderly. */
  readonly concurrencyPerQueue?: number;
  readonly consumeMessageBatchMaxSize?: number; // 1
  readonly pullBatchSize?: number; // 32
  readonly pullInterval?: number; // 0 ms
  readonly pullThresholdForQueue?: number; // 1000 messages
  readonly pullThresholdSizeForQueue?: number; // 100 (unit: MiB)
  /** Divided by the number of queues held, this takes the place of the threshold per queue. Default -1: it does not. */
  readonly pullThresholdForTopic?: number; // -1, messages
  readonly pullThresholdSizeForTopic?: number; // -1 (unit: MiB)
  /** Not when orderly. */
  readonly consumeConcurrentlyMaxSpan?: number; // 2000
  /** How often a message comes again before it goes to the dead-letter topic. -1: 16, or without end when orderly. */
  readonly maxReconsumeTimes?: number; // -1
  /** Minutes, fractions too, until a handler has run too long. */
  readonly consumeTimeout?: number; // 15
  /** Orderly: how long a queue waits after a failure. */
  readonly suspendCurrentQueueTimeMillis?: number; // 1000 ms
  readonly hooks?: readonly ConsumeHook[];
  readonly checkSubscription?: SubscriptionCheck; // warn
  /** Milliseconds close() waits for handlers under way. Default 10,000. */
  readonly awaitTerminationMillis?: number;
}

/** How far a consumer is with a queue it holds. */
export interface QueueProgress {
  readonly messageQueue: MessageQueue;
  /** Offset of the first message that is not consumed. What brokers are told of it lags behind by up to 5 s. */
  readonly consumerOffset: number;
  /** Messages pulled and not consumed: waiting, with a handler, or on their way back to the broker. */
  readonly cached: number;
}

/** Hands messages to a handler as they come. What it subscribes to, all members of its group have to. */
export interface PushConsumer extends Lifecycle {
  readonly consumerGroup: string;
  /** Tag expression "a || b" or "*", or a selector. Before start or while running. */
  subscribe(topic: string, expression?: SubscribeExpression): void;
  /** Gives its queues back. */
  unsubscribe(topic: string): void;
  /** Stops pulling; messages already here are still handled. */
  suspend(): void;
  /** Ends `suspend`. */
  resume(): void;
  /** Live: handlers running at once, 1 to 1000. @throws RocketMQError ARGUMENT_INVALID. */
  updateConcurrency(concurrency: number): void;
  /** Stops pulling for good, and resolves when handlers under way have ended or the deadline passed. Then call close(). */
  drain(): Promise<void>;
  /** Queues held now. */
  readonly assignment: readonly MessageQueue[];
  /** Of the queues held now, the retry topic's too. */
  readonly progress: readonly QueueProgress[];
  /** When a handler last consumed a message, milliseconds since the epoch; undefined when none has. */
  readonly lastConsumed: number | undefined;
  /** What keeps it from handing out messages: HANDLERS_STUCK; undefined when nothing does. */
  readonly problem: RocketMQError | undefined;
}
