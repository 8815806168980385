import {
  MessageProperty,
  MessageSysFlag,
  RecordOffset,
  blankMagic,
  blankRecordSize,
  ipv6Extra,
  messageCrc,
  messageMagic,
  messageMagicV2,
  minRecordSize,
  propertyOf,
  tagsCode,
} from '../../../protocol/src/message/index.js';
import { hasRightChecksum } from './record-checksum.js';

const two32 = 0x1_0000_0000;

/** What the dispatcher needs of a record. */
export interface RecordFacts {
  readonly kind: 'record';
  readonly size: number;
  readonly topic: string;
  /** Whether these are the bytes of its topic. */
  hasTopic(topic: Buffer): boolean;
  readonly queueId: number;
  readonly queueOffset: number;
  readonly storeTimestamp: number;
  readonly tagsCode: number;
  /** False for prepared and rolled-back messages: no queue has them. */
  readonly isVisible: boolean;
  /** Topic or properties end in a zero byte, which is how a torn record looks whose lengths were still written. */
  readonly endsInZeros: boolean;
}

export type ScannedRecord =
  | RecordFacts
  /** The rest of the file is unused. */
  | { readonly kind: 'blank'; readonly size: number }
  /** More bytes are needed: so many from its start. */
  | { readonly kind: 'partial'; readonly size: number }
  /** Zeros: nobody wrote here yet. */
  | { readonly kind: 'end' }
  | { readonly kind: 'damaged'; readonly reason: string };

/** The caller knows that the bytes are there: Buffer's own methods look again each time, which costs more than to read. */
export function int32At(bytes: Buffer, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

/** As {@link int32At}, exact up to 2^53. */
export function readInt64(bytes: Buffer, at: number): number {
  return int32At(bytes, at) * two32 + (int32At(bytes, at + 4) >>> 0);
}

export function storeTimestampAt(sysFlag: number): number {
  return RecordOffset.STORE_TIMESTAMP + (sysFlag & MessageSysFlag.BORN_HOST_V6 ? ipv6Extra : 0);
}

/** Bytes from the start of a record that surely hold its store timestamp. */
export const storeTimestampPrefix = RecordOffset.STORE_TIMESTAMP + ipv6Extra + 8;

/** Size of the record at `at` when one starts there that knows itself to be at `physicalOffset`, else 0. */
export function recordSizeAt(bytes: Buffer, at: number, physicalOffset: number): number {
  if (at + minRecordSize > bytes.length) return 0;
  const magic = int32At(bytes, at + RecordOffset.MAGIC);
  if (magic !== messageMagic && magic !== messageMagicV2) return 0;
  if (readInt64(bytes, at + RecordOffset.PHYSICAL_OFFSET) !== physicalOffset) return 0;
  const size = int32At(bytes, at);
  return size < minRecordSize ? 0 : size;
}

/**
 * Looks at the bytes at `at`, which stand `remaining` bytes before the end of their file. Stricter than Java's check:
 * the physical offset in the record must be where it stands, or leftovers of another life of the file would count.
 * `needsChecksum`: a record without the checksum of the whole is damaged (forceVerifyPropCRC).
 */
export function scanRecord(
  bytes: Buffer,
  at: number,
  physicalOffset: number,
  remaining: number,
  needsChecksum = false,
): ScannedRecord {
  const available = bytes.length - at;
  if (available < blankRecordSize) return { kind: 'partial', size: blankRecordSize };
  const size = bytes.readInt32BE(at);
  const magic = bytes.readInt32BE(at + RecordOffset.MAGIC);
  if (size === 0 && magic === 0) return { kind: 'end' };
  if (magic === blankMagic) {
    return size === remaining ? { kind: 'blank', size } : damaged(`blank of ${size} bytes with ${remaining} left`);
  }
  if (magic !== messageMagic && magic !== messageMagicV2) return damaged(`magic ${magic}`);
  if (size < minRecordSize || size + blankRecordSize > remaining) {
    return damaged(`total size ${size} with ${remaining} bytes left in the file`);
  }
  if (available < size) return { kind: 'partial', size };
  const record = bytes.subarray(at, at + size);
  if (needsChecksum && !hasRightChecksum(record)) return damaged('checksum of the record is missing or differs');
  return readFacts(record, physicalOffset, magic === messageMagicV2 ? 2 : 1);
}

function damaged(reason: string): ScannedRecord {
  return { kind: 'damaged', reason };
}

function readFacts(record: Buffer, physicalOffset: number, topicWord: number): ScannedRecord {
  const size = record.length;
  const sysFlag = record.readInt32BE(RecordOffset.SYS_FLAG);
  const storeTimeAt = storeTimestampAt(sysFlag);
  const bodyAt = storeTimeAt + 32 + (sysFlag & MessageSysFlag.STORE_HOST_V6 ? ipv6Extra : 0);
  if (bodyAt + topicWord + 2 > size) return damaged('too short for its hosts');
  const bodyLength = record.readInt32BE(bodyAt - 4);
  const topicLengthAt = bodyAt + bodyLength;
  if (bodyLength < 0 || topicLengthAt + topicWord + 2 > size) return damaged(`body length ${bodyLength}`);
  const topicLength = topicWord === 2 ? record.readInt16BE(topicLengthAt) : record.readInt8(topicLengthAt);
  const topicAt = topicLengthAt + topicWord;
  const propertiesAt = topicAt + topicLength + 2;
  if (topicLength < 1 || propertiesAt > size) return damaged(`topic length ${topicLength}`);
  if (propertiesAt + record.readInt16BE(propertiesAt - 2) !== size) return damaged(`total size ${size} is not its sum`);
  const found = readInt64(record, RecordOffset.PHYSICAL_OFFSET);
  if (found !== physicalOffset) return damaged(`physical offset ${found}`);
  // Java leaves the field unchecked, and unset by some tools, when there is no body.
  if (bodyLength > 0 && messageCrc(record, bodyAt, topicLengthAt) !== record.readInt32BE(RecordOffset.BODY_CRC)) {
    return damaged('CRC of the body differs');
  }
  return new FoundRecord(record, readInt64(record, storeTimeAt), topicAt, topicAt + topicLength, propertiesAt);
}

/** Text is decoded when asked for: whoever only checks a record does not pay for it. */
class FoundRecord implements RecordFacts {
  readonly kind = 'record';
  readonly size: number;
  readonly queueId: number;
  readonly queueOffset: number;

  constructor(
    private readonly bytes: Buffer,
    readonly storeTimestamp: number,
    private readonly topicAt: number,
    private readonly topicEnd: number,
    private readonly propertiesAt: number,
  ) {
    this.size = bytes.length;
    this.queueId = bytes.readInt32BE(RecordOffset.QUEUE_ID);
    this.queueOffset = readInt64(bytes, RecordOffset.QUEUE_OFFSET);
  }

  get topic(): string {
    return this.bytes.toString('utf8', this.topicAt, this.topicEnd);
  }

  hasTopic(topic: Buffer): boolean {
    return this.bytes.compare(topic, 0, topic.length, this.topicAt, this.topicEnd) === 0;
  }

  get tagsCode(): number {
    return tagsCode(propertyOf(this.bytes.toString('utf8', this.propertiesAt), MessageProperty.TAGS));
  }

  get endsInZeros(): boolean {
    const { bytes, size } = this;
    return bytes[this.topicEnd - 1] === 0 || (this.propertiesAt < size && bytes[size - 1] === 0);
  }

  get isVisible(): boolean {
    return isVisible(this.bytes.readInt32BE(RecordOffset.SYS_FLAG));
  }
}

/** Prepared and rolled-back messages are in the log only: no queue has them. */
export function isVisible(sysFlag: number): boolean {
  const transaction = sysFlag & MessageSysFlag.TRANSACTION_MASK;
  return transaction === 0 || transaction === MessageSysFlag.TRANSACTION_COMMIT;
}
