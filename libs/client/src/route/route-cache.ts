import { RocketMQError, messageOf, type Clock, type Logger, type Timer } from '../../../common/src/index.js';
import { ResponseCode, getRouteinfoByTopic, type TopicRoute } from '../../../protocol/src/index.js';
import type { MessageQueue } from '../contract/index.js';
import type { NameServers } from '../name-servers.js';
import { QueueRotation } from '../producer/queue-choice.js';
import { masterId, publishQueuesOf, routeFingerprint, routeOfNewTopic, subscribeQueuesOf } from './topic-route.js';

/** What is known of a topic. */
export interface KnownTopic {
  readonly topic: string;
  readonly route: TopicRoute;
  readonly publishQueues: readonly MessageQueue[];
  /** Empty while `guessed`: what is not there cannot be read. */
  readonly subscribeQueues: readonly MessageQueue[];
  /** The topic does not exist yet: this is what the default topic promises it will look like. */
  readonly guessed: boolean;
  /** Shared by all producers of this client. */
  readonly rotation: QueueRotation;
  lastUsed: number;
}

/** What a producer falls back to for a topic that does not exist. */
export interface NewTopicRule {
  readonly createTopicKey: string;
  readonly defaultTopicQueueNums: number;
}

export interface BrokerAddress {
  readonly brokerName: string;
  /** 0 is the master. */
  readonly brokerId: number;
  readonly address: string;
}

interface Parts {
  readonly nameServers: NameServers;
  readonly clock: Clock;
  readonly log: Logger;
  readonly timeout: number;
  readonly pollInterval: number;
  /** Topics somebody subscribes to. */
  readonly subscribedTopics: () => Iterable<string>;
  /** A topic's queues or brokers changed. */
  readonly onChange: (topic: string) => void;
}

/** A topic nobody sent to for this long is forgotten, so that one-off topics do not pile up. */
const forgetAfter = 30 * 60_000;
/** A topic is asked for again at most this often when calls fail. */
const refreshSoonAfter = 1_000;

/**
 * Routes of the topics in use and, drawn from them, addresses of the brokers. Asked for at first use and then every
 * `pollInterval`. A topic that the name server no longer knows keeps its last route: its broker may be on its way back.
 */
export class RouteCache {
  readonly #topics = new Map<string, KnownTopic>();
  readonly #brokers = new Map<string, ReadonlyMap<number, string>>();
  readonly #underWay = new Map<string, Promise<KnownTopic | undefined>>();
  readonly #guessing = new Map<string, Promise<KnownTopic | undefined>>();
  /** Topics that were looked at again within the last second, and whether that is asked for once more. */
  readonly #cooling = new Map<string, { readonly timer: Timer; again: boolean }>();
  #poll: Timer | undefined;

  constructor(private readonly parts: Parts) {}

  start(): void {
    this.#poll ??= this.parts.clock.every(this.parts.pollInterval, () => void this.refreshAll());
  }

  close(): void {
    this.#poll?.cancel();
    for (const { timer } of this.#cooling.values()) timer.cancel();
    this.#cooling.clear();
  }

  /** Without asking anybody. */
  known(topic: string): KnownTopic | undefined {
    return this.#topics.get(topic);
  }

  /** As `forPublish`, of what is known already. */
  knownForPublish(topic: string): KnownTopic | undefined {
    const known = this.#topics.get(topic);
    return known === undefined || known.publishQueues.length === 0 ? undefined : known;
  }

  /**
   * A topic with queues to write; asks the name server.
   *
   * @throws RocketMQError TOPIC_NOT_FOUND when it neither exists nor would be created; NAME_SERVER_UNAVAILABLE.
   */
  async forPublish(topic: string, rule: NewTopicRule): Promise<KnownTopic> {
    const known = (await this.refresh(topic)) ?? this.#topics.get(topic) ?? (await this.#guess(topic, rule));
    if (known === undefined) throw topicNotFound(topic);
    if (known.publishQueues.length === 0) throw nothingWritable(topic);
    return known;
  }

  /** What is known, or else what the name server says; undefined when it does not know the topic. */
  async find(topic: string): Promise<KnownTopic | undefined> {
    return this.known(topic) ?? (await this.refresh(topic));
  }

  /** Asks the name server now; undefined when it does not know the topic. One question at a time per topic. */
  refresh(topic: string): Promise<KnownTopic | undefined> {
    let asking = this.#underWay.get(topic);
    if (asking === undefined) {
      asking = this.#ask(topic).finally(() => this.#underWay.delete(topic));
      this.#underWay.set(topic, asking);
    }
    return asking;
  }

  /** A call that relied on this route failed, or the topic should exist by now: look again, at most once a second. */
  refreshSoon(topic: string): void {
    const cooling = this.#cooling.get(topic);
    if (cooling !== undefined) {
      cooling.again = true;
      return;
    }
    const timer = this.parts.clock.after(refreshSoonAfter, () => {
      const again = this.#cooling.get(topic)?.again;
      this.#cooling.delete(topic);
      if (again) this.refreshSoon(topic);
    });
    this.#cooling.set(topic, { timer, again: false });
    this.refresh(topic).catch((error: unknown) => this.#refreshFailed(topic, error));
  }

  /** All topics in use, and the end of those that are not. Failures are logged. */
  async refreshAll(): Promise<void> {
    const subscribed = new Set(this.parts.subscribedTopics());
    const now = this.parts.clock.monotonic();
    for (const known of this.#topics.values()) {
      if (!subscribed.has(known.topic) && now - known.lastUsed > forgetAfter) this.#topics.delete(known.topic);
    }
    const topics = new Set([...subscribed, ...this.#topics.keys()]);
    for (const topic of topics) await this.refresh(topic).catch((error: unknown) => this.#refreshFailed(topic, error));
    this.#forgetBrokersWithoutTopics();
  }

  /** Address of the broker's master, for writing. */
  masterOf(brokerName: string): string | undefined {
    return this.#brokers.get(brokerName)?.get(masterId);
  }

  /** The broker asked for, else the next slave, else any of that name. */
  addressFor(brokerName: string, brokerId: number): BrokerAddress | undefined {
    const addresses = this.#brokers.get(brokerName);
    if (addresses === undefined) return undefined;
    for (const id of brokerId === masterId ? [masterId] : [brokerId, brokerId + 1]) {
      const address = addresses.get(id);
      if (address !== undefined) return { brokerName, brokerId: id, address };
    }
    const [first] = addresses;
    return first && { brokerName, brokerId: first[0], address: first[1] };
  }

  /** Every broker of every topic in use. */
  brokers(): BrokerAddress[] {
    return [...this.#brokers].flatMap(([brokerName, addresses]) =>
      [...addresses].map(([brokerId, address]) => ({ brokerName, brokerId, address })),
    );
  }

  /** Addresses of a topic's brokers, masters where there are; empty when the topic is not known. */
  addressesOf(topic: string): string[] {
    const brokers = this.#topics.get(topic)?.route.brokerDatas ?? [];
    return brokers.flatMap(
      (broker) => broker.brokerAddrs.get(masterId) ?? [...broker.brokerAddrs.values()].slice(0, 1),
    );
  }

  /**
   * Asks for a route without keeping it.
   *
   * @throws RocketMQError NAME_SERVER_UNAVAILABLE; ResponseError when the name server refuses for another reason.
   */
  async lookUp(topic: string): Promise<TopicRoute | undefined> {
    const { nameServers, timeout } = this.parts;
    const accept = [ResponseCode.TOPIC_NOT_EXIST];
    const reply = await nameServers.call(getRouteinfoByTopic, { topic }, { timeout, accept });
    return reply.code === ResponseCode.SUCCESS ? reply.body : undefined;
  }

  async #ask(topic: string): Promise<KnownTopic | undefined> {
    const route = await this.lookUp(topic);
    return route && this.#learn(topic, route, false);
  }

  #guess(topic: string, rule: NewTopicRule): Promise<KnownTopic | undefined> {
    let asking = this.#guessing.get(topic);
    if (asking === undefined) {
      asking = this.#askDefault(topic, rule).finally(() => this.#guessing.delete(topic));
      this.#guessing.set(topic, asking);
    }
    return asking;
  }

  async #askDefault(topic: string, rule: NewTopicRule): Promise<KnownTopic | undefined> {
    const route = await this.lookUp(rule.createTopicKey);
    return route && this.#learn(topic, routeOfNewTopic(route, rule.defaultTopicQueueNums), true);
  }

  #learn(topic: string, route: TopicRoute, guessed: boolean): KnownTopic {
    const old = this.#topics.get(topic);
    const same = old?.guessed === guessed && routeFingerprint(old.route) === routeFingerprint(route);
    if (old !== undefined && same) return old;
    const known: KnownTopic = {
      topic,
      route,
      publishQueues: publishQueuesOf(topic, route),
      subscribeQueues: guessed ? [] : subscribeQueuesOf(topic, route),
      guessed,
      rotation: old?.rotation ?? new QueueRotation(),
      lastUsed: old?.lastUsed ?? this.parts.clock.monotonic(),
    };
    this.#topics.set(topic, known);
    for (const broker of route.brokerDatas) this.#brokers.set(broker.brokerName, broker.brokerAddrs);
    this.parts.log.debug('route changed', { topic, guessed, queues: known.subscribeQueues.length });
    this.parts.onChange(topic);
    return known;
  }

  #forgetBrokersWithoutTopics(): void {
    const named = new Set([...this.#topics.values()].flatMap((t) => t.route.brokerDatas.map((b) => b.brokerName)));
    for (const brokerName of this.#brokers.keys()) if (!named.has(brokerName)) this.#brokers.delete(brokerName);
  }

  #refreshFailed(topic: string, error: unknown): void {
    this.parts.log.warn('route not refreshed', { topic, error: messageOf(error) });
  }
}

function topicNotFound(topic: string): RocketMQError {
  return new RocketMQError(
    'TOPIC_NOT_FOUND',
    `No route info of this topic: ${topic}. It does not exist, and no broker creates topics by itself ` +
      `(autoCreateTopicEnable=false) or none is registered yet. Create it: mqadmin updateTopic -n <name server> -c <cluster> -t ${topic}`,
  );
}

function nothingWritable(topic: string): RocketMQError {
  return new RocketMQError(
    'TOPIC_NOT_FOUND',
    `Topic ${topic} has no queue that can be written: its permission forbids it or its brokers have no master`,
    { retryable: true },
  );
}
