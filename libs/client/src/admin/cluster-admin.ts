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
  SystemTopic,
  autoCreateTopicKey,
  isSystemTopic,
  topicNameProblem,
} from '../../../protocol/src/message/index.js';
import { vipAddress, type ClientCore } from '../client-core.js';
import type {
  Admin,
  ClusterState,
  MessageQueue,
  MessageTrace,
  MessageTrack,
  QueryOptions,
  QueryResult,
  ReceivedMessage,
  RegisteredBroker,
  TraceQueryOptions,
} from '../contract/index.js';
import { OptionReader } from '../option-reader.js';
import { masterId } from '../route/index.js';
import { decodeTraces } from '../trace/trace-reading.js';
import { MessageQuery } from './message-query.js';
import { MessageTracker } from './message-track.js';

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
  readonly #query: MessageQuery;
  readonly #tracker: MessageTracker;

  constructor(private readonly core: ClientCore) {
    this.#query = new MessageQuery(core);
    this.#tracker = new MessageTracker(core);
  }

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
      topic: this.#full(name),
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
    await this.#routeOf(this.#full(name));
  }

  async topicExists(topic: string): Promise<boolean> {
    await this.core.start();
    return (await this.core.routes.lookUp(this.#full(topic))) !== undefined;
  }

  async examineCluster(patience: number = timeout): Promise<ClusterState> {
    await this.core.start();
    const { nameServers, remoting } = this.core;
    // Where an address server names them, the first call makes it do so.
    if (nameServers.addresses.length === 0) await nameServers.call(getBrokerClusterInfo, {}, { timeout: patience });
    const { addresses } = nameServers;
    const call = { timeout: patience };
    const answers = await Promise.allSettled(
      addresses.map((address) => remoting.call(address, getBrokerClusterInfo, {}, call)),
    );
    const brokers = new Map<string, RegisteredBroker>();
    for (const answer of answers) {
      if (answer.status === 'rejected') continue;
      for (const [brokerName, { cluster, brokerAddrs }] of answer.value.body.brokerAddrTable) {
        brokers.set(brokerName, { cluster: cluster ?? '', brokerName, addresses: brokerAddrs });
      }
    }
    return {
      nameServers: addresses.map((address, i) => {
        const answer = answers[i];
        return { address, error: answer?.status === 'rejected' ? (answer.reason as unknown) : undefined };
      }),
      brokers: [...brokers.values()].toSorted((a, b) => (a.brokerName < b.brokerName ? -1 : 1)),
    };
  }

  async searchOffset(queue: MessageQueue, timestamp: number): Promise<number> {
    const header = { ...this.#headerOf(queue), timestamp };
    const address = await this.#masterOf(queue);
    return (await this.core.remoting.call(address, searchOffsetByTimestamp, header, { timeout })).header.offset;
  }

  async maxOffset(queue: MessageQueue): Promise<number> {
    const address = await this.#masterOf(queue);
    return (await this.core.remoting.call(address, getMaxOffset, this.#headerOf(queue), { timeout })).header.offset;
  }

  async minOffset(queue: MessageQueue): Promise<number> {
    const address = await this.#masterOf(queue);
    return (await this.core.remoting.call(address, getMinOffset, this.#headerOf(queue), { timeout })).header.offset;
  }

  async earliestMsgStoreTime(queue: MessageQueue): Promise<number> {
    const address = await this.#masterOf(queue);
    const reply = await this.core.remoting.call(address, getEarliestMsgStoretime, this.#headerOf(queue), { timeout });
    return reply.header.timestamp;
  }

  viewMessage(topic: string, msgId: string): Promise<ReceivedMessage> {
    return this.#query.view(this.#full(topic), msgId);
  }

  async queryMessage(topic: string, key: string, options: QueryOptions = {}): Promise<QueryResult> {
    const read = new OptionReader('queryMessage options', options);
    const checked = readQueryOptions(read, 32);
    read.finish();
    return this.#query.byKey(this.#full(topic), key, checked);
  }

  queryMessageByUniqKey(topic: string, uniqKey: string): Promise<ReceivedMessage | undefined> {
    return this.#query.byUniqueId(this.#full(topic), uniqKey);
  }

  async messageTrack(message: ReceivedMessage): Promise<readonly MessageTrack[]> {
    return this.#tracker.track(message);
  }

  async queryMessageTrace(msgId: string, options: TraceQueryOptions = {}): Promise<readonly MessageTrace[]> {
    const read = new OptionReader('queryMessageTrace options', options);
    const topic = read.text('traceTopic', SystemTopic.TRACE, topicNameProblem);
    const checked = readQueryOptions(read, 64);
    read.finish();
    const { messages } = await this.#query.byKey(this.#full(topic), msgId, checked);
    return messages
      .flatMap((message) => decodeTraces(message.body.toString('utf8'), message.bornHost))
      .filter((trace) => trace.msgId === msgId)
      .toSorted((a, b) => (a.timeStamp ?? 0) - (b.timeStamp ?? 0));
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

  async #masterOf({ brokerName, topic }: MessageQueue): Promise<string> {
    await this.core.start();
    const { routes } = this.core;
    const address =
      routes.masterOf(brokerName) ?? (await routes.refresh(this.#full(topic)), routes.masterOf(brokerName));
    if (address !== undefined) return this.#vip(address);
    throw new RocketMQError('BROKER_UNAVAILABLE', `The broker[${brokerName}] has no master that is registered now`);
  }

  #headerOf({ topic, queueId, brokerName }: MessageQueue): { topic: string; queueId: number; bname: string } {
    return { topic: this.#full(topic), queueId, bname: brokerName };
  }

  /** As brokers know it. */
  #full(topic: string): string {
    return this.core.settings.namespace.wrap(topic);
  }

  #vip(address: string): string {
    return vipAddress(address, this.core.settings.vipChannelEnabled);
  }
}

function readQueryOptions(read: OptionReader<QueryOptions>, maxNum: number): Required<QueryOptions> {
  const time = { min: 0, max: Number.MAX_SAFE_INTEGER };
  return {
    maxNum: read.integer('maxNum', maxNum, { min: 1, max: 65_535 }),
    begin: read.integer('begin', 0, time),
    end: read.integer('end', Number.MAX_SAFE_INTEGER, time),
  };
}

function invalid(message: string): RocketMQError {
  return new RocketMQError('ARGUMENT_INVALID', message);
}
