import { inflateSync } from 'node:zlib';
import { RocketMQError, codeOf } from '../../../common/src/index.js';
import {
  MessageProperty,
  MessageSysFlag,
  decodeProperties,
  keySeparator,
  offsetMessageId,
  propertyOf,
  type MessageRecord,
} from '../../../protocol/src/message/index.js';
import type { ReceivedMessage } from '../contract/index.js';

/** What the messages of one pull have in common. */
export interface PullOrigin {
  readonly brokerName: string;
  /** The group's retry topic: its messages show the topic they were sent to. */
  readonly retryTopic: string;
  /** Most bytes a body may inflate to. */
  readonly maxBodySize: number;
  /** Of the queue, at the time of the pull. */
  readonly minOffset: number;
  readonly maxOffset: number;
}

/**
 * A message as it was pulled. What costs (inflating the body, splitting the properties) is done when first asked for:
 * a message that a tag filter drops costs nothing, and a body that cannot be inflated fails its own handler only.
 */
export class PulledMessage implements ReceivedMessage {
  readonly topic: string;
  readonly brokerName: string;
  readonly tags: string | undefined;
  readonly queueId: number;
  readonly queueOffset: number;
  readonly physicalOffset: number;
  readonly flag: number;
  readonly sysFlag: number;
  readonly bornTimestamp: number;
  readonly storeTimestamp: number;
  readonly bodyCrc: number;
  readonly storeSize: number;
  /** Grows when a failed handler's message is delivered again here. */
  reconsumeTimes: number;
  /** Where its process queue keeps it. */
  position = -1;
  readonly #record: MessageRecord;
  readonly #origin: PullOrigin;
  #body: Buffer | undefined;
  #properties: ReadonlyMap<string, string> | undefined;

  constructor(record: MessageRecord, origin: PullOrigin) {
    const { properties, topic } = record;
    this.#record = record;
    this.#origin = origin;
    this.brokerName = origin.brokerName;
    this.topic = (topic === origin.retryTopic && propertyOf(properties, MessageProperty.RETRY_TOPIC)) || topic;
    this.tags = propertyOf(properties, MessageProperty.TAGS);
    this.queueId = record.queueId;
    this.queueOffset = record.queueOffset;
    this.physicalOffset = record.physicalOffset;
    this.flag = record.flag;
    this.sysFlag = record.sysFlag;
    this.bornTimestamp = record.bornTimestamp;
    this.storeTimestamp = record.storeTimestamp;
    this.bodyCrc = record.bodyCrc;
    this.storeSize = record.totalSize;
    this.reconsumeTimes = record.reconsumeTimes;
  }

  /** As the broker stored it: compressed when `sysFlag` says so. */
  get storedBody(): Buffer {
    return this.#record.body;
  }

  /** As the broker stored them. */
  get storedProperties(): string {
    return this.#record.properties;
  }

  get properties(): ReadonlyMap<string, string> {
    this.#properties ??= this.#decodeProperties();
    return this.#properties;
  }

  get keys(): readonly string[] {
    const keys = this.properties.get(MessageProperty.KEYS) ?? '';
    return keys.split(keySeparator).filter((key) => key !== '');
  }

  get msgId(): string {
    return propertyOf(this.#record.properties, MessageProperty.UNIQ_KEY) ?? this.offsetMsgId;
  }

  get offsetMsgId(): string {
    const { storeHost, physicalOffset } = this.#record;
    return offsetMessageId(storeHost.ip, storeHost.port, physicalOffset);
  }

  get bornHost(): string {
    return hostAndPort(this.#record.bornHost);
  }

  get storeHost(): string {
    return hostAndPort(this.#record.storeHost);
  }

  /** @throws RocketMQError when the body is compressed and cannot be inflated, or inflates beyond the limit. */
  get body(): Buffer {
    this.#body ??= this.sysFlag & MessageSysFlag.COMPRESSED ? this.#inflate() : this.#record.body;
    return this.#body;
  }

  #decodeProperties(): ReadonlyMap<string, string> {
    // Java's consumers add these two, and listeners measure their lag by them.
    return decodeProperties(this.#record.properties)
      .set(MessageProperty.MIN_OFFSET, String(this.#origin.minOffset))
      .set(MessageProperty.MAX_OFFSET, String(this.#origin.maxOffset));
  }

  #inflate(): Buffer {
    const method = this.sysFlag & MessageSysFlag.COMPRESSION_MASK;
    if (method !== 0 && method !== MessageSysFlag.COMPRESSION_ZLIB) {
      const name = method === MessageSysFlag.COMPRESSION_LZ4 ? 'LZ4' : 'ZSTD';
      throw new RocketMQError('UNSUPPORTED', `${this.#name()} is compressed with ${name}; only zlib is read here`);
    }
    try {
      return inflateSync(this.#record.body, { maxOutputLength: this.#origin.maxBodySize });
    } catch (error) {
      const why =
        codeOf(error) === 'ERR_BUFFER_TOO_LARGE'
          ? `decompressed size over limit ${this.#origin.maxBodySize} (maxDecompressedSize)`
          : `the body is no zlib stream (${codeOf(error) ?? 'damaged'})`;
      throw new RocketMQError('PROTOCOL_VIOLATION', `${this.#name()}: ${why}`, { cause: error });
    }
  }

  #name(): string {
    return `Message ${this.msgId} of ${this.topic} (queue ${this.queueId}, offset ${this.queueOffset})`;
  }
}

function hostAndPort(host: { readonly ip: string; readonly port: number }): string {
  return host.ip.includes(':') ? `[${host.ip}]:${host.port}` : `${host.ip}:${host.port}`;
}
