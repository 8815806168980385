import { type Logger, messageOf, RocketMQError } from '../../libs/common/src/index.js';
import type { RocketMQClient } from '../../libs/client/src/index.js';
import { isDlqTopic } from '../../libs/protocol/src/message/index.js';
import { queuesOfNewTopic } from '../connection/required-topics.js';
import { moduleLabel, type RocketMQConnection, type Session } from '../connection/rocketmq-connection.js';
import type { GroupPlan } from './group-plan.js';
import type { ListenerGroup } from './listener-group.js';

/** Apache's DLQ_NUMS_PER_GROUP. */
const queuesOfDeadLetters = 1;

/** The groups of one connection: they begin as it is connected, and stop for good before it closes. */
export class ConnectionListeners {
  readonly #groups = new Map<string, ListenerGroup>();
  #started: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(
    readonly connection: RocketMQConnection,
    private readonly log: Logger,
  ) {}

  get groups(): readonly ListenerGroup[] {
    return [...this.#groups.values()];
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  group(consumerGroup: string): ListenerGroup | undefined {
    return this.#groups.get(consumerGroup);
  }

  /** Takes in groups, none of which is there yet. They begin with the others, or at once when those have begun. */
  async add(groups: readonly ListenerGroup[]): Promise<void> {
    for (const group of groups) this.#groups.set(group.plan.consumerGroup, group);
    if (this.#started !== undefined && groups.length > 0) await this.#begin(() => groups);
  }

  /** Idempotent. With 'fail' it resolves when all groups run, but for those with `autoStart: false`; otherwise at once. */
  start(): Promise<void> {
    this.#started ??= this.#groups.size === 0 ? Promise.resolve() : this.#begin(() => this.groups);
    return this.#started;
  }

  /** @throws RocketMQError CLOSED when there will be no connection. */
  async startGroup(group: ListenerGroup): Promise<void> {
    const reason = this.#whyNot();
    if (reason !== undefined) {
      throw new RocketMQError('CLOSED', `Group '${group.plan.consumerGroup}' cannot be started: ${reason}`);
    }
    const { client } = await this.connection.whenConnected();
    if (this.connection.ownsBroker) await createTopics(client, [group.plan]);
    if (!this.#closed) await group.start(client);
  }

  /** Waits for handlers under way up to their deadline, stores offsets and leaves the groups. Idempotent, never rejects. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Whether there can be a connection; otherwise why not. */
  #whyNot(): string | undefined {
    const { options, name } = this.connection;
    if (this.#closed) return 'the application is stopped.';
    if (!options) return 'RocketMQModule.forRoot is not imported.';
    return options.enabled === false ? `${moduleLabel(name)} is switched off (enabled: false).` : undefined;
  }

  async #begin(groups: () => readonly ListenerGroup[]): Promise<void> {
    if (this.#whyNot() !== undefined) return;
    const policy = this.connection.options?.onConnectFailure ?? 'fail';
    const running = this.connection.whenConnected().then((session) => this.#startAll(session, groups()));
    if (policy === 'fail') return running;
    running.catch((error: unknown) => {
      if (!this.#closed) this.log.error(`Listeners could not start: ${messageOf(error)}`);
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

  async #close(): Promise<void> {
    const ends = await Promise.allSettled(this.groups.map((group) => group.stop()));
    for (const end of ends) {
      if (end.status === 'rejected') this.log.error(`A listener did not stop cleanly: ${messageOf(end.reason)}`);
    }
  }
}

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
