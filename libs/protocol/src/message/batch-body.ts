import { RocketMQError } from '../../../common/src/index.js';
import { ByteRange } from './byte-range.js';
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
 * Goes through a batch body in place: copies and allocates nothing. The fields are those of the message that {@link next}
 * came to.
 */
export class BatchReader {
  /** Messages seen. */
  count = 0;
  flag = 0;
  bodyStart = 0;
  bodyEnd = 0;
  propertiesStart = 0;
  propertiesEnd = 0;
  private at: number;

  constructor(
    private readonly range: ByteRange,
    private readonly maxMessages: number = maxBatchMessages,
  ) {
    this.at = range.start;
  }

  /**
   * Goes to the next message; false behind the last one. Lengths must add up exactly.
   *
   * @throws RocketMQError PROTOCOL_VIOLATION naming the message and what is wrong with it.
   */
  next(): boolean {
    const { range, at } = this;
    const { bytes, end } = range;
    if (at >= end) return false;
    if (this.count >= this.maxMessages) this.fail(`more than ${this.maxMessages} messages`);
    if (at + fixedLength > end) this.fail('cut off');
    const total = bytes.readInt32BE(at);
    if (total < fixedLength || total > end - at) this.fail(`total size ${total}`);
    const bodyLength = bytes.readInt32BE(at + 16);
    if (bodyLength < 0 || bodyLength > total - fixedLength) this.fail(`body length ${bodyLength} in ${total} bytes`);
    const bodyEnd = at + 20 + bodyLength;
    const propertiesLength = bytes.readInt16BE(bodyEnd);
    if (propertiesLength !== total - fixedLength - bodyLength) {
      this.fail(`properties length ${propertiesLength} and body length ${bodyLength} in ${total} bytes`);
    }
    this.count++;
    this.flag = bytes.readInt32BE(at + 12);
    this.bodyStart = at + 20;
    this.bodyEnd = bodyEnd;
    this.propertiesStart = bodyEnd + 2;
    this.propertiesEnd = this.at = at + total;
    return true;
  }

  private fail(what: string): never {
    const where = `message ${this.count} at byte ${this.at - this.range.start}`;
    throw new RocketMQError('PROTOCOL_VIOLATION', `batch body, ${where}: ${what}`);
  }
}

/** All messages of a batch body, or none. @throws RocketMQError PROTOCOL_VIOLATION as {@link BatchReader.next}. */
export function decodeBatchBody(bytes: Buffer, maxMessages: number = maxBatchMessages): ReceivedBatchMessage[] {
  const messages: ReceivedBatchMessage[] = [];
  const reader = new BatchReader(new ByteRange(bytes), maxMessages);
  while (reader.next()) {
    const { flag, bodyStart, bodyEnd, propertiesStart, propertiesEnd } = reader;
    const properties = Utf8Text.of(bytes, propertiesStart, propertiesEnd);
    messages.push({ flag, body: bytes.subarray(bodyStart, bodyEnd), properties });
  }
  return messages;
}
