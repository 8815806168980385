import { RocketMQError } from '../../../../common/src/index.js';
import type { ConsumerRunningInfo } from '../../../../protocol/src/index.js';
import { topicNameProblem } from '../../../../protocol/src/message/index.js';
import type { ClientCore } from '../../client-core.js';
import type {
  Admin,
  LitePullConsumer,
  LitePullConsumerConfig,
  MessageQueue,
  MessageQueueListener,
  MessageSelector,
  ReceivedMessage,
  TopicMessageQueueChangeListener,
} from '../../contract/index.js';
import { compareQueues, describeQueue, queueKey } from '../../message-queue.js';
import type { Namespace } from '../../namespace.js';
import { Assignment } from '../assignment.js';
import type { HeldQueue } from '../held-queue.js';
import { PullMember } from '../pull-member.js';
import { readLitePullConsumerConfig, type LitePullSettings } from '../pull-settings.js';
import type { PulledMessage } from '../pulled-message.js';
import type { RegisteredConsumer } from '../registered-consumer.js';
import { ShareListeners } from '../share-listeners.js';
import { startOffsetOf } from '../start-offset.js';
import { subscribeQueues } from '../subscribe-queues.js';
import { subscriptionTo, type Subscription } from '../subscription.js';
import { AssignedQueues } from './assigned-queues.js';
import { LitePullLoop } from './lite-pull-loop.js';
import { PolledMessages } from './polled-messages.js';
import { TopicWatch } from './topic-watch.js';

/** Of a queue, as long as it is held. */
interface QueueState {
  paused: boolean;
  /** Everything below was handed out; undefined before the first message. */
  consumeOffset: number | undefined;
}

/**
 * Composed of: which queues (an Assignment when it subscribes, AssignedQueues when it is assigned), one pull loop a queue,
 * what they brought (PolledMessages), and the offset store. A commit stores what was handed out, not what was pulled.
 */
export class PollingConsumer implements LitePullConsumer, RegisteredConsumer {
  readonly consumerGroup: string;
  readonly #namespace: Namespace;
  readonly #settings: LitePullSettings;
  readonly #member: PullMember;
  readonly #shared: Assignment;
  readonly #assigned: AssignedQueues;
  readonly #polled: PolledMessages;
  readonly #listeners: ShareListeners;
  readonly #watch: TopicWatch;
  readonly #states = new Map<string, QueueState>();
  /** Of topics that are assigned. */
  readonly #expressions = new Map<string, Subscription>();
  #mode: 'subscribe' | 'assign' | undefined;
  #stopped = false;
  #nextAutoCommit = -Infinity;

  constructor(
    private readonly core: ClientCore,
    private readonly admin: Admin,
    config: LitePullConsumerConfig,
    onClosed: () => Promise<void>,
  ) {
    this.#settings = readLitePullConsumerConfig(config);
    const { consumerGroup, messageModel, consumeFromWhere, topicMetadataCheckIntervalMillis } = this.#settings;
    this.#namespace = core.settings.namespace;
    this.#member = new PullMember(core, {
      consumerGroup,
      messageModel,
      consumeFromWhere,
      options: { ...this.#settings },
      queues: () => this.#held.map(({ queue }) => queue),
      onStarted: () => this.#started(),
      onClosing: () => this.#closing(),
      onClosed: async () => {
        this.#assigned.releaseAll();
        await this.#shared.releaseAll();
        await onClosed();
      },
    });
    this.consumerGroup = this.#member.group;
    this.#polled = new PolledMessages(core.clock);
    this.#watch = new TopicWatch(core, topicMetadataCheckIntervalMillis);
    this.#listeners = new ShareListeners({
      ...core,
      allOf: (topic) =>
        (core.routes.known(topic)?.subscribeQueues ?? []).map((queue) => this.#namespace.unwrapQueue(queue)),
      ownOf: (topic) =>
        this.#held.filter(({ queue }) => queue.topic === topic).map(({ queue }) => this.#namespace.unwrapQueue(queue)),
      shown: (topic) => core.settings.namespace.unwrap(topic),
    });
    this.#assigned = this.#createAssigned();
    this.#shared = this.#createShared();
  }

  get isRunning(): boolean {
    return this.#member.isRunning;
  }

  get assignment(): readonly MessageQueue[] {
    const queues = this.#mode === 'assign' ? this.#assigned.wanted : this.#shared.queues.map(({ queue }) => queue);
    return queues.map((queue) => this.#namespace.unwrapQueue(queue));
  }

  start(): Promise<void> {
    return this.#member.start();
  }

  close(): Promise<void> {
    return this.#member.close();
  }

  subscribe(topic: string, expression?: string | MessageSelector, listener?: MessageQueueListener): void {
    const full = this.#checkedTopic('subscribe', topic);
    this.#setMode('subscribe');
    this.#member.subscriptions.set(full, subscriptionTo(full, expression, this.core.clock.now()));
    this.#listeners.set(full, listener);
    this.#subscriptionsChanged();
  }

  unsubscribe(topic: string): void {
    const full = this.#namespace.wrap(topic);
    if (!this.#member.subscriptions.delete(full)) return;
    this.#listeners.set(full, undefined);
    this.#subscriptionsChanged();
  }

  assign(queues: readonly MessageQueue[]): void {
    if (!Array.isArray(queues) || queues.length === 0) throw invalid('assign needs at least one queue');
    for (const { topic } of queues) this.#checkedTopic('assign', topic);
    this.#setMode('assign');
    this.#assigned.assign(queues.map((queue) => this.#namespace.wrapQueue(queue)));
  }

  setSubExpressionForAssign(topic: string, expression: string | MessageSelector): void {
    const full = this.#checkedTopic('setSubExpressionForAssign', topic);
    if (this.isRunning) throw invalid('setSubExpressionForAssign is for before the start');
    const isBlank = typeof expression === 'string' ? expression.trim() === '' : typeof expression !== 'object';
    if (isBlank) throw invalid('the expression must not be blank');
    this.#setMode('assign');
    this.#expressions.set(full, subscriptionTo(full, expression, 0));
  }

  async fetchMessageQueues(topic: string): Promise<MessageQueue[]> {
    this.#member.refuseUnlessStarted();
    const queues = await subscribeQueues(this.core.routes, this.#namespace.wrap(topic));
    return queues.toSorted(compareQueues).map((queue) => this.#namespace.unwrapQueue(queue));
  }

  async poll(timeout = this.#settings.pollTimeoutMillis): Promise<readonly ReceivedMessage[]> {
    this.#member.refuseUnlessStarted();
    if (!(timeout >= 0)) throw invalid(`the timeout of a poll must not be below 0, but is ${timeout}`);
    if (this.#settings.autoCommit) this.#autoCommit();
    const { clock } = this.core;
    const deadline = clock.monotonic() + timeout;
    for (;;) {
      const batch = await this.#polled.poll(deadline - clock.monotonic());
      if (batch === undefined) return [];
      // Lost between the arrival of its messages and now.
      if (!batch.held.released) return this.#handOut(batch.held, batch.count);
    }
  }

  pause(queues: readonly MessageQueue[]): void {
    for (const queue of queues) this.#setPaused(queue, true);
  }

  resume(queues: readonly MessageQueue[]): void {
    for (const queue of queues) this.#setPaused(queue, false);
  }

  async seek(queue: MessageQueue, offset: number): Promise<void> {
    this.#member.refuseUnlessStarted();
    const own = this.#requireOwn(queue);
    const [min, max] = await Promise.all([this.admin.minOffset(own), this.admin.maxOffset(own)]);
    if (!(Number.isSafeInteger(offset) && offset >= min && offset <= max)) {
      throw invalid(`Seek offset illegal, seek offset = ${offset}, min offset = ${min}, max offset = ${max}`);
    }
    this.#seekTo(own, offset);
  }

  async seekToBegin(queue: MessageQueue): Promise<void> {
    this.#member.refuseUnlessStarted();
    this.#seekTo(this.#requireOwn(queue), await this.admin.minOffset(this.#namespace.wrapQueue(queue)));
  }

  async seekToEnd(queue: MessageQueue): Promise<void> {
    this.#member.refuseUnlessStarted();
    this.#seekTo(this.#requireOwn(queue), await this.admin.maxOffset(this.#namespace.wrapQueue(queue)));
  }

  commit(): void {
    this.#member.refuseUnlessStarted();
    for (const held of this.#held) this.#commitOne(held);
  }

  async commitSync(queues?: readonly MessageQueue[]): Promise<void> {
    this.#member.refuseUnlessStarted();
    const keys = queues && new Set(queues.map((queue) => queueKey(this.#namespace.wrapQueue(queue))));
    const held = this.#held.filter(({ queue }) => keys?.has(queueKey(queue)) ?? true);
    for (const one of held) this.#commitOne(one);
    await this.#member.offsets.persist(held.map(({ queue }) => queue));
  }

  async commitOffsets(offsets: Iterable<readonly [MessageQueue, number]>, persist = true): Promise<void> {
    this.#member.refuseUnlessStarted();
    const own: MessageQueue[] = [];
    for (const [queue, offset] of offsets) {
      if (!Number.isSafeInteger(offset) || offset < 0) {
        throw invalid(`the offset of ${describeQueue(queue)} must be a whole number from 0 on, not ${offset}`);
      }
      const held = this.#heldOf(this.#namespace.wrapQueue(queue));
      if (held === undefined) continue;
      this.#member.offsets.update(held.queue, offset, false);
      own.push(held.queue);
    }
    if (persist) await this.#member.offsets.persist(own);
  }

  async committed(queue: MessageQueue): Promise<number> {
    this.#member.refuseUnlessStarted();
    const { offsets } = this.#member;
    const own = this.#namespace.wrapQueue(queue);
    return offsets.current(own) ?? (await offsets.read(own)) ?? -1;
  }

  offsetForTimestamp(queue: MessageQueue, timestamp: number): Promise<number> {
    this.#member.refuseUnlessStarted();
    return this.admin.searchOffset(queue, timestamp);
  }

  async registerTopicMessageQueueChangeListener(
    topic: string,
    listener: TopicMessageQueueChangeListener,
  ): Promise<void> {
    this.#checkedTopic('registerTopicMessageQueueChangeListener', topic);
    await this.#watch.watch(topic, listener);
  }

  subscribedTopics(): readonly string[] {
    const assigned = this.#assigned.wanted.map(({ topic }) => topic);
    return [...new Set([...this.#member.subscriptions.keys(), ...assigned])];
  }

  wake(): void {
    if (this.#mode === 'subscribe' && this.isRunning && !this.#stopped) void this.#shared.wake();
  }

  runningInfo(): ConsumerRunningInfo | undefined {
    return this.#member.runningInfo(this.#held);
  }

  get #held(): HeldQueue[] {
    return this.#mode === 'assign' ? this.#assigned.queues : this.#shared.queues;
  }

  #createShared(): Assignment {
    const { messageModel, allocateMessageQueueStrategy: strategy } = this.#settings;
    return new Assignment({
      core: this.core,
      group: this.#member.group,
      messageModel,
      strategy,
      locksQueues: false,
      subscribedTopics: () => [...this.#member.subscriptions.keys()],
      startOffsetOf: (queue) => this.#startOffsetOf(queue),
      resumeOffsetOf: (queue) => this.#startOffsetOf(queue),
      onClaimed: (held) => this.#claimed(held),
      onReleased: (held) => this.#released(held),
      onLeft: () => Promise.resolve(),
    });
  }

  #createAssigned(): AssignedQueues {
    return new AssignedQueues({
      clock: this.core.clock,
      log: this.core.log,
      group: this.#member.group,
      startOffsetOf: (queue) => this.#startOffsetOf(queue),
      onClaimed: (held) => this.#claimed(held),
      onReleased: (held) => this.#released(held),
    });
  }

  #startOffsetOf(queue: MessageQueue): Promise<number> {
    const { offsets, startedAt } = this.#member;
    return startOffsetOf(queue, { offsets, admin: this.admin, settings: this.#settings, startedAt });
  }

  async #started(): Promise<void> {
    await this.#watch.start();
    if (this.#mode === 'subscribe') await this.#shared.start();
    if (this.#mode !== 'assign') return;
    // The brokers of these topics must know the group before it asks for offsets.
    for (const topic of this.subscribedTopics()) await this.core.routes.refresh(topic);
    await this.core.membership.beat();
    await this.#assigned.start();
  }

  async #closing(): Promise<void> {
    this.#stopped = true;
    this.#watch.close();
    this.#listeners.close();
    this.#polled.close();
    for (const held of this.#held) held.stopPull();
    await Promise.all([this.#shared.stop(), this.#assigned.stop()]);
  }

  #setMode(mode: 'subscribe' | 'assign'): void {
    if (this.#mode !== undefined && this.#mode !== mode) {
      throw invalid(`Subscribe and assign are mutually exclusive: this consumer was used to ${this.#mode} before`);
    }
    const isFirst = this.#mode === undefined;
    this.#mode = mode;
    if (!isFirst || !this.isRunning) return;
    void (mode === 'assign' ? this.#assigned.start() : this.#shared.start());
  }

  #subscriptionsChanged(): void {
    if (!this.isRunning || this.#stopped) return;
    void this.core.membership.beat();
    this.wake();
  }

  #claimed(held: HeldQueue): void {
    const key = queueKey(held.queue);
    if (!this.#states.has(key)) this.#states.set(key, { paused: false, consumeOffset: undefined });
    this.#listeners.changed(held.queue.topic);
    const loop = new LitePullLoop(held, {
      core: this.core,
      settings: this.#settings,
      pullCall: this.#member.pullCall,
      subscriptionTo: (topic) => this.#subscriptionTo(topic),
      paused: ({ queue }) => this.#states.get(queueKey(queue))?.paused ?? false,
      stopped: () => this.#stopped,
      waiting: () => this.#polled.count,
      onMessages: (from, messages) => this.#arrived(from, messages),
      onNothing: (from, nextOffset) => this.#passedOver(from, nextOffset),
    });
    void loop.run();
  }

  #released(held: HeldQueue): void {
    this.#polled.drop(held);
    this.#states.delete(queueKey(held.queue));
    // The offset is read when persist is called, so that it may be forgotten at once. A close has stored it before it left
    // the group: whoever has the queue now may be further.
    if (!this.#stopped) void this.#member.offsets.persist([held.queue]);
    this.#member.offsets.forget(held.queue);
    this.#listeners.changed(held.queue.topic);
  }

  #subscriptionTo(topic: string): Subscription | undefined {
    if (this.#mode === 'subscribe') return this.#member.subscriptions.get(topic);
    return this.#expressions.get(topic) ?? subscriptionTo(topic, undefined, 0);
  }

  #arrived(held: HeldQueue, messages: readonly PulledMessage[]): void {
    const before = held.messages.waiting;
    held.messages.add(messages);
    const count = held.messages.waiting - before;
    if (count > 0) this.#polled.add({ held, count });
  }

  /** When nothing of the queue waits to be handed out, what the subscription does not want is done. */
  #passedOver({ queue, messages }: HeldQueue, nextOffset: number): void {
    const state = this.#states.get(queueKey(queue));
    if (state !== undefined && messages.count === 0) state.consumeOffset = nextOffset;
  }

  #handOut(held: HeldQueue, count: number): readonly ReceivedMessage[] {
    const { pullThresholdForAll } = this.#settings;
    const batch = held.messages.take(count);
    if (batch === undefined) return [];
    held.messages.finish(batch);
    held.lastConsumeTimestamp = this.core.clock.now();
    const state = this.#states.get(queueKey(held.queue));
    if (state !== undefined) state.consumeOffset = held.messages.commitOffset;
    const wasFull = this.#polled.count + count > pullThresholdForAll;
    for (const one of wasFull ? this.#held : [held]) one.changed();
    return batch;
  }

  #autoCommit(): void {
    const now = this.core.clock.monotonic();
    if (now < this.#nextAutoCommit) return;
    this.#nextAutoCommit = now + this.#settings.autoCommitIntervalMillis;
    this.commit();
  }

  #commitOne({ queue }: HeldQueue): void {
    const offset = this.#states.get(queueKey(queue))?.consumeOffset;
    if (offset !== undefined) this.#member.offsets.update(queue, offset, false);
  }

  #setPaused(queue: MessageQueue, paused: boolean): void {
    const own = this.#namespace.wrapQueue(queue);
    const state = this.#states.get(queueKey(own));
    if (state === undefined) return;
    state.paused = paused;
    const held = this.#heldOf(own);
    if (paused) held?.stopPull();
    else held?.changed();
  }

  #seekTo(queue: MessageQueue, offset: number): void {
    const held = this.#heldOf(queue);
    if (held !== undefined) this.#polled.drop(held);
    if (this.#mode === 'assign') this.#assigned.restart(queue, offset);
    else if (held !== undefined) void this.#shared.restart(held, offset, 0);
    const state = this.#states.get(queueKey(queue));
    if (state !== undefined) state.consumeOffset = offset;
  }

  /** The queue as it is held, which a route may have described by another object since. */
  #requireOwn(queue: MessageQueue): MessageQueue {
    const own = this.#namespace.wrapQueue(queue);
    const known = this.#mode === 'assign' ? this.#assigned.wanted : this.#held.map((held) => held.queue);
    const found = known.find((candidate) => queueKey(candidate) === queueKey(own));
    if (found !== undefined) return found;
    const why = this.#mode === 'subscribe' ? ', may be rebalancing' : '';
    throw invalid(`The message queue is not in assigned list${why}, message queue: ${describeQueue(queue)}`);
  }

  #heldOf(queue: MessageQueue): HeldQueue | undefined {
    return this.#held.find((held) => queueKey(held.queue) === queueKey(queue));
  }

  #checkedTopic(what: string, topic: unknown): string {
    const problem = typeof topic === 'string' ? topicNameProblem(topic) : 'must be a text';
    if (problem !== undefined) throw invalid(`${what}: topic ${JSON.stringify(topic)}: ${problem}`);
    return this.#namespace.wrap(topic as string);
  }
}

function invalid(message: string): RocketMQError {
  return new RocketMQError('ARGUMENT_INVALID', message);
}
