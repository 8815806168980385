import { RocketMQError, createLifecycle, messageOf, type Lifecycle } from '../../common/src/index.js';
import { autoCreateTopicKey } from '../../protocol/src/message/index.js';
import { createRemotingClient } from '../../remoting/src/index.js';
import { ClusterAdmin } from './admin/cluster-admin.js';
import { brokerRequestHandlers } from './broker-requests.js';
import type { ClientCore } from './client-core.js';
import { readClientConfig, splitClientConfig, type ClientSettings } from './client-settings.js';
import { BodyCodecs } from './compression/index.js';
import { PollingConsumer } from './consumer/lite-pull/index.js';
import { QueuePullConsumer } from './consumer/pull-consumer.js';
import { QueuePullSchedule } from './consumer/pull-schedule.js';
import { GroupPushConsumer } from './consumer/push-consumer.js';
import type { RegisteredConsumer } from './consumer/registered-consumer.js';
import type {
  Admin,
  ClientConfig,
  LitePullConsumer,
  LitePullConsumerConfig,
  Producer,
  ProducerConfig,
  PullConsumer,
  PullConsumerConfig,
  PullScheduleConfig,
  PullScheduleService,
  PushConsumer,
  PushConsumerConfig,
  RocketMQClient,
} from './contract/index.js';
import { Membership } from './membership.js';
import { inNamespace } from './namespaced-calls.js';
import { NameServers } from './name-servers.js';
import { MessageProducer } from './producer/producer.js';
import { PendingRequests } from './producer/request-reply/pending-requests.js';
import { CheckedGroups } from './producer/transaction/checked-groups.js';
import { RouteCache } from './route/index.js';
import { TraceDispatcher, type TraceOwner } from './trace/trace-dispatcher.js';

/** As Java calls the producers of its traces. */
const traceGroupPrefix = '_INNER_TRACE_PRODUCER';
const traceTimeout = 5_000;

/**
 * Makes a client; nothing is connected before `start`.
 *
 * @throws RocketMQError ARGUMENT_INVALID naming every wrong option; NAME_SERVER_UNAVAILABLE when none is configured.
 */
export function createClient(config: ClientConfig = {}): RocketMQClient {
  return new ClusterClient(readClientConfig(config));
}

/** A producer with a client of its own, for use without Nest: started and closed together. */
export function createProducer(config: ClientConfig & ProducerConfig = {}): Producer {
  const { client, rest } = splitClientConfig<ProducerConfig>(config);
  return new ClusterClient(readClientConfig(client), true).createProducer(rest);
}

/** A push consumer with a client of its own. Subscribe, then start. */
export function createPushConsumer(config: ClientConfig & PushConsumerConfig): PushConsumer {
  const { client, rest } = splitClientConfig<PushConsumerConfig>(config);
  return new ClusterClient(readClientConfig(client), true).createPushConsumer(rest);
}

/** A pull consumer with a client of its own. */
export function createPullConsumer(config: ClientConfig & PullConsumerConfig): PullConsumer {
  const { client, rest } = splitClientConfig<PullConsumerConfig>(config);
  return new ClusterClient(readClientConfig(client), true).createPullConsumer(rest);
}

/** A lite pull consumer with a client of its own. Subscribe or assign, start, poll. */
export function createLitePullConsumer(config: ClientConfig & LitePullConsumerConfig): LitePullConsumer {
  const { client, rest } = splitClientConfig<LitePullConsumerConfig>(config);
  return new ClusterClient(readClientConfig(client), true).createLitePullConsumer(rest);
}

class ClusterClient implements RocketMQClient {
  readonly clientId: string;
  readonly admin: Admin;
  readonly #core: ClientCore;
  readonly #consumers = new Map<string, RegisteredConsumer>();
  /** In the order they were made. */
  readonly #children = new Set<Lifecycle>();
  /** Of what the children stand on. A child that starts waits for it, so that it never waits for a child. */
  readonly #foundation: Lifecycle;
  readonly #abort = new AbortController();
  #closing: Promise<void> | undefined;
  #traces = 0;

  constructor(
    settings: ClientSettings,
    /** Closes the client as part of closing the only producer or consumer made with it. */
    private readonly endsWithChild = false,
  ) {
    this.clientId = settings.clientId;
    this.#core = this.#createCore(settings);
    this.admin = new ClusterAdmin(this.#core);
    this.#foundation = createLifecycle({ start: () => this.#startFoundation(), close: () => this.#closeFoundation() });
  }

  start(): Promise<void> {
    return this.#foundation.start();
  }

  close(): Promise<void> {
    // A start that waits for a name server must not hold up the end.
    this.#abort.abort();
    this.#closing ??= this.#closeChildren().then(() => this.#foundation.close());
    return this.#closing;
  }

  createProducer(config: ProducerConfig = {}): Producer {
    this.#refuseWhenClosed();
    const producer: Producer = new MessageProducer(this.#core, config, () => this.#childClosed(producer));
    this.#children.add(producer);
    return producer;
  }

  createPushConsumer(config: PushConsumerConfig): PushConsumer {
    return this.#addConsumer((onClosed) => new GroupPushConsumer(this.#core, this.admin, config, onClosed));
  }

  createPullConsumer(config: PullConsumerConfig): PullConsumer {
    return this.#addConsumer((onClosed) => new QueuePullConsumer(this.#core, config, onClosed));
  }

  createLitePullConsumer(config: LitePullConsumerConfig): LitePullConsumer {
    return this.#addConsumer((onClosed) => new PollingConsumer(this.#core, this.admin, config, onClosed));
  }

  createPullSchedule(config: PullScheduleConfig): PullScheduleService {
    const create = (rest: PullConsumerConfig): PullConsumer => this.createPullConsumer(rest);
    const schedule: PullScheduleService = new QueuePullSchedule(this.#core, config, create, () =>
      this.#childClosed(schedule),
    );
    // Made last, closed first: before its consumer.
    this.#children.add(schedule);
    return schedule;
  }

  /** Brokers know a member by client id and group: two consumers of one group in one client would be one member. */
  #addConsumer<C extends RegisteredConsumer & Lifecycle>(make: (onClosed: () => Promise<void>) => C): C {
    this.#refuseWhenClosed();
    const consumer: C = make(() => {
      this.#consumers.delete(consumer.consumerGroup);
      return this.#childClosed(consumer);
    });
    const { consumerGroup } = consumer;
    if (this.#consumers.has(consumerGroup)) {
      throw new RocketMQError(
        'ARGUMENT_INVALID',
        `The consumer group[${consumerGroup}] is used already in this client; specify another name, subscribe to more topics with the consumer that is there, or make a client of its own`,
      );
    }
    this.#consumers.set(consumerGroup, consumer);
    this.#children.add(consumer);
    return consumer;
  }

  async #childClosed(child: Lifecycle): Promise<void> {
    this.#children.delete(child);
    if (this.endsWithChild) await this.close();
  }

  #createCore(settings: ClientSettings): ClientCore {
    const { clock, log, requestTimeout: timeout } = settings;
    const pendingRequests = new PendingRequests();
    const checkedGroups = new CheckedGroups();
    const codecs = new BodyCodecs();
    const connections = createRemotingClient({
      clock,
      log,
      handlers: brokerRequestHandlers(this.#consumers, {
        settings,
        clock,
        log,
        codecs,
        pendingRequests,
        checkedGroups,
      }),
      language: settings.language,
      version: settings.version,
      serializer: settings.serializer,
      // A broker forgets clients whose connection ends.
      onDisconnect: () => membership.beatSoon(),
    });
    const remoting = settings.namespaceV2 === undefined ? connections : inNamespace(connections, settings.namespaceV2);
    const { nameServers: addresses, addressServer } = settings;
    const nameServers = new NameServers({ addresses, addressServer, remoting, clock, log });
    const routes = new RouteCache({
      nameServers,
      clock,
      log,
      timeout,
      pollInterval: settings.pollNameServerInterval,
      subscribedTopics: () => [...this.#consumers.values()].flatMap((consumer) => consumer.subscribedTopics()),
      onChange: (topic) => this.#routeChanged(topic),
    });
    const membership = new Membership({
      clientId: settings.clientId,
      remoting,
      brokers: () => routes.brokers(),
      clock,
      log,
      interval: settings.heartbeatBrokerInterval,
      timeout,
    });
    const start = (): Promise<void> => this.start();
    const shared = {
      settings,
      clock,
      log,
      remoting,
      nameServers,
      routes,
      membership,
      codecs,
      pendingRequests,
      checkedGroups,
    };
    return { ...shared, start, createTrace: (owner) => this.#createTrace(owner) };
  }

  /** Over a producer of its own, which nobody sees and which is not traced. */
  #createTrace({ group, type, topic }: TraceOwner): TraceDispatcher {
    const producerGroup = `${traceGroupPrefix}-${group}-${type}-${++this.#traces}`;
    const config = { producerGroup, sendMsgTimeout: traceTimeout };
    const producer = new MessageProducer(this.#core, config, () => Promise.resolve());
    const { clock, log } = this.#core;
    return new TraceDispatcher({ producer, topic, clock, log });
  }

  #routeChanged(topic: string): void {
    void this.#core.membership.beat();
    for (const consumer of this.#consumers.values()) if (consumer.subscribedTopics().includes(topic)) consumer.wake();
  }

  async #startFoundation(): Promise<void> {
    const { settings, nameServers, routes, membership, log } = this.#core;
    if (settings.onConnectFailure !== 'lazy') {
      // Any answer will do; this one is needed by the first send anyway.
      const probe = (): Promise<unknown> => routes.lookUp(autoCreateTopicKey);
      await nameServers.reach(probe, settings.onConnectFailure === 'retry', this.#abort.signal);
    }
    nameServers.start();
    routes.start();
    membership.start();
    log.info('client started', { clientId: settings.clientId, nameServers: nameServers.addresses.join(';') });
  }

  async #closeChildren(): Promise<void> {
    const { log } = this.#core;
    for (const child of [...this.#children].toReversed()) {
      await child.close().catch((error: unknown) => log.error('not closed cleanly', { error: messageOf(error) }));
    }
  }

  async #closeFoundation(): Promise<void> {
    const { nameServers, routes, membership, remoting } = this.#core;
    nameServers.close();
    routes.close();
    membership.close();
    await remoting.close();
  }

  #refuseWhenClosed(): void {
    if (this.#abort.signal.aborted) throw new RocketMQError('CLOSED', 'The client is closed');
  }
}
