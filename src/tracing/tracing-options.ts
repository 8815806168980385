import type { TextMapPropagator, TracerProvider } from '@opentelemetry/api';
import { ValidateBy } from 'class-validator';
import { Flag, Optional } from '../options/checks.js';

/** Options of `RocketMQTracingModule.forRoot`. */
export class RocketMQTracingOptions {
  /** Who makes the spans. Default: the one that is registered with @opentelemetry/api. */
  @Optional() @WithMethods('a TracerProvider of OpenTelemetry', 'getTracer') tracerProvider?: TracerProvider;
  /** How a context stands in the properties of a message. Default: the one that is registered, which SDKs make W3C's. */
  @Optional()
  @WithMethods('a TextMapPropagator of OpenTelemetry', 'inject', 'extract')
  propagator?: TextMapPropagator;
  /** false: spans do not show the keys of messages. Default true. */
  @Optional() @Flag() captureKeys?: boolean;
}

function WithMethods(what: string, ...methods: readonly string[]): PropertyDecorator {
  const validate = (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
  return ValidateBy({ name: 'methods', validator: { validate, defaultMessage: () => `must be ${what}` } });
}
