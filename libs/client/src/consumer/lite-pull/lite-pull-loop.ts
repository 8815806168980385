import { codeOf, messageOf, pause } from '../../../../common/src/index.js';
import type { ClientCore } from '../../client-core.js';
import { describeQueue } from '../../message-queue.js';
import type { HeldQueue } from '../held-queue.js';
import type { PullCall } from '../pull-call.js';
import type { LitePullSettings } from '../pull-settings.js';
import type { PulledMessage } from '../pulled-message.js';
import type { Subscription } from '../subscription.js';

interface Parts {
  readonly core: ClientCore;
  readonly settings: LitePullSettings;
  readonly pullCall: PullCall;
  readonly subscriptionTo: (topic: string) => Subscription | undefined;
  /** True while nothing of the queue is to be pulled. */
  readonly paused: (held: HeldQueue) => boolean;
  /** True once nothing is to be pulled any more. */
  readonly stopped: () => boolean;
  /** Messages of all queues that wait to be handed out. */
  readonly waiting: () => number;
  readonly onMessages: (held: HeldQueue, messages: readonly PulledMessage[]) => void;
  /** Nothing up to `nextOffset` that the subscription wants, or that is still there. */
  readonly onNothing: (held: HeldQueue, nextOffset: number) => void;
}

const mebibyte = 1024 * 1024;

/** Pulls one queue again and again, as far ahead as the thresholds allow, until the queue is lost. */
export class LitePullLoop {
  #failing = false;

  constructor(
    private readonly held: HeldQueue,
    private readonly parts: Parts,
  ) {}

  /** Ends when the queue is released or the consumer stops. Never rejects. */
  async run(): Promise<void> {
    const { held, parts } = this;
    const { clock } = parts.core;
    while (!held.released && !parts.stopped()) {
      if (parts.paused(held) || this.#isFull()) {
        await held.nextChange();
        continue;
      }
      const signal = held.startPull();
      try {
        await this.#pullOnce(signal);
        this.#failing = false;
      } catch (error) {
        if (signal.aborted) continue;
        this.#failed(error);
        await pause(clock, parts.settings.pullTimeDelayMillsWhenException, signal);
      }
    }
  }

  async #pullOnce(signal: AbortSignal): Promise<void> {
    const { held, parts } = this;
    const { core, settings } = parts;
    const subscription = parts.subscriptionTo(held.queue.topic);
    // Unsubscribed: the next rebalance takes the queue away.
    if (subscription === undefined) return pause(core.clock, settings.pullTimeDelayMillsWhenException, signal);
    held.lastPullTimestamp = core.clock.now();
    const outcome = await parts.pullCall.pull({
      queue: held.queue,
      offset: held.nextOffset,
      maxNums: settings.pullBatchSize,
      // The expression travels with the request and has no version to be compared.
      subscription: { ...subscription, subVersion: 0 },
      withSubscription: true,
      commitOffset: 0,
      suspendTimeout: settings.brokerSuspendMaxTimeMillis,
      timeout: settings.consumerTimeoutMillisWhenSuspend,
      signal,
      lite: true,
    });
    if (held.released || signal.aborted) return;
    const { status, messages, nextBeginOffset } = outcome;
    held.nextOffset = nextBeginOffset;
    if (status === 'OFFSET_ILLEGAL') {
      core.log.warn('the broker has no such offset; going on where it says', {
        group: settings.consumerGroup,
        queue: describeQueue(held.queue),
        to: nextBeginOffset,
      });
      parts.onNothing(held, nextBeginOffset);
      // One that never agrees with itself must not be asked without a break.
      await pause(core.clock, settings.pullTimeDelayMillsWhenException, signal);
    } else if (messages.length > 0) parts.onMessages(held, messages);
    else parts.onNothing(held, nextBeginOffset);
  }

  #isFull(): boolean {
    const { messages } = this.held;
    const { pullThresholdForAll, pullThresholdForQueue, pullThresholdSizeForQueue, consumeMaxSpan } =
      this.parts.settings;
    return (
      this.parts.waiting() > pullThresholdForAll ||
      messages.count > pullThresholdForQueue ||
      messages.bytes > pullThresholdSizeForQueue * mebibyte ||
      messages.span > consumeMaxSpan
    );
  }

  #failed(error: unknown): void {
    const { core, settings } = this.parts;
    const { queue } = this.held;
    const code = codeOf(error);
    if (code === 'CONNECTION_FAILED' || code === 'BROKER_UNAVAILABLE') core.routes.refreshSoon(queue.topic);
    if (code === 'REQUEST_REFUSED') core.membership.beatSoon();
    core.log[this.#failing ? 'debug' : 'warn']('pull failed, trying again', {
      group: settings.consumerGroup,
      queue: describeQueue(queue),
      everyMillis: settings.pullTimeDelayMillsWhenException,
      error: messageOf(error),
    });
    this.#failing = true;
  }
}
