import type { DeliveryDelay } from '../../libs/client/src/index.js';
import { durationMillis } from '../options/duration.js';
import { RocketMQOptionsError } from '../options/validate.js';

/** When a message is to be delivered, other than at once: one of the three at most. docs/delay.md has what brokers make of them. */
export interface DelayOptions {
  /** Milliseconds, or '15 min', '30 s', '2 h'. Needs a broker of 5.x, or ours: 4.x delivers at once. */
  readonly delay?: number | string;
  /** Number of one of the broker's levels, by default 1 (1 s) to 18 (2 h). Works on every broker. */
  readonly delayLevel?: number;
  /** The instant, or its milliseconds since the epoch. Needs a broker of 5.x, or ours. */
  readonly deliverAt?: Date | number;
}

/**
 * In the producer's terms.
 *
 * @throws RocketMQOptionsError naming the option that is wrong. (Which of them exclude each other is checked with all others.)
 */
export function deliveryDelay({ delay, delayLevel, deliverAt }: DelayOptions): DeliveryDelay {
  if (delay !== undefined) return { delayTimeMs: delayMillis(delay) };
  if (deliverAt !== undefined) return { deliverTimeMs: deliverMillis(deliverAt) };
  if (delayLevel === undefined) return {};
  if (Number.isSafeInteger(delayLevel) && delayLevel >= 1) return { delayTimeLevel: delayLevel };
  throw new RocketMQOptionsError(
    `options.delayLevel must be a level, a whole number from 1 on; it is ${String(delayLevel)}`,
  );
}

function delayMillis(delay: unknown): number {
  const millis = durationMillis(delay);
  if (millis !== undefined && Number.isSafeInteger(millis)) return millis;
  throw new RocketMQOptionsError(
    `options.delay must be whole milliseconds, or a text like '15 min', '30 s', '2 h'; it is ${shown(delay)}`,
  );
}

function deliverMillis(instant: unknown): number {
  const millis = instant instanceof Date ? instant.getTime() : instant;
  if (typeof millis === 'number' && Number.isSafeInteger(millis) && millis >= 1) return millis;
  throw new RocketMQOptionsError(
    `options.deliverAt must be a Date, or milliseconds since the epoch; it is ${shown(instant)}`,
  );
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `'${value.slice(0, 40)}'` : String(value);
}
