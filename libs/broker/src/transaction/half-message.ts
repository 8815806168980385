import { messageOf } from '../../../common/src/index.js';
import {
  decodeMessage,
  maxPropertiesLength,
  MessageProperty,
  MessageSysFlag,
  propertyOf,
  SystemTopic,
  withoutProperty,
  withProperty,
  type MessageRecord,
} from '../../../protocol/src/index.js';
import type { AppendMessage } from '../../../store/src/index.js';
import { copyOf, delayed, delayLevelOf, dueMessage } from '../delay/delayed-message.js';
import type { BrokerParts } from '../parts.js';

/** The queue of the half topic and of the op topic: there is one. */
export const transactionQueue = 0;

/** Bytes of properties that a check adds: two names, two numbers and what separates them. */
const roomForChecks = 128;

/** What the broker alone writes into half messages: from outside it would settle somebody else's. */
const ownProperties = [MessageProperty.TRAN_PREPARED_QUEUE_OFFSET, MessageProperty.TRANSACTION_CHECK_TIMES];

/** Why a message cannot be stored as a half message. */
export interface RefusedHalf {
  readonly problem: string;
}

/**
 * A message as it waits for the end of its transaction: in the half topic, with the place it is for among its properties,
 * and without the transaction bits, so that a consume queue has it.
 *
 * @param group the sender's: whom checks ask, and who alone may end the transaction
 */
export function halfMessage(message: AppendMessage, group: string, since5: boolean): AppendMessage | RefusedHalf {
  let properties = String(message.properties);
  for (const name of ownProperties) properties = withoutProperty(properties, name);
  properties = withProperty(properties, MessageProperty.PGROUP, group);
  properties = withProperty(properties, MessageProperty.REAL_TOPIC, message.topic);
  properties = withProperty(properties, MessageProperty.REAL_QID, String(message.queueId));
  const uniqueKey = propertyOf(properties, MessageProperty.UNIQ_KEY);
  if (since5 && uniqueKey !== undefined) {
    properties = withProperty(properties, MessageProperty.TRANSACTION_ID, uniqueKey);
  }
  if (Buffer.byteLength(properties) > maxPropertiesLength - roomForChecks) {
    return { problem: `the properties exceed ${maxPropertiesLength - roomForChecks} bytes` };
  }
  const sysFlag = message.sysFlag & ~MessageSysFlag.TRANSACTION_MASK;
  return { ...message, topic: SystemTopic.TRANS_HALF, queueId: transactionQueue, sysFlag, properties };
}

/** A half message as the log has it. */
export class HalfMessage {
  private constructor(readonly record: MessageRecord) {}

  /** `bytes` is a whole record, as the store reads it; undefined when it is of another topic. */
  static read(bytes: Buffer): HalfMessage | undefined {
    const record = decodeMessage(bytes);
    return record.topic === SystemTopic.TRANS_HALF ? new HalfMessage(record) : undefined;
  }

  get group(): string | undefined {
    return this.property(MessageProperty.PGROUP);
  }

  get realTopic(): string | undefined {
    return this.property(MessageProperty.REAL_TOPIC);
  }

  get realQueueId(): number {
    return wholeNumber(this.property(MessageProperty.REAL_QID)) ?? 0;
  }

  get uniqueKey(): string | undefined {
    return this.property(MessageProperty.UNIQ_KEY);
  }

  /** How often its producers were asked. */
  get checkTimes(): number {
    return wholeNumber(this.property(MessageProperty.TRANSACTION_CHECK_TIMES)) ?? 0;
  }

  /** Queue offset of the first copy, which its producer knows it by; undefined while there is no other. */
  get preparedOffset(): number | undefined {
    return wholeNumber(this.property(MessageProperty.TRAN_PREPARED_QUEUE_OFFSET));
  }

  /** Whether the sender said how long nobody must be asked; Java takes what is no number for the broker's own time. */
  get hasImmunity(): boolean {
    return this.property(MessageProperty.CHECK_IMMUNITY_TIME_IN_SECONDS) !== undefined;
  }

  /** Milliseconds after its birth before which nobody is asked. */
  immunity(transactionTimeOut: number): number {
    const seconds = wholeNumber(this.property(MessageProperty.CHECK_IMMUNITY_TIME_IN_SECONDS));
    return seconds === undefined ? transactionTimeOut : seconds * 1000;
  }

  /**
   * Milliseconds since it was sent. A sender's clock that is ahead makes nothing younger than it is in the log; below 0
   * when the broker's own clock went back.
   */
  age(now: number): number {
    return now - Math.min(this.record.bornTimestamp, this.record.storeTimestamp);
  }

  /** The copy that takes its place at the end of the queue. */
  again(checkTimes: number): AppendMessage {
    let { properties } = this.record;
    const first = this.preparedOffset ?? this.record.queueOffset;
    properties = withProperty(properties, MessageProperty.TRAN_PREPARED_QUEUE_OFFSET, String(first));
    if (checkTimes > 0) {
      properties = withProperty(properties, MessageProperty.TRANSACTION_CHECK_TIMES, String(checkTimes));
    }
    return { ...copyOf(this.record), properties };
  }

  /** For the topic of those that are given up. */
  givenUp(): AppendMessage {
    return { ...copyOf(this.record), topic: SystemTopic.TRANS_CHECK_MAX_TIME, queueId: transactionQueue };
  }

  private property(name: string): string | undefined {
    return propertyOf(this.record.properties, name);
  }
}

/**
 * The message that a commit makes readable. As in Java its properties are those of the half message, mark and real place
 * included: consumers know by the mark that it was part of a transaction. A delay, which only a store of other making
 * can hold here, is kept.
 */
export function committedMessage(
  bytes: Buffer,
  { delayLevels }: Pick<BrokerParts, 'delayLevels'>,
): { readonly message: AppendMessage } | { readonly problem: string } {
  const due = dueMessage(bytes);
  if ('problem' in due) return due;
  const { physicalOffset } = decodeMessage(bytes);
  const message: AppendMessage = {
    ...due.message,
    sysFlag: due.message.sysFlag | MessageSysFlag.TRANSACTION_COMMIT,
    preparedTransactionOffset: physicalOffset,
  };
  const level = delayLevelOf(propertyOf(String(message.properties), MessageProperty.DELAY) ?? '') ?? 0;
  return { message: level > 0 ? delayed(message, level, delayLevels) : message };
}

/** A message that was given up, on its way back into the half topic. */
export function resumedMessage(bytes: Buffer): AppendMessage | RefusedHalf {
  let record: MessageRecord;
  try {
    record = decodeMessage(bytes);
  } catch (error) {
    return { problem: messageOf(error) };
  }
  if (record.topic !== SystemTopic.TRANS_CHECK_MAX_TIME) {
    return { problem: `it is of topic ${record.topic}, only those of ${SystemTopic.TRANS_CHECK_MAX_TIME} go back` };
  }
  let properties = withoutProperty(record.properties, MessageProperty.TRAN_PREPARED_QUEUE_OFFSET);
  properties = withProperty(properties, MessageProperty.TRANSACTION_CHECK_TIMES, '0');
  return { ...copyOf(record), topic: SystemTopic.TRANS_HALF, queueId: transactionQueue, properties };
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
