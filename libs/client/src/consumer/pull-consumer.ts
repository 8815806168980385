import { RocketMQError } from '../../../common/src/index.js';
import { consumerSendMsgBack, type ConsumerRunningInfo } from '../../../protocol/src/index.js';
import { allTags, parseOffsetMessageId, topicNameProblem } from '../../../protocol/src/message/index.js';
import { vipAddress, type ClientCore } from '../client-core.js';
import type {
  MessageQueue,
  MessageQueueListener,
  PullConsumer,
  PullConsumerConfig,
  PullOptions,
  PullResult,
  ReceivedMessage,
} from '../contract/index.js';
import { compareQueues, queueKey } from '../message-queue.js';
import type { Namespace } from '../namespace.js';
import { Assignment } from './assignment.js';
import { PullMember } from './pull-member.js';
import { readPullConsumerConfig, type PullSettings } from './pull-settings.js';
import type { RegisteredConsumer } from './registered-consumer.js';
import { ShareListeners } from './share-listeners.js';
import { subscribeQueues } from './subscribe-queues.js';
import { subscriptionTo } from './subscription.js';

/** Beyond the time a broker may park a pull. */
const answerMargin = 10_000;
const sendBackTimeout = 3_000;

/**
 * Pulls what its user asks for, when asked. Its group is known to the brokers; of registered topics, it is also told which
 * queues are its own, and left to make what it likes of that.
 */
export class QueuePullConsumer implements PullConsumer, RegisteredConsumer {
  readonly consumerGroup: string;
  readonly #namespace: Namespace;
  readonly #settings: PullSettings;
  readonly #member: PullMember;
  readonly #assignment: Assignment;
  readonly #listeners: ShareListeners;
  /** Topics that are shared out. */
  readonly #registered = new Set<string>();
  /** Queues whose offsets were updated here. */
  readonly #touched = new Map<string, MessageQueue>();
  #sharing: Promise<void> | undefined;

  constructor(
    private readonly core: ClientCore,
    config: PullConsumerConfig,
    onClosed: () => Promise<void>,
  ) {
    this.#settings = readPullConsumerConfig(config);
    const { consumerGroup, messageModel } = this.#settings;
    this.#namespace = core.settings.namespace;
    this.#member = new PullMember(core, {
      consumerGroup,
      messageModel,
      consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
      options: { ...this.#settings },
      queues: () => [...this.#touched.values()],
      onStarted: () => this.#startSharing(),
      onClosing: () => this.#stopSharing(),
      onClosed,
    });
    this.consumerGroup = this.#member.group;
    this.#listeners = new ShareListeners({
      ...core,
      allOf: (topic) =>
        (core.routes.known(topic)?.subscribeQueues ?? []).map((queue) => this.#namespace.unwrapQueue(queue)),
      ownOf: (topic) => this.#ownQueues(topic),
      shown: (topic) => core.settings.namespace.unwrap(topic),
    });
    this.#assignment = this.#createAssignment();
    for (const topic of this.#settings.registerTopics) this.#register(topic);
  }

  start(): Promise<void> {
    return this.#member.start();
  }

  close(): Promise<void> {
    return this.#member.close();
  }

  async fetchSubscribeMessageQueues(topic: string): Promise<MessageQueue[]> {
    this.#member.refuseUnlessStarted();
    const full = this.#namespace.wrap(topic);
    const queues = await subscribeQueues(this.core.routes, full);
    await this.#subscribe(full);
    return queues.toSorted(compareQueues).map((queue) => this.#namespace.unwrapQueue(queue));
  }

  fetchMessageQueuesInBalance(topic: string): MessageQueue[] {
    this.#member.refuseUnlessStarted();
    return this.#ownQueues(this.#namespace.wrap(topic));
  }

  registerMessageQueueListener(topic: string, listener: MessageQueueListener): void {
    const problem = typeof topic === 'string' ? topicNameProblem(topic) : 'must be a text';
    if (problem !== undefined)
      throw invalid(`registerMessageQueueListener: topic ${JSON.stringify(topic)}: ${problem}`);
    this.#listeners.set(this.#namespace.wrap(topic), listener);
    this.#register(topic);
    if (!this.#member.isRunning) return;
    void this.#startSharing();
    this.wake();
  }

  async pull(queue: MessageQueue, offset: number, options: PullOptions = {}): Promise<PullResult> {
    this.#member.refuseUnlessStarted();
    const { expression = allTags, maxNums = 32, suspendTimeout = 0, timeout } = options;
    checkWhole('offset', offset, 0, Number.MAX_SAFE_INTEGER);
    checkWhole('maxNums', maxNums, 1, 2 ** 31 - 1);
    checkWhole('suspendTimeout', suspendTimeout, 0, 2 ** 31 - 1);
    const own = this.#namespace.wrapQueue(queue);
    await this.#subscribe(own.topic);
    const { consumerPullTimeoutMillis } = this.#settings;
    return this.#member.pullCall.pull({
      queue: own,
      offset,
      maxNums,
      // The expression travels with the request and has no version to be compared.
      subscription: { ...subscriptionTo(own.topic, expression, 0), subVersion: 0 },
      withSubscription: true,
      commitOffset: 0,
      suspendTimeout,
      timeout: timeout ?? (suspendTimeout > 0 ? suspendTimeout + answerMargin : consumerPullTimeoutMillis),
    });
  }

  pullBlockIfNotFound(queue: MessageQueue, offset: number, options: PullOptions = {}): Promise<PullResult> {
    const { brokerSuspendMaxTimeMillis: suspendTimeout, consumerTimeoutMillisWhenSuspend: timeout } = this.#settings;
    return this.pull(queue, offset, { suspendTimeout, timeout, ...options });
  }

  async fetchConsumeOffset(queue: MessageQueue, fromStore = false): Promise<number> {
    this.#member.refuseUnlessStarted();
    const { offsets } = this.#member;
    const own = this.#namespace.wrapQueue(queue);
    const current = fromStore ? undefined : offsets.current(own);
    return current ?? (await offsets.read(own)) ?? -1;
  }

  updateConsumeOffset(queue: MessageQueue, offset: number): void {
    this.#member.refuseUnlessStarted();
    checkWhole('offset', offset, 0, Number.MAX_SAFE_INTEGER);
    const own = this.#namespace.wrapQueue(queue);
    this.#touched.set(queueKey(own), own);
    this.#member.offsets.update(own, offset, false);
  }

  persistConsumeOffset(): Promise<void> {
    return this.#member.persist();
  }

  async sendMessageBack(message: ReceivedMessage, delayLevel: number): Promise<void> {
    this.#member.refuseUnlessStarted();
    checkWhole('delayLevel', delayLevel, -1, 2 ** 31 - 1);
    const { maxReconsumeTimes } = this.#settings;
    const header = {
      offset: parseOffsetMessageId(message.offsetMsgId).offset,
      group: this.consumerGroup,
      delayLevel,
      originMsgId: message.msgId,
      originTopic: this.#namespace.wrap(message.topic),
      unitMode: this.core.settings.unitMode,
      maxReconsumeTimes: maxReconsumeTimes === -1 ? 16 : maxReconsumeTimes,
      bname: message.brokerName,
    };
    const address = this.core.routes.masterOf(message.brokerName) ?? message.storeHost;
    const dialled = vipAddress(address, this.core.settings.vipChannelEnabled);
    await this.core.remoting.call(dialled, consumerSendMsgBack, header, { timeout: sendBackTimeout });
  }

  subscribedTopics(): readonly string[] {
    return [...this.#member.subscriptions.keys()];
  }

  wake(): void {
    if (this.#sharing !== undefined && this.#member.isRunning) void this.#assignment.wake();
  }

  runningInfo(): ConsumerRunningInfo | undefined {
    return this.#member.runningInfo(this.#assignment.queues);
  }

  #createAssignment(): Assignment {
    const { messageModel, allocateMessageQueueStrategy: strategy } = this.#settings;
    return new Assignment({
      core: this.core,
      group: this.#member.group,
      messageModel,
      strategy,
      locksQueues: false,
      subscribedTopics: () => [...this.#registered],
      // Where to begin is for the user to ask.
      startOffsetOf: () => Promise.resolve(0),
      resumeOffsetOf: () => Promise.resolve(0),
      onClaimed: ({ queue }) => this.#listeners.changed(queue.topic),
      onReleased: ({ queue }) => this.#listeners.changed(queue.topic),
      onLeft: () => Promise.resolve(),
    });
  }

  /** Nothing is shared out, and nobody asked for the members, before there is a registered topic. */
  #startSharing(): Promise<void> {
    if (this.#registered.size === 0) return Promise.resolve();
    this.#sharing ??= this.core.membership.beat().then(() => this.#assignment.start());
    return this.#sharing;
  }

  async #stopSharing(): Promise<void> {
    await this.#assignment.stop();
    await this.#assignment.releaseAll();
    this.#listeners.close();
  }

  #register(topic: string): void {
    const full = this.#namespace.wrap(topic);
    this.#registered.add(full);
    this.#addSubscription(full);
  }

  #ownQueues(topic: string): MessageQueue[] {
    const own = this.#assignment.queues.filter(({ queue }) => queue.topic === topic);
    return own.map(({ queue }) => this.#namespace.unwrapQueue(queue));
  }

  #addSubscription(topic: string): void {
    this.#member.subscriptions.set(topic, subscriptionTo(topic, allTags, this.core.clock.now()));
  }

  /** Brokers learn of the topic before its first pull: some refuse offsets of groups they have not heard of. */
  async #subscribe(topic: string): Promise<void> {
    if (this.#member.subscriptions.has(topic)) return;
    this.#addSubscription(topic);
    await this.core.routes.find(topic);
    await this.core.membership.beat();
  }
}

function checkWhole(name: string, value: number, min: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  throw invalid(`${name} must be a whole number from ${min} to ${max}, not ${value}`);
}

function invalid(message: string): RocketMQError {
  return new RocketMQError('ARGUMENT_INVALID', message);
}
