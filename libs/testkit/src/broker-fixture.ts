import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBroker, type Broker, type BrokerConfig, type NamedMessageFilters } from '../../broker/src/index.js';
import { silentLogger, systemClock, type Clock, type Logger } from '../../common/src/index.js';
import {
  heartBeat,
  pullMessage,
  PullSysFlag,
  sendMessageV2,
  type ConsumerData,
  type PullHeader,
  type SendInput,
} from '../../protocol/src/index.js';
import { nodeDisk, type Disk } from '../../store/src/index.js';
import { createRemotingClient, type AnyHandler, type RemotingClient } from '../../remoting/src/index.js';

export interface BrokerFixtureOptions {
  readonly config?: Partial<BrokerConfig>;
  readonly clock?: Clock;
  readonly log?: Logger;
  readonly disk?: Disk;
  readonly messageFilters?: NamedMessageFilters;
  /** Kept when given; otherwise a temporary one that goes with the fixture. */
  readonly directory?: string;
}

/** A broker of ours on a free port, in this process, and a client to talk to it in single requests. */
export class BrokerFixture {
  private readonly clients: RemotingClient[] = [];

  private constructor(
    readonly broker: Broker,
    readonly directory: string,
    private readonly isTemporary: boolean,
  ) {}

  static async open(options: BrokerFixtureOptions = {}): Promise<BrokerFixture> {
    const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'broker-fixture-')));
    const isTemporary = options.directory === undefined;
    try {
      const broker = await startBroker(directory, options);
      return new BrokerFixture(broker, directory, isTemporary);
    } catch (error) {
      if (isTemporary) await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  get address(): string {
    return this.broker.address;
  }

  /** A client with a connection of its own. */
  client(handlers: readonly AnyHandler[] = []): RemotingClient {
    const client = createRemotingClient({ clock: systemClock, log: silentLogger, handlers });
    this.clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    for (const client of this.clients) await client.close();
    await this.broker.close();
    if (this.isTemporary) await rm(this.directory, { recursive: true, force: true });
  }
}

async function startBroker(directory: string, options: BrokerFixtureOptions): Promise<Broker> {
  const { clock = systemClock, log = silentLogger, disk = nodeDisk, messageFilters = {} } = options;
  const own = { listenPort: 0, brokerName: 'broker-a', storePathRootDir: directory };
  const small = { mappedFileSizeCommitLog: 4 * 1024 * 1024, mappedFileSizeConsumeQueue: 20_000 };
  const broker = createBroker({ ...own, ...small, ...options.config }, { clock, log, disk, messageFilters });
  await broker.start();
  return broker;
}

export function sendHeader(given: Partial<SendInput> = {}): SendInput {
  return {
    producerGroup: 'producers',
    topic: 'TopicTest',
    defaultTopic: 'TBW102',
    defaultTopicQueueNums: 4,
    queueId: 0,
    sysFlag: 0,
    bornTimestamp: 1_700_000_000_000,
    flag: 0,
    properties: '',
    reconsumeTimes: 0,
    unitMode: false,
    batch: false,
    ...given,
  };
}

export function pullHeader(given: Partial<PullHeader> = {}): PullHeader {
  return {
    consumerGroup: 'consumers',
    topic: 'TopicTest',
    queueId: 0,
    queueOffset: 0,
    maxMsgNums: 32,
    sysFlag: PullSysFlag.SUBSCRIPTION,
    commitOffset: 0,
    suspendTimeoutMillis: 15_000,
    subscription: '*',
    subVersion: 0,
    ...given,
  };
}

/** Any answer of a broker counts: its code is what tests ask about. */
const anyCode = [...Array.from({ length: 30 }, (_, code) => code + 1), 206, 207];

/** Sends one message and gives the answer whatever its code. */
export function send(client: RemotingClient, address: string, given: Partial<SendInput> = {}, body = 'hello') {
  const options = { body: Buffer.from(body), accept: anyCode };
  return client.call(address, sendMessageV2, sendHeader(given), options);
}

/** Pulls and gives the answer whatever its code. */
export function pull(client: RemotingClient, address: string, given: Partial<PullHeader> = {}) {
  return client.call(address, pullMessage, pullHeader(given), { accept: anyCode, timeout: 20_000 });
}

/** A push consumer's part of a heartbeat. */
export function consumerData(groupName: string, topics: readonly string[] = ['TopicTest']): ConsumerData {
  return {
    groupName,
    consumeType: 'CONSUME_PASSIVELY',
    messageModel: 'CLUSTERING',
    consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
    unitMode: false,
    subscriptionDataSet: topics.map((topic) => ({
      topic,
      subString: '*',
      tagsSet: [],
      codeSet: [],
      subVersion: 1,
      classFilterMode: false,
      expressionType: 'TAG',
    })),
  };
}

/** Makes a client a member of groups. */
export function beat(
  client: RemotingClient,
  address: string,
  clientID: string,
  consumerDataSet: readonly ConsumerData[],
  producers: readonly string[] = [],
) {
  const producerDataSet = producers.map((groupName) => ({ groupName }));
  return client.call(address, heartBeat, {}, { body: { clientID, consumerDataSet, producerDataSet } });
}
