import { RocketMQError, codeOf, messageOf, type ErrorCode } from '../../../common/src/index.js';
import {
  MessageProperty,
  MessageSysFlag,
  decodeProperties,
  keySeparator,
  offsetMessageId,
  propertyOf,
  type MessageRecord,
} from '../../../protocol/src/message/index.js';
import type { ClientCore } from '../client-core.js';
import type { BodyCodecs } from '../compression/index.js';
import type { ReceivedMessage } from '../contract/index.js';
import type { Namespace } from '../namespace.js';

/** What the messages of one pull have in common. */
export interface PullOrigin {
  readonly brokerName: string;
  /** The group's retry topic: its messages show the topic they were sent to. */
  readonly retryTopic: string | undefined;
  /** Most bytes a body may inflate to. */
  readonly maxBodySize: number;
  /** Those that the pull's messages need are loaded. */
  readonly codecs: Pick<BodyCodecs, 'inflate'>;
  /** Of the client: messages show topics as the application calls them. */
  readonly namespace: Namespace;
  /** Of the queue, at the time of the pull; undefined for a message that was looked up. */
  readonly minOffset: number | undefined;
  readonly maxOffset: number | undefined;
}

/** Without `minOffset` and `maxOffset`: of messages that were looked up, or that a broker handed over. */
export function originOf(
  { settings, codecs }: Pick<ClientCore, 'settings' | 'codecs'>,
  brokerName: string,
  retryTopic?: string,
  minOffset?: number,
  maxOffset?: number,
): PullOrigin {
  return {
    brokerName,
    retryTopic,
    maxBodySize: settings.maxDecompressedSize,
    codecs,
    namespace: settings.namespace,
    minOffset,
    maxOffset,
  };
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
    const full = (topic === origin.retryTopic && propertyOf(properties, MessageProperty.RETRY_TOPIC)) || topic;
    this.topic = origin.namespace.unwrap(full);
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
    const properties = decodeProperties(this.#record.properties);
    const { minOffset, maxOffset } = this.#origin;
    if (minOffset === undefined || maxOffset === undefined) return properties;
    // Java's consumers add these two, and listeners measure their lag by them.
    return properties
      .set(MessageProperty.MIN_OFFSET, String(minOffset))
      .set(MessageProperty.MAX_OFFSET, String(maxOffset));
  }

  #inflate(): Buffer {
    try {
      return this.#origin.codecs.inflate(this.#record.body, this.sysFlag, this.#origin.maxBodySize);
    } catch (error) {
      const code = (codeOf(error) ?? 'PROTOCOL_VIOLATION') as ErrorCode;
      throw new RocketMQError(code, `${this.#name()}: ${messageOf(error)}`, { cause: error });
    }
  }

  #name(): string {
    return `Message ${this.msgId} of ${this.topic} (queue ${this.queueId}, offset ${this.queueOffset})`;
  }
}

function hostAndPort(host: { readonly ip: string; readonly port: number }): string {
  return host.ip.includes(':') ? `[${host.ip}]:${host.port}` : `${host.ip}:${host.port}`;
}
