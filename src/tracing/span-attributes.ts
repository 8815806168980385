import type { Attributes } from '@opentelemetry/api';
import type { ReceivedMessage, SendResult } from '../../libs/client/src/index.js';
import type { ObservedCall } from '../listener/delivery-observer.js';
import { parseDestination } from '../template/destination.js';
import type { SendCall } from '../template/send-interceptor.js';

/**
 * Names of OpenTelemetry's semantic conventions for messaging, as they stand since 1.27; their status is "development". The
 * three at the end are ours.
 */
const name = {
  system: 'messaging.system',
  operation: 'messaging.operation.name',
  operationType: 'messaging.operation.type',
  destination: 'messaging.destination.name',
  partition: 'messaging.destination.partition.id',
  group: 'messaging.consumer.group.name',
  messageId: 'messaging.message.id',
  messageCount: 'messaging.batch.message_count',
  errorType: 'error.type',
  type: 'messaging.rocketmq.message.type',
  tag: 'messaging.rocketmq.message.tag',
  keys: 'messaging.rocketmq.message.keys',
  messageGroup: 'messaging.rocketmq.message.group',
  delayLevel: 'messaging.rocketmq.message.delay_time_level',
  deliveryTime: 'messaging.rocketmq.message.delivery_timestamp',
  model: 'messaging.rocketmq.consumption_model',
  connection: 'nestjs_rocketmq.connection',
  listener: 'nestjs_rocketmq.listener',
  outcome: 'nestjs_rocketmq.outcome',
} as const;

/** Known before a send. A destination that cannot be read fails by itself. */
export function attributesOfSend(call: SendCall, withKeys: boolean): Attributes {
  const { connection, kind, payload, options } = call;
  const { topic, tags } = destinationOf(call);
  const { delay, delayLevel, deliverAt, hashKey, keys, tag } = options;
  const isDelayed = delay !== undefined || delayLevel !== undefined || deliverAt !== undefined;
  return {
    [name.system]: 'rocketmq',
    [name.operation]: 'send',
    [name.operationType]: 'send',
    [name.destination]: topic,
    [name.connection]: connection,
    [name.type]:
      kind === 'transaction' ? 'transaction' : isDelayed ? 'delay' : hashKey === undefined ? 'normal' : 'fifo',
    [name.tag]: tag ?? tags,
    [name.keys]: withKeys && keys !== undefined ? (typeof keys === 'string' ? [keys] : [...keys]) : undefined,
    [name.messageGroup]: withKeys ? hashKey : undefined,
    [name.delayLevel]: delayLevel,
    [name.deliveryTime]: deliverAt instanceof Date ? deliverAt.getTime() : deliverAt,
    [name.messageCount]: Array.isArray(payload) ? payload.length : undefined,
  };
}

/** Known after it: of one message that brokers answered for. */
export function attributesOfResult(result: unknown): Attributes {
  const { msgId, messageQueue } = (result ?? {}) as Partial<SendResult>;
  // A list for batches, which have none of their own; a reply has no queue of ours.
  if (typeof msgId !== 'string' || messageQueue === undefined || msgId.includes(',')) return {};
  return { [name.messageId]: msgId, [name.partition]: String(messageQueue.queueId) };
}

/** Known before a handler is called. */
export function attributesOfCall({ listener, messages, isBatch }: ObservedCall, withKeys: boolean): Attributes {
  const [first] = messages;
  const { topic, consumerGroup, connection, place, isBroadcasting } = listener;
  return {
    [name.system]: 'rocketmq',
    [name.operation]: 'process',
    [name.operationType]: 'process',
    [name.destination]: topic,
    [name.group]: consumerGroup,
    [name.connection]: connection,
    [name.listener]: place,
    [name.model]: isBroadcasting ? 'broadcasting' : 'clustering',
    [name.partition]: first && String(first.queueId),
    ...(isBatch ? { [name.messageCount]: messages.length } : first && attributesOfMessage(first, withKeys)),
  };
}

function attributesOfMessage(message: ReceivedMessage, withKeys: boolean): Attributes {
  const { msgId, tags, keys } = message;
  return {
    [name.messageId]: msgId,
    [name.tag]: tags,
    [name.keys]: withKeys && keys.length > 0 ? [...keys] : undefined,
  };
}

/** What went wrong, as a word that does not vary: the code of an error of this package, else its class. */
export function attributesOfError(error: unknown): Attributes {
  const { code, name: type } = (error ?? {}) as { readonly code?: unknown; readonly name?: unknown };
  const word = [code, type].find((value) => typeof value === 'string');
  return { [name.errorType]: typeof word === 'string' ? word : '_OTHER' };
}

export function attributesOfOutcome(kind: string): Attributes {
  return { [name.outcome]: kind };
}

/** Of a send, as far as it can be read. */
export function destinationOf({ destination }: SendCall): {
  readonly topic: string;
  readonly tags?: string | undefined;
} {
  try {
    return parseDestination(destination);
  } catch {
    return { topic: '' };
  }
}
