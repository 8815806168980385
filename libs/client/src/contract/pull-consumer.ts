import type { Lifecycle } from '../../../common/src/index.js';
import type { AllocateStrategy } from './allocation.js';
import type { MessageSelector } from './filter.js';
import type { MessageQueue, ReceivedMessage } from './message.js';
import type { MessageModel } from './push-consumer.js';

/** What one pull found. `nextBeginOffset` is where the next one goes on. */
export interface PullResult {
  readonly status: 'FOUND' | 'NO_NEW_MSG' | 'NO_MATCHED_MSG' | 'OFFSET_ILLEGAL';
  readonly nextBeginOffset: number;
  readonly minOffset: number;
  readonly maxOffset: number;
  readonly messages: readonly ReceivedMessage[];
}

/** Of one pull. Times are milliseconds. */
export interface PullOptions {
  /** Tag expression "a || b" or "*", or a selector. */
  readonly expression?: string | MessageSelector; // "*"
  readonly maxNums?: number; // 32
  /** Park at the broker until a message comes (long polling), at most this long. 0 = answer at once. Default 0. */
  readonly suspendTimeout?: number;
  readonly timeout?: number;
}

/** Apache's names and defaults, milliseconds. docs/pull-consumer.md explains each. */
export interface PullConsumerConfig {
  readonly consumerGroup: string;
  readonly messageModel?: MessageModel;
  /** Topics whose queues are shared among the members of the group: fetchMessageQueuesInBalance. */
  readonly registerTopics?: readonly string[];
  readonly allocateMessageQueueStrategy?: AllocateStrategy; // AVG
  /** How long pullBlockIfNotFound parks at the broker. */
  readonly brokerSuspendMaxTimeMillis?: number; // 20,000
  /** How long it waits for the answer. */
  readonly consumerTimeoutMillisWhenSuspend?: number; // 30,000
  readonly consumerPullTimeoutMillis?: number; // 10,000
  /** Of messages given back: more often than this, they go to the dead-letter topic. */
  readonly maxReconsumeTimes?: number; // 16
}

/** The queues of a topic, or this member's share of them, changed. */
export type MessageQueueListener = (topic: string, all: readonly MessageQueue[], own: readonly MessageQueue[]) => void;

/** Pulls when asked, from the queue and the offset it is told: Java's DefaultMQPullConsumer. */
export interface PullConsumer extends Lifecycle {
  readonly consumerGroup: string;
  /** All queues of the topic that can be read, from the name servers. */
  fetchSubscribeMessageQueues(topic: string): Promise<MessageQueue[]>;
  /** This member's queues of a topic out of registerTopics, as of the last rebalance. */
  fetchMessageQueuesInBalance(topic: string): MessageQueue[];
  /** Called when they change. One listener a topic, which is added to registerTopics. */
  registerMessageQueueListener(topic: string, listener: MessageQueueListener): void;
  /** Messages of the queue from `offset` on; answered at once unless `suspendTimeout` says otherwise. */
  pull(queue: MessageQueue, offset: number, options?: PullOptions): Promise<PullResult>;
  /** Parks at the broker until a message comes, at most brokerSuspendMaxTimeMillis. */
  pullBlockIfNotFound(queue: MessageQueue, offset: number, options?: PullOptions): Promise<PullResult>;
  /** -1 when the group has none. `fromStore` asks the broker, else what updateConsumeOffset set here. */
  fetchConsumeOffset(queue: MessageQueue, fromStore?: boolean): Promise<number>;
  /** Notes how far the group is; brokers are told within persistConsumerOffsetInterval. */
  updateConsumeOffset(queue: MessageQueue, offset: number): void;
  /** Tells the brokers now. */
  persistConsumeOffset(): Promise<void>;
  /** The message comes again, on the retry topic of the group, after the delay of this level: 0 grows with each time, below 0 is the dead-letter topic. */
  sendMessageBack(message: ReceivedMessage, delayLevel: number): Promise<void>;
}

/** What a task of a pull schedule works with. */
export interface PullTaskContext {
  readonly pullConsumer: PullConsumer;
  /** Milliseconds from the end of this task to the next one of the queue. Default 200. */
  setPullNextDelayTimeMillis(delay: number): void;
  /** Fires when the queue is lost or the service closes. */
  readonly signal: AbortSignal;
}

/** Pulls from one queue, as it likes. Thrown or rejected: it is called again after a second. */
export type PullTaskCallback = (queue: MessageQueue, context: PullTaskContext) => void | Promise<void>;

export interface PullScheduleConfig extends PullConsumerConfig {
  /** Tasks under way at once. */
  readonly pullThreadNums?: number; // 20
}

/** Calls a function for each queue this member holds, again and again: Java's MQPullConsumerScheduleService. */
export interface PullScheduleService extends Lifecycle {
  readonly pullConsumer: PullConsumer;
  /** Before start or later; one a topic. */
  registerPullTaskCallback(topic: string, callback: PullTaskCallback): void;
}
