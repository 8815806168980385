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
import type { Collector, Sample } from './collected-gauge.js';
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
  readonly #collectors: readonly (readonly ['lag' | 'inFlight', Collector])[];

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
    this.#collectors = [
      ['lag', () => this.#samples(({ lag }) => lag)],
      ['inFlight', () => this.#samples(({ inFlight }) => inFlight)],
    ];
    for (const [name, collector] of this.#collectors) this.#metrics[name].addCollector(collector);
  }

  onApplicationShutdown(): void {
    for (const [name, collector] of this.#collectors) this.#metrics[name].removeCollector(collector);
  }

  #sendObserver(): SendInterceptor {
    return { intercept: (call, next) => this.#send(call, next) };
  }

  async #send({ connection, kind, destination, payload }: SendCall, next: SendNext): Promise<unknown> {
    const { sendCostTime, sendFailures, sentMessages, sendsInFlight } = this.#metrics;
    const topic = this.#topics.of(topicOf(destination));
    const startedAt = systemClock.monotonic();
    let status = 'failure';
    sendsInFlight.inc({ connection });
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
      sendsInFlight.dec({ connection });
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
    const { handlersRunning, processTime } = this.#metrics;
    const labels = labelsOf(listener);
    const startedAt = systemClock.monotonic();
    let status = 'failure';
    handlersRunning.inc(labels);
    try {
      const verdicts = await handle();
      if (verdicts.every(({ outcome }) => outcome.kind === 'ack')) status = 'success';
      return verdicts;
    } finally {
      handlersRunning.dec(labels);
      processTime.observe({ ...labels, invocation_status: status }, systemClock.monotonic() - startedAt);
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
