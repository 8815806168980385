import { RocketMQError, pause } from '../../../common/src/index.js';
import {
  getBrokerClusterInfo,
  getEarliestMsgStoretime,
  getMaxOffset,
  getMinOffset,
  searchOffsetByTimestamp,
  updateAndCreateTopic,
} from '../../../protocol/src/index.js';
import {
  Permission,
  autoCreateTopicKey,
  isSystemTopic,
  topicNameProblem,
} from '../../../protocol/src/message/index.js';
import { vipAddress, type ClientCore } from '../client-core.js';
import type { Admin, MessageQueue } from '../contract/index.js';
import { OptionReader } from '../option-reader.js';
import { masterId } from '../route/index.js';

interface TopicOptions {
  readonly readQueues?: number;
  readonly writeQueues?: number;
  readonly perm?: number;
}

/** Java's administrative calls wait longer than others. */
const timeout = 6_000;
/** Brokers tell the name servers of a new topic in their own time: how often and how long that is waited for. */
const routePollInterval = 100;
const routePolls = 30;

export class ClusterAdmin implements Admin {
  constructor(private readonly core: ClientCore) {}

  /**
   * Makes or changes a topic on every master, and resolves when the name server knows it.
   *
   * @throws RocketMQError ARGUMENT_INVALID; BROKER_UNAVAILABLE when no master is registered; what a broker answers.
   */
  async createTopic(name: string, options: TopicOptions = {}): Promise<void> {
    const problem = typeof name === 'string' ? topicNameProblem(name) : 'must be a text';
    if (problem !== undefined) throw invalid(`createTopic: ${JSON.stringify(name)}: ${problem}`);
    if (isSystemTopic(name)) throw invalid(`createTopic: The topic[${name}] is conflict with system topic.`);
    const read = new OptionReader('createTopic options', options);
    const queues = { min: 1, max: 65_535 };
    const header = {
      topic: name,
      defaultTopic: autoCreateTopicKey,
      readQueueNums: read.integer('readQueues', 8, queues),
      writeQueueNums: read.integer('writeQueues', 8, queues),
      perm: read.integer('perm', Permission.READ | Permission.WRITE, { min: 0, max: 7 }),
      topicFilterType: 'SINGLE_TAG',
      topicSysFlag: 0,
      order: false,
    };
    read.finish();
    await this.core.start();
    for (const address of await this.#masters()) {
      await this.core.remoting.call(this.#vip(address), updateAndCreateTopic, header, { timeout });
    }
    await this.#routeOf(name);
  }

  async topicExists(topic: string): Promise<boolean> {
    await this.core.start();
    return (await this.core.routes.lookUp(topic)) !== undefined;
  }

  async searchOffset(queue: MessageQueue, timestamp: number): Promise<number> {
    const header = { ...headerOf(queue), timestamp };
    const address = await this.#masterOf(queue);
    return (await this.core.remoting.call(address, searchOffsetByTimestamp, header, { timeout })).header.offset;
  }

  async maxOffset(queue: MessageQueue): Promise<number> {
    const address = await this.#masterOf(queue);
    return (await this.core.remoting.call(address, getMaxOffset, headerOf(queue), { timeout })).header.offset;
  }

  async minOffset(queue: MessageQueue): Promise<number> {
    const address = await this.#masterOf(queue);
    return (await this.core.remoting.call(address, getMinOffset, headerOf(queue), { timeout })).header.offset;
  }

  async earliestMsgStoreTime(queue: MessageQueue): Promise<number> {
    const address = await this.#masterOf(queue);
    const reply = await this.core.remoting.call(address, getEarliestMsgStoretime, headerOf(queue), { timeout });
    return reply.header.timestamp;
  }

  async #masters(): Promise<string[]> {
    const { body } = await this.core.nameServers.call(getBrokerClusterInfo, {}, { timeout });
    const masters = [...body.brokerAddrTable.values()].flatMap((broker) => broker.brokerAddrs.get(masterId) ?? []);
    if (masters.length > 0) return masters;
    throw new RocketMQError(
      'BROKER_UNAVAILABLE',
      'No broker is registered with the name server, so no topic can be made',
    );
  }

  async #routeOf(topic: string): Promise<void> {
    for (let i = 0; i < routePolls; i++) {
      if ((await this.core.routes.refresh(topic)) !== undefined) return;
      await pause(this.core.clock, routePollInterval);
    }
    this.core.log.warn('the topic was made, but the name server does not know it yet', { topic });
  }

  async #masterOf(queue: MessageQueue): Promise<string> {
    await this.core.start();
    const { routes } = this.core;
    const address =
      routes.masterOf(queue.brokerName) ?? (await routes.refresh(queue.topic), routes.masterOf(queue.brokerName));
    if (address !== undefined) return this.#vip(address);
    throw new RocketMQError(
      'BROKER_UNAVAILABLE',
      `The broker[${queue.brokerName}] has no master that is registered now`,
    );
  }

  #vip(address: string): string {
    return vipAddress(address, this.core.settings.vipChannelEnabled);
  }
}

function headerOf(queue: MessageQueue): { topic: string; queueId: number; bname: string } {
  return { topic: queue.topic, queueId: queue.queueId, bname: queue.brokerName };
}

function invalid(message: string): RocketMQError {
  return new RocketMQError('ARGUMENT_INVALID', message);
}
