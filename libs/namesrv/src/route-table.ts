import type { Clock, Logger } from '../../common/src/index.js';
import type {
  BrokerData,
  ClusterInfo,
  DataVersion,
  QueueData,
  RegisterBroker,
  TopicConfig,
  TopicQueueMappingInfo,
  TopicRoute,
} from '../../protocol/src/index.js';
import type { Connection } from '../../remoting/src/index.js';

/** What a broker says of itself when it registers. */
export interface Registration {
  readonly clusterName: string;
  readonly brokerName: string;
  readonly brokerAddr: string;
  /** 0 is the master. */
  readonly brokerId: number;
  readonly haServerAddr: string;
  readonly zoneName: string | undefined;
  /** Undefined from brokers before 5.0. */
  readonly enableActingMaster: boolean | undefined;
  /** Milliseconds without news until the broker is dropped, when it asked for a time of its own. */
  readonly heartbeatTimeout: number | undefined;
  readonly topics: RegisterBroker['topicConfigSerializeWrapper'];
  /** Undefined from brokers that know no filter servers: the list stays as it is. */
  readonly filterServers: readonly string[] | undefined;
  readonly connection: Connection;
}

/** For a slave: its master, when that is alive. */
export interface MasterPlace {
  readonly masterAddr?: string;
  readonly haServerAddr?: string;
}

export type BrokerKey = Pick<Registration, 'clusterName' | 'brokerName' | 'brokerAddr'>;

/** A full table refuses what would make it grow, with this. */
export interface TableFull {
  readonly full: string;
}

interface BrokerEntry {
  readonly cluster: string;
  readonly brokerName: string;
  readonly brokerAddrs: Map<number, string>;
  enableActingMaster: boolean | undefined;
  zoneName: string | undefined;
}

interface LiveEntry extends BrokerKey {
  readonly dataVersion: DataVersion;
  readonly connection: Connection;
  readonly haServerAddr: string;
  /** Milliseconds. */
  readonly timeout: number;
  /** On the monotonic clock. */
  lastUpdate: number;
}

const masterId = 0;
/**
 * Milliseconds without a registration. A broker may ask for more, not for less: the shorter times of 5.x go with a
 * heartbeat of its acting-master mode, which is not served.
 */
const shortestTimeout = 120_000;
const mostBrokers = 10_000;
const mostTopics = 1_000_000;
const writePermission = 2;
const readWritePermission = 6;

/**
 * Where every topic is: Apache's five tables, and the one for static topics. Held in memory only; brokers tell it again
 * every 30 seconds. All names are keys of maps, so that none of them can mean anything else.
 */
export class RouteTable {
  /** Topic, broker name. */
  private readonly topicQueueTable = new Map<string, Map<string, QueueData>>();
  private readonly brokerAddrTable = new Map<string, BrokerEntry>();
  /** Cluster, broker names. */
  private readonly clusterAddrTable = new Map<string, Set<string>>();
  private readonly brokerLiveTable = new Map<string, LiveEntry>();
  private readonly filterServerTable = new Map<string, readonly string[]>();
  /** Topic, broker name. */
  private readonly topicQueueMappingInfoTable = new Map<string, Map<string, TopicQueueMappingInfo>>();

  constructor(
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  /**
   * Takes over a registration. Its topics may be some of the broker's only: they are merged, and absence deletes
   * nothing.
   */
  register(registration: Registration): MasterPlace | TableFull {
    const { clusterName, brokerName, brokerAddr, brokerId, topics } = registration;
    const full = this.checkRoom(registration);
    if (full !== undefined) return { full };
    const broker = this.brokerEntry(registration);
    if (this.isOutdated(registration, broker)) {
      this.brokerLiveTable.delete(liveKey(registration));
      return {};
    }
    // A slave that became master comes with the same address and another id.
    for (const [id, address] of broker.brokerAddrs) {
      if (address === brokerAddr && id !== brokerId) broker.brokerAddrs.delete(id);
    }
    const isFirst = !broker.brokerAddrs.has(brokerId);
    broker.brokerAddrs.set(brokerId, brokerAddr);
    if (this.speaksForTopics(registration, broker)) {
      const isChanged = isFirst || this.isChanged(registration, topics.dataVersion);
      this.takeTopics(brokerName, topics, isChanged);
    }
    this.takeLiveEntry(registration);
    this.takeFilterServers(registration);
    return brokerId === masterId ? {} : this.masterOf(clusterName, broker);
  }

  /** A broker is going. Of one that shares its name (a slave, a successor) nothing is removed. */
  unregister({ clusterName, brokerName, brokerAddr }: BrokerKey): void {
    const key = liveKey({ clusterName, brokerAddr });
    this.brokerLiveTable.delete(key);
    this.filterServerTable.delete(key);
    const broker = this.brokerAddrTable.get(brokerName);
    if (broker === undefined) return;
    for (const [id, address] of broker.brokerAddrs) if (address === brokerAddr) broker.brokerAddrs.delete(id);
    this.log.info('a broker left', { cluster: clusterName, broker: brokerName, address: brokerAddr });
    if (broker.brokerAddrs.size > 0) return;
    this.brokerAddrTable.delete(brokerName);
    for (const [cluster, names] of this.clusterAddrTable) {
      if (names.delete(brokerName) && names.size === 0) this.clusterAddrTable.delete(cluster);
    }
    this.dropTopicsOf(brokerName);
  }

  /** The connection ended: brokers that registered over it are gone. */
  connectionClosed(connection: Connection): void {
    for (const live of this.brokerLiveTable.values()) if (live.connection === connection) this.unregister(live);
  }

  /** Drops brokers that were silent for too long, and their connections. */
  dropSilent(): void {
    const now = this.clock.monotonic();
    for (const live of this.brokerLiveTable.values()) {
      if (live.lastUpdate + live.timeout >= now) continue;
      this.log.warn('a broker was silent for too long', { broker: live.brokerName, address: live.brokerAddr });
      this.unregister(live);
      live.connection.close(`no registration for ${live.timeout} ms`);
    }
  }

  /** The version of its topics that a broker registered last; undefined when it is not registered. */
  dataVersionOf(broker: Pick<BrokerKey, 'clusterName' | 'brokerAddr'>): DataVersion | undefined {
    return this.brokerLiveTable.get(liveKey(broker))?.dataVersion;
  }

  isChanged(broker: Pick<BrokerKey, 'clusterName' | 'brokerAddr'>, version: DataVersion): boolean {
    const last = this.dataVersionOf(broker);
    return last === undefined || !isSameVersion(last, version);
  }

  /** A sign of life that says nothing else. */
  touch(broker: Pick<BrokerKey, 'clusterName' | 'brokerAddr'>): void {
    const live = this.brokerLiveTable.get(liveKey(broker));
    if (live !== undefined) live.lastUpdate = this.clock.monotonic();
  }

  /** Undefined when no registered broker has the topic. */
  routeOf(topic: string): TopicRoute | undefined {
    const queues = this.topicQueueTable.get(topic);
    if (queues === undefined) return undefined;
    const brokers = [...queues.keys()].flatMap((name) => this.brokerAddrTable.get(name) ?? []);
    if (brokers.length === 0) return undefined;
    const filterServerTable = new Map<string, readonly string[]>();
    for (const { cluster, brokerAddrs } of brokers) {
      for (const brokerAddr of brokerAddrs.values()) {
        const servers = this.filterServerTable.get(liveKey({ clusterName: cluster, brokerAddr }));
        if (servers !== undefined) filterServerTable.set(brokerAddr, servers);
      }
    }
    const mapping = this.topicQueueMappingInfoTable.get(topic);
    return {
      queueDatas: [...queues.values()],
      brokerDatas: brokers,
      filterServerTable,
      ...(mapping && { topicQueueMappingByBroker: mapping }),
    };
  }

  clusterInfo(): ClusterInfo {
    const clusters = [...this.clusterAddrTable].map(([cluster, names]) => [cluster, [...names]] as const);
    return {
      brokerAddrTable: new Map<string, BrokerData>(this.brokerAddrTable),
      clusterAddrTable: new Map(clusters),
    };
  }

  /** Names of all topics. */
  topics(): string[] {
    return [...this.topicQueueTable.keys()];
  }

  topicsOfCluster(cluster: string): string[] {
    const names = this.clusterAddrTable.get(cluster);
    if (names === undefined) return [];
    const isInCluster = ([, queues]: [string, Map<string, QueueData>]): boolean =>
      [...queues.keys()].some((name) => names.has(name));
    return [...this.topicQueueTable].filter(isInCluster).map(([topic]) => topic);
  }

  /** Topics whose flags pass; as in Apache's, the flags of one broker speak for all. */
  topicsByFlag(passes: (topicSysFlag: number) => boolean): string[] {
    return [...this.topicQueueTable].flatMap(([topic, queues]) => {
      const first = queues.values().next().value;
      return first !== undefined && passes(first.topicSysFlag) ? [topic] : [];
    });
  }

  /** Each cluster and each broker has a topic of its name; and an address to ask for more. */
  systemTopics(): { readonly topicList: readonly string[]; readonly brokerAddr?: string } {
    const topicList = new Set([...this.clusterAddrTable].flatMap(([cluster, names]) => [cluster, ...names]));
    for (const { brokerAddrs } of this.brokerAddrTable.values()) {
      for (const brokerAddr of brokerAddrs.values()) return { topicList: [...topicList], brokerAddr };
    }
    return { topicList: [...topicList] };
  }

  /** Closes the topics of a broker to senders. Returns how many it has. */
  wipeWritePermission(brokerName: string): number {
    return this.changePermissions(brokerName, (perm) => perm & ~writePermission);
  }

  /** Opens them: exactly read and write, as Apache does; an inherit bit is gone then. */
  addWritePermission(brokerName: string): number {
    return this.changePermissions(brokerName, () => readWritePermission);
  }

  /** Adds queues of one topic. False, and nothing is added, when one of the brokers is not registered. */
  registerTopic(topic: string, queues: readonly QueueData[]): boolean | TableFull {
    if (!queues.every(({ brokerName }) => this.brokerAddrTable.has(brokerName))) return false;
    const full = this.topicRoom(this.topicQueueTable.has(topic) ? 0 : 1);
    if (full !== undefined) return { full };
    for (const queue of queues) this.setQueueData(topic, queue);
    return true;
  }

  /** Forgets a topic, in one cluster or everywhere. */
  deleteTopic(topic: string, cluster?: string): void {
    if (cluster === undefined) {
      this.topicQueueTable.delete(topic);
      this.topicQueueMappingInfoTable.delete(topic);
      return;
    }
    for (const brokerName of this.clusterAddrTable.get(cluster) ?? []) this.dropTopic(topic, brokerName);
  }

  private checkRoom({ brokerName, brokerAddr, clusterName, topics }: Registration): string | undefined {
    const isKnown =
      this.brokerAddrTable.has(brokerName) && this.brokerLiveTable.has(liveKey({ clusterName, brokerAddr }));
    if (!isKnown && this.brokerLiveTable.size >= mostBrokers)
      return `${mostBrokers} brokers are registered, no more fit`;
    let added = 0;
    for (const name of topics.topicConfigTable.keys()) if (!this.topicQueueTable.has(name)) added++;
    return this.topicRoom(added);
  }

  private topicRoom(added: number): string | undefined {
    if (added === 0 || this.topicQueueTable.size + added <= mostTopics) return undefined;
    return `${mostTopics} topics are registered, no more fit`;
  }

  private brokerEntry(registration: Registration): BrokerEntry {
    const { clusterName, brokerName, enableActingMaster, zoneName } = registration;
    let names = this.clusterAddrTable.get(clusterName);
    if (names === undefined) this.clusterAddrTable.set(clusterName, (names = new Set()));
    names.add(brokerName);
    let broker = this.brokerAddrTable.get(brokerName);
    if (broker === undefined) {
      broker = { cluster: clusterName, brokerName, brokerAddrs: new Map(), enableActingMaster, zoneName };
      this.brokerAddrTable.set(brokerName, broker);
    }
    broker.enableActingMaster = enableActingMaster;
    broker.zoneName = zoneName;
    return broker;
  }

  /** Another broker holds the same id with a later term: this one has lost it and does not know yet. */
  private isOutdated({ clusterName, brokerAddr, brokerId, topics }: Registration, broker: BrokerEntry): boolean {
    const holder = broker.brokerAddrs.get(brokerId);
    if (holder === undefined || holder === brokerAddr) return false;
    const live = this.brokerLiveTable.get(liveKey({ clusterName, brokerAddr: holder }));
    if ((live?.dataVersion.stateVersion ?? 0) <= (topics.dataVersion.stateVersion ?? 0)) return false;
    this.log.warn('ignoring a broker whose id another one holds with a later version', {
      broker: broker.brokerName,
      brokerId,
      address: brokerAddr,
      holder,
    });
    return true;
  }

  /** The master does; without one, among brokers of 5.x, the slave with the lowest id. */
  private speaksForTopics({ brokerId, enableActingMaster }: Registration, { brokerAddrs }: BrokerEntry): boolean {
    if (brokerId === masterId) return true;
    return enableActingMaster !== undefined && brokerId === Math.min(...brokerAddrs.keys());
  }

  private takeTopics(brokerName: string, topics: Registration['topics'], isChanged: boolean): void {
    for (const topic of topics.topicConfigTable.values()) {
      const isMissing = !this.topicQueueTable.get(topic.topicName)?.has(brokerName);
      if (isChanged || isMissing) this.setQueueData(topic.topicName, queueDataOf(brokerName, topic));
    }
    if (!isChanged) return;
    for (const [topic, mapping] of topics.topicQueueMappingInfoMap ?? []) {
      inner(this.topicQueueMappingInfoTable, topic).set(mapping.bname ?? brokerName, mapping);
    }
  }

  private takeLiveEntry(registration: Registration): void {
    const { clusterName, brokerName, brokerAddr, haServerAddr, connection } = registration;
    const key = liveKey(registration);
    if (!this.brokerLiveTable.has(key)) {
      this.log.info('a broker registered', { cluster: clusterName, broker: brokerName, address: brokerAddr });
    }
    this.brokerLiveTable.set(key, {
      clusterName,
      brokerName,
      brokerAddr,
      haServerAddr,
      connection,
      dataVersion: registration.topics.dataVersion,
      timeout: Math.max(shortestTimeout, registration.heartbeatTimeout ?? 0),
      lastUpdate: this.clock.monotonic(),
    });
  }

  private takeFilterServers(registration: Registration): void {
    const { filterServers } = registration;
    if (filterServers === undefined) return;
    if (filterServers.length === 0) this.filterServerTable.delete(liveKey(registration));
    else this.filterServerTable.set(liveKey(registration), filterServers);
  }

  private masterOf(clusterName: string, broker: BrokerEntry): MasterPlace {
    const masterAddr = broker.brokerAddrs.get(masterId);
    if (masterAddr === undefined) return {};
    const live = this.brokerLiveTable.get(liveKey({ clusterName, brokerAddr: masterAddr }));
    return live === undefined ? {} : { masterAddr, haServerAddr: live.haServerAddr };
  }

  private setQueueData(topic: string, queue: QueueData): void {
    const queues = inner(this.topicQueueTable, topic);
    if (queues.size === 0) this.log.debug('a topic registered', { topic, broker: queue.brokerName });
    queues.set(queue.brokerName, queue);
  }

  private changePermissions(brokerName: string, change: (perm: number) => number): number {
    let count = 0;
    for (const queues of this.topicQueueTable.values()) {
      const queue = queues.get(brokerName);
      if (queue === undefined) continue;
      queues.set(brokerName, { ...queue, perm: change(queue.perm) });
      count++;
    }
    return count;
  }

  private dropTopicsOf(brokerName: string): void {
    for (const topic of this.topicQueueTable.keys()) this.dropTopic(topic, brokerName);
  }

  private dropTopic(topic: string, brokerName: string): void {
    dropInner(this.topicQueueTable, topic, brokerName);
    dropInner(this.topicQueueMappingInfoTable, topic, brokerName);
  }
}

/** Two clusters may use the same addresses. A line feed is in neither part: see registrationProblem. */
function liveKey({ clusterName, brokerAddr }: Pick<BrokerKey, 'clusterName' | 'brokerAddr'>): string {
  return `${clusterName}\n${brokerAddr}`;
}

function isSameVersion(a: DataVersion, b: DataVersion): boolean {
  return a.counter === b.counter && a.timestamp === b.timestamp && (a.stateVersion ?? 0) === (b.stateVersion ?? 0);
}

function queueDataOf(brokerName: string, topic: TopicConfig): QueueData {
  const { readQueueNums, writeQueueNums, perm, topicSysFlag } = topic;
  return { brokerName, readQueueNums, writeQueueNums, perm, topicSysFlag };
}

function inner<V>(table: Map<string, Map<string, V>>, key: string): Map<string, V> {
  let map = table.get(key);
  if (map === undefined) table.set(key, (map = new Map()));
  return map;
}

function dropInner<V>(table: Map<string, Map<string, V>>, key: string, innerKey: string): void {
  const map = table.get(key);
  map?.delete(innerKey);
  if (map?.size === 0) table.delete(key);
}
