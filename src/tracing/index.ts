/**
 * Spans of OpenTelemetry. Needs `@opentelemetry/api`.
 *
 * @module nestjs-rocketmq/tracing
 */
import 'reflect-metadata';

export { RocketMQTracingModule } from './rocketmq-tracing-module.js';
export { RocketMQTracingOptions } from './tracing-options.js';
