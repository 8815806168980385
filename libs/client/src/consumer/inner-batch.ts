import { MessageSysFlag, decodeBatchBody, type MessageRecord } from '../../../protocol/src/message/index.js';
import type { PullOrigin } from './pulled-message.js';

const innerBatch = MessageSysFlag.INNER_BATCH | MessageSysFlag.NEED_UNWRAP;

/**
 * Brokers of 5.x keep a batch as one record in topics with the attribute queue.type=BatchCQ: such a record stands for as
 * many offsets as it has messages, and is taken apart here.
 */
export function isInnerBatch({ sysFlag }: MessageRecord): boolean {
  return (sysFlag & innerBatch) === innerBatch;
}

/**
 * The messages of such a record, each at its own offset; of any other the record itself.
 *
 * @throws RocketMQError PROTOCOL_VIOLATION when its body is no batch, UNSUPPORTED when it cannot be inflated.
 */
export function unwrapped(
  record: MessageRecord,
  { codecs, maxBodySize }: Pick<PullOrigin, 'codecs' | 'maxBodySize'>,
): readonly MessageRecord[] {
  if (!isInnerBatch(record)) return [record];
  const isPacked = (record.sysFlag & MessageSysFlag.COMPRESSED) !== 0;
  const body = isPacked ? codecs.inflate(record.body, record.sysFlag, maxBodySize) : record.body;
  const sysFlag = record.sysFlag & ~(innerBatch | MessageSysFlag.COMPRESSED | MessageSysFlag.COMPRESSION_MASK);
  return decodeBatchBody(body).map((message, i) => ({
    ...record,
    sysFlag,
    bodyCrc: 0,
    totalSize: message.body.length + message.properties.length,
    queueOffset: record.queueOffset + i,
    flag: message.flag,
    body: message.body,
    properties: String(message.properties),
  }));
}
