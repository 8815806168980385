import type { Lifecycle } from '../../../common/src/index.js';
import type { DelayedMessage } from './delay.js';
import type { MessageQueue, OutgoingMessage, ReceivedMessage } from './message.js';
import type { ReplyMessage, RequestCallback } from './request-reply.js';
import type { SendHook } from './send-hook.js';
import type { TraceConfig } from './trace.js';
import type {
  LocalTransaction,
  LocalTransactionChecker,
  TransactionListener,
  TransactionSendOptions,
  TransactionSendResult,
} from './transaction.js';

/** SEND_OK, or stored by the master while its disk or a slave did not confirm in time. */
export type SendStatus = 'SEND_OK' | 'FLUSH_DISK_TIMEOUT' | 'FLUSH_SLAVE_TIMEOUT' | 'SLAVE_NOT_AVAILABLE';

/** What a broker answered to a send. */
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
  /** Of a message that waits for its instant, from brokers since 5.3.2 and ours: see Producer.recall. */
  readonly recallHandle: string | undefined;
  /** Where there is a recallHandle: see Producer.cancelDelayed. */
  readonly delayed: DelayedMessage | undefined;
}

/** One of your own, or what `selectQueueByHash`, `selectQueueByRandom` and `selectQueueByMachineRoom` make. */
export type QueueSelector = (queues: readonly MessageQueue[], message: OutgoingMessage) => MessageQueue;

/** Of one send. */
export interface SendOptions {
  /** One budget over all attempts, milliseconds. Default ProducerConfig.sendMsgTimeout. */
  readonly timeout?: number;
  /** Same key, same queue: the one Java's SelectMessageQueueByHash picks. No retry elsewhere. */
  readonly hashKey?: string;
  readonly queue?: MessageQueue;
  readonly selector?: QueueSelector;
  readonly signal?: AbortSignal;
}

/** What the callback form of a send is told: one of the two, once. */
export interface SendCallback {
  /** A broker has stored it; see the status. */
  onSuccess(result: SendResult): void;
  /** It failed for good, after all attempts. */
  onException(error: unknown): void;
}

/** ZLIB is read by everybody. LZ4 and ZSTD are read since 4.9.4, and need a library: docs/producer.md. */
export type CompressionType = 'ZLIB' | 'LZ4' | 'ZSTD';

/** Apache's names and defaults: milliseconds, bytes and counts. docs/producer.md explains each. */
export interface ProducerConfig extends TraceConfig {
  /** Default DEFAULT_PRODUCER. */
  readonly producerGroup?: string;
  readonly sendMsgTimeout?: number; // 3000 ms
  /** Most of it that one attempt may take while another can follow; -1: all. */
  readonly sendMsgMaxTimeoutPerRequest?: number; // -1
  readonly retryTimesWhenSendFailed?: number; // 2
  readonly retryTimesWhenSendAsyncFailed?: number; // 2
  readonly retryAnotherBrokerWhenNotStoreOK?: boolean; // false
  /** Response codes after which another broker is tried. Default 17, 14, 1, 2, 16, 204, 205, 1500: Java 5's, who has two more than 4.9. */
  readonly retryResponseCodes?: readonly number[];
  readonly compressMsgBodyOverHowmuch?: number; // 4096 bytes
  readonly compressType?: CompressionType; // ZLIB
  /** 0 to 9 for ZLIB, 1 to 22 for ZSTD; LZ4 has none. */
  readonly compressLevel?: number; // 5
  readonly maxMessageSize?: number; // 4 MiB
  readonly defaultTopicQueueNums?: number; // 4
  readonly createTopicKey?: string; // TBW102
  /** Leaves brokers alone for a while that were slow or failed. */
  readonly sendLatencyFaultEnable?: boolean; // false
  /** After a send that took `latencyMax[i]` milliseconds or more, the broker is left alone for `notAvailableDuration[i]`. */
  readonly latencyMax?: readonly number[]; // 50, 100, 550, 1800, 3000, 5000, 15000
  readonly notAvailableDuration?: readonly number[]; // 0, 0, 2000, 5000, 6000, 10000, 30000
  /** A broker that failed is asked again in the background, and used only once it has answered. */
  readonly startDetectorEnable?: boolean; // false
  readonly detectInterval?: number; // 2000 ms
  readonly detectTimeout?: number; // 200 ms
  readonly hooks?: readonly SendHook[];
  /** Lets sendAsync wait its turn while more than the next two are under way. */
  readonly enableBackpressureForAsyncMode?: boolean; // false
  readonly backPressureForAsyncSendNum?: number; // 10,000 messages
  readonly backPressureForAsyncSendSize?: number; // 100 MiB
  /** Runs local transactions that a send does not bring itself, and answers brokers that ask about any of the group. */
  readonly transactionListener?: TransactionListener;
  /** Answers them alone, in place of the listener's. */
  readonly checkLocalTransaction?: LocalTransactionChecker;
  /** Checks running at once. */
  readonly checkThreadPoolMaxSize?: number; // 1
  /** Checks that wait for their turn; brokers ask again about those beyond. */
  readonly checkRequestHoldMax?: number; // 2000
}

/** Sends, from its `start` on. */
export interface Producer extends Lifecycle {
  readonly producerGroup: string;
  /** When the send began that a broker last answered with success, milliseconds since the epoch; undefined before. */
  readonly lastSent: number | undefined;
  /** An array is one batch: same topic, same waitStoreMsgOK, one queue. */
  send(message: OutgoingMessage | readonly OutgoingMessage[], options?: SendOptions): Promise<SendResult>;
  /** Callback form, retried retryTimesWhenSendAsyncFailed times. Never throws. */
  sendAsync(message: OutgoingMessage | readonly OutgoingMessage[], callback: SendCallback, options?: SendOptions): void;
  /** No answer, no retry; resolves when the bytes were handed to the socket. */
  sendOneWay(message: OutgoingMessage, options?: Omit<SendOptions, 'timeout'>): Promise<void>;
  /**
   * Cancels a message that waits for its instant, by a message of the same instant that names it. Resolves when the broker
   * has stored that one; rejects with MESSAGE_ILLEGAL (13) as response code when the instant is past.
   */
  cancelDelayed(delayed: DelayedMessage, options?: Pick<SendOptions, 'timeout' | 'signal'>): Promise<SendResult>;
  /**
   * The same by the handle that the broker gave, in a request of its own; brokers from 5.3.2 on serve it when
   * recallMessageEnable is true. Resolves to the UNIQ_KEY of the message.
   */
  recall(topic: string, recallHandle: string): Promise<string>;
  /**
   * Sends a message that nobody can read, runs `localTransaction` (else the listener's), and tells the broker what it came
   * to. Rejects only when the message could not be sent; what the local transaction throws is the result's `localError`.
   */
  sendMessageInTransaction(
    message: OutgoingMessage,
    localTransaction?: LocalTransaction,
    options?: TransactionSendOptions,
  ): Promise<TransactionSendResult>;
  /**
   * Sends, and resolves with the reply of whoever consumed it. `timeout` covers all of it. Rejects with TIMEOUT when no
   * reply came, or with what the send failed of.
   */
  request(message: OutgoingMessage, options?: SendOptions): Promise<ReceivedMessage>;
  /** Callback form. Never throws. */
  requestAsync(message: OutgoingMessage, callback: RequestCallback, options?: SendOptions): void;
  /**
   * Answers a message that was sent by `request`. Resolves when the requester took it. Rejects with ARGUMENT_INVALID when
   * the message is no request, with REQUEST_REFUSED when the requester is gone.
   */
  reply(request: ReceivedMessage, reply: ReplyMessage, options?: SendOptions): Promise<SendResult>;
  /** Resolves when no send is under way, and no local transaction. Never rejects; sends may go on meanwhile. */
  flush(): Promise<void>;
  /** Queues that can be written, sorted. */
  fetchPublishMessageQueues(topic: string): Promise<MessageQueue[]>;
}
