import type { Lifecycle } from '../../../common/src/index.js';
import type { MessageQueue, ReceivedMessage } from './message.js';
import type { MessageModel } from './push-consumer.js';

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
