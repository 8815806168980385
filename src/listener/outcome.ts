import { RocketMQError } from '../../libs/common/src/index.js';
import { durationMillis } from '../options/duration.js';

/** What becomes of a message: made by {@link ack}, {@link retryAfter}, {@link toDlq}, or one of three words. */
export type RocketMQOutcome = 'ack' | 'retry' | 'dlq' | MessageOutcome;

/** An outcome with what belongs to it. */
export class MessageOutcome {
  constructor(
    readonly kind: 'ack' | 'retry' | 'dlq',
    /** Milliseconds until the message comes again; undefined lets the broker (orderly: the listener's option) choose. */
    readonly delay?: number,
    /** Why, for the log. */
    readonly reason?: string,
  ) {}
}

const acked = new MessageOutcome('ack');
const retried = new MessageOutcome('retry');
const dead = new MessageOutcome('dlq');
const words: Readonly<Record<string, MessageOutcome | undefined>> = { ack: acked, retry: retried, dlq: dead };

/** Seconds of Apache's delay levels, 1 to 18, as brokers have them unless messageDelayLevel says otherwise. */
const delayLevels: readonly number[] = [
  1, 5, 10, 30, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 1200, 1800, 3600, 7200,
];

/** The message is consumed. */
export function ack(): MessageOutcome {
  return acked;
}

/**
 * The message comes again, at the earliest after `delay`: milliseconds, or '500 ms', '30 s', '15 min', '2 h'. Concurrent
 * listeners wait for the next of the broker's levels (1 s, 5 s, 10 s, 30 s, 1 to 10 min, 20 min, 30 min, 1 h, 2 h, which
 * is the longest), orderly ones hold their queue up for 10 ms to 30 s. Without `delay` the broker chooses: 10 s at first,
 * longer each time.
 *
 * @throws RocketMQError ARGUMENT_INVALID when `delay` is no such time.
 */
export function retryAfter(delay?: number | string): MessageOutcome {
  return delay === undefined ? retried : new MessageOutcome('retry', millisecondsOf(delay));
}

/** The message goes to the dead-letter topic of its group at once; `reason` goes to the log. */
export function toDlq(reason?: string): MessageOutcome {
  return reason === undefined ? dead : new MessageOutcome('dlq', undefined, reason);
}

/** Undefined when a value is no outcome: listeners may return what they like. */
export function outcomeOf(value: unknown): MessageOutcome | undefined {
  if (typeof value === 'string') return Object.hasOwn(words, value) ? words[value] : undefined;
  return value instanceof MessageOutcome ? value : undefined;
}

/** What a filter returned, as far as it is an outcome, or for a batch a list of them; undefined when it is none. */
export function filteredOutcome(value: unknown, isBatch: boolean): unknown {
  if (!isBatch || !Array.isArray(value)) return outcomeOf(value);
  return value.length > 0 && value.every((item) => outcomeOf(item) !== undefined) ? value : undefined;
}

/** The level with the shortest delay that is not shorter than asked for; the longest there is beyond it. */
export function delayLevelFor(milliseconds: number): number {
  const index = delayLevels.findIndex((seconds) => seconds * 1000 >= milliseconds);
  return index === -1 ? delayLevels.length : index + 1;
}

function millisecondsOf(delay: number | string): number {
  const milliseconds = durationMillis(delay);
  if (milliseconds !== undefined) return milliseconds;
  throw new RocketMQError(
    'ARGUMENT_INVALID',
    `retryAfter: ${JSON.stringify(delay)} is no time; give milliseconds or a text like '30 s', '15 min', '2 h'`,
  );
}
