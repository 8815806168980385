import {
  AddressServer,
  addressServerUrl,
  codeOf,
  messageOf,
  type Clock,
  type Lifecycle,
  type Logger,
  type Timer,
} from '../../../common/src/index.js';
import {
  isReadable,
  isWriteable,
  messageCrc,
  plainDialect,
  registerBroker,
  registerBrokerBody,
  unregisterBroker,
  type RegisterBroker,
  type RequestInput,
  type TopicConfig,
} from '../../../protocol/src/index.js';
import type { RemotingClient } from '../../../remoting/src/index.js';
import type { BrokerConfig } from '../broker-config.js';
import type { BrokerIdentity } from '../broker-identity.js';
import type { MessageFilters } from '../filter/message-filters.js';
import type { LiveConfig } from '../live-config.js';
import type { TopicTable } from '../tables/topic-table.js';
import { nameServerAddresses } from './name-server-addresses.js';

export interface RegistrationParts {
  readonly config: BrokerConfig;
  readonly liveConfig: LiveConfig;
  readonly clock: Clock;
  readonly log: Logger;
  readonly identity: BrokerIdentity;
  readonly topics: TopicTable;
  readonly messageFilters: Pick<MessageFilters, 'names'>;
  readonly client: RemotingClient;
}

const shortestPeriod = 10_000;
const longestPeriod = 60_000;
/** A name server that was down is tried again after this long. */
const retryInterval = 10_000;
const unregisterTimeout = 3000;

/**
 * Tells every name server of this broker and its topics: at the start, from time to time, and when topics change. Each
 * registration carries all topics, uncompressed; that is what every version of Apache's name server takes, and a first
 * one with a single topic is what 5.x refuses. A name server that is down is said once and tried again. The list is
 * namesrvAddr's, which may change at any time; without one, what the address server says.
 */
export class NameServerRegistration implements Lifecycle {
  private addresses: readonly string[];
  private readonly addressServer: AddressServer | undefined;
  /** Farewells to name servers that were taken off the list. */
  private leaving: Promise<void> = Promise.resolve();
  private readonly down = new Set<string>();
  private timer: Timer | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  /** The next round takes over what name servers say of ordered topics. */
  private learnsOrder = false;
  /** Of the last round; monotonic milliseconds. */
  private announced = 0;
  private closed = false;

  constructor(private readonly parts: RegistrationParts) {
    const { config, topics, liveConfig } = parts;
    this.addresses = nameServerAddresses(config.namesrvAddr);
    this.addressServer = config.fetchNamesrvAddrByAddressServer ? this.createAddressServer() : undefined;
    topics.onChange(() => this.announce());
    liveConfig.onChange((changed) => {
      if (changed.has('namesrvAddr')) this.takeConfigured();
    });
  }

  async start(): Promise<void> {
    const { clock, config, log } = this.parts;
    const period = Math.max(shortestPeriod, Math.min(config.registerNameServerPeriod, longestPeriod));
    this.timer = clock.every(retryInterval, () => {
      if (this.down.size > 0 || clock.monotonic() - this.announced > period - retryInterval) this.announceAndLearn();
    });
    this.addressServer?.start();
    // It says itself what is wrong.
    if (this.addresses.length === 0) await this.addressServer?.ask().catch(() => undefined);
    if (this.addresses.length === 0) {
      log.warn('no name server is configured: only clients that know this address find the broker');
    }
    this.announceAndLearn();
    await this.running;
  }

  /** Registers everywhere; while that is under way, once more afterwards. */
  announce(): void {
    if (this.closed || this.timer === undefined || this.addresses.length === 0) return;
    if (this.running !== undefined) {
      this.again = true;
      return;
    }
    this.announced = this.parts.clock.monotonic();
    this.running = this.registerEverywhere().finally(() => {
      this.running = undefined;
      if (!this.again) return;
      this.again = false;
      this.announce();
    });
  }

  /**
   * At the start and from time to time only, as in Java: when mqadmin makes an ordered topic, the broker has it before
   * the name servers know of its order, and their answer to the news would take the order away again.
   */
  private announceAndLearn(): void {
    this.learnsOrder = true;
    this.announce();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.timer?.cancel();
    this.addressServer?.close();
    await this.running;
    await this.leaving;
    if (this.timer !== undefined) await Promise.all(this.addresses.map((address) => this.unregister(address)));
  }

  private createAddressServer(): AddressServer | undefined {
    const { config, clock, log } = this.parts;
    const url = addressServerUrl({ domain: config.rmqAddressServerDomain, subgroup: config.rmqAddressServerSubGroup });
    if (url === undefined) {
      log.warn('fetchNamesrvAddrByAddressServer: rmqAddressServerDomain, or rocketmq.namesrv.domain, names no server');
      return undefined;
    }
    const onNameServers = (addresses: readonly string[]): void => {
      if (config.namesrvAddr === '') this.use(addresses);
    };
    return new AddressServer({ url, clock, log, onNameServers });
  }

  /** Without name servers in the configuration the address server is asked again. */
  private takeConfigured(): void {
    const { namesrvAddr } = this.parts.config;
    if (namesrvAddr !== '' || this.addressServer === undefined) this.use(nameServerAddresses(namesrvAddr));
    else this.addressServer.ask().catch(() => undefined);
  }

  private use(addresses: readonly string[]): void {
    const before = this.addresses;
    if (addresses.join(';') === before.join(';')) return;
    this.addresses = addresses;
    this.parts.log.info('the name servers changed', { before: before.join(';'), now: addresses.join(';') });
    const dropped = before.filter((address) => !addresses.includes(address));
    const round = this.running;
    this.leaving = this.leaving.then(() => round).then(() => this.leave(dropped));
    this.announceAndLearn();
  }

  /** After the round that may be telling them still. */
  private async leave(dropped: readonly string[]): Promise<void> {
    const gone = dropped.filter((address) => !this.addresses.includes(address));
    await Promise.all(gone.map((address) => this.unregister(address)));
    for (const address of gone) this.down.delete(address);
  }

  private async registerEverywhere(): Promise<void> {
    const { topics, identity, messageFilters } = this.parts;
    const topicConfigTable = this.offeredTopics();
    const body = {
      // Java's consumers look there for who runs a filter that they subscribe to by name: this broker itself.
      filterServerList: messageFilters.names.length > 0 ? [identity.address] : [],
      topicConfigSerializeWrapper: { dataVersion: topics.version, topicConfigTable },
    };
    const header = {
      brokerName: identity.brokerName,
      brokerAddr: identity.address,
      clusterName: identity.clusterName,
      haServerAddr: identity.haServerAddress,
      brokerId: identity.brokerId,
      compressed: false,
      bodyCrc32: messageCrc(Buffer.concat([registerBrokerBody.encode(body, plainDialect)].flat())),
    };
    const learnsOrder = this.learnsOrder;
    this.learnsOrder = false;
    const replies = await Promise.all(this.addresses.map((address) => this.register(address, header, body)));
    // A name server that keeps the order to itself (returnOrderTopicConfigToBroker=false) says nothing of it.
    const order = replies.find((reply) => reply !== undefined);
    if (learnsOrder && order !== undefined) topics.applyOrder(new Set(order.keys()));
  }

  private async register(
    address: string,
    header: RequestInput<typeof registerBroker>,
    body: RegisterBroker,
  ): Promise<ReadonlyMap<string, string> | undefined> {
    const { client, config, log } = this.parts;
    try {
      const timeout = config.registerBrokerTimeoutMills;
      const reply = await client.call(address, registerBroker, header, { body, timeout });
      if (this.down.delete(address)) log.info('a name server is back', { address });
      return reply.body?.table;
    } catch (error) {
      if (this.closed && codeOf(error) === 'CLOSED') return undefined;
      const level = this.down.has(address) ? 'debug' : 'warn';
      log[level](`name server ${address} does not take the registration, it is tried again`, {
        error: messageOf(error),
      });
      this.down.add(address);
      return undefined;
    }
  }

  private async unregister(address: string): Promise<void> {
    const { client, identity, log } = this.parts;
    if (this.down.has(address)) return;
    const { brokerName, clusterName, brokerId, address: brokerAddr } = identity;
    try {
      await client.call(
        address,
        unregisterBroker,
        { brokerName, brokerAddr, clusterName, brokerId },
        { timeout: unregisterTimeout },
      );
    } catch (error) {
      // It will notice by itself: the connection ends with us.
      log.info(`name server ${address} did not take the farewell`, { error: messageOf(error) });
    }
  }

  /** What clients may do with this broker as a whole limits what they may do with each topic. */
  private offeredTopics(): ReadonlyMap<string, TopicConfig> {
    const { topics, config } = this.parts;
    const table = topics.snapshot().topicConfigTable;
    const perm = config.brokerPermission;
    if (isReadable(perm) && isWriteable(perm)) return table;
    return new Map([...table].map(([name, topic]) => [name, { ...topic, perm }]));
  }
}
