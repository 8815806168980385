import { codeOf, messageOf, pause } from '../../../common/src/index.js';
import { ResponseCode } from '../../../protocol/src/index.js';
import { isRetryTopic } from '../../../protocol/src/message/index.js';
import type { ClientCore } from '../client-core.js';
import { describeQueue } from '../message-queue.js';
import type { HeldQueue } from './held-queue.js';
import type { PullCall, PullOutcome } from './pull-call.js';
import type { PushSettings } from './push-settings.js';
import type { Subscription } from './subscription.js';

/** Messages, and MiB of them, held here beyond which nothing is pulled. */
export interface Thresholds {
  readonly pullThresholdForQueue: number;
  readonly pullThresholdSizeForQueue: number;
}

interface Parts {
  readonly core: ClientCore;
  readonly settings: PushSettings;
  readonly pullCall: PullCall;
  /** True while nothing is to be pulled of the queue. */
  readonly paused: (held: HeldQueue) => boolean;
  /** Of one queue, at this moment. */
  readonly thresholds: () => Thresholds;
  /** True once nothing is to be pulled any more. */
  readonly stopped: () => boolean;
  readonly subscriptionTo: (topic: string) => Subscription | undefined;
  /** The offset a pull may commit on the way; 0 for none. */
  readonly commitOffsetOf: (held: HeldQueue) => number;
  readonly onMessages: (held: HeldQueue, outcome: PullOutcome, duration: number) => void;
  /** Nothing new up to `nextOffset`. */
  readonly onNothing: (held: HeldQueue, nextOffset: number) => void;
  /** The broker has no such offset; `nextOffset` is what it offers instead. */
  readonly onOffsetMoved: (held: HeldQueue, nextOffset: number) => void;
}

/** How long a broker may park a pull, and how long we wait for its answer. */
const suspendTimeout = 15_000;
const pullTimeout = 30_000;
/** After a pull that failed, and before a wrong offset is put right. */
const failureDelay = 1_000;
const mebibyte = 1024 * 1024;
/** A queue that is held back is worth a line this often. */
const flowControlLogInterval = 60_000;

/** The broker does not know our group or subscription (any more): a heartbeat tells it. */
const strangerCodes: ReadonlySet<unknown> = new Set([
  ResponseCode.SUBSCRIPTION_NOT_EXIST,
  ResponseCode.SUBSCRIPTION_NOT_LATEST,
  ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
]);

/** Pulls one queue again and again, parked at the broker while there is nothing, until the queue is lost. */
export class PullLoop {
  #failing = false;
  #flowControlLoggedAt = -Infinity;

  constructor(
    private readonly held: HeldQueue,
    private readonly parts: Parts,
  ) {}

  /** Ends when the queue is released or the consumer stops. Never rejects. */
  async run(): Promise<void> {
    const { held, parts } = this;
    while (!held.released && !parts.stopped()) {
      if (parts.paused(held) || this.#isHeldBack()) {
        await held.nextChange();
        continue;
      }
      const signal = held.startPull();
      try {
        await this.#pullOnce(signal);
        this.#failing = false;
        if (parts.settings.pullInterval > 0) await pause(parts.core.clock, parts.settings.pullInterval, signal);
      } catch (error) {
        if (signal.aborted) continue;
        this.#failed(error);
        await pause(parts.core.clock, failureDelay, signal);
      }
    }
  }

  async #pullOnce(signal: AbortSignal): Promise<void> {
    const { held, parts } = this;
    const { queue } = held;
    const subscription = parts.subscriptionTo(queue.topic);
    // Unsubscribed: the next rebalance takes the queue away.
    if (subscription === undefined) return pause(parts.core.clock, failureDelay, signal);
    const { clock } = parts.core;
    const startedAt = clock.monotonic();
    held.lastPullTimestamp = clock.now();
    const outcome = await parts.pullCall.pull({
      queue,
      offset: held.nextOffset,
      maxNums: parts.settings.pullBatchSize,
      subscription,
      withSubscription: false,
      commitOffset: parts.commitOffsetOf(held),
      suspendTimeout,
      timeout: pullTimeout,
      signal,
    });
    if (held.released || signal.aborted) return;
    if (outcome.status === 'OFFSET_ILLEGAL') {
      // What handlers are about to finish should not come after the correction; a moment is enough for most.
      await pause(clock, failureDelay, signal);
      if (!held.released && !signal.aborted) parts.onOffsetMoved(held, outcome.nextBeginOffset);
      return;
    }
    held.nextOffset = outcome.nextBeginOffset;
    if (outcome.messages.length > 0) parts.onMessages(held, outcome, clock.monotonic() - startedAt);
    else parts.onNothing(held, outcome.nextBeginOffset);
  }

  /** The three thresholds: messages, bytes, and how far apart the offsets are where order does not say that by itself. */
  #isHeldBack(): boolean {
    const { messages } = this.held;
    const { consumeConcurrentlyMaxSpan, consumeMode } = this.parts.settings;
    const { pullThresholdForQueue, pullThresholdSizeForQueue } = this.parts.thresholds();
    const reason =
      messages.count > pullThresholdForQueue
        ? 'pullThresholdForQueue'
        : messages.bytes > pullThresholdSizeForQueue * mebibyte
          ? 'pullThresholdSizeForQueue'
          : consumeMode === 'CONCURRENTLY' && messages.span > consumeConcurrentlyMaxSpan
            ? 'consumeConcurrentlyMaxSpan'
            : undefined;
    if (reason === undefined) return false;
    this.#logFlowControl(reason);
    return true;
  }

  #logFlowControl(reason: string): void {
    const { held, parts } = this;
    const now = parts.core.clock.monotonic();
    if (now - this.#flowControlLoggedAt < flowControlLogInterval) return;
    this.#flowControlLoggedAt = now;
    parts.core.log.warn('not pulling until handlers catch up', {
      group: parts.settings.consumerGroup,
      queue: describeQueue(held.queue),
      threshold: reason,
      messages: held.messages.count,
      minOffset: held.messages.minOffset,
      maxOffset: held.messages.maxOffset,
    });
  }

  #failed(error: unknown): void {
    const { core, settings } = this.parts;
    const { queue } = this.held;
    const code = codeOf(error);
    const refusal =
      typeof error === 'object' && error !== null && 'responseCode' in error ? error.responseCode : undefined;
    if (strangerCodes.has(refusal)) core.membership.beatSoon();
    if (code === 'CONNECTION_FAILED' || code === 'BROKER_UNAVAILABLE') core.routes.refreshSoon(queue.topic);
    const level = this.#failing || isRetryTopic(queue.topic) ? 'debug' : 'warn';
    this.#failing = true;
    core.log[level]('pull failed, trying again every second', {
      group: settings.consumerGroup,
      queue: describeQueue(queue),
      error: messageOf(error),
    });
  }
}
