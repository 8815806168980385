import { RocketMQError, createLifecycle, type Lifecycle, type Timer } from '../../../common/src/index.js';
import type { ConsumerData, ConsumerRunningInfo } from '../../../protocol/src/index.js';
import { allTags } from '../../../protocol/src/message/index.js';
import type { ClientCore } from '../client-core.js';
import type { MessageQueue, PullConsumer, PullConsumerConfig, PullOptions, PullResult } from '../contract/index.js';
import { compareQueues, queueKey } from '../message-queue.js';
import { LocalOffsetStore } from './local-offset-store.js';
import type { OffsetStore } from './offset-store.js';
import { PullCall } from './pull-call.js';
import { readPullConsumerConfig } from './push-settings.js';
import type { RegisteredConsumer } from './registered-consumer.js';
import { RemoteOffsetStore } from './remote-offset-store.js';
import { runningInfoOf } from './running-info.js';
import { subscriptionTo, type Subscription } from './subscription.js';

/** Beyond the time a broker may park a pull. */
const answerMargin = 10_000;

/** Pulls what its user asks for, when asked. Its group is known to the brokers; queues are not assigned. */
export class QueuePullConsumer implements PullConsumer, RegisteredConsumer {
  readonly consumerGroup: string;
  readonly #settings: Required<PullConsumerConfig>;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #touched = new Map<string, MessageQueue>();
  readonly #offsets: OffsetStore;
  readonly #pullCall: PullCall;
  readonly #lifecycle: Lifecycle;
  readonly #startedAt: number;
  #state: 'created' | 'started' | 'closed' = 'created';
  #persisting: Timer | undefined;

  constructor(
    private readonly core: ClientCore,
    config: PullConsumerConfig,
    onClosed: () => Promise<void>,
  ) {
    this.#settings = readPullConsumerConfig(config);
    this.consumerGroup = this.#settings.consumerGroup;
    this.#startedAt = core.clock.now();
    this.#pullCall = new PullCall(core, this.consumerGroup);
    const { localOffsetStoreDir: dir, stableId: clientId } = core.settings;
    this.#offsets =
      this.#settings.messageModel === 'CLUSTERING'
        ? new RemoteOffsetStore(core, this.consumerGroup, true)
        : new LocalOffsetStore({ dir, clientId, group: this.consumerGroup }, core);
    this.#lifecycle = createLifecycle({
      start: () => this.#start(),
      close: () => this.#close().finally(onClosed),
    });
  }

  start(): Promise<void> {
    return this.#lifecycle.start();
  }

  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  async fetchSubscribeMessageQueues(topic: string): Promise<MessageQueue[]> {
    this.#refuseUnlessStarted();
    const known = await this.core.routes.refresh(topic);
    if (known !== undefined && known.subscribeQueues.length > 0) {
      await this.#subscribe(topic);
      return known.subscribeQueues.toSorted(compareQueues);
    }
    const why = known === undefined ? 'it does not exist' : 'none of its queues can be read';
    throw new RocketMQError('TOPIC_NOT_FOUND', `Can not find Message Queue for this topic, ${topic}: ${why}`);
  }

  async pull(queue: MessageQueue, offset: number, options: PullOptions = {}): Promise<PullResult> {
    this.#refuseUnlessStarted();
    const { expression = allTags, maxNums = 32, suspendTimeout = 0, timeout } = options;
    checkWhole('offset', offset, 0, Number.MAX_SAFE_INTEGER);
    checkWhole('maxNums', maxNums, 1, 2 ** 31 - 1);
    checkWhole('suspendTimeout', suspendTimeout, 0, 2 ** 31 - 1);
    await this.#subscribe(queue.topic);
    return this.#pullCall.pull({
      queue,
      offset,
      maxNums,
      // The expression travels with the request and has no version to be compared.
      subscription: { ...subscriptionTo(queue.topic, expression, 0), subVersion: 0 },
      withSubscription: true,
      commitOffset: 0,
      suspendTimeout,
      timeout: timeout ?? (suspendTimeout > 0 ? suspendTimeout + answerMargin : answerMargin),
    });
  }

  async fetchConsumeOffset(queue: MessageQueue, fromStore = false): Promise<number> {
    this.#refuseUnlessStarted();
    const current = fromStore ? undefined : this.#offsets.current(queue);
    return current ?? (await this.#offsets.read(queue)) ?? -1;
  }

  updateConsumeOffset(queue: MessageQueue, offset: number): void {
    this.#refuseUnlessStarted();
    checkWhole('offset', offset, 0, Number.MAX_SAFE_INTEGER);
    this.#touched.set(queueKey(queue), queue);
    this.#offsets.update(queue, offset, false);
  }

  persistConsumeOffset(): Promise<void> {
    return this.#offsets.persist([...this.#touched.values()]);
  }

  subscribedTopics(): readonly string[] {
    return [...this.#subscriptions.keys()];
  }

  wake(): void {}

  runningInfo(): ConsumerRunningInfo | undefined {
    if (this.#state !== 'started') return undefined;
    return runningInfoOf({
      core: this.core,
      consumeType: 'CONSUME_ACTIVELY',
      startedAt: this.#startedAt,
      concurrency: 0,
      options: { ...this.#settings },
      subscriptions: [...this.#subscriptions.values()],
      held: [],
      offsets: this.#offsets,
      statusTable: new Map(),
    });
  }

  async #start(): Promise<void> {
    await this.core.start();
    await this.#offsets.load();
    this.#state = 'started';
    this.core.membership.addConsumer(this.consumerGroup, () => this.#describe());
    await this.core.membership.beat();
    const { clock, settings } = this.core;
    this.#persisting = clock.every(settings.persistConsumerOffsetInterval, () => void this.persistConsumeOffset());
  }

  async #close(): Promise<void> {
    if (this.#state !== 'started') return;
    this.#state = 'closed';
    this.#persisting?.cancel();
    await this.persistConsumeOffset();
    await this.core.membership.removeConsumer(this.consumerGroup);
  }

  #refuseUnlessStarted(): void {
    if (this.#state === 'started') return;
    const why = this.#state === 'closed' ? 'is closed' : 'is not started: call start() first';
    throw new RocketMQError('CLOSED', `The consumer of group ${this.consumerGroup} ${why}`);
  }

  /** Brokers learn of the topic before its first pull: some refuse offsets of groups they have not heard of. */
  async #subscribe(topic: string): Promise<void> {
    if (this.#subscriptions.has(topic)) return;
    this.#subscriptions.set(topic, subscriptionTo(topic, allTags, this.core.clock.now()));
    if (this.core.routes.known(topic) === undefined) await this.core.routes.refresh(topic);
    await this.core.membership.beat();
  }

  #describe(): ConsumerData {
    return {
      groupName: this.consumerGroup,
      consumeType: 'CONSUME_ACTIVELY',
      messageModel: this.#settings.messageModel,
      consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
      subscriptionDataSet: [...this.#subscriptions.values()],
      unitMode: false,
    };
  }
}

function checkWhole(name: string, value: number, min: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  throw new RocketMQError('ARGUMENT_INVALID', `${name} must be a whole number from ${min} to ${max}, not ${value}`);
}
