import { AsyncResource } from 'node:async_hooks';
import type { Logger } from '../../libs/common/src/index.js';
import type { MessageHandler, PushConsumer, QueueProgress, RocketMQClient } from '../../libs/client/src/index.js';
import { defaultConnectionName } from '../connection/rocketmq-connection.js';
import { groupHandler } from './group-handler.js';
import type { GroupPlan } from './group-plan.js';
import type { ListenerDefinition } from './listener-explorer.js';
import type { MessageDelivery } from './message-delivery.js';

/** What a group of listeners does. */
export type GroupState = 'stopped' | 'running' | 'paused';

/** The listeners of one consumer group: one consumer, which is made anew at every start. */
export class ListenerGroup {
  readonly #handler: MessageHandler;
  /** Handlers run in the async context that the application was made in, not in that of whoever starts the group. */
  readonly #origin = new AsyncResource('RocketMQListenerGroup');
  #consumer: PushConsumer | undefined;
  #isPaused = false;
  #lastConsumed: number | undefined;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(
    readonly plan: GroupPlan,
    readonly deliveries: ReadonlyMap<ListenerDefinition, MessageDelivery>,
    private readonly log: Logger,
  ) {
    this.#handler = groupHandler(plan, deliveries);
  }

  get state(): GroupState {
    if (this.#consumer === undefined) return 'stopped';
    return this.#isPaused ? 'paused' : 'running';
  }

  /** Queues of a topic held now. */
  queuesOf(topic: string): number {
    return this.#consumer?.assignment.filter((queue) => queue.topic === topic).length ?? 0;
  }

  /** How far it is with each queue held now. */
  get progress(): readonly QueueProgress[] {
    return this.#consumer?.progress ?? [];
  }

  /** When a listener last consumed a message, milliseconds since the epoch. Outlives a stop. */
  get lastConsumed(): number | undefined {
    return this.#consumer?.lastConsumed ?? this.#lastConsumed;
  }

  /** Why it gets no messages though it runs; undefined when it does. */
  get problem(): string | undefined {
    return this.#consumer?.problem?.message;
  }

  /** Nothing happens when it runs already. Rejects as the consumer does; it can be started again then. */
  start(client: RocketMQClient): Promise<void> {
    this.#starting ??= this.#origin
      .runInAsyncScope(() => this.#start(client))
      .finally(() => (this.#starting = undefined));
    return this.#starting;
  }

  /** Waits for handlers under way up to their deadline, stores offsets and leaves the group. Ends a start under way. */
  stop(): Promise<void> {
    const consumer = this.#consumer;
    if (consumer === undefined) return this.#stopping ?? Promise.resolve();
    this.#consumer = undefined;
    this.#stopping = drained(consumer).finally(() => {
      this.#stopping = undefined;
      this.#lastConsumed = consumer.lastConsumed ?? this.#lastConsumed;
    });
    return this.#stopping;
  }

  /** Stops pulling; what is already here is still handled. Holds for a group that is started later, too. */
  pause(): void {
    this.#isPaused = true;
    this.#consumer?.suspend();
  }

  resume(): void {
    this.#isPaused = false;
    this.#consumer?.resume();
  }

  async #start(client: RocketMQClient): Promise<void> {
    // One member of a group in one client at a time.
    await this.#stopping?.catch(() => undefined);
    if (this.#consumer) return;
    const { consumerGroup, subscriptions, consumer: options, listeners } = this.plan;
    const consumer = client.createPushConsumer({ ...options, consumerGroup, handler: this.#handler });
    for (const [topic, expression] of subscriptions) consumer.subscribe(topic, expression);
    if (this.#isPaused) consumer.suspend();
    // Known before it runs: whoever stops the application meanwhile has to find it.
    this.#consumer = consumer;
    try {
      await consumer.start();
    } catch (error) {
      if (this.#consumer === consumer) this.#consumer = undefined;
      await consumer.close().catch(() => undefined);
      throw error;
    }
    for (const { place, options: own, connection = defaultConnectionName } of listeners) {
      const filter = own.filterClass ?? own.selectorExpression ?? '*';
      const aside = connection === defaultConnectionName ? '' : `, connection ${connection}`;
      this.log.info(`${place} listens to ${own.topic}:${filter} (group ${consumerGroup}${aside})`);
    }
  }
}

async function drained(consumer: PushConsumer): Promise<void> {
  await consumer.drain();
  await consumer.close();
}
