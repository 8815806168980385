import { javaStringHash, messageOf } from '../../../../common/src/index.js';
import {
  decodeMessage,
  MessageProperty,
  propertyOf,
  SystemTopic,
  withProperty,
  type MessageRecord,
} from '../../../../protocol/src/index.js';
import type { AppendMessage } from '../../../../store/src/index.js';
import { copyOf, instants, placeOf } from '../delayed-message.js';

/** Longest text of properties in a record. */
const longestProperties = 32_767;
/** What Java notes for a message that came too late to wait: Long.MAX_VALUE. */
const neverEnqueued = '9223372036854775807';

/** What the timer has to know of a message in its queue. */
export interface TimerMessage {
  readonly record: MessageRecord;
  readonly topic: string;
  readonly queueId: number;
  /** Slot of the timer, milliseconds since the epoch. */
  readonly outTime: number;
  /** When it is to be delivered, to the millisecond. */
  readonly deliverTime: number;
  /** What cancellations call it. */
  readonly key: string | undefined;
  /** Key of the message that this one cancels. */
  readonly cancels: string | undefined;
}

export type TimerReading = TimerMessage | { readonly problem: string };

/** Takes a record of the timer's queue apart. What it says is checked, since files come from anywhere. */
export function readTimerMessage(record: Buffer, precision: number): TimerReading {
  let found: MessageRecord;
  try {
    found = decodeMessage(record);
  } catch (error) {
    return { problem: messageOf(error) };
  }
  if (found.topic !== SystemTopic.TIMER) return { problem: `a message of ${found.topic} stands there` };
  const { properties } = found;
  const outTime = wholeNumber(propertyOf(properties, MessageProperty.TIMER_OUT_MS));
  if (outTime === undefined || outTime <= 0) return { problem: 'TIMER_OUT_MS is no instant' };
  const place = placeOf(properties);
  if ('problem' in place) return place;
  const uniqueKey = propertyOf(properties, MessageProperty.UNIQ_KEY);
  return {
    record: found,
    ...place,
    outTime,
    deliverTime: deliverTimeOf(found, outTime, precision),
    key: uniqueKey === undefined ? undefined : cancelKey(place.topic, uniqueKey),
    cancels: propertyOf(properties, MessageProperty.TIMER_DEL_UNIQKEY),
  };
}

export function cancelKey(topic: string, uniqueKey: string): string {
  return `${topic}+${uniqueKey}`;
}

export function topicHash({ topic }: TimerMessage): number {
  return javaStringHash(topic);
}

/** The message for the place it is for, with what Java notes beside what was sent. */
export function dueMessage(message: TimerMessage, enqueueTime: number | undefined, now: number): AppendMessage {
  const { record, topic, queueId } = message;
  const enqueued = enqueueTime === undefined ? neverEnqueued : String(enqueueTime);
  let properties = withProperty(record.properties, MessageProperty.TIMER_ENQUEUE_MS, enqueued);
  properties = withProperty(properties, MessageProperty.TIMER_DEQUEUE_MS, String(now));
  // Java drops a message for whose notes there is no room.
  if (Buffer.byteLength(properties) > longestProperties) properties = record.properties;
  return { ...copyOf(record), topic, queueId, properties };
}

/** The message for the timer's own queue once more: its instant is further away than the wheel reaches. */
export function rolledMessage({ record }: TimerMessage, enqueueTime: number, now: number): AppendMessage {
  const times = wholeNumber(propertyOf(record.properties, MessageProperty.TIMER_ROLL_TIMES)) ?? 0;
  let properties = withProperty(record.properties, MessageProperty.TIMER_ENQUEUE_MS, String(enqueueTime));
  properties = withProperty(properties, MessageProperty.TIMER_ROLL_TIMES, String(times + 1));
  properties = withProperty(properties, MessageProperty.TIMER_DEQUEUE_MS, String(now));
  if (Buffer.byteLength(properties) > longestProperties) properties = record.properties;
  return { ...copyOf(record), properties };
}

/** Within its slot whatever it says: then Java would deliver it at the slot's end, and we never after that. */
function deliverTimeOf({ properties, storeTimestamp }: MessageRecord, outTime: number, precision: number): number {
  for (const [name, unit] of instants) {
    const asked = wholeNumber(propertyOf(properties, name));
    if (asked === undefined) continue;
    const instant = unit === 0 ? asked : storeTimestamp + asked * unit;
    return Math.min(Math.max(instant, outTime + 1), outTime + precision);
  }
  return outTime + precision;
}

function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^\+?\d{1,16}$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
