import type { Registry } from 'prom-client';
import { ValidateBy } from 'class-validator';
import { Optional, Whole } from '../options/checks.js';

/** Options of `RocketMQMetricsModule.forRoot`. */
export class RocketMQMetricsOptions {
  /** Where the metrics are registered. Default: prom-client's global registry, `register`. */
  @Optional() @MetricsRegistry() registry?: Registry;
  /** Upper bounds of rocketmq_send_cost_time, milliseconds. Default 1, 5, 10, 20, 50, 200, 500. */
  @Optional() @Buckets() sendBuckets?: readonly number[];
  /** Upper bounds of rocketmq_process_time, milliseconds. Default 1, 5, 10, 100, 1000, 10,000, 60,000. */
  @Optional() @Buckets() processBuckets?: readonly number[];
  /** Topics that sends are told apart by; further ones count as 'other'. Default 200. */
  @Optional() @Whole(1, 10_000) maxTopics?: number;
  /** Reasons of `toDlq` that are told apart for a listener; further ones count as 'other'. Default 20. */
  @Optional() @Whole(0, 1000) maxReasons?: number;
  /** How long a scrape waits for brokers to tell the lag, milliseconds. Default 2000. */
  @Optional() @Whole(10, 60_000, 'ms') lagTimeout?: number;
}

/** Not by its class: the application may have another copy of prom-client. */
function MetricsRegistry(): PropertyDecorator {
  const validate = (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null) return false;
    const { getSingleMetric, registerMetric } = value as Record<string, unknown>;
    return typeof getSingleMetric === 'function' && typeof registerMetric === 'function';
  };
  return ValidateBy({
    name: 'registry',
    validator: { validate, defaultMessage: () => 'must be a Registry of prom-client' },
  });
}

function Buckets(): PropertyDecorator {
  const validate = (value: unknown): boolean =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((bound: unknown, i) => typeof bound === 'number' && bound > (i === 0 ? 0 : Number(value[i - 1])));
  return ValidateBy({
    name: 'buckets',
    validator: {
      validate,
      defaultMessage: () => 'must be a list of numbers more than 0 (ms), each more than the last',
    },
  });
}
