import { RocketMQError } from '../../../common/src/index.js';
import { messageCrc } from './crc.js';
import { hostBytes, hostText } from './host-bytes.js';
import {
  RecordOffset,
  ipv6Extra,
  maxPropertiesLength,
  maxTopicLength,
  maxTopicLengthV1,
  messageMagic,
  messageMagicV2,
  minRecordSize,
} from './layout.js';
import { MessageSysFlag } from './sys-flag.js';

export interface RecordHost {
  readonly ip: string;
  readonly port: number;
}

/** A message record taken apart. The field order and grammar are in layout.ts. */
export interface MessageRecord {
  readonly totalSize: number;
  readonly magic: number;
  readonly bodyCrc: number;
  readonly queueId: number;
  readonly flag: number;
  readonly queueOffset: number;
  readonly physicalOffset: number;
  readonly sysFlag: number;
  readonly bornTimestamp: number;
  readonly bornHost: RecordHost;
  readonly storeTimestamp: number;
  readonly storeHost: RecordHost;
  readonly reconsumeTimes: number;
  readonly preparedTransactionOffset: number;
  /** A view into the bytes decoded. Compressed when sysFlag says so. */
  readonly body: Buffer;
  readonly topic: string;
  readonly properties: string;
}

/** Room for one record with these parts. */
export function recordSize(
  sysFlag: number,
  bodyLength: number,
  topicLength: number,
  propertiesLength: number,
  magic: number = messageMagic,
): number {
  const hosts =
    (sysFlag & MessageSysFlag.BORN_HOST_V6 ? ipv6Extra : 0) + (sysFlag & MessageSysFlag.STORE_HOST_V6 ? ipv6Extra : 0);
  return minRecordSize + hosts + bodyLength + topicLength + propertiesLength + (magic === messageMagicV2 ? 1 : 0);
}

/**
 * The record that starts at `at`. Strict: its lengths must add up to its total size, its magic must be known.
 * The body's CRC is not compared: see {@link checkBodyCrc}.
 *
 * @throws RocketMQError PROTOCOL_VIOLATION naming the place and what is wrong.
 */
export function decodeMessage(bytes: Buffer, at = 0): MessageRecord {
  const fail = (what: string): never => {
    throw new RocketMQError('PROTOCOL_VIOLATION', `message record at byte ${at}: ${what}`);
  };
  if (at + minRecordSize > bytes.length) fail('cut off');
  const totalSize = bytes.readInt32BE(at);
  if (totalSize < minRecordSize || totalSize > bytes.length - at) fail(`total size ${totalSize}`);
  const magic = bytes.readInt32BE(at + RecordOffset.MAGIC);
  if (magic !== messageMagic && magic !== messageMagicV2) fail(`magic ${magic}`);
  const sysFlag = bytes.readInt32BE(at + RecordOffset.SYS_FLAG);
  const bornIp = sysFlag & MessageSysFlag.BORN_HOST_V6 ? 16 : 4;
  const storeIp = sysFlag & MessageSysFlag.STORE_HOST_V6 ? 16 : 4;
  const bornPortAt = at + RecordOffset.BORN_HOST + bornIp;
  const storeHostAt = bornPortAt + 12;
  const storePortAt = storeHostAt + storeIp;
  const bodyAt = storePortAt + 20;
  const end = at + totalSize;
  const topicWord = magic === messageMagicV2 ? 2 : 1;
  // Room for the fields after the body; how much they hold is asked step by step.
  const bodyRoom = end - bodyAt - topicWord - 2;
  if (bodyRoom < 0) fail(`total size ${totalSize} is too small for its hosts`);
  const bodyLength = bytes.readInt32BE(bodyAt - 4);
  if (bodyLength < 0 || bodyLength > bodyRoom) fail(`body length ${bodyLength} in ${totalSize} bytes`);
  const topicLengthAt = bodyAt + bodyLength;
  const topicLength = topicWord === 2 ? bytes.readInt16BE(topicLengthAt) : bytes.readInt8(topicLengthAt);
  if (topicLength < 0 || topicLength > bodyRoom - bodyLength) fail(`topic length ${topicLength}`);
  const topicAt = topicLengthAt + topicWord;
  const propertiesAt = topicAt + topicLength + 2;
  const propertiesLength = bytes.readInt16BE(propertiesAt - 2);
  if (propertiesAt + propertiesLength !== end) {
    fail(`total size ${totalSize} differs from its parts (properties length ${propertiesLength})`);
  }
  return {
    totalSize,
    magic,
    bodyCrc: bytes.readInt32BE(at + RecordOffset.BODY_CRC),
    queueId: bytes.readInt32BE(at + RecordOffset.QUEUE_ID),
    flag: bytes.readInt32BE(at + RecordOffset.FLAG),
    queueOffset: readLong(bytes, at + RecordOffset.QUEUE_OFFSET),
    physicalOffset: readLong(bytes, at + RecordOffset.PHYSICAL_OFFSET),
    sysFlag,
    bornTimestamp: readLong(bytes, at + RecordOffset.BORN_TIMESTAMP),
    bornHost: { ip: hostText(bytes, at + RecordOffset.BORN_HOST, bornIp), port: bytes.readInt32BE(bornPortAt) },
    storeTimestamp: readLong(bytes, bornPortAt + 4),
    storeHost: { ip: hostText(bytes, storeHostAt, storeIp), port: bytes.readInt32BE(storePortAt) },
    reconsumeTimes: bytes.readInt32BE(storePortAt + 4),
    preparedTransactionOffset: readLong(bytes, storePortAt + 8),
    body: bytes.subarray(bodyAt, topicLengthAt),
    topic: bytes.toString('utf8', topicAt, topicAt + topicLength),
    properties: bytes.toString('utf8', propertiesAt, end),
  };
}

/** Exact to 2^53; a hostile record beyond that rounds. */
function readLong(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
}

/**
 * The records of a pull, query or view reply.
 *
 * @throws RocketMQError PROTOCOL_VIOLATION when any byte is not part of a whole record.
 */
export function decodeMessages(bytes: Buffer): MessageRecord[] {
  const records: MessageRecord[] = [];
  for (let at = 0; at < bytes.length;) {
    const record = decodeMessage(bytes, at);
    records.push(record);
    at += record.totalSize;
  }
  return records;
}

/** The properties of a whole record, for those who need nothing else of it; "" when its lengths do not add up. */
export function recordProperties(record: Buffer): string {
  const sysFlag = record.readInt32BE(RecordOffset.SYS_FLAG);
  const bornIp = sysFlag & MessageSysFlag.BORN_HOST_V6 ? 16 : 4;
  const storeIp = sysFlag & MessageSysFlag.STORE_HOST_V6 ? 16 : 4;
  const bodyAt = RecordOffset.BORN_HOST + bornIp + 12 + storeIp + 20;
  const topicWord = record.readInt32BE(RecordOffset.MAGIC) === messageMagicV2 ? 2 : 1;
  if (bodyAt + topicWord + 2 > record.length) return '';
  const topicAt = bodyAt + record.readInt32BE(bodyAt - 4) + topicWord;
  if (topicAt < bodyAt + topicWord || topicAt + 2 > record.length) return '';
  const topicLength = topicWord === 2 ? record.readInt16BE(topicAt - 2) : record.readInt8(topicAt - 1);
  return record.toString('utf8', topicAt + topicLength + 2);
}

/** Whether the body is what the record was written with. */
export function checkBodyCrc(record: Pick<MessageRecord, 'body' | 'bodyCrc'>): boolean {
  return messageCrc(record.body) === record.bodyCrc;
}

/** What {@link encodeMessage} takes: sizes, magic and CRC follow from the rest, host bits from the addresses. */
export type RecordInput = Omit<MessageRecord, 'totalSize' | 'magic' | 'bodyCrc'>;

/**
 * One record, for tests and tools; the store writes its own in place.
 *
 * @throws RocketMQError ARGUMENT_INVALID when topic or properties are too long.
 */
export function encodeMessage(input: RecordInput): Buffer {
  const topic = Buffer.from(input.topic, 'utf8');
  const properties = Buffer.from(input.properties, 'utf8');
  if (topic.length > maxTopicLength) throw tooLong('topic', topic.length, maxTopicLength);
  if (properties.length > maxPropertiesLength) throw tooLong('properties', properties.length, maxPropertiesLength);
  const bornHost = hostBytes(input.bornHost.ip);
  const storeHost = hostBytes(input.storeHost.ip);
  const sysFlag =
    (input.sysFlag & ~(MessageSysFlag.BORN_HOST_V6 | MessageSysFlag.STORE_HOST_V6)) |
    (bornHost.length === 16 ? MessageSysFlag.BORN_HOST_V6 : 0) |
    (storeHost.length === 16 ? MessageSysFlag.STORE_HOST_V6 : 0);
  const magic = topic.length > maxTopicLengthV1 ? messageMagicV2 : messageMagic;
  const bytes = Buffer.alloc(recordSize(sysFlag, input.body.length, topic.length, properties.length, magic));
  let at = bytes.writeInt32BE(bytes.length, 0);
  at = bytes.writeInt32BE(magic, at);
  at = bytes.writeInt32BE(messageCrc(input.body), at);
  at = bytes.writeInt32BE(input.queueId, at);
  at = bytes.writeInt32BE(input.flag, at);
  at = bytes.writeBigInt64BE(BigInt(input.queueOffset), at);
  at = bytes.writeBigInt64BE(BigInt(input.physicalOffset), at);
  at = bytes.writeInt32BE(sysFlag, at);
  at = bytes.writeBigInt64BE(BigInt(input.bornTimestamp), at);
  at += bornHost.copy(bytes, at);
  at = bytes.writeInt32BE(input.bornHost.port, at);
  at = bytes.writeBigInt64BE(BigInt(input.storeTimestamp), at);
  at += storeHost.copy(bytes, at);
  at = bytes.writeInt32BE(input.storeHost.port, at);
  at = bytes.writeInt32BE(input.reconsumeTimes, at);
  at = bytes.writeBigInt64BE(BigInt(input.preparedTransactionOffset), at);
  at = bytes.writeInt32BE(input.body.length, at);
  at += input.body.copy(bytes, at);
  at = magic === messageMagicV2 ? bytes.writeInt16BE(topic.length, at) : bytes.writeInt8(topic.length, at);
  at += topic.copy(bytes, at);
  at = bytes.writeInt16BE(properties.length, at);
  properties.copy(bytes, at);
  return bytes;
}

function tooLong(what: string, length: number, limit: number): RocketMQError {
  return new RocketMQError('ARGUMENT_INVALID', `${what} of ${length} bytes exceeds ${limit}`);
}
