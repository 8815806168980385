import {
  type Clock,
  isRetryable,
  type Logger,
  messageOf,
  pause,
  RocketMQError,
  systemClock,
} from '../../libs/common/src/index.js';
import { createClient, type Producer, type ProducerConfig, type RocketMQClient } from '../../libs/client/src/index.js';
import { Codecs } from '../codec/codecs.js';
import { nestLogger } from '../nest-logger.js';
import type { RocketMQModuleOptions } from '../options/module-options.js';
import { RocketMQOptionsError } from '../options/validate.js';
import type { SendInterceptor } from '../template/send-interceptor.js';
import { PendingSends } from './pending-sends.js';
import { ensureTopics, type TopicDemand } from './required-topics.js';

/** What exists while connected: one client, the producer of the template, and those of other transaction listeners. */
export interface Session {
  readonly client: RocketMQClient;
  readonly producer: Producer;
  /** By group, the template's too. */
  readonly producers: ReadonlyMap<string, Producer>;
}

type TransactionConfigs = ReadonlyMap<string, Pick<ProducerConfig, 'transactionListener' | 'checkLocalTransaction'>>;

/** Of the connection that `forRoot` gives no name. */
export const defaultConnectionName = 'default';

/** How errors and logs call the module of a connection. */
export function moduleLabel(name: string): string {
  return name === defaultConnectionName ? 'RocketMQModule' : `RocketMQModule '${name}'`;
}

/** Apache's. */
const defaultProducerGroup = 'DEFAULT_PRODUCER';

/** idle: nothing was tried yet, or it is switched off; connecting: also between two attempts. */
export type ConnectionState = 'idle' | 'connecting' | 'connected' | 'closed';

const retryInterval = 3000;
const longestWaitForSends = 10_000;

/**
 * The application's connection to its cluster. Follows `onConnectFailure`: a client that failed to start is not used
 * again, each attempt makes a new one.
 */
export class RocketMQConnection {
  /** Sends under way: they end before the connection closes. @internal */
  readonly pending = new PendingSends();
  readonly #clock: Clock;
  readonly #log: Logger;
  /** Around every send of the template, outermost first. @internal */
  interceptors: readonly SendInterceptor[] = [];
  /** To be there before anybody sends or receives. Set before the start. @internal */
  topics: readonly TopicDemand[] = [];
  readonly #closing = new AbortController();
  #options: RocketMQModuleOptions | undefined;
  #source: object = {};
  #codecs = new Codecs();
  #nameServers: readonly string[] = [];
  #isStarted = false;
  #ownsBroker = false;
  #transactions: TransactionConfigs = new Map();
  #session: Session | undefined;
  #attempt: Promise<Session> | undefined;
  #background: Promise<Session> | undefined;
  #failure: unknown;
  #closed: Promise<void> | undefined;

  constructor(
    clock: Clock = systemClock,
    log: Logger = nestLogger('RocketMQ'),
    /** What `forRoot` calls it. */
    readonly name: string = defaultConnectionName,
  ) {
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Once, before the start.
   *
   * @param source - What functions in decorators get: the object that `options` were read from.
   * @throws RocketMQOptionsError for a codec that is none.
   */
  configure(options: RocketMQModuleOptions, source: object = options): void {
    this.#codecs = new Codecs(options.codecs);
    this.#options = options;
    this.#source = source;
  }

  /**
   * Who answers for the transactions of which producer group. Before the start.
   *
   * @throws RocketMQOptionsError when the module's options answer for the template's group already.
   * @internal
   */
  bindTransactions(transactions: TransactionConfigs): void {
    const own: ProducerConfig = this.#options?.producer ?? {};
    if (transactions.has(this.producerGroup) && (own.transactionListener ?? own.checkLocalTransaction)) {
      throw new RocketMQOptionsError(
        `${moduleLabel(this.name)}: producer.transactionListener and @RocketMQTransactionListener both answer for producer group '${this.producerGroup}'. Leave one of them out.`,
      );
    }
    this.#transactions = transactions;
  }

  /** The group of the template's producer. */
  get producerGroup(): string {
    return this.#options?.producer?.producerGroup ?? defaultProducerGroup;
  }

  /** Of the template's group, and of groups that have a `@RocketMQTransactionListener`. Undefined while not connected. */
  producerOf(producerGroup: string): Producer | undefined {
    return this.#session?.producers.get(producerGroup);
  }

  /** Undefined when no RocketMQModule is in the application. */
  get options(): RocketMQModuleOptions | undefined {
    return this.#options;
  }

  /** The object that forRoot was given, or its factory made, with the application's own keys. */
  get source(): object {
    return this.#source;
  }

  /** What it measures time with. */
  get clock(): Clock {
    return this.#clock;
  }

  /** Where it says what happens. */
  get log(): Logger {
    return this.#log;
  }

  /** What payloads are written and read with. @internal */
  get codecs(): Codecs {
    return this.#codecs;
  }

  /** The name servers in use, 'host:port' each; empty before the start, and when an address server names them. */
  get nameServers(): readonly string[] {
    return this.#nameServers;
  }

  /** The broker exists for this application alone, and makes topics that do not exist. */
  get ownsBroker(): boolean {
    return this.#ownsBroker;
  }

  /** Of this moment. */
  get state(): ConnectionState {
    if (this.#closing.signal.aborted) return 'closed';
    if (this.#session) return 'connected';
    return this.#attempt || this.#background ? 'connecting' : 'idle';
  }

  /** The client, for what the template does not offer: admin calls, pull consumers. Undefined while not connected. */
  get client(): RocketMQClient | undefined {
    return this.#session?.client;
  }

  /** What the template sends with. Undefined while not connected. */
  get producer(): Producer | undefined {
    return this.#session?.producer;
  }

  /** Connects as `onConnectFailure` says: only 'fail' rejects when no name server answers. */
  async start(nameServers: readonly string[], ownsBroker = false): Promise<void> {
    this.#isStarted = true;
    this.#nameServers = nameServers;
    this.#ownsBroker = ownsBroker;
    const policy = this.#options?.onConnectFailure ?? 'fail';
    if (policy === 'lazy') return;
    try {
      await this.#connect();
    } catch (error) {
      if (policy === 'fail' || !isRetryable(error)) throw error;
      this.#log.warn(
        `${this.#aside}${messageOf(error)}; still trying every ${retryInterval / 1000} s (onConnectFailure: 'retry').`,
      );
      this.whenConnected().catch(() => undefined);
    }
  }

  /**
   * The session for a send. While not connected: 'lazy' connects now, 'retry' rejects at once with the last failure.
   *
   * @param asker - Who is refused before the start and after the end.
   * @internal
   */
  async session(asker = 'RocketMQTemplate'): Promise<Session> {
    if (this.#session) return this.#session;
    if (this.#closing.signal.aborted) throw new RocketMQError('CLOSED', `${asker}: the application is stopped.`);
    if (this.#options?.enabled === false) {
      throw new RocketMQError('CLOSED', `${asker}: ${moduleLabel(this.name)} is switched off (enabled: false).`);
    }
    if (!this.#isStarted) {
      throw new RocketMQError(
        'CLOSED',
        `${asker}: the application has not started. Use it from onModuleInit on; outside a server call app.init() first.`,
      );
    }
    if (this.#options?.onConnectFailure === 'retry' && this.#failure !== undefined) throw this.#failure;
    return this.#connect();
  }

  /** Tries until connected; rejects when closed, or when trying again cannot help. @internal */
  whenConnected(): Promise<Session> {
    if (this.#session) return Promise.resolve(this.#session);
    this.#background ??= this.#keepTrying();
    return this.#background;
  }

  /** What a line of the log begins with, as there may be several connections. */
  get #aside(): string {
    return this.name === defaultConnectionName ? '' : `Connection '${this.name}': `;
  }

  async #keepTrying(): Promise<Session> {
    for (;;) {
      try {
        const session = await this.#connect();
        this.#log.info(`${this.#aside}Connected to ${this.#nameServers.join(';') || 'what the address server names'}`);
        return session;
      } catch (error) {
        if (this.#closing.signal.aborted) throw error;
        if (!isRetryable(error)) {
          this.#log.error(`${this.#aside}${messageOf(error)}; not trying again`);
          throw error;
        }
        this.#log.debug(`${this.#aside}${messageOf(error)}; trying again in ${retryInterval / 1000} s`);
      }
      await pause(this.#clock, retryInterval, this.#closing.signal);
    }
  }

  #connect(): Promise<Session> {
    if (this.#session) return Promise.resolve(this.#session);
    if (this.#closing.signal.aborted)
      return Promise.reject(new RocketMQError('CLOSED', 'RocketMQ: the connection is closed'));
    this.#attempt ??= this.#open().finally(() => (this.#attempt = undefined));
    return this.#attempt;
  }

  async #open(): Promise<Session> {
    const options = this.#options;
    const client = createClient({
      ...definedOf(options?.client),
      // Without any the client asks the address server that the environment names.
      ...(this.#nameServers.length > 0 && { nameServer: this.#nameServers }),
      clock: this.#clock,
      log: this.#log,
    });
    try {
      await client.start();
      const shared = definedOf(options?.producer);
      const producer = client.createProducer({ ...shared, ...this.#transactions.get(this.producerGroup) });
      const producers = new Map([[this.producerGroup, producer]]);
      for (const [producerGroup, transactions] of this.#transactions) {
        if (producerGroup === this.producerGroup) continue;
        producers.set(producerGroup, client.createProducer({ ...shared, producerGroup, ...transactions }));
      }
      for (const started of producers.values()) await started.start();
      await ensureTopics(this.topics, { client, producer, log: this.#log });
      this.#session = { client, producer, producers };
      this.#failure = undefined;
      return this.#session;
    } catch (error) {
      this.#failure = error;
      await client.close().catch(() => undefined);
      throw error;
    }
  }

  /** Lets sends under way end, then closes producer and client. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#sendsEnded();
    this.#closing.abort();
    await this.#attempt?.catch(() => undefined);
    const session = this.#session;
    this.#session = undefined;
    if (!session) return;
    for (const producer of session.producers.values()) await producer.close();
    await session.client.close();
  }

  /** Of those that wait for a session, and of those that the producer has; but not for ever. */
  async #sendsEnded(): Promise<void> {
    const waited = new AbortController();
    const ended = Promise.all([
      this.pending.settled(this.#clock, longestWaitForSends),
      ...[...(this.#session?.producers.values() ?? [])].map((producer) => producer.flush()),
    ]);
    await Promise.race([ended, pause(this.#clock, longestWaitForSends, waited.signal)]);
    waited.abort();
  }
}

/** Options left out must not stand as `undefined` in front of the client's defaults. */
function definedOf<T extends object>(options: T | undefined): Partial<T> {
  return Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined)) as Partial<T>;
}
