import { AsyncResource } from 'node:async_hooks';
import {
  RocketMQError,
  createLifecycle,
  messageOf,
  pause,
  type Lifecycle,
  type Timer,
} from '../../../common/src/index.js';
import type { ConsumeDirectly, ConsumerData, ConsumerRunningInfo } from '../../../protocol/src/index.js';
import {
  decodeMessage,
  retryTopicOf,
  topicNameProblem,
  type MessageRecord,
} from '../../../protocol/src/message/index.js';
import type { ClientCore } from '../client-core.js';
import type { Admin, MessageQueue, PushConsumer, PushConsumerConfig, SubscribeExpression } from '../contract/index.js';
import { describeQueue, queueKey } from '../message-queue.js';
import { ThrottledLog } from '../throttled-log.js';
import { consumeTrace } from '../trace/consume-trace.js';
import type { TraceDispatcher } from '../trace/trace-dispatcher.js';
import { Assignment } from './assignment.js';
import { ConsumeFigures } from './consume-figures.js';
import { ConsumeHooks, type Outcome } from './consume-hooks.js';
import { consumeDirectly } from './direct-handling.js';
import { Dispatcher } from './dispatcher.js';
import { checkExpressions } from './expression-check.js';
import { drop, giveBack, waitAndRepeat, type FailureRule } from './failure-rule.js';
import type { HandlerCall } from './handler-call.js';
import type { HeldQueue } from './held-queue.js';
import { LocalOffsetStore } from './local-offset-store.js';
import type { OffsetStore } from './offset-store.js';
import { PullCall } from './pull-call.js';
import { PullLoop, type Thresholds } from './pull-loop.js';
import { PulledMessage, originOf } from './pulled-message.js';
import { readConcurrency, readPushConsumerConfig, type PushSettings } from './push-settings.js';
import { isLocked } from './queue-locks.js';
import { progressOf } from './queue-progress.js';
import type { QueueOffset, RegisteredConsumer } from './registered-consumer.js';
import { RemoteOffsetStore } from './remote-offset-store.js';
import { runningInfoOf } from './running-info.js';
import { SendBack } from './send-back.js';
import { startOffsetOf } from './start-offset.js';
import { checkSubscription } from './subscription-check.js';
import { subscriptionTo, type Subscription } from './subscription.js';

/** How long a queue that starts over at the wish of an operator waits for its handlers, as in Java. */
const resetPatience = 10_000;
/** How long a handler may take with a message that an operator hands it; brokers wait no longer. */
const directTimeout = 10_000;
const minute = 60_000;
/** What -1 means as maxReconsumeTimes. */
const defaultReconsumeTimes = 16;
const withoutEnd = 2 ** 31 - 1;

/**
 * A member of a group that has messages brought to its handler. Composed of: the assignment (which queues), one pull
 * loop per queue, the dispatcher (which handler when), a failure rule (what if not) and the offset store (how far).
 */
export class GroupPushConsumer implements PushConsumer, RegisteredConsumer {
  readonly consumerGroup: string;
  readonly #settings: PushSettings;
  readonly #origin = new AsyncResource('RocketMQPushConsumer');
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #figures = new Map<string, ConsumeFigures>();
  readonly #offsets: OffsetStore;
  readonly #assignment: Assignment;
  readonly #dispatcher: Dispatcher;
  readonly #trace: TraceDispatcher | undefined;
  readonly #pullCall: PullCall;
  readonly #lifecycle: Lifecycle;
  readonly #startedAt: number;
  readonly #failureLog: ThrottledLog;
  readonly #orderly: boolean;
  /** Orderly members of a clustering group lock their queues. */
  readonly #locksQueues: boolean;
  #directCalls = 0;
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
    this.consumerGroup = core.settings.namespace.wrap(this.#settings.consumerGroup);
    this.#orderly = this.#settings.consumeMode === 'ORDERLY';
    this.#locksQueues = this.#orderly && this.#settings.messageModel === 'CLUSTERING';
    this.#startedAt = core.clock.now();
    this.#failureLog = new ThrottledLog(core.clock, core.log);
    this.#offsets = this.#createOffsetStore();
    this.#pullCall = new PullCall(core, this.consumerGroup);
    this.#trace = this.#createTrace();
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
    return this.#assignment.queues.map((held) => held.shown);
  }

  get progress() {
    return this.#assignment.queues.map((held) => progressOf(held, this.#offsets));
  }

  get lastConsumed(): number | undefined {
    return this.#dispatcher.lastConsumed;
  }

  get problem(): RocketMQError | undefined {
    return this.#dispatcher.problem;
  }

  start(): Promise<void> {
    return this.#lifecycle.start();
  }

  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  subscribe(topic: string, expression?: SubscribeExpression): void {
    const problem = typeof topic === 'string' ? topicNameProblem(topic) : 'must be a text';
    if (problem !== undefined) {
      throw new RocketMQError('ARGUMENT_INVALID', `subscribe: topic ${JSON.stringify(topic)}: ${problem}`);
    }
    this.#subscribe(this.core.settings.namespace.wrap(topic), expression);
    this.#subscriptionsChanged();
  }

  unsubscribe(topic: string): void {
    const full = this.core.settings.namespace.wrap(topic);
    if (this.#subscriptions.delete(full)) this.#subscriptionsChanged();
    this.#figures.delete(full);
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

  updateConcurrency(concurrency: number): void {
    this.#dispatcher.concurrency = readConcurrency(concurrency);
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

  runningInfo(withHandlers: boolean): ConsumerRunningInfo | undefined {
    if (!this.#running) return undefined;
    const statusTable = new Map(
      this.subscribedTopics().map((topic) => [topic, this.#figuresOf(topic).figures()] as const),
    );
    const { hooks: _hooks, ...options } = this.#settings;
    return runningInfoOf({
      core: this.core,
      consumeType: 'CONSUME_PASSIVELY',
      startedAt: this.#startedAt,
      concurrency: this.#dispatcher.concurrency,
      options: { ...options, concurrency: this.#dispatcher.concurrency },
      subscriptions: [...this.#subscriptions.values()],
      held: this.#assignment.queues,
      offsets: this.#offsets,
      statusTable,
      orderly: this.#orderly,
      problem: this.#dispatcher.problem?.message,
      handlers: withHandlers ? this.#dispatcher.describe() : undefined,
    });
  }

  resetOffsets(topic: string, offsets: readonly QueueOffset[]): void {
    if (!this.#running || this.#stopped) return;
    const wanted = new Map(offsets.map(([queue, offset]) => [queueKey(queue), offset]));
    for (const held of this.#assignment.queues) {
      const offset = wanted.get(queueKey(held.queue));
      if (held.queue.topic !== topic || offset === undefined || offset < 0) continue;
      this.core.log.info('offset reset by an operator', {
        group: this.consumerGroup,
        queue: describeQueue(held.queue),
        from: this.#offsets.current(held.queue),
        to: offset,
      });
      this.#startOver(held, offset, resetPatience);
    }
  }

  offsetsOf(topic: string): QueueOffset[] {
    return this.#assignment.queues
      .filter((held) => held.queue.topic === topic)
      .map(({ queue }) => [queue, this.#offsets.current(queue) ?? -1]);
  }

  async consumeDirectly(record: Buffer, brokerName: string): Promise<ConsumeDirectly> {
    if (this.#directCalls >= this.#dispatcher.concurrency) {
      throw new RocketMQError(
        'TOO_MANY_REQUESTS',
        `${this.#directCalls} messages are being handed to consumer group ${this.consumerGroup} directly; try again later`,
      );
    }
    this.#directCalls++;
    try {
      return await this.#handDirectly(decodeMessage(record), brokerName);
    } finally {
      this.#directCalls--;
    }
  }

  async #handDirectly(found: MessageRecord, brokerName: string): Promise<ConsumeDirectly> {
    await this.core.codecs.loadFor([found]);
    const message = new PulledMessage(found, originOf(this.core, brokerName, retryTopicOf(this.consumerGroup)));
    const { handler } = this.#settings;
    const parts = { clock: this.core.clock, handler, orderly: this.#orderly, timeout: directTimeout };
    return consumeDirectly(message, parts);
  }

  #createOffsetStore(): OffsetStore {
    // Whoever gets a locked queue next must find the offset that we have told the broker.
    if (this.#settings.messageModel === 'CLUSTERING')
      return new RemoteOffsetStore(this.core, this.consumerGroup, this.#locksQueues);
    const { localOffsetStoreDir: dir, stableId: clientId } = this.core.settings;
    return new LocalOffsetStore({ dir, clientId, group: this.consumerGroup }, this.core);
  }

  #createDispatcher(): Dispatcher {
    const { handler, concurrency, consumeMessageBatchMaxSize: batchSize, consumeTimeout } = this.#settings;
    return new Dispatcher({
      clock: this.core.clock,
      handler,
      concurrency,
      concurrencyPerQueue: this.#orderly ? 1 : this.#settings.concurrencyPerQueue,
      batchSize,
      orderly: this.#orderly,
      consumeTimeout: consumeTimeout * minute,
      mayRun: (held, now) => !this.#locksQueues || isLocked(held, now),
      onFailure: this.#createFailureRule(),
      hooks: this.#createHooks(),
      onHandled: (call, consumed, duration, failure) => this.#handled(call, consumed, duration, failure),
      onDone: (held) => this.#done(held),
      onProblem: (problem, call) => this.core.log.error(problem, this.#placeOf(call)),
    });
  }

  #createTrace(): TraceDispatcher | undefined {
    const { enableMsgTrace, customizedTraceTopic: topic } = this.#settings;
    return enableMsgTrace ? this.core.createTrace({ group: this.consumerGroup, type: 'CONSUME', topic }) : undefined;
  }

  #createHooks(): ConsumeHooks | undefined {
    const hooks = [...this.#settings.hooks];
    const dispatcher = this.#trace;
    if (dispatcher !== undefined) hooks.push(consumeTrace({ dispatcher, core: this.core }));
    return hooks.length === 0 ? undefined : new ConsumeHooks(this.core, this.consumerGroup, hooks);
  }

  #createFailureRule(): FailureRule {
    const { maxReconsumeTimes, messageModel, suspendCurrentQueueTimeMillis } = this.#settings;
    const most = maxReconsumeTimes >= 0 ? maxReconsumeTimes : this.#orderly ? withoutEnd : defaultReconsumeTimes;
    const sendBack = new SendBack(this.core, this.consumerGroup, most);
    if (this.#orderly) return waitAndRepeat(sendBack, { maxReconsumeTimes: most, suspendCurrentQueueTimeMillis });
    return messageModel === 'CLUSTERING' ? giveBack(sendBack) : drop;
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
      strategy: this.#settings.allocateMessageQueueStrategy,
      subscribedTopics: () => this.subscribedTopics(),
      locksQueues: this.#locksQueues,
      startOffsetOf: (queue) => startOffsetOf(queue, begin),
      resumeOffsetOf: async (queue) => {
        const here = this.#offsets.current(queue) ?? 0;
        const offset = Math.max(here, await startOffsetOf(queue, begin));
        this.#offsets.update(queue, offset, false);
        return offset;
      },
      onClaimed: (held) => this.#claimed(held),
      onReleased: (held) => this.#dispatcher.interrupt(new Error('the queue is not held any more'), held),
      onLeft: (held) => this.#left(held),
    });
  }

  async #start(): Promise<void> {
    await this.core.start();
    await this.#trace?.start();
    await this.#offsets.load();
    await checkExpressions(this.core, this.consumerGroup, this.#subscriptions.values());
    await checkSubscription(this.core, this.#describe(), this.#settings.checkSubscription);
    this.#running = true;
    this.#dispatcher.start();
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
    this.#dispatcher.close();
    await this.#assignment.releaseAll();
    await this.#trace?.close();
    await this.core.membership.removeConsumer(this.consumerGroup);
    this.#running = false;
  }

  async #drain(): Promise<void> {
    this.#stopped = true;
    this.#dispatcher.stop();
    this.#dispatcher.interrupt(new Error('the consumer is closing'));
    for (const held of this.#assignment.queues) held.stopPull();
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

  #subscribe(topic: string, expression: SubscribeExpression | undefined): void {
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
      paused: (from) => this.#suspended || (this.#locksQueues && !isLocked(from, this.core.clock.monotonic())),
      thresholds: () => this.#thresholds(),
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
    this.#startOver(held, nextOffset, 0);
  }

  #startOver(held: HeldQueue, offset: number, patience: number): void {
    this.#offsets.update(held.queue, offset, false);
    void this.#offsets.persist([held.queue]);
    void this.#assignment.restart(held, offset, patience);
  }

  #thresholds(): Thresholds {
    const { pullThresholdForTopic, pullThresholdSizeForTopic, ...own } = this.#settings;
    const share = (ofTopic: number, ofQueue: number): number =>
      ofTopic < 0 ? ofQueue : Math.max(1, Math.floor(ofTopic / Math.max(1, this.#assignment.size)));
    return {
      pullThresholdForQueue: share(pullThresholdForTopic, own.pullThresholdForQueue),
      pullThresholdSizeForQueue: share(pullThresholdSizeForTopic, own.pullThresholdSizeForQueue),
    };
  }

  #handled(call: HandlerCall, consumed: number, duration: number, failure: Outcome): void {
    const failed = call.messages.length - consumed;
    this.#figuresOf(call.held.queue.topic).handled(consumed, failed, duration);
    if (failed > 0 && !call.held.disowned) this.#logFailure(call, failed, failure);
  }

  #done({ queue, messages }: HeldQueue): void {
    const offset = messages.commitOffset;
    if (offset !== undefined) this.#offsets.update(queue, offset, true);
  }

  #logFailure(call: HandlerCall, failed: number, failure: Outcome): void {
    const fate = this.#orderly
      ? 'they are tried again'
      : this.#settings.messageModel === 'CLUSTERING'
        ? 'they go back to the broker'
        : 'they are dropped, as nothing that is broadcast comes again';
    this.#failureLog.warn(`messages not consumed; ${fate}`, () => ({
      ...this.#placeOf(call),
      failed,
      reconsumeTimes: call.messages[0]?.reconsumeTimes,
      error:
        failure === undefined ? `the handler acknowledged ${call.messages.length - failed}` : messageOf(failure.error),
    }));
  }

  #placeOf({ held, messages }: HandlerCall) {
    const [first] = messages;
    return {
      group: this.consumerGroup,
      queue: describeQueue(held.queue),
      offset: first?.queueOffset,
      messages: messages.length,
      msgId: first?.msgId,
    };
  }

  #claimed(held: HeldQueue): void {
    held.shown = this.core.settings.namespace.unwrapQueue(held.queue);
    // Whoever opened the connection on which a broker told of it must not lend handlers its AsyncLocalStorage.
    this.#origin.runInAsyncScope(() => void this.#pullLoop(held).run());
  }

  async #left(held: HeldQueue): Promise<void> {
    // The offset is read when persist is called, so that it may be forgotten at once.
    const stored = held.disowned ? undefined : this.#offsets.persist([held.queue]);
    this.#offsets.forget(held.queue);
    await stored;
  }

  #persist(): Promise<void> {
    return this.#offsets.persist(this.#assignment.queues.map((held) => held.queue));
  }

  #figuresOf(topic: string): ConsumeFigures {
    let figures = this.#figures.get(topic);
    if (figures === undefined) this.#figures.set(topic, (figures = new ConsumeFigures(this.core.clock)));
    return figures;
  }
}
