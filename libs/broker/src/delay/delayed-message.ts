import { messageOf } from '../../../common/src/index.js';
import {
  decodeMessage,
  MessageProperty,
  propertyOf,
  SystemTopic,
  tagsCode,
  topicNameProblem,
  withoutProperty,
  withProperty,
  type MessageRecord,
} from '../../../protocol/src/index.js';
import type { AppendMessage, DelayLevels } from '../../../store/src/index.js';
import { maxQueuesPerTopic } from '../tables/topic-table.js';

/** The queue of the delay topic in which messages of a level wait. */
export function queueOfLevel(level: number): number {
  return level - 1;
}

/** The level that a text of the property DELAY asks for: 0 for none, undefined when it is no number. */
export function delayLevelOf(text: string): number | undefined {
  if (text === '') return 0;
  return /^[+-]?\d{1,10}$/.test(text) ? Math.max(0, Number(text)) : undefined;
}

/**
 * Properties that ask for an instant, with the milliseconds of their unit, 0 for an instant itself. In the order in which
 * Java looks at them: the first one that is there counts.
 */
export const instants = [
  [MessageProperty.TIMER_DELAY_SEC, 1000],
  [MessageProperty.TIMER_DELAY_MS, 1],
  [MessageProperty.TIMER_DELIVER_MS, 0],
] as const;

/** The message as it waits: in the queue of its level, with the place it is for among its properties. */
export function delayed(message: AppendMessage, asked: number, levels: DelayLevels): AppendMessage {
  const level = levels.atMostHighest(asked);
  // As in 5.x the level wins: the message shall not wait for its instant on top of it.
  let properties = instants.reduce((text, [name]) => withoutProperty(text, name), String(message.properties));
  properties = withProperty(properties, MessageProperty.DELAY, String(level));
  properties = withProperty(properties, MessageProperty.REAL_TOPIC, message.topic);
  properties = withProperty(properties, MessageProperty.REAL_QID, String(message.queueId));
  return { ...message, topic: SystemTopic.SCHEDULE, queueId: queueOfLevel(level), properties };
}

/** A message whose time has come, for the place it is for. */
export type DueMessage = { readonly message: AppendMessage } | { readonly problem: string };

/**
 * As Java stores it: the properties stay as they are. `record` is whole, as the store reads it; what it says of its place
 * is checked, since files come from anywhere.
 */
export function dueMessage(record: Buffer): DueMessage {
  let found: MessageRecord;
  try {
    found = decodeMessage(record);
  } catch (error) {
    return { problem: messageOf(error) };
  }
  const place = placeOf(found.properties);
  return 'problem' in place ? place : { message: { ...copyOf(found), ...place } };
}

/** The topics that brokers keep for what is not delivered yet. */
const neverDeliveredTo: ReadonlySet<string> = new Set([
  SystemTopic.TRANS_HALF,
  SystemTopic.SCHEDULE,
  SystemTopic.TIMER,
]);

/** Where a message that waits is to be delivered, as its properties say. */
export function placeOf(properties: string): { topic: string; queueId: number } | { problem: string } {
  const topic = propertyOf(properties, MessageProperty.REAL_TOPIC);
  const queue = propertyOf(properties, MessageProperty.REAL_QID) ?? '';
  if (topic === undefined || topicNameProblem(topic) !== undefined) return { problem: 'REAL_TOPIC is no topic' };
  if (neverDeliveredTo.has(topic)) return { problem: `REAL_TOPIC is ${topic}, to which nothing is delivered` };
  const queueId = /^\d{1,9}$/.test(queue) ? Number(queue) : Infinity;
  return queueId < maxQueuesPerTopic ? { topic, queueId } : { problem: 'REAL_QID is no queue' };
}

/** What a message read from the log is when it is appended once more. */
export function copyOf(record: MessageRecord): AppendMessage {
  const { topic, queueId, flag, sysFlag, bornTimestamp, bornHost, storeHost, reconsumeTimes, body, properties } =
    record;
  return {
    topic,
    queueId,
    flag,
    sysFlag,
    bornTimestamp,
    bornHost,
    storeHost,
    reconsumeTimes,
    preparedTransactionOffset: 0,
    body,
    properties,
    tagsCode: tagsCode(propertyOf(properties, MessageProperty.TAGS)),
    // As in Java: the first copy is on the disk, and vouches for this one.
    waitForFlush: false,
  };
}
