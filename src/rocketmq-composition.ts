import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { createLifecycleChain, type Lifecycle, type Logger, messageOf } from '../libs/common/src/index.js';
import type { NamedMessageFilters } from '../libs/broker/src/index.js';
import { atEndOfBootstrap } from './bootstrap-end.js';
import { chooseNameServer, type NameServerChoice } from './connection/name-server-choice.js';
import { defaultConnectionName, moduleLabel, type RocketMQConnection } from './connection/rocketmq-connection.js';
import { RocketMQConnections } from './connection/rocketmq-connections.js';
import { RocketMQFeatures } from './connection/rocketmq-features.js';
import { EmbeddedCluster } from './hosting/embedded-cluster.js';
import type { HostedBroker } from './hosting/hosted-broker.js';
import { MessageFilterExplorer } from './hosting/message-filter-explorer.js';
import type { HostedNameServer } from './hosting/hosted-name-server.js';
import { RocketMQListeners } from './listener/rocketmq-listeners.js';
import { TransactionExplorer } from './listener/transaction-explorer.js';
import { nestLogger } from './nest-logger.js';
import type { EmbeddedOptions, RocketMQModuleOptions } from './options/module-options.js';
import { RocketMQOptionsError } from './options/validate.js';
import { RocketMQObservers } from './rocketmq-observers.js';
import { SendInterceptorExplorer } from './template/send-interceptor-explorer.js';

/** Servers and directories of a test module, and what RocketMQModule would have been given. */
export interface TestingServers extends Lifecycle {
  readonly nameServer: string;
  /** Known once started. */
  readonly broker: HostedBroker | undefined;
  /** Filters for the broker. Before the start. */
  filterBy(filters: NamedMessageFilters): void;
  /** Stands in when the application has no RocketMQModule of its own. */
  readonly options: RocketMQModuleOptions;
}

/**
 * All parts of this package in one application, and the one place that orders them. Nest does not promise an order
 * between modules or between providers of a module, so every module only registers its part here, and this provider
 * alone has hooks: name server, broker, connection start with the modules' init (before any module that is not global);
 * listeners when the bootstrap has ended. Stopping is the reverse: listeners stop pulling, drain, then the connection,
 * broker and name server close. Stop hooks never throw (Nest 11 would skip the rest of the shutdown) and run once.
 */
@Injectable()
export class RocketMQComposition
  implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown
{
  readonly #log: Logger = nestLogger('RocketMQ');
  readonly #nameServers: HostedNameServer[] = [];
  readonly #brokers: HostedBroker[] = [];
  #testing: TestingServers | undefined;
  /** By connection. */
  readonly #embedded = new Map<string, EmbeddedCluster>();
  readonly #choices = new Map<string, NameServerChoice>();
  /** By what makes the id of a client: the connection that has it. */
  readonly #clients = new Map<string, string>();
  #servers: Lifecycle | undefined;
  #filters: NamedMessageFilters = {};
  #started: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  /** @internal */
  constructor(
    private readonly connections: RocketMQConnections,
    private readonly features: RocketMQFeatures,
    private readonly listeners: RocketMQListeners,
    private readonly filterExplorer: MessageFilterExplorer,
    private readonly interceptorExplorer: SendInterceptorExplorer,
    private readonly transactions: TransactionExplorer,
    private readonly modules: ModulesContainer,
    private readonly observers: RocketMQObservers,
  ) {}

  /** One of NameServerModule. Before the start. */
  hostNameServer(server: HostedNameServer): void {
    this.#nameServers.push(server);
  }

  /** One of BrokerModule. Before the start. */
  hostBroker(broker: HostedBroker): void {
    this.#brokers.push(broker);
  }

  /** Sends every connection of this application to `servers`, whatever its own options say. */
  redirect(servers: TestingServers): void {
    this.#testing = servers;
  }

  /** The servers that `embedded` of a connection hosts; undefined when another name server won. */
  embeddedOf(connection = defaultConnectionName): EmbeddedCluster | undefined {
    return this.#embedded.get(connection);
  }

  /** All that the application hosts. */
  get brokers(): readonly HostedBroker[] {
    const embedded = [...this.#embedded.values()].map(({ broker }) => broker);
    return [...this.#brokers, ...[this.#testing?.broker].filter((broker) => broker !== undefined), ...embedded];
  }

  /** By whose word a connection's name servers were chosen; undefined before the start and when it is not configured. */
  nameServerSourceOf(connection = defaultConnectionName): NameServerChoice['source'] | undefined {
    return this.#choices.get(connection)?.source;
  }

  /** Nest calls it. */
  onModuleInit(): Promise<void> {
    return this.start();
  }

  /** Servers and connection. Once, whoever asks first: the modules' init, or a microservice that listens before it. */
  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  async #start(): Promise<void> {
    const unnamed = this.connections.of(defaultConnectionName);
    if (this.#testing && !unnamed.options) unnamed.configure(this.#testing.options);
    this.listeners.explore();
    this.#filters = this.filterExplorer.explore();
    this.#equipConnections();
    try {
      this.#servers = createLifecycleChain(this.#serverParts());
      await this.#servers.start();
      await this.#connectAll();
      const names = Object.keys(this.#filters);
      if (names.length > 0 && this.brokers.length === 0) {
        this.#log.warn(`@MessageFilter ${names.join(', ')}: nobody is filtered, this application hosts no broker`);
      }
    } catch (error) {
      await this.#closeAll();
      throw error;
    }
  }

  /** Nest calls it before those of the application, which is not ready until all of them have ended. */
  onApplicationBootstrap(): void {
    atEndOfBootstrap(this.modules, () => this.#consume());
  }

  async #consume(): Promise<void> {
    this.transactions.open();
    try {
      await this.listeners.startAutomatically();
    } catch (error) {
      await this.#closeAll();
      throw error;
    }
  }

  /** Nest calls it. */
  async onModuleDestroy(): Promise<void> {
    await this.#quietly('stop pulling', () => this.listeners.suspend());
  }

  /** Nest calls it. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.#quietly('drain listeners', () => this.listeners.close());
  }

  /** Nest calls it. */
  onApplicationShutdown(): Promise<void> {
    return this.#closeAll();
  }

  #serverParts(): Lifecycle[] {
    const nameServers = this.#nameServers;
    for (const broker of [...this.#brokers, this.#testing]) broker?.filterBy(this.#filters);
    const brokers = this.#brokers.map((broker) => ({
      start: () => broker.start(nameServers.map(({ address }) => address).join(';') || undefined),
      close: () => broker.close(),
    }));
    return [...(this.#testing ? [this.#testing] : []), ...nameServers, ...brokers];
  }

  #equipConnections(): void {
    const interceptors = [...this.interceptorExplorer.explore(), ...this.observers.sends];
    const transactions = this.transactions.explore();
    for (const connection of this.connections.all) {
      connection.interceptors = interceptors;
      connection.topics = this.features.topics(connection.name);
      connection.bindTransactions(transactions.get(connection.name) ?? new Map());
    }
  }

  /** All at once: one that waits for its cluster does not hold up the others. Rejects with the first that may not fail. */
  async #connectAll(): Promise<void> {
    const ends = await Promise.allSettled(this.connections.all.map((connection) => this.#connect(connection)));
    const [first, ...more] = ends.filter((end) => end.status === 'rejected').map(({ reason }): unknown => reason);
    for (const other of more) this.#log.error(messageOf(other));
    if (first !== undefined) throw first;
  }

  async #connect(connection: RocketMQConnection): Promise<void> {
    const { options, name } = connection;
    if (!options || options.enabled === false) return;
    const embedded = options.embedded === true ? {} : options.embedded || undefined;
    if (embedded && this.#nameServers.length > 0) {
      throw new RocketMQOptionsError(
        `${moduleLabel(name)}: embedded cannot be combined with NameServerModule: both host a name server. Leave embedded out; the hosted one is used.`,
      );
    }
    const choice = chooseNameServer({
      testing: this.#testing?.nameServer,
      option: options.nameServer,
      environment: process.env,
      unitName: options.client?.unitName,
      hosted: this.#nameServers.map(({ address }) => address).join(';'),
      embedded: embedded !== undefined,
      where: moduleLabel(name),
    });
    this.#choices.set(name, choice);
    const cluster = choice.source === 'embedded' ? await this.#embed(name, embedded ?? {}) : undefined;
    const addresses = addressesOf(choice, cluster);
    const aside = name === defaultConnectionName ? '' : `Connection '${name}': `;
    this.#log.info(`${aside}${describeChoice(choice, addresses, cluster, embedded !== undefined)}`);
    // Clusters that are apart are one in a test.
    if (choice.source !== 'testing') this.#refuseNamesake(connection, addresses);
    const ownBroker = choice.source === 'testing' ? this.#testing?.broker : cluster?.broker;
    await connection.start(addresses, ownBroker?.createsTopics);
  }

  /** Brokers take clients of one id for one; an instance name of their own gives two clients the same. */
  #refuseNamesake({ name, options }: RocketMQConnection, addresses: readonly string[]): void {
    const { clientIP, instanceName = 'DEFAULT', unitName } = options?.client ?? {};
    if (instanceName === 'DEFAULT') return;
    const key = JSON.stringify([addresses.toSorted(), clientIP, instanceName, unitName]);
    const other = this.#clients.get(key);
    this.#clients.set(key, name);
    if (other === undefined) return;
    throw new RocketMQOptionsError(
      `${moduleLabel(name)}: client.instanceName '${instanceName}' is that of ${moduleLabel(other)}, whose cluster is the same: brokers would take them for one client. Give them different ones.`,
    );
  }

  async #embed(name: string, options: EmbeddedOptions): Promise<EmbeddedCluster> {
    const cluster = new EmbeddedCluster(options, moduleLabel(name));
    this.#embedded.set(name, cluster);
    cluster.broker.filterBy(this.#filters);
    await cluster.start();
    return cluster;
  }

  #closeAll(): Promise<void> {
    this.#closed ??= (async () => {
      await this.#quietly('drain listeners', () => this.listeners.close());
      await Promise.all(
        this.connections.all.map((connection) =>
          this.#quietly(`close connection '${connection.name}'`, () => connection.close()),
        ),
      );
      for (const cluster of this.#embedded.values()) {
        await this.#quietly('close the embedded servers', () => cluster.close());
      }
      await this.#quietly('close the hosted servers', async () => this.#servers?.close());
    })();
    return this.#closed;
  }

  async #quietly(step: string, work: () => void | Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#log.error(`Could not ${step}: ${messageOf(error)}`);
    }
  }
}

/** None when the client asks an address server for them. */
function addressesOf(choice: NameServerChoice, cluster: EmbeddedCluster | undefined): readonly string[] {
  if (choice.source === 'addressServer') return [];
  return choice.source === 'embedded' ? [cluster?.nameServer.address ?? ''] : choice.addresses;
}

function describeChoice(
  choice: NameServerChoice,
  addresses: readonly string[],
  embedded: EmbeddedCluster | undefined,
  embeddedAsked: boolean,
): string {
  const list = addresses.join(';');
  if (embedded) {
    return `Hosting name server ${list} and broker ${embedded.broker.brokerName} at ${embedded.broker.address}, store in ${embedded.directory}`;
  }
  const words = {
    testing: 'started for this test',
    option: 'option nameServer',
    environment: `environment ${choice.source === 'environment' ? choice.variable : ''}`,
    hosted: 'hosted in this application',
    embedded: '',
  };
  const aside = embeddedAsked ? '; it wins over embedded' : '';
  if (choice.source === 'addressServer') return `Using the name servers that ${choice.url} names${aside}`;
  return `Using name server ${list} (${words[choice.source]}${aside})`;
}
