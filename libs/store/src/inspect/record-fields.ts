import { MessageSysFlag, RecordOffset, ipv6Extra, messageMagicV2 } from '../../../protocol/src/message/index.js';
import { storeTimestampAt } from '../commit-log/record-reader.js';

/** Properties text of the whole record of `size` bytes at `at`, without taking the rest apart. */
export function propertiesOfRecord(bytes: Buffer, at: number, size: number): string {
  const sysFlag = bytes.readInt32BE(at + RecordOffset.SYS_FLAG);
  const storeHost = at + storeTimestampAt(sysFlag) + 8;
  const bodyAt = storeHost + 24 + (sysFlag & MessageSysFlag.STORE_HOST_V6 ? ipv6Extra : 0);
  const topicLengthAt = bodyAt + bytes.readInt32BE(bodyAt - 4);
  const isV2 = bytes.readInt32BE(at + RecordOffset.MAGIC) === messageMagicV2;
  const topicAt = topicLengthAt + (isV2 ? 2 : 1);
  const topicLength = isV2 ? bytes.readInt16BE(topicLengthAt) : bytes.readInt8(topicLengthAt);
  return bytes.toString('utf8', topicAt + topicLength + 2, at + size);
}

/** A transaction's end without a message: in no queue, and not in the index. */
export function isRollback(bytes: Buffer, at: number): boolean {
  const sysFlag = bytes.readInt32BE(at + RecordOffset.SYS_FLAG);
  return (sysFlag & MessageSysFlag.TRANSACTION_MASK) === MessageSysFlag.TRANSACTION_MASK;
}
