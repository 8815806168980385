import {
  codeOf,
  createLifecycleChain,
  messageOf,
  RocketMQError,
  silentLogger,
  systemClock,
  type Clock,
  type Lifecycle,
  type Logger,
} from '../../common/src/index.js';
import { createUniqueIds, MQVersion } from '../../protocol/src/index.js';
import {
  checkHandlers,
  createRemotingClient,
  createRemotingServer,
  type AnyHandler,
  type RemotingServer,
} from '../../remoting/src/index.js';
import { createMessageStore, DelayLevels, nodeDisk, type Disk } from '../../store/src/index.js';
import { resolveBrokerConfig, type BrokerConfig } from './broker-config.js';
import { BrokerIdentity } from './broker-identity.js';
import { DelayedDelivery } from './delay/delayed-delivery.js';
import { TimedDelivery } from './delay/timer/timed-delivery.js';
import { ConsumerFilterTable } from './filter/consumer-filter-table.js';
import { FilterBitMaps } from './filter/filter-bit-maps.js';
import { MessageFilters, type MessageFilterFigures, type NamedMessageFilters } from './filter/message-filters.js';
import * as handlers from './handlers/index.js';
import { PullHold } from './hold/pull-hold.js';
import { housekeeping } from './housekeeping.js';
import { LiveConfig } from './live-config.js';
import type { BrokerParts } from './parts.js';
import { NameServerRegistration } from './registration/name-server-registration.js';
import { BrokerStats } from './stats/broker-stats.js';
import { ConsumerOffsetTable } from './tables/consumer-offset-table.js';
import { ConsumerTable } from './tables/consumer-table.js';
import { ProducerTable } from './tables/producer-table.js';
import { QueueLockTable } from './tables/queue-lock-table.js';
import { SubscriptionGroupTable } from './tables/subscription-group-table.js';
import { TopicTable } from './tables/topic-table.js';
import { Transactions } from './transaction/transactions.js';

/** A broker in this process. Stopped by `close`, which brings its files into order. */
export interface Broker extends Lifecycle {
  readonly brokerName: string;
  /** "ip:port" that it registers with the name servers, once started. */
  readonly address: string;
  readonly port: number;
  /** Undefined while healthy; otherwise what is wrong. */
  readonly unavailable: string | undefined;
  /** How the filters of the host do, by name. */
  readonly messageFilters: ReadonlyMap<string, MessageFilterFigures>;
}

/** What a broker gets from its host; each has a default. */
export interface BrokerPorts {
  readonly clock?: Clock;
  readonly log?: Logger;
  /** Of the store; the file system of this machine unless given. */
  readonly disk?: Disk;
  /** In [0, 1). */
  readonly random?: () => number;
  /**
   * Filters that consumers subscribe to by name (Java: `subscribe(topic, name, null)`). One that throws lets the message
   * pass; one that takes over 5 ms for 100 messages is switched off.
   */
  readonly messageFilters?: NamedMessageFilters;
}

/**
 * A broker over a store in `config.storePathRootDir`. Nothing is opened before `start`, which rejects with
 * LISTEN_FAILED, STORE_UNAVAILABLE or STORE_CORRUPT, saying where and why. A name server that is down does not keep it
 * from starting.
 *
 * @throws RocketMQError CONFIG_INVALID or UNSUPPORTED, naming the key.
 */
export function createBroker(config: Partial<BrokerConfig> = {}, ports: BrokerPorts = {}): Broker {
  const parts = createParts(resolveBrokerConfig(config), ports);
  const { clock, log, identity, store } = parts;
  const served = Object.values(handlers).map((make) => make(parts) as AnyHandler);
  checkHandlers('broker', served);
  const server = createServer(parts, served, parts.config.listenPort);
  const client = createRemotingClient({ clock, log, handlers: [], version: MQVersion[parts.config.brokerVersion] });
  const registration = new NameServerRegistration({ ...parts, client });
  parts.liveConfig.onChange((changed) => {
    if (changed.has('brokerPermission')) parts.topics.touch();
  });
  const lifecycle = createLifecycleChain([
    { start: () => Promise.resolve(), close: () => parts.timed.saveLast() },
    { start: () => Promise.resolve(), close: () => saveLast(parts) },
    store,
    { start: () => loadTables(parts), close: () => settleTables(parts) },
    parts.stats,
    parts.delayed,
    parts.timed,
    parts.transactions,
    housekeeping(parts),
    { start: () => Promise.resolve(), close: () => client.close() },
    { start: () => Promise.resolve(), close: () => closeHold(parts) },
    ...vipServers(parts, served),
    { start: () => listen(server, identity), close: () => server.close() },
    registration,
  ]);
  return {
    start: () => lifecycle.start(),
    close: () => lifecycle.close(),
    brokerName: identity.brokerName,
    get address() {
      return identity.address;
    },
    get port() {
      return server.port;
    },
    get unavailable() {
      return store.unavailable;
    },
    get messageFilters() {
      return parts.messageFilters.figures();
    },
  };
}

function createParts(config: BrokerConfig, ports: BrokerPorts): BrokerParts {
  const { clock = systemClock, log = silentLogger, random = Math.random, disk = nodeDisk } = ports;
  const filters = new ConsumerFilterTable({ config, clock, log });
  const bitMaps = new FilterBitMaps(config, filters);
  const store = createMessageStore(config, { clock, log, disk, filterBitMapOf: bitMaps.of });
  const stats = new BrokerStats(clock, config.brokerClusterName);
  const delayLevels = new DelayLevels(config.messageDelayLevel);
  const consumers = new ConsumerTable({ config, clock, log });
  consumers.onGroupLeft((group) => filters.unregister(group));
  const identity = new BrokerIdentity(config);
  const topics = new TopicTable({ config, clock, log });
  const offsets = new ConsumerOffsetTable({ config, clock, log });
  const producers = new ProducerTable(clock, log);
  return {
    config,
    clock,
    log,
    random,
    store,
    transactions: new Transactions({ config, clock, log, store, stats, topics, offsets, producers, identity }),
    delayLevels,
    delayed: new DelayedDelivery({ config, clock, log, store, stats, delayLevels }),
    timed: new TimedDelivery({ config, clock, log, store, stats, disk }),
    liveConfig: new LiveConfig(config, clock),
    identity,
    topics,
    groups: new SubscriptionGroupTable({ config, clock, log }),
    offsets,
    consumers,
    filters,
    messageFilters: new MessageFilters(ports.messageFilters ?? {}, { clock, log, maxBodySize: config.maxMessageSize }),
    producers,
    queueLocks: new QueueLockTable(clock, log),
    hold: new PullHold(clock, config, store),
    stats,
    uniqueIds: createUniqueIds({ ip: config.brokerIP1, pid: process.pid, clock, random }),
  };
}

async function loadTables({ topics, groups, offsets, filters, store, log }: BrokerParts): Promise<void> {
  await Promise.all([topics.load(), groups.load(), offsets.load(), filters.load()]);
  const clamped = offsets.clamp((topic, queueId) => store.maxOffset(topic, queueId));
  if (clamped > 0) log.warn('consumer offsets beyond the end of their queue went back to it', { offsets: clamped });
}

/** Tables are saved as they change; what is still on its way to the disk gets there. */
async function settleTables({ topics, groups, offsets, filters }: BrokerParts): Promise<void> {
  await Promise.all([topics.settled(), groups.settled(), offsets.settled(), filters.settled()]);
}

/** How far messages were delivered and settled, as the log on the disk has it. */
async function saveLast({ delayed, transactions }: BrokerParts): Promise<void> {
  await Promise.all([delayed.saveLast(), transactions.saveLast()]);
}

async function listen(server: RemotingServer, identity: BrokerIdentity): Promise<void> {
  await server.start();
  identity.listening(server.port);
}

function closeHold({ hold }: BrokerParts): Promise<void> {
  hold.close();
  return Promise.resolve();
}

/** Two ports below the main one: for clients that must not wait behind pulls, which are not served there. */
function vipServers(parts: BrokerParts, served: readonly AnyHandler[]): Lifecycle[] {
  const port = parts.config.listenPort - 2;
  if (port <= 0) return [];
  const pulls = new Set(['PULL_MESSAGE', 'LITE_PULL_MESSAGE']);
  const withoutPulls = served.filter(({ declaration }) => !pulls.has((declaration as { name: string }).name));
  const server = createServer(parts, withoutPulls, port);
  return [{ start: () => server.start().catch(explainVipPort), close: () => server.close() }];
}

/** The port is one nobody has configured. */
function explainVipPort(error: unknown): never {
  if (codeOf(error) !== 'LISTEN_FAILED') throw error;
  const text = `the VIP channel is two ports below listenPort: ${messageOf(error)}`;
  throw new RocketMQError('LISTEN_FAILED', text, { cause: error });
}

function createServer(
  { clock, log, config }: BrokerParts,
  served: readonly AnyHandler[],
  port: number,
): RemotingServer {
  const idleTimeout = config.serverChannelMaxIdleTimeSeconds * 1000;
  const version = MQVersion[config.brokerVersion];
  return createRemotingServer({ clock, log, handlers: served, host: config.bindAddress, port, idleTimeout, version });
}
