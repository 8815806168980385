import { inflateSync } from 'node:zlib';
import { RocketMQError } from '../../../common/src/index.js';
import {
  decodeMessage,
  decodeProperties,
  MessageProperty,
  MessageSysFlag,
  type MessageRecord,
} from '../../../protocol/src/index.js';

/** A message in the log, as a message filter sees it. Good during the call: copy what is kept. */
export class FilteredMessage {
  private readonly record: MessageRecord;
  private decoded: ReadonlyMap<string, string> | undefined;

  constructor(
    record: Buffer,
    private readonly maxBodySize: number,
  ) {
    this.record = decodeMessage(record);
  }

  /** Where it was sent. */
  get topic(): string {
    return this.record.topic;
  }

  /** Of the topic on this broker. */
  get queueId(): number {
    return this.record.queueId;
  }

  /** Its place in the queue. */
  get queueOffset(): number {
    return this.record.queueOffset;
  }

  /** When the producer made it, milliseconds since the epoch. */
  get bornTimestamp(): number {
    return this.record.bornTimestamp;
  }

  /** When the broker stored it, milliseconds since the epoch. */
  get storeTimestamp(): number {
    return this.record.storeTimestamp;
  }

  /** How often it has come again. */
  get reconsumeTimes(): number {
    return this.record.reconsumeTimes;
  }

  /** All of them, the system's too. */
  get properties(): ReadonlyMap<string, string> {
    this.decoded ??= decodeProperties(this.record.properties);
    return this.decoded;
  }

  /** Its tag. */
  get tags(): string | undefined {
    return this.properties.get(MessageProperty.TAGS);
  }

  /** Keys, with a blank between them. */
  get keys(): string | undefined {
    return this.properties.get(MessageProperty.KEYS);
  }

  /**
   * As it was sent; inflated when a producer deflated it.
   *
   * @throws RocketMQError UNSUPPORTED when it is compressed by LZ4 or ZSTD: brokers do not have these.
   */
  get body(): Buffer {
    const { body, sysFlag } = this.record;
    if ((sysFlag & MessageSysFlag.COMPRESSED) === 0) return body;
    const type = sysFlag & MessageSysFlag.COMPRESSION_MASK;
    // Before 4.9.4 there was no type.
    if (type === 0 || type === MessageSysFlag.COMPRESSION_ZLIB) {
      return inflateSync(body, { maxOutputLength: this.maxBodySize });
    }
    throw new RocketMQError('UNSUPPORTED', 'the body is compressed by LZ4 or ZSTD, which a broker does not inflate');
  }
}
