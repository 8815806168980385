import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { register, type Registry } from 'prom-client';
import { RocketMQError, systemClock } from '../../libs/common/src/index.js';
import { ConsumerLag, type GroupLag, type TopicLag } from '../health/consumer-lag.js';
import type { DeliveryObserver, ObservedCall, ObservedListener, Verdict } from '../listener/delivery-observer.js';
import type { ListenerFigures } from '../listener/message-delivery.js';
import { validateOptions } from '../options/validate.js';
import { RocketMQObservers } from '../rocketmq-observers.js';
import { RocketMQSendError } from '../template/send-error.js';
import type { SendCall, SendInterceptor, SendNext } from '../template/send-interceptor.js';
import { BoundedLabels } from './bounded-labels.js';
import type { CollectedGauge, Collector, Sample } from './collected-gauge.js';
import { metricsIn, type MetricSet } from './metric-set.js';
import { RocketMQMetricsOptions } from './metrics-options.js';

/** Token of the module's options. */
export const metricsOptionsToken = Symbol('RocketMQMetricsOptions');

const outcomes: Readonly<Record<keyof ListenerFigures, string>> = {
  acked: 'ack',
  retried: 'retry',
  deadLettered: 'dlq',
  dropped: 'dropped',
  repeated: 'repeated',
};
const defaultLagTimeout = 2000;
/** Of a reason; it is meant to be a few words. */
const longestReason = 64;

/** Counts and measures the sends and deliveries of all connections of this application. */
@Injectable()
export class RocketMQMetrics implements OnApplicationShutdown {
  /** Where the metrics stand; `registry.metrics()` is their text. */
  readonly registry: Registry;
  readonly #metrics: MetricSet;
  readonly #topics: BoundedLabels;
  readonly #maxReasons: number;
  readonly #lagTimeout: number;
  readonly #reasons = new Map<string, BoundedLabels>();
  readonly #collectors: readonly (readonly [CollectedGauge, Collector])[];
  /** By connection. Counted here, as prom-client takes a microsecond to count up and another to count down. */
  readonly #sending = new Map<string, number>();
  readonly #running = new Map<ObservedListener, number>();

  /** @internal */
  constructor(
    @Inject(metricsOptionsToken) given: RocketMQMetricsOptions,
    observers: RocketMQObservers,
    private readonly consumerLag: ConsumerLag,
  ) {
    const options = validateOptions(RocketMQMetricsOptions, given, 'RocketMQMetricsModule');
    this.registry = options.registry ?? register;
    this.#topics = new BoundedLabels(options.maxTopics ?? 200);
    this.#maxReasons = options.maxReasons ?? 20;
    this.#lagTimeout = options.lagTimeout ?? defaultLagTimeout;
    observers.add('RocketMQMetricsModule', { send: this.#sendObserver(), delivery: this.#deliveryObserver() });
    this.#metrics = metricsIn(this.registry, options);
    const { lag, inFlight, handlersRunning, sendsInFlight } = this.#metrics;
    this.#collectors = [
      [lag, () => this.#samples((topic) => topic.lag)],
      [inFlight, () => this.#samples((topic) => topic.inFlight)],
      [
        handlersRunning,
        async () => [...this.#running].map(([listener, value]) => ({ labels: labelsOf(listener), value })),
      ],
      [sendsInFlight, async () => [...this.#sending].map(([connection, value]) => ({ labels: { connection }, value }))],
    ];
    for (const [gauge, collector] of this.#collectors) gauge.addCollector(collector);
  }

  /** Nest calls it. */
  onApplicationShutdown(): void {
    for (const [gauge, collector] of this.#collectors) gauge.removeCollector(collector);
  }

  #sendObserver(): SendInterceptor {
    return { intercept: (call, next) => this.#send(call, next) };
  }

  async #send({ connection, kind, destination, payload }: SendCall, next: SendNext): Promise<unknown> {
    const { sendCostTime, sendFailures, sentMessages } = this.#metrics;
    const topic = this.#topics.of(topicOf(destination));
    const startedAt = systemClock.monotonic();
    let status = 'failure';
    add(this.#sending, connection, 1);
    try {
      const result = await next();
      status = 'success';
      sentMessages.inc({ connection, topic }, Array.isArray(payload) ? payload.length : 1);
      return result;
    } catch (error) {
      if (error instanceof RocketMQSendError) sentMessages.inc({ connection, topic }, error.sent);
      sendFailures.inc({ connection, topic, ...reasonOf(error) });
      throw error;
    } finally {
      add(this.#sending, connection, -1);
      const labels = { connection, topic, kind, invocation_status: status };
      sendCostTime.observe(labels, systemClock.monotonic() - startedAt);
    }
  }

  #deliveryObserver(): DeliveryObserver {
    return {
      around: (call, handle) => this.#handle(call, handle),
      concluded: (listener, fate, reason) => this.#concluded(listener, fate, reason),
    };
  }

  async #handle({ listener }: ObservedCall, handle: () => Promise<readonly Verdict[]>): Promise<readonly Verdict[]> {
    const startedAt = systemClock.monotonic();
    let status = 'failure';
    add(this.#running, listener, 1);
    try {
      const verdicts = await handle();
      if (verdicts.every(({ outcome }) => outcome.kind === 'ack')) status = 'success';
      return verdicts;
    } finally {
      add(this.#running, listener, -1);
      const labels = { ...labelsOf(listener), invocation_status: status };
      this.#metrics.processTime.observe(labels, systemClock.monotonic() - startedAt);
    }
  }

  #concluded(listener: ObservedListener, fate: keyof ListenerFigures, reason: string | undefined): void {
    const { outcomes: counter, sentToDlq } = this.#metrics;
    const labels = labelsOf(listener);
    counter.inc({ ...labels, outcome: outcomes[fate] });
    if (fate !== 'deadLettered') return;
    const { connection, place } = listener;
    const key = `${connection}/${place}`;
    let known = this.#reasons.get(key);
    if (known === undefined) this.#reasons.set(key, (known = new BoundedLabels(this.#maxReasons, longestReason)));
    sentToDlq.inc({ ...labels, reason: reason === undefined ? '' : known.of(reason) });
  }

  async #samples(valueOf: (topic: TopicLag) => number | undefined): Promise<readonly Sample[]> {
    const groups = await this.consumerLag.measure(this.#lagTimeout);
    return groups.flatMap((group) => samplesOf(group, valueOf));
  }
}

/** What no broker told is left out: a gap is better than a wrong number. */
function samplesOf(
  { connection, consumerGroup, topics }: GroupLag,
  valueOf: (topic: TopicLag) => number | undefined,
): Sample[] {
  return topics.flatMap((topic) => {
    const value = valueOf(topic);
    if (value === undefined) return [];
    return [{ labels: { connection, topic: topic.topic, consumer_group: consumerGroup }, value }];
  });
}

function add<K>(counts: Map<K, number>, key: K, change: number): void {
  counts.set(key, (counts.get(key) ?? 0) + change);
}

function labelsOf({ connection, topic, consumerGroup }: ObservedListener) {
  return { connection, topic, consumer_group: consumerGroup };
}

/** A wrong destination fails by itself. */
function topicOf(destination: unknown): string {
  return typeof destination === 'string' ? (destination.split(':', 1)[0] ?? '') : '';
}

/** The stable code, and that of a broker's refusal. What is no error of this package is told apart by nothing. */
function reasonOf(error: unknown): { code: string; response_code: string } {
  const refusal =
    typeof error === 'object' && error !== null && 'responseCode' in error ? error.responseCode : undefined;
  return {
    code: error instanceof RocketMQError ? error.code : 'OTHER',
    response_code: typeof refusal === 'number' ? String(refusal) : '',
  };
}
