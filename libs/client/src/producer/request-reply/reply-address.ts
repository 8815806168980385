import { RocketMQError } from '../../../../common/src/index.js';
import { MessageProperty, encodeProperties, replyTopicOf } from '../../../../protocol/src/message/index.js';
import type { OutgoingMessage, ReceivedMessage, ReplyMessage } from '../../contract/index.js';
import type { SystemPart } from '../message-encoder.js';

/** What Java's replies have in MSG_TYPE. */
const replyType = 'reply';

/**
 * A reply as it is sent: to the reply topic of the cluster the request came through, with what says whose it is.
 *
 * @throws RocketMQError ARGUMENT_INVALID when the message is no request, or came through no broker.
 */
export function addressed(
  request: ReceivedMessage,
  reply: ReplyMessage,
): { readonly message: OutgoingMessage; readonly system: SystemPart } {
  const { properties } = request;
  const cluster = valueOf(request, MessageProperty.CLUSTER);
  const encoded = encodeProperties([
    [MessageProperty.MSG_TYPE, replyType],
    [MessageProperty.CORRELATION_ID, valueOf(request, MessageProperty.CORRELATION_ID)],
    [MessageProperty.REPLY_TO_CLIENT, valueOf(request, MessageProperty.REPLY_TO_CLIENT)],
    [MessageProperty.TTL, properties.get(MessageProperty.TTL)],
  ]);
  return {
    message: { ...reply, topic: replyTopicOf(cluster) },
    system: { properties: encoded, isReply: true },
  };
}

function valueOf(request: ReceivedMessage, name: string): string {
  const value = request.properties.get(name);
  if (value !== undefined) return value;
  const what = `message ${request.msgId} of topic ${request.topic} has no property ${name}`;
  throw new RocketMQError('ARGUMENT_INVALID', `${what}: only what was sent by request() can be replied to`);
}
