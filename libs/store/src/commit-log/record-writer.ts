/*
 * HOT PATH. Copies: body, topic and properties once each into the chunk. Allocates: a view of a long body that has none.
 * Calls out: the CRC, one Buffer.copy each for a long body and long properties.
 */
import {
  ByteRange,
  MessageSysFlag,
  blankMagic,
  blankRecordSize,
  ipv6Extra,
  maxTopicLengthV1,
  messageCrc,
  messageMagic,
  messageMagicV2,
  minRecordSize,
  type Utf8Text,
} from '../../../protocol/src/message/index.js';
import type { AppendMessage } from '../contract.js';
import type { Chunk } from './chunk.js';
import type { HostTable, StoredHost } from './host-table.js';
import { checksumLength, withoutChecksum, writeChecksum } from './record-checksum.js';

const two32 = 0x1_0000_0000;

const pairEnd = 2;

/** A byte loop beats the call of a copy below about this size. */
const loopBelow = 48;

/** Size without body, topic and properties. */
function fixedSize(topicLength: number, born: StoredHost, store: StoredHost): number {
  return (
    minRecordSize +
    (topicLength > maxTopicLengthV1 ? 1 : 0) +
    (born.isV6 ? ipv6Extra : 0) +
    (store.isV6 ? ipv6Extra : 0)
  );
}

/** Builds records in place; layout.ts of the message codec has the grammar. */
export class RecordWriter {
  constructor(
    private readonly bornHosts: HostTable,
    private readonly storeHosts: HostTable,
    /** Whether records end in a checksum of the whole. */
    private readonly hasChecksum: boolean,
  ) {}

  /** Upper bound without looking at the characters of the properties: three bytes for each. */
  sizeAtMost(message: AppendMessage, topic: Buffer): number {
    const { properties } = message;
    return this.sizeWith(message, topic, typeof properties === 'string' ? properties.length * 3 : properties.length);
  }

  size(message: AppendMessage, topic: Buffer): number {
    return this.sizeWith(message, topic, byteLength(message.properties));
  }

  /** Writes the record at the end of `chunk` (the caller made room) and returns its size. */
  write(chunk: Chunk, message: AppendMessage, topic: Buffer, queueOffset: number, storeTimestamp: number): number {
    const { bytes, view } = chunk;
    const start = chunk.length;
    const born = this.bornHosts.resolve(message.bornHost.ip);
    const store = this.storeHosts.resolve(message.storeHost.ip);
    const isV2 = topic.length > maxTopicLengthV1;
    const sysFlag =
      (message.sysFlag & ~(MessageSysFlag.BORN_HOST_V6 | MessageSysFlag.STORE_HOST_V6)) |
      (born.isV6 ? MessageSysFlag.BORN_HOST_V6 : 0) |
      (store.isV6 ? MessageSysFlag.STORE_HOST_V6 : 0);
    const { body } = message;
    view.setInt32(start + 4, isV2 ? messageMagicV2 : messageMagic);
    view.setInt32(start + 12, message.queueId);
    view.setInt32(start + 16, message.flag);
    setInt64(view, start + 20, queueOffset);
    setInt64(view, start + 28, chunk.base + start);
    view.setInt32(start + 36, sysFlag);
    setInt64(view, start + 40, message.bornTimestamp);
    let at = writeHost(chunk, start + 48, born, message.bornHost.port);
    setInt64(view, at, storeTimestamp);
    at = writeHost(chunk, at + 8, store, message.storeHost.port);
    view.setInt32(at, message.reconsumeTimes);
    setInt64(view, at + 4, message.preparedTransactionOffset);
    view.setInt32(at + 12, body.length);
    at += 16;
    at = writeBody(chunk, at, start + 8, body);
    if (isV2) bytes[at++] = topic.length >> 8;
    bytes[at++] = topic.length;
    for (let i = 0; i < topic.length; i++) bytes[at + i] = topic[i] as number;
    at += topic.length;
    const { properties } = message;
    let propertiesLength = 0;
    if (this.hasChecksum) propertiesLength = writeBeforeChecksum(bytes, String(properties), at + 2);
    else if (typeof properties !== 'string') propertiesLength = properties.copyTo(bytes, at + 2);
    else if (properties.length > 0) propertiesLength = bytes.write(properties, at + 2);
    view.setInt16(at, propertiesLength);
    const end = at + 2 + propertiesLength;
    view.setInt32(start, end - start);
    if (this.hasChecksum) writeChecksum(bytes, start, end);
    return end - start;
  }

  /** Marks the rest of the file as unused. Returns the number of bytes written. */
  writeBlank(chunk: Chunk, remaining: number): number {
    chunk.view.setInt32(chunk.length, remaining);
    chunk.view.setInt32(chunk.length + 4, blankMagic);
    return blankRecordSize;
  }

  private sizeWith(message: AppendMessage, topic: Buffer, propertiesLength: number): number {
    const born = this.bornHosts.resolve(message.bornHost.ip);
    const store = this.storeHosts.resolve(message.storeHost.ip);
    const size = fixedSize(topic.length, born, store) + message.body.length + topic.length + propertiesLength;
    return this.hasChecksum ? size + checksumLength + (needsPairEnd(String(message.properties)) ? 1 : 0) : size;
  }
}

/** Of properties, in UTF-8. */
export function byteLength(properties: string | Utf8Text): number {
  return typeof properties === 'string' ? Buffer.byteLength(properties) : properties.length;
}

/** Body and its checksum. Returns where it ends. */
function writeBody({ bytes, view }: Chunk, at: number, crcAt: number, given: Buffer | ByteRange): number {
  if (given instanceof ByteRange && !given.isLong) {
    view.setInt32(crcAt, messageCrc(given.bytes, given.start, given.end));
    return at + given.copyTo(bytes, at);
  }
  const body = given instanceof ByteRange ? given.view() : given;
  view.setInt32(crcAt, messageCrc(body));
  if (body.length < loopBelow) for (let i = 0; i < body.length; i++) bytes[at + i] = body[i] as number;
  else body.copy(bytes, at);
  return at + body.length;
}

/** Writes properties so that one more pair can follow. Returns their length with that pair. */
function writeBeforeChecksum(bytes: Buffer, given: string, at: number): number {
  const properties = withoutChecksum(given);
  const length = bytes.write(properties, at);
  if (!needsPairEnd(properties)) return length + checksumLength;
  bytes[at + length] = pairEnd;
  return length + 1 + checksumLength;
}

function needsPairEnd(properties: string): boolean {
  return properties.length > 0 && properties.charCodeAt(properties.length - 1) !== pairEnd;
}

function writeHost(chunk: Chunk, at: number, host: StoredHost, port: number): number {
  if (host.isV6) host.bytes.copy(chunk.bytes, at);
  else chunk.view.setInt32(at, host.word);
  const portAt = at + host.bytes.length;
  chunk.view.setInt32(portAt, port);
  return portAt + 4;
}

function setInt64(view: DataView, at: number, value: number): void {
  view.setInt32(at, Math.floor(value / two32));
  view.setInt32(at + 4, value | 0);
}
