import { RocketMQError, createLifecycle, type Lifecycle, type Timer } from '../../../common/src/index.js';
import type { ConsumerData, ConsumerRunningInfo } from '../../../protocol/src/index.js';
import type { ClientCore } from '../client-core.js';
import type { ConsumeFromWhere, MessageModel, MessageQueue } from '../contract/index.js';
import { checkExpressions } from './expression-check.js';
import type { HeldQueue } from './held-queue.js';
import { LocalOffsetStore } from './local-offset-store.js';
import type { OffsetStore } from './offset-store.js';
import { PullCall } from './pull-call.js';
import { RemoteOffsetStore } from './remote-offset-store.js';
import { runningInfoOf } from './running-info.js';
import type { Subscription } from './subscription.js';

interface Parts {
  readonly consumerGroup: string;
  readonly messageModel: MessageModel;
  readonly consumeFromWhere: ConsumeFromWhere;
  /** What operators are shown. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Whose offsets are stored in each round. */
  readonly queues: () => readonly MessageQueue[];
  /** After the brokers know the group, and before they forget it. */
  readonly onStarted: () => Promise<void>;
  readonly onClosing: () => Promise<void>;
  readonly onClosed: () => Promise<void>;
}

/**
 * What the consumers that pull by themselves have in common: they are members of a group, keep its offsets and store them
 * every few seconds. Names here are as brokers know them.
 */
export class PullMember implements Lifecycle {
  readonly group: string;
  readonly offsets: OffsetStore;
  readonly pullCall: PullCall;
  readonly subscriptions = new Map<string, Subscription>();
  readonly startedAt: number;
  readonly #lifecycle: Lifecycle;
  #state: 'created' | 'started' | 'closed' = 'created';
  #persisting: Timer | undefined;

  constructor(
    private readonly core: ClientCore,
    private readonly parts: Parts,
  ) {
    this.group = core.settings.namespace.wrap(parts.consumerGroup);
    this.startedAt = core.clock.now();
    this.pullCall = new PullCall(core, this.group);
    const { localOffsetStoreDir: dir, stableId: clientId } = core.settings;
    this.offsets =
      parts.messageModel === 'CLUSTERING'
        ? new RemoteOffsetStore(core, this.group, true)
        : new LocalOffsetStore({ dir, clientId, group: this.group }, core);
    this.#lifecycle = createLifecycle({
      start: () => this.#start(),
      close: () => this.#close().finally(parts.onClosed),
    });
  }

  get isRunning(): boolean {
    return this.#state === 'started';
  }

  start(): Promise<void> {
    return this.#lifecycle.start();
  }

  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  /** @throws RocketMQError CLOSED. */
  refuseUnlessStarted(): void {
    if (this.#state === 'started') return;
    const why = this.#state === 'closed' ? 'is closed' : 'is not started: call start() first';
    throw new RocketMQError('CLOSED', `The consumer of group ${this.group} ${why}`);
  }

  persist(): Promise<void> {
    return this.offsets.persist(this.parts.queues());
  }

  runningInfo(held: readonly HeldQueue[]): ConsumerRunningInfo | undefined {
    if (!this.isRunning) return undefined;
    return runningInfoOf({
      core: this.core,
      consumeType: 'CONSUME_ACTIVELY',
      startedAt: this.startedAt,
      concurrency: 0,
      options: this.parts.options,
      subscriptions: [...this.subscriptions.values()],
      held,
      offsets: this.offsets,
      statusTable: new Map(),
    });
  }

  async #start(): Promise<void> {
    await this.core.start();
    await checkExpressions(this.core, this.group, this.subscriptions.values());
    await this.offsets.load();
    this.#state = 'started';
    this.core.membership.addConsumer(this.group, () => this.#describe());
    await this.core.membership.beat();
    const { clock, settings } = this.core;
    this.#persisting = clock.every(settings.persistConsumerOffsetInterval, () => void this.persist());
    await this.parts.onStarted();
  }

  async #close(): Promise<void> {
    if (this.#state !== 'started') return;
    await this.parts.onClosing();
    this.#state = 'closed';
    this.#persisting?.cancel();
    await this.persist();
    await this.core.membership.removeConsumer(this.group);
  }

  #describe(): ConsumerData {
    return {
      groupName: this.group,
      consumeType: 'CONSUME_ACTIVELY',
      messageModel: this.parts.messageModel,
      consumeFromWhere: this.parts.consumeFromWhere,
      subscriptionDataSet: [...this.subscriptions.values()],
      unitMode: this.core.settings.unitMode,
    };
  }
}
