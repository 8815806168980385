/*
 * HOT PATH (pull of old messages). Copies and allocates nothing. Calls: the checksum. Benchmark: pull.
 */
import {
  MessageSysFlag,
  RecordOffset,
  ipv6Extra,
  messageCrc,
  messageMagic,
  minRecordSize,
} from '../../../protocol/src/message/index.js';
import { int32At, readInt64 } from './record-reader.js';

/** Of a record with two IPv4 hosts. */
const bodyLengthOffset = 84;

/** Where a consume queue says that a record belongs. */
export interface QueuePlace {
  readonly queueId: number;
  readonly topicBytes: Buffer;
}

/**
 * Whether the record at `at` is whole and the one that is meant. No only means that scanRecord has to look: it knows
 * rare forms, and says what is wrong.
 *
 * @param place undefined: whatever queue it belongs to
 */
export function isRecord(
  bytes: Buffer,
  at: number,
  size: number,
  physicalOffset: number,
  place: QueuePlace | undefined,
  queueOffset: number,
): boolean {
  if (size < minRecordSize || at + size > bytes.length) return false;
  if (int32At(bytes, at) !== size || int32At(bytes, at + RecordOffset.MAGIC) !== messageMagic) return false;
  if (readInt64(bytes, at + RecordOffset.PHYSICAL_OFFSET) !== physicalOffset) return false;
  if (place && int32At(bytes, at + RecordOffset.QUEUE_ID) !== place.queueId) return false;
  if (place && readInt64(bytes, at + RecordOffset.QUEUE_OFFSET) !== queueOffset) return false;
  const sysFlag = int32At(bytes, at + RecordOffset.SYS_FLAG);
  let bodyAt = at + bodyLengthOffset + 4;
  if (sysFlag & MessageSysFlag.BORN_HOST_V6) bodyAt += ipv6Extra;
  if (sysFlag & MessageSysFlag.STORE_HOST_V6) bodyAt += ipv6Extra;
  const end = at + size;
  if (bodyAt + 3 > end) return false;
  const bodyLength = int32At(bytes, bodyAt - 4);
  const topicAt = bodyAt + bodyLength + 1;
  if (bodyLength < 0 || topicAt + 2 > end) return false;
  const topicLength = bytes.readInt8(topicAt - 1);
  const propertiesAt = topicAt + topicLength + 2;
  if (topicLength < 1 || propertiesAt > end) return false;
  if (propertiesAt + bytes.readInt16BE(propertiesAt - 2) !== end) return false;
  if (place && !isTopic(bytes, topicAt, topicLength, place.topicBytes)) return false;
  return bodyLength === 0 || messageCrc(bytes, bodyAt, topicAt - 1) === int32At(bytes, at + RecordOffset.BODY_CRC);
}

function isTopic(bytes: Buffer, at: number, length: number, topic: Buffer): boolean {
  if (length !== topic.length) return false;
  for (let i = 0; i < length; i++) if (bytes[at + i] !== topic[i]) return false;
  return true;
}
