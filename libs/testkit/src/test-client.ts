import { createHash } from 'node:crypto';

/**
 * A RocketMQ client as the interop suites see it: Apache's in a JVM or ours in this process, so that one question can be
 * asked of both.
 */
export interface TestClient {
  readonly kind: 'java' | 'ours';
  /** Java 5.x gives a batch an id of its own, which brokers append to each of its messages, where it hides the message's. */
  readonly batchIdWins: boolean;
  producer(options: TestProducerOptions): Promise<TestProducer>;
  /** What each message says of itself decides how its transaction goes: its properties `local` and `check`. */
  transactionProducer(options: TestTransactionOptions): Promise<TestTransactionProducer>;
  pushConsumer(options: TestConsumerOptions): Promise<TestConsumer>;
  pullConsumer(options: { readonly nameServer: string; readonly group: string }): Promise<TestPullConsumer>;
  /** From the first message on, without commits of its own. */
  litePullConsumer(options: TestLitePullOptions): Promise<TestLitePullConsumer>;
  /** Pulls each of its queues every `delay` milliseconds, from the committed offset on. */
  pullSchedule(options: TestScheduleOptions): Promise<TestSchedule>;
}

export interface TestProducerOptions {
  readonly nameServer: string;
  readonly group: string;
  readonly vipChannel?: boolean;
  /** Bytes from which bodies are compressed. */
  readonly compressOver?: number;
  /** Traces are sent there; without, there are none. */
  readonly traceTopic?: string;
  /** Default ZLIB; since 4.9.4. */
  readonly compressType?: 'ZLIB' | 'LZ4' | 'ZSTD';
  readonly defaultTopicQueueNums?: number;
}

export interface TestMessage {
  readonly topic: string;
  readonly body: string | Buffer;
  readonly tags?: string;
  /** Several keys are separated by a space, as on the wire. */
  readonly keys?: string;
  readonly flag?: number;
  readonly properties?: Readonly<Record<string, string>>;
  readonly delayLevel?: number;
  /** Since 5.0, both. */
  readonly delayTimeMs?: number;
  readonly deliverTimeMs?: number;
}

export interface TestQueue {
  readonly topic: string;
  readonly brokerName: string;
  readonly queueId: number;
}

export interface Sent {
  readonly sendStatus: string;
  readonly msgId: string;
  readonly offsetMsgId: string;
  readonly queue: TestQueue;
  readonly queueOffset: number;
  /** Of a timed message, since 5.3.2. */
  readonly recallHandle?: string | undefined;
}

export interface TestProducer {
  send(message: TestMessage): Promise<Sent>;
  sendAsync(message: TestMessage): Promise<Sent>;
  sendOneWay(message: TestMessage): Promise<void>;
  sendByHash(message: TestMessage, hashKey: string): Promise<Sent>;
  sendToQueue(message: TestMessage, queue: TestQueue): Promise<Sent>;
  sendBatch(messages: readonly TestMessage[]): Promise<Sent>;
  /** `count` asynchronous sends of floodBody(prefix, i, size), key "prefix-i". Resolves with [queueId, queueOffset, msgId] by i. */
  flood(options: FloodOptions): Promise<FloodReceipt[]>;
  queues(topic: string): Promise<TestQueue[]>;
  /** Since 5.3.2. Resolves to the msgId. */
  recall(topic: string, recallHandle: string): Promise<string>;
  close(): Promise<void>;
}

export type TestTransactionOptions = Pick<TestProducerOptions, 'nameServer' | 'group'>;

/** A broker asked about a transaction. */
export interface TestCheck {
  readonly topic: string;
  readonly keys: string;
  readonly queueId: number;
  /** TRANSACTION_CHECK_TIMES */
  readonly times: number;
}

export interface TestTransactionProducer {
  /** With user properties local and check, each COMMIT, ROLLBACK or UNKNOWN. */
  send(message: TestMessage): Promise<Sent>;
  /** In order. */
  checks(): Promise<TestCheck[]>;
  close(): Promise<void>;
}

export interface FloodOptions {
  readonly topic: string;
  readonly prefix: string;
  readonly count: number;
  readonly size: number;
  readonly inFlight: number;
  readonly tags?: string;
}

export type FloodReceipt = readonly [queueId: number, queueOffset: number, msgId: string];

/** CLASS: the expression is the name of a filter that the broker's host registered. */
export type Subscribed = readonly [topic: string, expression: string, kind?: 'TAG' | 'SQL92' | 'CLASS'];

export interface TestConsumerOptions {
  readonly nameServer: string;
  readonly group: string;
  readonly subscriptions: readonly Subscribed[];
  readonly messageModel?: 'CLUSTERING' | 'BROADCASTING';
  readonly consumeFromWhere?: 'CONSUME_FROM_LAST_OFFSET' | 'CONSUME_FROM_FIRST_OFFSET';
  readonly consumeMode?: 'CONCURRENTLY' | 'ORDERLY';
  readonly maxReconsumeTimes?: number;
  /** Traces are sent there; without, there are none. */
  readonly traceTopic?: string;
  /** Messages with the tag "bad" are refused until they have come this often. Default 0: none. */
  readonly refusals?: number;
}

export interface TestConsumer {
  /** In order of arrival, duplicates included. */
  readonly received: readonly Received[];
  /** Resolves once `enough` holds, asked after every message. Rejects after `timeout` milliseconds. */
  waitUntil(enough: (received: readonly Received[]) => boolean, timeout?: number): Promise<void>;
  assignment(): Promise<TestQueue[]>;
  close(): Promise<void>;
}

export interface Received {
  readonly topic: string;
  readonly brokerName: string;
  readonly queueId: number;
  readonly queueOffset: number;
  readonly physicalOffset: number;
  readonly msgId: string;
  readonly tags: string | undefined;
  readonly keys: string | undefined;
  readonly flag: number;
  readonly sysFlag: number;
  /** Bytes of its record in the log. */
  readonly storeSize: number;
  readonly properties: Readonly<Record<string, string>>;
  readonly bodyLength: number;
  readonly bodySha1: string;
  readonly bornTimestamp: number;
  readonly storeTimestamp: number;
  readonly reconsumeTimes: number;
  /** When this process saw it. */
  readonly arrivedAt: number;
}

export interface Pulled {
  readonly status: 'FOUND' | 'NO_NEW_MSG' | 'NO_MATCHED_MSG' | 'OFFSET_ILLEGAL';
  readonly nextBeginOffset: number;
  readonly minOffset: number;
  readonly maxOffset: number;
  readonly messages: readonly Received[];
}

export interface TestPullConsumer {
  queues(topic: string): Promise<TestQueue[]>;
  pull(queue: TestQueue, offset: number, options?: { expression?: string; maxNums?: number }): Promise<Pulled>;
  /** What the broker keeps for the group; -1 when nothing. */
  committed(queue: TestQueue): Promise<number>;
  commit(queue: TestQueue, offset: number): Promise<void>;
  close(): Promise<void>;
}

/** Subscribes, or is assigned queues. */
export interface TestLitePullOptions {
  readonly nameServer: string;
  readonly group: string;
  readonly topic?: string;
  readonly expression?: string;
  readonly assign?: readonly TestQueue[];
}

export interface TestLitePullConsumer {
  poll(timeout: number): Promise<Received[]>;
  assign(queues: readonly TestQueue[]): Promise<void>;
  /** Rejects when the queue has no such offset. */
  seek(queue: TestQueue, where: number | 'begin' | 'end'): Promise<void>;
  /** What was polled; the broker knows at the latest after close. */
  commit(): Promise<void>;
  committed(queue: TestQueue): Promise<number>;
  close(): Promise<void>;
}

export interface TestScheduleOptions {
  readonly nameServer: string;
  readonly group: string;
  readonly topic: string;
  readonly delay: number;
}

export type TestSchedule = Pick<TestConsumer, 'received' | 'waitUntil' | 'close'>;

export function sha1(body: string | Buffer): string {
  return createHash('sha1').update(body).digest('hex');
}

export function floodBody(prefix: string, index: number, size: number): Buffer {
  return Buffer.from(`${prefix}-${index}`.padEnd(size, '.'));
}
