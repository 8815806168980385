import type { ReceivedMessage } from '../../libs/client/src/index.js';
import type { ListenerFigures } from './message-delivery.js';
import type { MessageOutcome } from './outcome.js';

/** What becomes of a message, and the error behind it. */
export interface Verdict {
  readonly outcome: MessageOutcome;
  readonly error: unknown;
}

/** The listener that an observer is told about. */
export interface ObservedListener {
  /** Name of its connection. */
  readonly connection: string;
  /** 'Billing.onMessage' */
  readonly place: string;
  readonly topic: string;
  readonly consumerGroup: string;
  readonly isBroadcasting: boolean;
}

/** One call of a handler. */
export interface ObservedCall {
  readonly listener: ObservedListener;
  readonly isBatch: boolean;
  /** One, unless the listener has `batch`. */
  readonly messages: readonly ReceivedMessage[];
}

/**
 * Stands around the handlers of all listeners: what metrics and traces are made of. With an observer every delivery costs
 * some promises more; without any, none.
 */
export interface DeliveryObserver {
  /**
   * Around a call of a handler. Has to call `handle` once and to return what it does: a verdict for each message. Neither
   * rejects.
   */
  around?(call: ObservedCall, handle: () => Promise<readonly Verdict[]>): Promise<readonly Verdict[]>;
  /** What became of a message, also of one that did not reach its handler. `reason` is what `toDlq` was given. */
  concluded?(listener: ObservedListener, fate: keyof ListenerFigures, reason: string | undefined): void;
}
