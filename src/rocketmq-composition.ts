import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { createLifecycleChain, type Lifecycle, type Logger, messageOf } from '../libs/common/src/index.js';
import type { NamedMessageFilters } from '../libs/broker/src/index.js';
import { chooseNameServer, type NameServerChoice } from './connection/name-server-choice.js';
import { RocketMQConnection } from './connection/rocketmq-connection.js';
import { EmbeddedCluster } from './hosting/embedded-cluster.js';
import type { HostedBroker } from './hosting/hosted-broker.js';
import { MessageFilterExplorer } from './hosting/message-filter-explorer.js';
import type { HostedNameServer } from './hosting/hosted-name-server.js';
import { RocketMQListeners } from './listener/rocketmq-listeners.js';
import { TransactionExplorer } from './listener/transaction-explorer.js';
import { nestLogger } from './nest-logger.js';
import type { RocketMQModuleOptions } from './options/module-options.js';
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
 * listeners with the bootstrap. Stopping is the reverse: listeners stop pulling, drain, then the connection, broker and
 * name server close. Stop hooks never throw (Nest 11 would skip the rest of the shutdown) and run once.
 */
@Injectable()
export class RocketMQComposition
  implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown
{
  readonly #log: Logger = nestLogger('RocketMQ');
  readonly #nameServers: HostedNameServer[] = [];
  readonly #brokers: HostedBroker[] = [];
  #testing: TestingServers | undefined;
  #embedded: EmbeddedCluster | undefined;
  #choice: NameServerChoice | undefined;
  #servers: Lifecycle | undefined;
  #filters: NamedMessageFilters = {};
  #started: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(
    private readonly connection: RocketMQConnection,
    private readonly listeners: RocketMQListeners,
    private readonly filterExplorer: MessageFilterExplorer,
    private readonly interceptorExplorer: SendInterceptorExplorer,
    private readonly transactions: TransactionExplorer,
    private readonly observers: RocketMQObservers,
  ) {}

  hostNameServer(server: HostedNameServer): void {
    this.#nameServers.push(server);
  }

  hostBroker(broker: HostedBroker): void {
    this.#brokers.push(broker);
  }

  /** Sends every connection of this application to `servers`, whatever its own options say. */
  redirect(servers: TestingServers): void {
    this.#testing = servers;
  }

  /** The servers that `embedded` hosts; undefined when another name server won. */
  get embedded(): EmbeddedCluster | undefined {
    return this.#embedded;
  }

  get brokers(): readonly HostedBroker[] {
    const own = [this.#testing?.broker, this.#embedded?.broker].filter((broker) => broker !== undefined);
    return [...this.#brokers, ...own];
  }

  /** By whose word the name servers in use were chosen; undefined before the start and without RocketMQModule. */
  get nameServerSource(): NameServerChoice['source'] | undefined {
    return this.#choice?.source;
  }

  onModuleInit(): Promise<void> {
    return this.start();
  }

  /** Servers and connection. Once, whoever asks first: the modules' init, or a microservice that listens before it. */
  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  async #start(): Promise<void> {
    if (this.#testing && !this.connection.options) this.connection.configure(this.#testing.options);
    this.listeners.explore();
    this.connection.bindTransactions(this.transactions.explore(this.connection.producerGroup, this.connection.codecs));
    this.#filters = this.filterExplorer.explore();
    this.connection.interceptors = [...this.interceptorExplorer.explore(), ...this.observers.sends];
    try {
      this.#servers = createLifecycleChain(this.#serverParts());
      await this.#servers.start();
      await this.#connect();
      const names = Object.keys(this.#filters);
      if (names.length > 0 && this.brokers.length === 0) {
        this.#log.warn(`@MessageFilter ${names.join(', ')}: nobody is filtered, this application hosts no broker`);
      }
    } catch (error) {
      await this.#closeAll();
      throw error;
    }
  }

  async onApplicationBootstrap(): Promise<void> {
    this.transactions.open();
    const options = this.connection.options;
    if (!options || options.enabled === false || options.autoStart === false) return;
    try {
      await this.listeners.start();
    } catch (error) {
      await this.#closeAll();
      throw error;
    }
  }

  async onModuleDestroy(): Promise<void> {
    await this.#quietly('stop pulling', () => this.listeners.suspend());
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#quietly('drain listeners', () => this.listeners.close());
  }

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

  async #connect(): Promise<void> {
    const options = this.connection.options;
    if (!options || options.enabled === false) return;
    const embedded = options.embedded === true ? {} : options.embedded || undefined;
    if (embedded && this.#nameServers.length > 0) {
      throw new RocketMQOptionsError(
        'RocketMQModule: embedded cannot be combined with NameServerModule: both host a name server. Leave embedded out; the hosted one is used.',
      );
    }
    const choice = chooseNameServer({
      testing: this.#testing?.nameServer,
      option: options.nameServer,
      environment: process.env,
      unitName: options.client?.unitName,
      hosted: this.#nameServers.map(({ address }) => address).join(';'),
      embedded: embedded !== undefined,
    });
    this.#choice = choice;
    if (choice.source === 'embedded') {
      this.#embedded = new EmbeddedCluster(embedded ?? {});
      this.#embedded.broker.filterBy(this.#filters);
      await this.#embedded.start();
    }
    const addresses = this.#addressesOf(choice);
    this.#log.info(describeChoice(choice, addresses, this.#embedded, embedded !== undefined));
    const ownBroker = choice.source === 'testing' ? this.#testing?.broker : this.#embedded?.broker;
    await this.connection.start(addresses, ownBroker?.createsTopics);
  }

  /** None when the client asks an address server for them. */
  #addressesOf(choice: NameServerChoice): readonly string[] {
    if (choice.source === 'addressServer') return [];
    return choice.source === 'embedded' ? [this.#embedded?.nameServer.address ?? ''] : choice.addresses;
  }

  #closeAll(): Promise<void> {
    this.#closed ??= (async () => {
      await this.#quietly('drain listeners', () => this.listeners.close());
      await this.#quietly('close the connection', () => this.connection.close());
      await this.#quietly('close the embedded servers', async () => this.#embedded?.close());
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
