import type { Clock, Lifecycle, Logger } from '../../common/src/index.js';

/** What `start` does when no name server answers: reject, ask again every 3 s until one does, or not ask at all. */
export type ConnectFailurePolicy = 'fail' | 'retry' | 'lazy';

/** How a client reaches its cluster. Shared by all producers and consumers made with it. */
export interface ClientConfig {
  /** 'host:port;host:port' or a list; default: the environment's NAMESRV_ADDR. */
  readonly nameServer?: string | readonly string[];
  /** Address put into the client id; default: the first external IPv4 address, else 127.0.0.1. */
  readonly clientIP?: string;
  /** Default 'DEFAULT', which becomes pid#nanoseconds, as in Java. */
  readonly instanceName?: string;
  readonly unitName?: string;
  /** Default 'fail'. */
  readonly onConnectFailure?: ConnectFailurePolicy;
  /** Milliseconds; Apache's names and defaults. */
  readonly pollNameServerInterval?: number; // 30,000
  readonly heartbeatBrokerInterval?: number; // 30,000
  readonly persistConsumerOffsetInterval?: number; // 5,000
  /** Calls without a timeout of their own. Default 3000. */
  readonly requestTimeout?: number;
  /** Ask brokers on listenPort-2. Default false. */
  readonly vipChannelEnabled?: boolean;
  readonly serializer?: 'JSON' | 'ROCKETMQ';
  /** LanguageCode ordinal and MQVersion ordinal of our frames. */
  readonly language?: number;
  readonly version?: number;
  /** Where broadcasting consumers keep offsets; default ~/.rocketmq_offsets (rocketmq.client.localOffsetStoreDir). */
  readonly localOffsetStoreDir?: string;
  /** Most bytes a compressed body may inflate to; a message beyond fails when its body is read. Default 16 MiB. */
  readonly maxDecompressedSize?: number;
  readonly clock?: Clock;
  readonly log?: Logger;
}

export interface MessageQueue {
  readonly topic: string;
  readonly brokerName: string;
  readonly queueId: number;
}

/** What a producer takes. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly body: Buffer | string;
  readonly tags?: string;
  readonly keys?: string | readonly string[];
  /** User properties; reserved names and the separators 0x01 and 0x02 are refused. */
  readonly properties?: Readonly<Record<string, string>>;
  readonly flag?: number;
  /** false: the broker acks without waiting for disk or slave. */
  readonly waitStoreMsgOK?: boolean;
}

export type SendStatus = 'SEND_OK' | 'FLUSH_DISK_TIMEOUT' | 'FLUSH_SLAVE_TIMEOUT' | 'SLAVE_NOT_AVAILABLE';

export interface SendResult {
  readonly sendStatus: SendStatus;
  /** UNIQ_KEY, made by the client. A comma list for batches. */
  readonly msgId: string;
  /** Broker address and log offset in hex; a comma list for batches. */
  readonly offsetMsgId: string;
  readonly messageQueue: MessageQueue;
  readonly queueOffset: number;
  readonly transactionId: string | undefined;
  readonly regionId: string;
  readonly traceOn: boolean;
}

export type QueueSelector = (queues: readonly MessageQueue[], message: OutgoingMessage) => MessageQueue;

export interface SendOptions {
  /** One budget over all attempts, milliseconds. Default ProducerConfig.sendMsgTimeout. */
  readonly timeout?: number;
  /** Same key, same queue: the one Java's SelectMessageQueueByHash picks. No retry elsewhere. */
  readonly hashKey?: string;
  readonly queue?: MessageQueue;
  readonly selector?: QueueSelector;
  readonly signal?: AbortSignal;
}

export interface SendCallback {
  onSuccess(result: SendResult): void;
  onException(error: unknown): void;
}

export interface ProducerConfig {
  /** Default DEFAULT_PRODUCER. */
  readonly producerGroup?: string;
  readonly sendMsgTimeout?: number; // 3000 ms
  readonly retryTimesWhenSendFailed?: number; // 2
  readonly retryTimesWhenSendAsyncFailed?: number; // 2
  readonly retryAnotherBrokerWhenNotStoreOK?: boolean; // false
  readonly compressMsgBodyOverHowmuch?: number; // 4096 bytes
  readonly maxMessageSize?: number; // 4 MiB
  readonly defaultTopicQueueNums?: number; // 4
  readonly createTopicKey?: string; // TBW102
}

export interface Producer extends Lifecycle {
  readonly producerGroup: string;
  /** An array is one batch: same topic, same waitStoreMsgOK, one queue. */
  send(message: OutgoingMessage | readonly OutgoingMessage[], options?: SendOptions): Promise<SendResult>;
  /** Callback form, retried retryTimesWhenSendAsyncFailed times. Never throws. */
  sendAsync(message: OutgoingMessage | readonly OutgoingMessage[], callback: SendCallback, options?: SendOptions): void;
  /** No answer, no retry; resolves when the bytes were handed to the socket. */
  sendOneWay(message: OutgoingMessage, options?: Omit<SendOptions, 'timeout'>): Promise<void>;
  /** Resolves when no send is under way. Never rejects; sends may go on meanwhile. */
  flush(): Promise<void>;
  /** Queues that can be written, sorted. */
  fetchPublishMessageQueues(topic: string): Promise<MessageQueue[]>;
}

export interface ReceivedMessage {
  readonly topic: string;
  readonly body: Buffer;
  readonly tags: string | undefined;
  readonly keys: readonly string[];
  /** All properties, the system's too. */
  readonly properties: ReadonlyMap<string, string>;
  /** UNIQ_KEY, or the offset id when there is none. */
  readonly msgId: string;
  readonly offsetMsgId: string;
  readonly brokerName: string;
  readonly queueId: number;
  readonly queueOffset: number;
  readonly physicalOffset: number;
  readonly flag: number;
  readonly sysFlag: number;
  readonly bornTimestamp: number;
  readonly bornHost: string;
  readonly storeTimestamp: number;
  readonly storeHost: string;
  readonly reconsumeTimes: number;
  readonly bodyCrc: number;
  readonly storeSize: number;
}

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

export interface PullResult {
  readonly status: 'FOUND' | 'NO_NEW_MSG' | 'NO_MATCHED_MSG' | 'OFFSET_ILLEGAL';
  readonly nextBeginOffset: number;
  readonly minOffset: number;
  readonly maxOffset: number;
  readonly messages: readonly ReceivedMessage[];
}

export interface PullOptions {
  readonly expression?: string; // "*"
  readonly maxNums?: number; // 32
  /** Park at the broker until a message comes (long polling), at most this long. 0 = answer at once. Default 0. */
  readonly suspendTimeout?: number;
  readonly timeout?: number;
}

export interface PullConsumerConfig {
  readonly consumerGroup: string;
  readonly messageModel?: MessageModel;
}

export interface PullConsumer extends Lifecycle {
  readonly consumerGroup: string;
  fetchSubscribeMessageQueues(topic: string): Promise<MessageQueue[]>;
  pull(queue: MessageQueue, offset: number, options?: PullOptions): Promise<PullResult>;
  /** -1 when the group has none. `fromStore` asks the broker, else what updateConsumeOffset set here. */
  fetchConsumeOffset(queue: MessageQueue, fromStore?: boolean): Promise<number>;
  updateConsumeOffset(queue: MessageQueue, offset: number): void;
  persistConsumeOffset(): Promise<void>;
}

/** Administrative calls every client has in Java (MQAdmin), and those the Nest face needs. */
export interface Admin {
  createTopic(name: string, options?: { readQueues?: number; writeQueues?: number; perm?: number }): Promise<void>;
  topicExists(topic: string): Promise<boolean>;
  searchOffset(queue: MessageQueue, timestamp: number): Promise<number>;
  maxOffset(queue: MessageQueue): Promise<number>;
  minOffset(queue: MessageQueue): Promise<number>;
  earliestMsgStoreTime(queue: MessageQueue): Promise<number>;
}

/**
 * One connection to one cluster: remoting, route cache, heartbeats. Producers and consumers made with it share it.
 * `start` resolves once a name server answered a call or rejects with NAME_SERVER_UNAVAILABLE (see onConnectFailure);
 * `close` closes what it made, in reverse. Producers and consumers start the client when they are started first.
 */
export interface RocketMQClient extends Lifecycle {
  readonly clientId: string;
  createProducer(config?: ProducerConfig): Producer;
  createPushConsumer(config: PushConsumerConfig): PushConsumer;
  createPullConsumer(config: PullConsumerConfig): PullConsumer;
  readonly admin: Admin;
}
