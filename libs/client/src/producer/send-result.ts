import { RocketMQError } from '../../../common/src/index.js';
import { decodeRecallHandle, ResponseCode, type ReplyHeader, type sendMessageV2 } from '../../../protocol/src/index.js';
import type { DelayedMessage, MessageQueue, SendResult, SendStatus } from '../contract/index.js';
import type { EncodedMessage } from './message-encoder.js';

/** The message is stored in all of these cases; how safely, the status says. */
const statusByCode: ReadonlyMap<number, SendStatus> = new Map([
  [ResponseCode.SUCCESS, 'SEND_OK'],
  [ResponseCode.FLUSH_DISK_TIMEOUT, 'FLUSH_DISK_TIMEOUT'],
  [ResponseCode.SLAVE_NOT_AVAILABLE, 'SLAVE_NOT_AVAILABLE'],
  [ResponseCode.FLUSH_SLAVE_TIMEOUT, 'FLUSH_SLAVE_TIMEOUT'],
]);

export const storedCodes: readonly number[] = [...statusByCode.keys()].filter((code) => code !== ResponseCode.SUCCESS);

export type SendReplyHeader = ReplyHeader<typeof sendMessageV2>;

interface SendReply {
  readonly code: number;
  readonly header: Partial<SendReplyHeader>;
}

/** Where a broker names none. */
export const defaultRegion = 'DefaultRegion';

/** @throws RocketMQError PROTOCOL_VIOLATION when the reply lacks what every broker sends. */
export function sendResultOf(message: EncodedMessage, queue: MessageQueue, reply: SendReply): SendResult {
  const { msgId, queueId, queueOffset, transactionId, recallHandle, region, traceOn } = reply.header;
  if (msgId === undefined || queueId === undefined || queueOffset === undefined) {
    throw new RocketMQError('PROTOCOL_VIOLATION', `broker ${queue.brokerName} answered a send without msgId or offset`);
  }
  const messageQueue = { topic: message.message.topic, brokerName: queue.brokerName, queueId };
  return {
    sendStatus: statusByCode.get(reply.code) ?? 'SEND_OK',
    msgId: message.msgId,
    offsetMsgId: msgId,
    messageQueue,
    queueOffset,
    transactionId,
    regionId: region || defaultRegion,
    traceOn: traceOn !== 'false',
    recallHandle,
    delayed: recallHandle === undefined ? undefined : delayedOf(message, messageQueue, recallHandle),
  };
}

/** The broker's handle tells the instant of a delay, too: only its clock knows that one. */
function delayedOf(
  { msgId, message }: EncodedMessage,
  queue: MessageQueue,
  recallHandle: string,
): DelayedMessage | undefined {
  const deliverTimeMs = message.deliverTimeMs ?? instantOf(recallHandle);
  return deliverTimeMs === undefined ? undefined : { ...queue, uniqKey: msgId, deliverTimeMs };
}

/** Undefined in a handle of another form than the one known today. */
function instantOf(recallHandle: string): number | undefined {
  try {
    const instant = Number(decodeRecallHandle(recallHandle).timestamp);
    return Number.isSafeInteger(instant) ? instant : undefined;
  } catch {
    return undefined;
  }
}
