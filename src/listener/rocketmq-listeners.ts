import { Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { type Logger, messageOf, RocketMQError } from '../../libs/common/src/index.js';
import type { RocketMQClient } from '../../libs/client/src/index.js';
import { isDlqTopic } from '../../libs/protocol/src/message/index.js';
import { RocketMQConnection, type Session } from '../connection/rocketmq-connection.js';
import { nestLogger } from '../nest-logger.js';
import { optionsError, RocketMQOptionsError } from '../options/validate.js';
import { unappliedEnhancers } from './enhancer-check.js';
import { type GroupPlan, planGroups } from './group-plan.js';
import { HandledMessages, type IdempotencyOptions, type IdempotencyStore, isIdempotencyStore } from './idempotency.js';
import { type ListenerDefinition, ListenerExplorer } from './listener-explorer.js';
import { type GroupState, ListenerGroup } from './listener-group.js';
import { type ListenerCall, ListenerInvoker } from './listener-invoker.js';
import { type ListenerFigures, MessageDelivery } from './message-delivery.js';
import { payloadDecoder } from './payload-decoding.js';
import { Replies } from './replies.js';

/** What a first send would make: Apache's defaultTopicQueueNums. */
const queuesOfNewTopic = 4;
/** Apache's DLQ_NUMS_PER_GROUP. */
const queuesOfDeadLetters = 1;

/** A listener as an operator sees it. */
export interface ListenerState {
  /** 'Billing.onMessage' */
  readonly place: string;
  readonly topic: string;
  readonly consumerGroup: string;
  /** True while its group has a consumer, paused or not. */
  readonly running: boolean;
  readonly state: GroupState;
  /** Queues of the topic held now. */
  readonly queues: number;
  readonly figures: Readonly<ListenerFigures>;
}

/**
 * The application's listeners, those of a group on one consumer. Groups can be paused, stopped and started at run time;
 * they are named by the group, or by the place of a listener ('Billing.onMessage') that has its group for itself.
 */
@Injectable()
export class RocketMQListeners {
  readonly #log: Logger = nestLogger('RocketMQ');
  #definitions: readonly ListenerDefinition[] = [];
  #groups: ReadonlyMap<string, ListenerGroup> = new Map();
  #started: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(
    private readonly explorer: ListenerExplorer,
    private readonly invoker: ListenerInvoker,
    private readonly connection: RocketMQConnection,
    private readonly modules: ModuleRef,
  ) {}

  /** @throws RocketMQOptionsError when listeners are wrongly declared, or those of a group contradict each other. */
  explore(): void {
    const found = this.explorer.explore();
    this.#add(found.map((listener) => [listener, this.invoker.create(listener)]));
    for (const definition of found) {
      for (const warning of unappliedEnhancers(definition)) this.#log.warn(warning);
    }
  }

  /**
   * Takes in listeners that no decorator of this package declares. They begin with all others, or at once when those have
   * begun: the promise then means what that of `start()` means.
   *
   * @throws RocketMQOptionsError as {@link explore}, and when a group is one of the application's other listeners, which
   *   may run already as a consumer of their own.
   */
  async join(listeners: readonly (readonly [ListenerDefinition, ListenerCall])[]): Promise<void> {
    const groups = this.#add(listeners);
    if (this.#started !== undefined && groups.length > 0) await this.#begin(() => groups);
  }

  #add(called: readonly (readonly [ListenerDefinition, ListenerCall])[]): readonly ListenerGroup[] {
    const calls = new Map(called);
    const listeners = [...calls.keys()];
    const plans = planGroups(listeners, this.connection.options?.consumer);
    const taken = plans.flatMap(({ consumerGroup, listeners: [first] }) => {
      const [other] = this.#groups.get(consumerGroup)?.plan.listeners ?? [];
      return other === undefined || first === undefined ? [] : [sharedGroup(consumerGroup, other, first)];
    });
    if (taken.length > 0) throw new RocketMQOptionsError(taken.join('\n'));
    const stores = this.#stores(listeners);
    const groups = plans.map((plan) => this.#createGroup(plan, stores, calls));
    this.#groups = new Map([...this.#groups, ...groups.map((group) => [group.plan.consumerGroup, group] as const)]);
    this.#definitions = [...this.#definitions, ...listeners];
    if (listeners.length > 0 && !this.connection.options) {
      this.#log.warn(`${listeners.length} listeners stay silent: RocketMQModule.forRoot is not imported`);
    }
    return groups;
  }

  get states(): readonly ListenerState[] {
    return this.#definitions.map((definition) => {
      const { topic, consumerGroup } = definition.options;
      const group = this.#groups.get(consumerGroup);
      const state = this.#closed === undefined ? (group?.state ?? 'stopped') : 'stopped';
      return {
        place: definition.place,
        topic,
        consumerGroup,
        running: state !== 'stopped',
        state,
        queues: group?.queuesOf(topic) ?? 0,
        figures: { ...(group?.deliveries.get(definition)?.figures ?? noFigures) },
      };
    });
  }

  /**
   * Without a name: begins to consume, but for groups with `autoStart: false`. Called with the application's bootstrap
   * unless the module's `autoStart` is false. Idempotent. With `onConnectFailure: 'fail'` it resolves when all listeners
   * run; otherwise at once, and they begin when connected.
   *
   * With a name: starts that group, as soon as there is a connection; also one that was stopped.
   */
  start(name?: string): Promise<void> {
    if (name !== undefined) return this.#startOne(name);
    this.#started ??= this.#start();
    return this.#started;
  }

  /**
   * Waits for the group's handlers under way, up to their deadline, and leaves the group: other members get its queues.
   * @throws RocketMQError ARGUMENT_INVALID for a name that means no group, as `start`, `pause` and `resume` do.
   */
  async stop(name: string): Promise<void> {
    await this.#group(name).stop();
  }

  /** The group keeps its queues and pulls no more; messages already here are still handled. Of all groups without a name. */
  pause(name?: string): void {
    for (const group of this.#named(name)) group.pause();
  }

  resume(name?: string): void {
    if (this.#closed) return;
    for (const group of this.#named(name)) group.resume();
  }

  async #startOne(name: string): Promise<void> {
    const group = this.#group(name);
    const { options } = this.connection;
    if (!options || options.enabled === false || this.#closed) {
      throw new RocketMQError('CLOSED', `Group '${group.plan.consumerGroup}' cannot be started: ${this.#whyNot()}`);
    }
    const { client } = await this.connection.whenConnected();
    if (this.connection.ownsBroker) await createTopics(client, [group.plan]);
    if (!this.#closed) await group.start(client);
  }

  #whyNot(): string {
    if (this.#closed) return 'the application is stopped.';
    if (!this.connection.options) return 'RocketMQModule.forRoot is not imported.';
    return 'RocketMQModule is switched off (enabled: false).';
  }

  async #start(): Promise<void> {
    if (this.#definitions.length > 0) await this.#begin(() => [...this.#groups.values()]);
  }

  async #begin(groups: () => readonly ListenerGroup[]): Promise<void> {
    const policy = this.connection.options?.onConnectFailure ?? 'fail';
    const running = this.connection.whenConnected().then((session) => this.#startAll(session, groups()));
    if (policy === 'fail') return running;
    running.catch((error: unknown) => {
      if (!this.#closed) this.#log.error(`Listeners could not start: ${messageOf(error)}`);
    });
  }

  async #startAll({ client }: Session, all: readonly ListenerGroup[]): Promise<void> {
    const groups = all.filter(({ plan }) => plan.autoStart);
    if (this.connection.ownsBroker) {
      await createTopics(
        client,
        groups.map(({ plan }) => plan),
      );
    }
    for (const group of groups) {
      if (this.#closed) return;
      await group.start(client);
    }
  }

  #named(name: string | undefined): readonly ListenerGroup[] {
    return name === undefined ? [...this.#groups.values()] : [this.#group(name)];
  }

  #group(name: string): ListenerGroup {
    const group = this.#groups.get(name);
    if (group) return group;
    const owner = [...this.#groups.values()].find(({ plan }) => plan.listeners.some(({ place }) => place === name));
    if (!owner) {
      throw new RocketMQError(
        'ARGUMENT_INVALID',
        `There is no listener or consumer group '${name}'; groups: ${[...this.#groups.keys()].join(', ') || 'none'}`,
      );
    }
    const { consumerGroup, listeners } = owner.plan;
    if (listeners.length === 1) return owner;
    // All members of a group have to subscribe to the same: one listener of it cannot leave alone.
    throw new RocketMQError(
      'ARGUMENT_INVALID',
      `${name} shares group '${consumerGroup}' with ${listeners
        .map(({ place }) => place)
        .filter((place) => place !== name)
        .join(', ')}: name the group, or give it a group of its own`,
    );
  }

  #createGroup(
    plan: GroupPlan,
    stores: ReadonlyMap<ListenerDefinition, IdempotencyStore>,
    calls: ReadonlyMap<ListenerDefinition, ListenerCall>,
  ): ListenerGroup {
    const replies = new Replies(this.connection, this.#log);
    const deliveries = plan.listeners.map((listener) => {
      const { place, kind, options } = listener;
      const { idempotency, consumerGroup } = options;
      const call = calls.get(listener);
      if (call === undefined) throw new Error(`no call for ${place}`);
      const store = stores.get(listener);
      const delivery = new MessageDelivery({
        listener,
        call,
        decode: payloadDecoder(listener.payloadType, this.connection.codecs),
        handled: store && new HandledMessages(store, `${consumerGroup}/${place}`, idempotency?.key),
        reply: kind === 'reply' || kind === 'rpc' ? (request, value) => replies.send(place, request, value) : undefined,
        replyError: kind === 'rpc' ? (request, error) => replies.sendError(place, request, error) : undefined,
        isBroadcasting: plan.consumer.messageModel === 'BROADCASTING',
        isOrderly: plan.consumer.consumeMode === 'ORDERLY',
        log: this.#log,
      });
      return [listener, delivery] as const;
    });
    return new ListenerGroup(plan, new Map(deliveries), this.#log);
  }

  #stores(listeners: readonly ListenerDefinition[]): ReadonlyMap<ListenerDefinition, IdempotencyStore> {
    const found = new Map<ListenerDefinition, IdempotencyStore>();
    const problems: string[] = [];
    for (const listener of listeners) {
      const { idempotency } = listener.options;
      const store = idempotency && this.#storeOf(idempotency);
      if (typeof store === 'string') problems.push(`${listener.place}: idempotency.store ${store}`);
      else if (store) found.set(listener, store);
    }
    if (problems.length > 0) throw optionsError('@RocketMQMessageListener', problems);
    return found;
  }

  /** The store, or why there is none. */
  #storeOf({ store }: IdempotencyOptions): IdempotencyStore | string {
    if (isIdempotencyStore(store)) return store;
    try {
      const provided: unknown = this.modules.get(store, { strict: false });
      return isIdempotencyStore(provided) ? provided : 'is a provider without has and add';
    } catch (error) {
      return `is no provider of this application: ${messageOf(error)}`;
    }
  }

  /** Stops pulling; what is already here is still handled. */
  suspend(): void {
    this.pause();
  }

  /** Waits for handlers under way up to their deadline, stores offsets and leaves the groups. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const ends = await Promise.allSettled([...this.#groups.values()].map((group) => group.stop()));
    for (const end of ends) {
      if (end.status === 'rejected') this.#log.error(`A listener did not stop cleanly: ${messageOf(end.reason)}`);
    }
  }
}

function sharedGroup(group: string, one: ListenerDefinition, other: ListenerDefinition): string {
  return `${one.place} and ${other.place} both name group '${group}', and they cannot be one consumer. Give them different groups.`;
}

const noFigures: ListenerFigures = { acked: 0, retried: 0, deadLettered: 0, dropped: 0, repeated: 0 };

/**
 * The broker is this application's own and makes topics at the first send anyway. There from the start, a topic's first
 * message arrives at once, not when its route is next asked for.
 */
async function createTopics({ admin }: RocketMQClient, plans: readonly GroupPlan[]): Promise<void> {
  const topics = new Set(plans.flatMap(({ subscriptions }) => [...subscriptions.keys()]));
  await Promise.all(
    [...topics].map(async (topic) => {
      if (await admin.topicExists(topic)) return;
      const queues = isDlqTopic(topic) ? queuesOfDeadLetters : queuesOfNewTopic;
      await admin.createTopic(topic, { readQueues: queues, writeQueues: queues });
    }),
  );
}
