import type { MessageQueue, OutgoingMessage } from './message.js';
import type { SendResult } from './producer.js';

/** One attempt to send: a send that is tried again is several. */
export interface SendHookCall {
  readonly producerGroup: string;
  /** The message, or the first of a batch. */
  readonly message: OutgoingMessage;
  readonly isBatch: boolean;
  /** It waits for the end of its transaction. */
  readonly isHalf: boolean;
  /** UNIQ_KEY; a comma list for batches. */
  readonly msgId: string;
  readonly messageQueue: MessageQueue;
  /** "host:port". */
  readonly brokerAddress: string;
}

export interface SendHookResult extends SendHookCall {
  /** Undefined when the attempt failed, and for a message sent one way. */
  readonly result: SendResult | undefined;
  readonly error: unknown;
  /** Milliseconds. */
  readonly duration: number;
}

/** Called around every attempt to send, at once and not waited for. What it throws is logged. */
export interface SendHook {
  /** Before the bytes leave. */
  before?(call: SendHookCall): void;
  /** When the broker has answered, or the attempt has failed. */
  after?(result: SendHookResult): void;
}
