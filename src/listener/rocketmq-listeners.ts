import { Injectable } from '@nestjs/common';
import type { Logger } from '../../libs/common/src/index.js';
import type { QueueProgress } from '../../libs/client/src/index.js';
import { defaultConnectionName, type RocketMQConnection } from '../connection/rocketmq-connection.js';
import { RocketMQConnections } from '../connection/rocketmq-connections.js';
import { RocketMQFeatures } from '../connection/rocketmq-features.js';
import { nestLogger } from '../nest-logger.js';
import { RocketMQOptionsError } from '../options/validate.js';
import { ConnectionListeners } from './connection-listeners.js';
import { unappliedEnhancers } from './enhancer-check.js';
import { explanation } from './explanation.js';
import { GroupAssembly } from './group-assembly.js';
import { groupNamed, ownersNamed } from './group-names.js';
import { planGroups } from './group-plan.js';
import { type ListenerDefinition, ListenerExplorer } from './listener-explorer.js';
import type { GroupState, ListenerGroup } from './listener-group.js';
import { type ListenerCall, ListenerInvoker } from './listener-invoker.js';
import type { ListenerFigures } from './message-delivery.js';
import { sharedOffsets } from './shared-offsets.js';

/** A listener as an operator sees it. */
export interface ListenerState {
  /** 'Billing.onMessage' */
  readonly place: string;
  /** Name of its connection. */
  readonly connection: string;
  readonly topic: string;
  readonly consumerGroup: string;
  /** True while its group has a consumer, paused or not. */
  readonly running: boolean;
  readonly state: GroupState;
  /** Queues of the topic held now. */
  readonly queues: number;
  readonly figures: Readonly<ListenerFigures>;
}

/** A consumer group of this application as an operator sees it. */
export interface ConsumerGroupState {
  /** Name of its connection. */
  readonly connection: string;
  readonly consumerGroup: string;
  readonly state: GroupState;
  /** When a listener of it last consumed a message, milliseconds since the epoch; undefined when none has. */
  readonly lastConsumed: number | undefined;
  /** Why it gets no messages though it runs: as many handlers as may run do not come to an end. Undefined when it does. */
  readonly problem: string | undefined;
  /** Of the queues that this application holds now. */
  readonly progress: readonly QueueProgress[];
}

/**
 * The application's listeners, those of a group on one consumer. Groups can be paused, stopped and started at run time;
 * they are named by the group, or by the place of a listener ('Billing.onMessage') that has its group for itself, and by
 * the connection when several have a group of this name.
 */
@Injectable()
export class RocketMQListeners {
  readonly #log: Logger = nestLogger('RocketMQ');
  readonly #connections = new Map<string, ConnectionListeners>();
  #definitions: readonly ListenerDefinition[] = [];

  /** @internal */
  constructor(
    private readonly explorer: ListenerExplorer,
    private readonly invoker: ListenerInvoker,
    private readonly connections: RocketMQConnections,
    private readonly features: RocketMQFeatures,
    private readonly assembly: GroupAssembly,
  ) {}

  /** @throws RocketMQOptionsError when listeners are wrongly declared, or those of a group contradict each other. */
  explore(): void {
    this.features.check();
    const found = this.explorer.explore();
    for (const [connection, groups] of this.#plan(found.map((listener) => [listener, this.invoker.create(listener)]))) {
      // Nothing has begun: there is nothing to wait for.
      void connection.add(groups);
    }
    const problems = sharedOffsets(this.#owners);
    if (problems.length > 0) throw new RocketMQOptionsError(problems.join('\n'));
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
   * @internal
   */
  async join(listeners: readonly (readonly [ListenerDefinition, ListenerCall])[]): Promise<void> {
    await Promise.all([...this.#plan(listeners)].map(([connection, groups]) => connection.add(groups)));
  }

  #plan(
    called: readonly (readonly [ListenerDefinition, ListenerCall])[],
  ): ReadonlyMap<ConnectionListeners, readonly ListenerGroup[]> {
    const calls = new Map(called);
    const planned = new Map<ConnectionListeners, readonly ListenerGroup[]>();
    const listeners = [...calls.keys()];
    for (const name of new Set(listeners.map(connectionOf))) {
      const own = listeners.filter((listener) => connectionOf(listener) === name);
      const problem = this.connections.problemWith(name);
      if (problem !== undefined) throw new RocketMQOptionsError(`${own[0]?.place}: ${problem}`);
      const connection = this.connections.of(name);
      const owner = this.#connections.get(name) ?? new ConnectionListeners(connection, this.#log);
      const plans = planGroups(own, (group) => this.#layersOf(connection, group));
      const taken = plans.flatMap(({ consumerGroup, listeners: [first] }) => {
        const [other] = owner.group(consumerGroup)?.plan.listeners ?? [];
        return other === undefined || first === undefined ? [] : [sharedGroup(consumerGroup, other, first)];
      });
      if (taken.length > 0) throw new RocketMQOptionsError(taken.join('\n'));
      planned.set(owner, this.assembly.create(connection, plans, calls));
      if (!connection.options) {
        this.#log.warn(`${own.length} listeners stay silent: RocketMQModule.forRoot is not imported`);
      }
    }
    for (const owner of planned.keys()) this.#connections.set(owner.connection.name, owner);
    this.#definitions = [...this.#definitions, ...listeners];
    return planned;
  }

  /** Who has a say in the consumer of a group beside its listeners, the nearest first. */
  #layersOf({ name, options }: RocketMQConnection, consumerGroup: string) {
    const group = this.features.group(name, consumerGroup);
    const module = { from: `${this.connections.placeOf(name)}, consumer`, options: options?.consumer };
    return group === undefined ? [module] : [group, module];
  }

  /** Every listener of all connections. */
  get states(): readonly ListenerState[] {
    return this.#definitions.map((definition) => {
      const { topic, consumerGroup } = definition.options;
      const connection = connectionOf(definition);
      const owner = this.#connections.get(connection);
      const group = owner?.group(consumerGroup);
      const state = owner?.isClosed === true ? 'stopped' : (group?.state ?? 'stopped');
      return {
        place: definition.place,
        connection,
        topic,
        consumerGroup,
        running: state !== 'stopped',
        state,
        queues: group?.queuesOf(topic) ?? 0,
        figures: { ...(group?.deliveries.get(definition)?.figures ?? noFigures) },
      };
    });
  }

  /** Of the groups that listeners name. */
  get groupStates(): readonly ConsumerGroupState[] {
    return this.#owners.flatMap(({ connection, isClosed, groups }) =>
      groups.map((group) => ({
        connection: connection.name,
        consumerGroup: group.plan.consumerGroup,
        state: isClosed ? 'stopped' : group.state,
        lastConsumed: group.lastConsumed,
        problem: group.problem,
        progress: group.progress,
      })),
    );
  }

  /** For people: of every connection, group and listener the options that are set, and who set them. */
  explain(): string {
    return explanation(this.connections.all, this.#owners, (name) => this.connections.placeOf(name));
  }

  /**
   * Without a name: begins to consume, but for groups with `autoStart: false`; of one connection, or of all. Called with the
   * application's bootstrap for each connection unless its `autoStart` is false. Idempotent. With
   * `onConnectFailure: 'fail'` it resolves when all listeners run; otherwise at once, and they begin when connected.
   *
   * With a name: starts that group, as soon as there is a connection; also one that was stopped.
   */
  async start(name?: string, connection?: string): Promise<void> {
    if (name !== undefined) {
      const { owner, group } = groupNamed(this.#owners, name, connection);
      return owner.startGroup(group);
    }
    await Promise.all(ownersNamed(this.#owners, connection).map((owner) => owner.start()));
  }

  /** What the application's bootstrap starts: see {@link start}. */
  async startAutomatically(): Promise<void> {
    const automatic = this.connections.all.filter(({ options }) => options?.autoStart !== false);
    await Promise.all(automatic.map((connection) => this.#ownerOf(connection).start()));
  }

  /**
   * Waits for the group's handlers under way, up to their deadline, and leaves the group: other members get its queues.
   * @throws RocketMQError ARGUMENT_INVALID for a name that means no group, as `start`, `pause` and `resume` do.
   */
  async stop(name: string, connection?: string): Promise<void> {
    await groupNamed(this.#owners, name, connection).group.stop();
  }

  /** The group keeps its queues and pulls no more; messages already here are still handled. Of all groups without a name. */
  pause(name?: string, connection?: string): void {
    for (const group of this.#named(name, connection)) group.pause();
  }

  /** Ends `pause`; names as there. */
  resume(name?: string, connection?: string): void {
    if (this.#owners.some(({ isClosed }) => isClosed)) return;
    for (const group of this.#named(name, connection)) group.resume();
  }

  /** Stops pulling; what is already here is still handled. */
  suspend(): void {
    this.pause();
  }

  /** Waits for handlers under way up to their deadline, stores offsets and leaves the groups. Idempotent. */
  async close(): Promise<void> {
    await Promise.all(this.#owners.map((owner) => owner.close()));
  }

  get #owners(): readonly ConnectionListeners[] {
    return [...this.#connections.values()];
  }

  /** It may have no listeners yet. */
  #ownerOf(connection: RocketMQConnection): ConnectionListeners {
    const owner = this.#connections.get(connection.name) ?? new ConnectionListeners(connection, this.#log);
    this.#connections.set(connection.name, owner);
    return owner;
  }

  #named(name: string | undefined, connection: string | undefined): readonly ListenerGroup[] {
    if (name === undefined) return ownersNamed(this.#owners, connection).flatMap(({ groups }) => groups);
    return [groupNamed(this.#owners, name, connection).group];
  }
}

function connectionOf({ connection = defaultConnectionName }: ListenerDefinition): string {
  return connection;
}

function sharedGroup(group: string, one: ListenerDefinition, other: ListenerDefinition): string {
  return `${one.place} and ${other.place} both name group '${group}', and they cannot be one consumer. Give them different groups.`;
}

const noFigures: ListenerFigures = { acked: 0, retried: 0, deadLettered: 0, dropped: 0, repeated: 0 };
