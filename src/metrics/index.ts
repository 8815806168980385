/**
 * Metrics for Prometheus. Needs `prom-client`.
 *
 * @module nestjs-rocketmq/metrics
 */
import 'reflect-metadata';

export { RocketMQMetricsModule } from './rocketmq-metrics-module.js';
export { RocketMQMetrics } from './rocketmq-metrics.js';
export { RocketMQMetricsOptions } from './metrics-options.js';
