/**
 * When a message is to be delivered, other than at once: one of the three at most. Levels work on every broker; an instant
 * needs a broker of Apache's from 5.0 on, or ours: 4.x delivers at once. docs/delay.md has the limits.
 */
export interface DeliveryDelay {
  /** Number of one of the broker's levels, by default 1 (1 s) to 18 (2 h); one beyond the highest means the highest. */
  readonly delayTimeLevel?: number;
  /** Milliseconds from when the broker has the message. */
  readonly delayTimeMs?: number;
  /** Milliseconds since the epoch, by the broker's clock; an instant that is past means at once. */
  readonly deliverTimeMs?: number;
}

/** A message that waits for its instant, as far as it takes to cancel it: see Producer.cancelDelayed. */
export interface DelayedMessage {
  readonly topic: string;
  readonly brokerName: string;
  readonly queueId: number;
  /** UNIQ_KEY. */
  readonly uniqKey: string;
  /** Instant in the second in which it is delivered, milliseconds since the epoch. */
  readonly deliverTimeMs: number;
}
