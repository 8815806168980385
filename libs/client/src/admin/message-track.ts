import { RocketMQError, codeOf, messageOf } from '../../../common/src/index.js';
import {
  ResponseCode,
  getConsumeStats,
  getConsumerConnectionList,
  queryTopicConsumeByWho,
  type ConsumerConnection,
} from '../../../protocol/src/index.js';
import { allTags, retryTopicOf } from '../../../protocol/src/message/index.js';
import { vipAddress, type ClientCore } from '../client-core.js';
import type { MessageTrack, ReceivedMessage, TrackType } from '../contract/index.js';

/** As long as Java's administrative calls. */
const timeout = 6_000;

/** What became of a message in each group that reads its topic: from who is online and how far the group has come. */
export class MessageTracker {
  constructor(private readonly core: ClientCore) {}

  async track(message: ReceivedMessage): Promise<MessageTrack[]> {
    await this.core.start();
    const topic = this.core.settings.namespace.wrap(message.topic);
    const groups = await this.#groupsOf(topic);
    return Promise.all(groups.map((group) => this.#trackIn(group, topic, message)));
  }

  async #groupsOf(topic: string): Promise<string[]> {
    const addresses = await this.#addressesOf(topic);
    if (addresses.length === 0)
      throw new RocketMQError('TOPIC_NOT_FOUND', `The topic[${topic}] not matched route info`);
    const lists = await Promise.all(
      addresses.map((address) => this.core.remoting.call(address, queryTopicConsumeByWho, { topic }, { timeout })),
    );
    return [...new Set(lists.flatMap(({ body }) => body.groupList))].sort();
  }

  async #trackIn(group: string, topic: string, message: ReceivedMessage): Promise<MessageTrack> {
    const consumerGroup = this.core.settings.namespace.unwrap(group);
    try {
      const members = await this.#membersOf(group);
      if (members === undefined)
        return { consumerGroup, trackType: 'NOT_ONLINE', exceptionDesc: 'no member is online' };
      const trackType = await this.#typeOf(group, topic, message, members);
      return { consumerGroup, trackType, exceptionDesc: undefined };
    } catch (error) {
      const exceptionDesc = `${codeOf(error) ?? 'failed'}: ${messageOf(error)}`;
      return { consumerGroup, trackType: 'UNKNOWN', exceptionDesc };
    }
  }

  async #typeOf(
    group: string,
    topic: string,
    message: ReceivedMessage,
    members: ConsumerConnection,
  ): Promise<TrackType> {
    if (members.consumeType === 'CONSUME_ACTIVELY') return 'PULL';
    const offset = await this.#offsetOf(group, topic, message);
    if (offset === undefined && members.messageModel === 'BROADCASTING') return 'CONSUME_BROADCASTING';
    if (offset === undefined || offset <= message.queueOffset) return 'NOT_CONSUME_YET';
    const tags = members.subscriptionTable.get(topic)?.tagsSet ?? [];
    const isWanted = tags.length === 0 || tags.includes(allTags) || tags.includes(message.tags ?? '');
    return isWanted ? 'CONSUMED' : 'CONSUMED_BUT_FILTERED';
  }

  /** Of the first broker that has any: members tell all brokers of their group. */
  async #membersOf(group: string): Promise<ConsumerConnection | undefined> {
    const accept = [ResponseCode.CONSUMER_NOT_ONLINE];
    for (const address of await this.#addressesOf(retryTopicOf(group))) {
      const header = { consumerGroup: group };
      const reply = await this.core.remoting.call(address, getConsumerConnectionList, header, { timeout, accept });
      if (reply.code === ResponseCode.SUCCESS && reply.body.connectionSet.length > 0) return reply.body;
    }
    return undefined;
  }

  /** How far the group has come in the message's queue; undefined when it committed nothing there. */
  async #offsetOf(consumerGroup: string, topic: string, message: ReceivedMessage): Promise<number | undefined> {
    const address = this.core.routes.masterOf(message.brokerName);
    if (address === undefined) {
      throw new RocketMQError('BROKER_UNAVAILABLE', `The broker[${message.brokerName}] has no master registered now`);
    }
    const header = { consumerGroup, topic };
    const { body } = await this.core.remoting.call(this.#vip(address), getConsumeStats, header, { timeout });
    for (const [queue, { consumerOffset }] of body.offsetTable) {
      if (queue.topic === topic && queue.queueId === message.queueId && consumerOffset >= 0) return consumerOffset;
    }
    return undefined;
  }

  async #addressesOf(topic: string): Promise<string[]> {
    const { routes } = this.core;
    await routes.find(topic);
    return routes.addressesOf(topic).map((address) => this.#vip(address));
  }

  #vip(address: string): string {
    return vipAddress(address, this.core.settings.vipChannelEnabled);
  }
}
