import { Counter, Histogram, type Registry } from 'prom-client';
import { RocketMQOptionsError } from '../options/validate.js';
import { CollectedGauge } from './collected-gauge.js';
import type { RocketMQMetricsOptions } from './metrics-options.js';

// Names, labels and bounds are those of the clients and brokers of 5.x where these have the metric; docs/nest-metrics.md
// lists which. `connection` is ours.
const ofSend = ['connection', 'topic', 'kind', 'invocation_status'];
const ofListener = ['connection', 'topic', 'consumer_group'];
const sendBounds = [1, 5, 10, 20, 50, 200, 500];
const processBounds = [1, 5, 10, 100, 1000, 10_000, 60_000];

/** The metrics, as they stand in a registry. */
export type MetricSet = ReturnType<typeof metricsIn>;

/**
 * Makes the metrics, or finds those that another application of the process has made.
 *
 * @throws RocketMQOptionsError when a name is taken by somebody else.
 */
export function metricsIn(registry: Registry, { sendBuckets, processBuckets }: RocketMQMetricsOptions) {
  const registers = [registry];
  const make = <M>(name: string, type: new (...config: never[]) => M, create: () => M): M => {
    const existing: unknown = registry.getSingleMetric(name);
    if (existing === undefined) return create();
    if (existing instanceof type) return existing;
    throw new RocketMQOptionsError(
      `RocketMQMetricsModule: the registry has another metric '${name}'. Give the module a registry of its own.`,
    );
  };
  const histogram = (name: string, help: string, labelNames: string[], buckets: readonly number[]): Histogram =>
    make(name, Histogram, () => new Histogram({ name, help, labelNames, buckets: [...buckets], registers }));
  const counter = (name: string, help: string, labelNames: string[]): Counter =>
    make(name, Counter, () => new Counter({ name, help, labelNames, registers }));
  const gauge = (name: string, help: string, labelNames: string[]): CollectedGauge =>
    make(name, CollectedGauge, () => new CollectedGauge({ name, help, labelNames, registers }));
  return {
    sendCostTime: histogram(
      'rocketmq_send_cost_time',
      'Milliseconds of sends, all attempts together',
      ofSend,
      sendBuckets ?? sendBounds,
    ),
    sendFailures: counter('rocketmq_send_failures_total', 'Sends that were rejected, by why', [
      'connection',
      'topic',
      'code',
      'response_code',
    ]),
    sentMessages: counter('rocketmq_sent_messages_total', 'Messages that were sent', ['connection', 'topic']),
    sendsInFlight: gauge('rocketmq_sends_inflight', 'Sends under way', ['connection']),
    processTime: histogram(
      'rocketmq_process_time',
      'Milliseconds of handlers, with all that Nest puts around them',
      [...ofListener, 'invocation_status'],
      processBuckets ?? processBounds,
    ),
    handlersRunning: gauge('rocketmq_handlers_running', 'Handlers under way', ofListener),
    outcomes: counter('rocketmq_consume_outcomes_total', 'Messages, by what became of them', [
      ...ofListener,
      'outcome',
    ]),
    sentToDlq: counter('rocketmq_send_to_dlq_messages_total', 'Messages that listeners gave up, by why', [
      ...ofListener,
      'reason',
    ]),
    lag: gauge(
      'rocketmq_consumer_lag_messages',
      'Messages stored and not consumed, of the queues held here',
      ofListener,
    ),
    inFlight: gauge('rocketmq_consumer_inflight_messages', 'Messages pulled and not consumed', ofListener),
  };
}
