import type { Lifecycle } from '../../../common/src/index.js';
import type { MessageQueue, OutgoingMessage } from './message.js';

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
