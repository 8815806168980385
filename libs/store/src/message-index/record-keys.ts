/*
 * HOT PATH (read). Copies and allocates nothing; one pass over the properties, one over topic and keys. Strings are made
 * for keys with characters beyond ASCII only.
 */
import { javaStringHash } from '../../../common/src/index.js';
import {
  MessageProperty,
  MessageSysFlag,
  RecordOffset,
  ipv6Extra,
  keySeparator,
  messageMagicV2,
  propertyOf,
} from '../../../protocol/src/message/index.js';
import { int32At, readInt64, storeTimestampAt } from '../commit-log/record-reader.js';

const nameEnd = 1;
const pairEnd = 2;
const blank = 0x20;
const numberSign = 0x23;
const keysHead = Buffer.from(`${MessageProperty.KEYS}\u0001`);
const uniqueHead = Buffer.from(`${MessageProperty.UNIQ_KEY}\u0001`);

/** The hash of "topic#key" as the index has it. */
export function indexHash(topic: string, key: string): number {
  return positive(javaStringHash(`${topic}#${key}`));
}

/** Java's abs, whose result for the least integer is negative, and then 0. */
function positive(hash: number): number {
  return hash === -0x8000_0000 ? 0 : Math.abs(hash);
}

/** Under which keys a record is to be found: those of the record read last. */
export class RecordKeys {
  /** In the order of the index: the unique key, then each word of KEYS. */
  hashes = new Int32Array(64);
  count = 0;
  storeTimestamp = 0;
  private topicAt = 0;
  private topicEnd = 0;
  private topicHash = 0;
  private hasWideTopic = false;

  /** Of the record of `size` bytes at `at`. False when its lengths do not add up. */
  read(bytes: Buffer, at: number, size: number): boolean {
    this.count = 0;
    const end = at + size;
    const sysFlag = int32At(bytes, at + RecordOffset.SYS_FLAG);
    const storeTimeAt = at + storeTimestampAt(sysFlag);
    const bodyAt = storeTimeAt + 32 + (sysFlag & MessageSysFlag.STORE_HOST_V6 ? ipv6Extra : 0);
    const topicWord = int32At(bytes, at + RecordOffset.MAGIC) === messageMagicV2 ? 2 : 1;
    if (bodyAt + topicWord + 2 > end) return false;
    const bodyLength = int32At(bytes, bodyAt - 4);
    const topicLengthAt = bodyAt + bodyLength;
    if (bodyLength < 0 || topicLengthAt + topicWord + 2 > end) return false;
    const topicLength = topicWord === 2 ? bytes.readInt16BE(topicLengthAt) : bytes.readInt8(topicLengthAt);
    this.topicAt = topicLengthAt + topicWord;
    this.topicEnd = this.topicAt + topicLength;
    const propertiesAt = this.topicEnd + 2;
    if (topicLength < 1 || propertiesAt > end) return false;
    if (propertiesAt + bytes.readInt16BE(propertiesAt - 2) !== end) return false;
    this.storeTimestamp = readInt64(bytes, storeTimeAt);
    const isRolledBack = (sysFlag & MessageSysFlag.TRANSACTION_MASK) === MessageSysFlag.TRANSACTION_ROLLBACK;
    if (!isRolledBack && propertiesAt < end) this.readProperties(bytes, propertiesAt, end);
    return true;
  }

  /** The last of several pairs with one name counts, and empty values are none. */
  private readProperties(bytes: Buffer, start: number, end: number): void {
    let keysAt = 0;
    let keysEnd = 0;
    let uniqueAt = 0;
    let uniqueEnd = 0;
    for (let at = start; at < end;) {
      const first = bytes[at];
      const isKeys = first === keysHead[0] && startsWith(bytes, at, end, keysHead);
      const isUnique = first === uniqueHead[0] && startsWith(bytes, at, end, uniqueHead);
      const valueAt = isKeys ? at + keysHead.length : isUnique ? at + uniqueHead.length : at;
      let to = valueAt;
      while (to < end && bytes[to] !== pairEnd) to++;
      if (isKeys && to > valueAt) {
        keysAt = valueAt;
        keysEnd = to;
      } else if (isUnique && to > valueAt) {
        uniqueAt = valueAt;
        uniqueEnd = to;
      }
      at = to + 1;
    }
    if (keysEnd === 0 && uniqueEnd === 0) return;
    this.hashTopic(bytes);
    if (uniqueEnd > 0) this.add(bytes, uniqueAt, uniqueEnd);
    for (let at = keysAt; at < keysEnd;) {
      let to = at;
      while (to < keysEnd && bytes[to] !== blank) to++;
      if (to > at) this.add(bytes, at, to);
      at = to + 1;
    }
  }

  private hashTopic(bytes: Buffer): void {
    let hash = 0;
    let all = 0;
    for (let at = this.topicAt; at < this.topicEnd; at++) {
      const byte = bytes[at] as number;
      all |= byte;
      hash = (Math.imul(31, hash) + byte) | 0;
    }
    this.topicHash = (Math.imul(31, hash) + numberSign) | 0;
    this.hasWideTopic = all > 0x7f;
  }

  private add(bytes: Buffer, from: number, to: number): void {
    let hash = this.topicHash;
    let all = 0;
    for (let at = from; at < to; at++) {
      const byte = bytes[at] as number;
      all |= byte;
      hash = (Math.imul(31, hash) + byte) | 0;
    }
    const isWide = this.hasWideTopic || all > 0x7f;
    if (this.count === this.hashes.length) {
      const wider = new Int32Array(this.count * 2);
      wider.set(this.hashes);
      this.hashes = wider;
    }
    this.hashes[this.count++] = isWide
      ? indexHash(bytes.toString('utf8', this.topicAt, this.topicEnd), bytes.toString('utf8', from, to))
      : positive(hash);
  }
}

function startsWith(bytes: Buffer, at: number, end: number, head: Buffer): boolean {
  if (at + head.length > end || bytes[at + head.length - 1] !== nameEnd) return false;
  for (let i = 1; i < head.length - 1; i++) if (bytes[at + i] !== head[i]) return false;
  return true;
}

/** Whether a message with these properties is to be found under `key`. */
export function carriesKey(properties: string, key: string): boolean {
  if (propertyOf(properties, MessageProperty.UNIQ_KEY) === key) return true;
  return propertyOf(properties, MessageProperty.KEYS)?.split(keySeparator).includes(key) ?? false;
}
