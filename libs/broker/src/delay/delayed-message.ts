import { messageOf } from '../../../common/src/index.js';
import {
  decodeMessage,
  MessageProperty,
  propertyOf,
  SystemTopic,
  tagsCode,
  topicNameProblem,
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

/** The message as it waits: in the queue of its level, with the place it is for among its properties. */
export function delayed(message: AppendMessage, asked: number, levels: DelayLevels): AppendMessage {
  const level = levels.atMostHighest(asked);
  let properties = withProperty(String(message.properties), MessageProperty.DELAY, String(level));
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
  const topic = propertyOf(found.properties, MessageProperty.REAL_TOPIC);
  const queue = propertyOf(found.properties, MessageProperty.REAL_QID) ?? '';
  if (topic === undefined || topicNameProblem(topic) !== undefined) return { problem: 'REAL_TOPIC is no topic' };
  if (topic === SystemTopic.TRANS_HALF || topic === SystemTopic.SCHEDULE) {
    return { problem: `REAL_TOPIC is ${topic}, to which nothing is delivered` };
  }
  const queueId = /^\d{1,9}$/.test(queue) ? Number(queue) : Infinity;
  if (queueId >= maxQueuesPerTopic) return { problem: 'REAL_QID is no queue' };
  return { message: { ...copyOf(found), topic, queueId } };
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
