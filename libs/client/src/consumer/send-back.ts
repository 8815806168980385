import { messageOf } from '../../../common/src/index.js';
import { consumerSendMsgBack, sendMessageV2, type RequestInput } from '../../../protocol/src/index.js';
import {
  MessageProperty,
  MessageSysFlag,
  SystemGroup,
  autoCreateTopicKey,
  propertyOf,
  retryTopicOf,
  withProperty,
  withoutProperty,
} from '../../../protocol/src/message/index.js';
import { vipAddress, type ClientCore } from '../client-core.js';
import type { MessageQueue } from '../contract/index.js';
import { describeQueue } from '../message-queue.js';
import { ThrottledLog } from '../throttled-log.js';
import type { PulledMessage } from './pulled-message.js';

/** Java's defaults of a producer that nobody configured. */
const attempts = 3;
const sendTimeout = 3_000;
const sendBackTimeout = 5_000;
const newTopic = { createTopicKey: autoCreateTopicKey, defaultTopicQueueNums: 4 };
/** Level of a message's first retry. */
const firstRetryLevel = 3;
const compressionFlags = MessageSysFlag.COMPRESSED | MessageSysFlag.COMPRESSION_MASK;

/**
 * Gives messages that were not consumed back to the brokers: to come again after a delay, or for the dead-letter topic
 * once they came too often.
 */
export class SendBack {
  readonly #log: ThrottledLog;

  constructor(
    private readonly core: ClientCore,
    private readonly group: string,
    /** How often a message comes again before it goes to the dead-letter topic. */
    private readonly maxReconsumeTimes: number,
  ) {
    this.#log = new ThrottledLog(core.clock, core.log);
  }

  /**
   * @param delayLevel 0 leaves it to the broker, below 0 means the dead-letter topic
   * @returns false when no broker took it. Never rejects.
   */
  async give(message: PulledMessage, delayLevel: number): Promise<boolean> {
    try {
      await this.#ask(message, delayLevel);
      return true;
    } catch (error) {
      this.#say('message not taken back by its broker; sending it to the retry topic', message, error);
    }
    return this.send(message);
  }

  /**
   * The same by a normal send to any broker of the retry topic: how orderly consumers reach the dead-letter topic.
   *
   * @param isDead as if the message had come as often as it may: brokers then take it for the dead-letter topic
   */
  async send(message: PulledMessage, isDead = false): Promise<boolean> {
    const most = isDead ? Math.min(message.reconsumeTimes, this.maxReconsumeTimes) : this.maxReconsumeTimes;
    const body = message.storedBody;
    let avoidBroker: string | undefined;
    for (let left = attempts; left > 0; left--) {
      try {
        const queue = await this.#retryQueue(avoidBroker);
        avoidBroker = queue.brokerName;
        const header = this.#sendHeader(message, queue, most);
        await this.core.remoting.call(this.#master(queue), sendMessageV2, header, { body, timeout: sendTimeout });
        return true;
      } catch (error) {
        this.#say('message not sent to the retry topic', message, error);
      }
    }
    return false;
  }

  async #ask(message: PulledMessage, delayLevel: number): Promise<void> {
    const header = {
      group: this.group,
      offset: message.physicalOffset,
      delayLevel,
      originMsgId: message.msgId,
      originTopic: this.#fullTopic(message),
      unitMode: false,
      maxReconsumeTimes: this.maxReconsumeTimes,
      bname: message.brokerName,
    };
    await this.core.remoting.call(this.#master(message), consumerSendMsgBack, header, { timeout: sendBackTimeout });
  }

  async #retryQueue(avoidBroker: string | undefined): Promise<MessageQueue> {
    const { routes } = this.core;
    const topic = retryTopicOf(this.group);
    const known = routes.knownForPublish(topic) ?? (await routes.forPublish(topic, newTopic));
    return known.rotation.next(known.publishQueues, avoidBroker);
  }

  #master({ brokerName }: { readonly brokerName: string }): string {
    const address = this.core.routes.masterOf(brokerName);
    if (address !== undefined) return vipAddress(address, this.core.settings.vipChannelEnabled);
    throw new Error(`The broker[${brokerName}] has no master that is registered now`);
  }

  #sendHeader(
    message: PulledMessage,
    queue: MessageQueue,
    maxReconsumeTimes: number,
  ): RequestInput<typeof sendMessageV2> {
    return {
      producerGroup: SystemGroup.CLIENT_INNER_PRODUCER,
      topic: queue.topic,
      defaultTopic: newTopic.createTopicKey,
      defaultTopicQueueNums: newTopic.defaultTopicQueueNums,
      queueId: queue.queueId,
      // The body goes as it was stored; what else the flags said is over.
      sysFlag: message.sysFlag & compressionFlags,
      bornTimestamp: this.core.clock.now(),
      flag: message.flag,
      properties: retryProperties(message, this.#fullTopic(message), maxReconsumeTimes),
      reconsumeTimes: message.reconsumeTimes + 1,
      unitMode: false,
      batch: false,
      maxReconsumeTimes,
      bname: queue.brokerName,
    };
  }

  /** As brokers know it. */
  #fullTopic({ topic }: PulledMessage): string {
    return this.core.settings.namespace.wrap(topic);
  }

  #say(what: string, message: PulledMessage, error: unknown): void {
    this.#log.warn(what, () => ({
      group: this.group,
      queue: describeQueue(message),
      offset: message.queueOffset,
      msgId: message.msgId,
      error: messageOf(error),
    }));
  }
}

/** The two counts stand in the header as well; Java leaves them here by oversight, and tools have got used to them. */
function retryProperties(message: PulledMessage, topic: string, maxReconsumeTimes: number): string {
  const { storedProperties: stored, reconsumeTimes } = message;
  const added = [
    [MessageProperty.ORIGIN_MESSAGE_ID, propertyOf(stored, MessageProperty.ORIGIN_MESSAGE_ID) ?? message.msgId],
    [MessageProperty.RETRY_TOPIC, topic],
    [MessageProperty.RECONSUME_TIME, String(reconsumeTimes + 1)],
    [MessageProperty.MAX_RECONSUME_TIMES, String(maxReconsumeTimes)],
    [MessageProperty.DELAY, String(firstRetryLevel + reconsumeTimes)],
  ] as const;
  const kept = withoutProperty(stored, MessageProperty.TRAN_MSG);
  return added.reduce((text, [name, value]) => withProperty(text, name, value), kept);
}
