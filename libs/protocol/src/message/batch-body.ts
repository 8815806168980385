import { RocketMQError } from '../../../common/src/index.js';
import { maxPropertiesLength } from './layout.js';
import { Utf8Text } from './utf8-text.js';

/*
 * Body of a batch send: messages one after another, each
 *   int32 total size, int32 magic (0), int32 CRC (0), int32 flag, int32 body length, body, int16 properties length,
 *   properties.
 * Topic, queue and the rest are in the request's header.
 */

export interface BatchMessage {
  readonly flag: number;
  readonly body: Buffer;
  readonly properties: string;
}

/** As it came: views into the batch body, as far as they can be. */
export interface ReceivedBatchMessage extends Pick<BatchMessage, 'flag' | 'body'> {
  readonly properties: Utf8Text;
}

const fixedLength = 22;

/** Most messages in one batch: the reply names each with 33 characters, and their number drives the broker's work. */
export const maxBatchMessages = 65_536;

/** @throws RocketMQError ARGUMENT_INVALID when the properties of a message are too long. */
export function encodeBatchBody(messages: readonly BatchMessage[]): Buffer {
  const properties = messages.map((message) => Buffer.from(message.properties, 'utf8'));
  const total = messages.reduce((sum, m, i) => sum + fixedLength + m.body.length + (properties[i]?.length ?? 0), 0);
  const bytes = Buffer.allocUnsafe(total);
  let at = 0;
  messages.forEach((message, i) => {
    const pairs = properties[i] as Buffer;
    if (pairs.length > maxPropertiesLength) {
      throw new RocketMQError(
        'ARGUMENT_INVALID',
        `message ${i} of the batch: properties of ${pairs.length} bytes exceed ${maxPropertiesLength}`,
      );
    }
    bytes.writeInt32BE(fixedLength + message.body.length + pairs.length, at);
    bytes.fill(0, at + 4, at + 12);
    bytes.writeInt32BE(message.flag, at + 12);
    bytes.writeInt32BE(message.body.length, at + 16);
    message.body.copy(bytes, at + 20);
    at += 20 + message.body.length;
    at = bytes.writeInt16BE(pairs.length, at);
    at += pairs.copy(bytes, at);
  });
  return bytes;
}

/**
 * All messages of a batch body, or none: lengths must add up exactly.
 *
 * @throws RocketMQError PROTOCOL_VIOLATION naming the message and what is wrong with it.
 */
export function decodeBatchBody(bytes: Buffer, maxMessages: number = maxBatchMessages): ReceivedBatchMessage[] {
  const messages: ReceivedBatchMessage[] = [];
  let at = 0;
  while (at < bytes.length) {
    const fail = (what: string): never => {
      throw new RocketMQError('PROTOCOL_VIOLATION', `batch body, message ${messages.length} at byte ${at}: ${what}`);
    };
    if (messages.length >= maxMessages) fail(`more than ${maxMessages} messages`);
    if (at + fixedLength > bytes.length) fail('cut off');
    const total = bytes.readInt32BE(at);
    if (total < fixedLength || total > bytes.length - at) fail(`total size ${total}`);
    const bodyLength = bytes.readInt32BE(at + 16);
    if (bodyLength < 0 || bodyLength > total - fixedLength) fail(`body length ${bodyLength} in ${total} bytes`);
    const bodyEnd = at + 20 + bodyLength;
    const propertiesLength = bytes.readInt16BE(bodyEnd);
    if (propertiesLength !== total - fixedLength - bodyLength) {
      fail(`properties length ${propertiesLength} and body length ${bodyLength} in ${total} bytes`);
    }
    messages.push({
      flag: bytes.readInt32BE(at + 12),
      body: bytes.subarray(at + 20, bodyEnd),
      properties: Utf8Text.of(bytes, bodyEnd + 2, bodyEnd + 2 + propertiesLength),
    });
    at += total;
  }
  return messages;
}
