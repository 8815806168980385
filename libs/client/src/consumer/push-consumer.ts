import {
  RocketMQError,
  createLifecycle,
  messageOf,
  pause,
  type Lifecycle,
  type Timer,
} from '../../../common/src/index.js';
import type { ConsumerData, ConsumerRunningInfo } from '../../../protocol/src/index.js';
import { retryTopicOf, topicNameProblem } from '../../../protocol/src/message/index.js';
import type { ClientCore } from '../client-core.js';
import type { Admin, MessageQueue, PushConsumer, PushConsumerConfig } from '../contract/index.js';
import { describeQueue } from '../message-queue.js';
import { ThrottledLog } from '../throttled-log.js';
import { Assignment } from './assignment.js';
import { ConsumeFigures } from './consume-figures.js';
import { Dispatcher } from './dispatcher.js';
import type { HeldQueue } from './held-queue.js';
import { LocalOffsetStore } from './local-offset-store.js';
import type { OffsetStore } from './offset-store.js';
import type { Batch } from './process-queue.js';
import { PullCall } from './pull-call.js';
import { PullLoop } from './pull-loop.js';
import { readPushConsumerConfig, type PushSettings } from './push-settings.js';
import type { RegisteredConsumer } from './registered-consumer.js';
import { RemoteOffsetStore } from './remote-offset-store.js';
import { runningInfoOf } from './running-info.js';
import { startOffsetOf } from './start-offset.js';
import { subscriptionTo, type Subscription } from './subscription.js';

/**
 * A member of a group that has messages brought to its handler. Composed of: the assignment (which queues), one pull
 * loop per queue, the dispatcher (which handler when) and the offset store (how far).
 */
export class ConcurrentPushConsumer implements PushConsumer, RegisteredConsumer {
  readonly consumerGroup: string;
  readonly #settings: PushSettings;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #figures = new Map<string, ConsumeFigures>();
  readonly #offsets: OffsetStore;
  readonly #assignment: Assignment;
  readonly #dispatcher: Dispatcher;
  readonly #pullCall: PullCall;
  readonly #lifecycle: Lifecycle;
  readonly #startedAt: number;
  readonly #failureLog: ThrottledLog;
  #running = false;
  #suspended = false;
  #stopped = false;
  #draining: Promise<void> | undefined;
  #persisting: Timer | undefined;

  constructor(
    private readonly core: ClientCore,
    private readonly admin: Admin,
    config: PushConsumerConfig,
    onClosed: () => Promise<void>,
  ) {
    this.#settings = readPushConsumerConfig(config);
    this.consumerGroup = this.#settings.consumerGroup;
    this.#startedAt = core.clock.now();
    this.#failureLog = new ThrottledLog(core.clock, core.log);
    this.#offsets = this.#createOffsetStore();
    this.#pullCall = new PullCall(core, this.consumerGroup);
    this.#dispatcher = this.#createDispatcher();
    this.#assignment = this.#createAssignment();
    // Clustering members agree on the retry topic like on any other: each must subscribe to it.
    if (this.#settings.messageModel === 'CLUSTERING') this.#subscribe(retryTopicOf(this.consumerGroup), undefined);
    this.#lifecycle = createLifecycle({
      start: () => this.#start(),
      close: () => this.#close().finally(onClosed),
    });
  }

  get assignment(): readonly MessageQueue[] {
    return this.#assignment.queues.map((held) => held.queue);
  }

  start(): Promise<void> {
    return this.#lifecycle.start();
  }

  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  subscribe(topic: string, expression?: string): void {
    const problem = typeof topic === 'string' ? topicNameProblem(topic) : 'must be a text';
    if (problem !== undefined) {
      throw new RocketMQError('ARGUMENT_INVALID', `subscribe: topic ${JSON.stringify(topic)}: ${problem}`);
    }
    this.#subscribe(topic, expression);
    this.#subscriptionsChanged();
  }

  unsubscribe(topic: string): void {
    if (this.#subscriptions.delete(topic)) this.#subscriptionsChanged();
    this.#figures.delete(topic);
  }

  suspend(): void {
    this.#suspended = true;
    for (const held of this.#assignment.queues) held.stopPull();
  }

  resume(): void {
    this.#suspended = false;
    for (const held of this.#assignment.queues) held.changed();
    if (this.#running) this.wake();
  }

  drain(): Promise<void> {
    this.#draining ??= this.#drain();
    return this.#draining;
  }

  subscribedTopics(): readonly string[] {
    return [...this.#subscriptions.keys()];
  }

  wake(): void {
    if (this.#running && !this.#stopped) void this.#assignment.wake();
  }

  runningInfo(): ConsumerRunningInfo | undefined {
    if (!this.#running) return undefined;
    const statusTable = new Map(
      this.subscribedTopics().map((topic) => [topic, this.#figuresOf(topic).figures()] as const),
    );
    return runningInfoOf({
      core: this.core,
      consumeType: 'CONSUME_PASSIVELY',
      startedAt: this.#startedAt,
      concurrency: this.#settings.concurrency,
      options: { ...this.#settings },
      subscriptions: [...this.#subscriptions.values()],
      held: this.#assignment.queues,
      offsets: this.#offsets,
      statusTable,
    });
  }

  #createOffsetStore(): OffsetStore {
    if (this.#settings.messageModel === 'CLUSTERING')
      return new RemoteOffsetStore(this.core, this.consumerGroup, false);
    const { localOffsetStoreDir: dir, stableId: clientId } = this.core.settings;
    return new LocalOffsetStore({ dir, clientId, group: this.consumerGroup }, this.core);
  }

  #createDispatcher(): Dispatcher {
    const { handler, concurrency, consumeMessageBatchMaxSize: batchSize, redeliveryDelay } = this.#settings;
    return new Dispatcher({
      clock: this.core.clock,
      handler,
      concurrency,
      batchSize,
      redeliveryDelay,
      onHandled: (held, batch, duration, failure) => this.#handled(held, batch, duration, failure),
    });
  }

  #createAssignment(): Assignment {
    const begin = {
      offsets: this.#offsets,
      admin: this.admin,
      settings: this.#settings,
      startedAt: this.#startedAt,
    };
    return new Assignment({
      core: this.core,
      group: this.consumerGroup,
      messageModel: this.#settings.messageModel,
      strategy: 'AVG',
      subscribedTopics: () => this.subscribedTopics(),
      startOffsetOf: (queue) => startOffsetOf(queue, begin),
      onClaimed: (held) => void this.#pullLoop(held).run(),
      onReleased: (held) => this.#released(held),
    });
  }

  async #start(): Promise<void> {
    await this.core.start();
    await this.#offsets.load();
    this.#running = true;
    this.core.membership.addConsumer(this.consumerGroup, () => this.#describe());
    // Tells the brokers that are known already; those of new topics are told as their routes come.
    await this.core.membership.beat();
    const { clock, settings } = this.core;
    this.#persisting = clock.every(settings.persistConsumerOffsetInterval, () => void this.#persist());
    await this.#assignment.start();
  }

  async #close(): Promise<void> {
    if (!this.#running) return;
    await this.drain();
    await this.#assignment.stop();
    this.#persisting?.cancel();
    await this.#persist();
    await this.core.membership.removeConsumer(this.consumerGroup);
    this.#running = false;
    this.#assignment.releaseAll();
  }

  async #drain(): Promise<void> {
    this.#stopped = true;
    this.#dispatcher.stop();
    for (const held of this.#assignment.queues) {
      held.stopPull();
      held.interrupt();
    }
    const waited = new AbortController();
    const deadline = pause(this.core.clock, this.#settings.awaitTerminationMillis, waited.signal);
    await Promise.race([this.#dispatcher.idle(), deadline]);
    waited.abort();
    const { running } = this.#dispatcher;
    if (running > 0) {
      this.core.log.warn('handlers still running at the end of the wait; their messages will be delivered again', {
        group: this.consumerGroup,
        running,
      });
    }
  }

  #subscribe(topic: string, expression: string | undefined): void {
    this.#subscriptions.set(topic, subscriptionTo(topic, expression, this.core.clock.now()));
  }

  #subscriptionsChanged(): void {
    if (!this.#running || this.#stopped) return;
    void this.core.membership.beat();
    this.wake();
  }

  #describe(): ConsumerData {
    return {
      groupName: this.consumerGroup,
      consumeType: 'CONSUME_PASSIVELY',
      messageModel: this.#settings.messageModel,
      consumeFromWhere: this.#settings.consumeFromWhere,
      subscriptionDataSet: [...this.#subscriptions.values()],
      unitMode: false,
    };
  }

  #pullLoop(held: HeldQueue): PullLoop {
    const clustering = this.#settings.messageModel === 'CLUSTERING';
    return new PullLoop(held, {
      core: this.core,
      settings: this.#settings,
      pullCall: this.#pullCall,
      paused: () => this.#suspended,
      stopped: () => this.#stopped,
      subscriptionTo: (topic) => this.#subscriptions.get(topic),
      commitOffsetOf: ({ queue }) => (clustering ? (this.#offsets.current(queue) ?? 0) : 0),
      onMessages: (from, outcome, duration) => {
        this.#figuresOf(from.queue.topic).pulled(outcome.messages.length, duration);
        from.messages.add(outcome.messages);
        this.#dispatcher.offer(from);
      },
      // Nothing is on its way through handlers: what was passed over is done.
      onNothing: ({ queue, messages }, nextOffset) => {
        if (messages.count === 0) this.#offsets.update(queue, nextOffset, true);
      },
      onOffsetMoved: (from, nextOffset) => this.#correctOffset(from, nextOffset),
    });
  }

  #correctOffset(held: HeldQueue, nextOffset: number): void {
    const { queue } = held;
    this.core.log.warn('the broker has no such offset; going on where it says', {
      group: this.consumerGroup,
      queue: describeQueue(queue),
      from: held.nextOffset,
      to: nextOffset,
    });
    this.#offsets.update(queue, nextOffset, false);
    void this.#offsets.persist([queue]);
    this.#assignment.restart(held, nextOffset);
  }

  #handled(held: HeldQueue, batch: Batch, duration: number, failure: { error: unknown } | undefined): void {
    this.#figuresOf(held.queue.topic).handled(batch.messages.length, duration, failure !== undefined);
    if (held.released) return;
    if (failure === undefined) {
      const offset = held.messages.commitOffset;
      if (offset !== undefined) this.#offsets.update(held.queue, offset, true);
      return;
    }
    this.#logFailure(held, batch, failure.error);
  }

  #logFailure(held: HeldQueue, batch: Batch, error: unknown): void {
    const [first] = batch.messages;
    this.#failureLog.warn('handler failed; its messages come again', () => ({
      group: this.consumerGroup,
      queue: describeQueue(held.queue),
      offset: first?.queueOffset,
      messages: batch.messages.length,
      msgId: first?.msgId,
      failures: batch.failures + 1,
      afterMillis: this.#settings.redeliveryDelay,
      error: messageOf(error),
    }));
  }

  #released(held: HeldQueue): void {
    // The offset is read when persist is called, so that it may be forgotten at once.
    void this.#offsets.persist([held.queue]);
    this.#offsets.forget(held.queue);
  }

  #persist(): Promise<void> {
    return this.#offsets.persist(this.assignment);
  }

  #figuresOf(topic: string): ConsumeFigures {
    let figures = this.#figures.get(topic);
    if (figures === undefined) this.#figures.set(topic, (figures = new ConsumeFigures(this.core.clock)));
    return figures;
  }
}
