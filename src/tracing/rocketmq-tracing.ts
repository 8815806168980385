import { Inject, Injectable } from '@nestjs/common';
import {
  type Context,
  context,
  type Link,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapPropagator,
  trace,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import { messageOf } from '../../libs/common/src/index.js';
import type { ReceivedMessage } from '../../libs/client/src/index.js';
import type { ObservedCall, Verdict } from '../listener/delivery-observer.js';
import { validateOptions } from '../options/validate.js';
import { RocketMQObservers } from '../rocketmq-observers.js';
import { BatchItem } from '../template/batch-item.js';
import type { SendCall, SendNext } from '../template/send-interceptor.js';
import {
  attributesOfCall,
  attributesOfError,
  attributesOfOutcome,
  attributesOfResult,
  attributesOfSend,
  destinationOf,
} from './span-attributes.js';
import { RocketMQTracingOptions } from './tracing-options.js';

/** Token of the module's options. */
export const tracingOptionsToken = Symbol('RocketMQTracingOptions');

type Carrier = Record<string, string>;
type PropagatorPart = Pick<TextMapPropagator<unknown>, 'inject' | 'extract'>;

const toProperties = {
  set: (carrier: unknown, key: string, value: string) => void ((carrier as Carrier)[key] = value),
};
const fromMessage = {
  get: (message: unknown, key: string) => (message as ReceivedMessage).properties.get(key),
  keys: (message: unknown) => [...(message as ReceivedMessage).properties.keys()],
};

/**
 * A span around every send and every call of a handler. The context of a send travels in the properties of its message, so
 * that whoever consumes it, in whatever language, goes on with the trace.
 */
@Injectable()
export class RocketMQTracing {
  readonly #provider: TracerProvider | undefined;
  readonly #propagator: PropagatorPart;
  readonly #withKeys: boolean;

  constructor(@Inject(tracingOptionsToken) given: RocketMQTracingOptions, observers: RocketMQObservers) {
    const options = validateOptions(RocketMQTracingOptions, given, 'RocketMQTracingModule');
    this.#provider = options.tracerProvider;
    this.#propagator = options.propagator ?? propagation;
    this.#withKeys = options.captureKeys ?? true;
    observers.add('RocketMQTracingModule', {
      send: { intercept: (call, next) => this.#send(call, next) },
      delivery: { around: (call, handle) => this.#process(call, handle) },
    });
  }

  get #tracer(): Tracer {
    return (this.#provider ?? trace).getTracer('nestjs-rocketmq');
  }

  async #send(call: SendCall, next: SendNext): Promise<unknown> {
    const attributes = attributesOfSend(call, this.#withKeys);
    const span = this.#tracer.startSpan(`send ${destinationOf(call).topic}`, { kind: SpanKind.PRODUCER, attributes });
    const within = trace.setSpan(context.active(), span);
    try {
      const result = await context.with(within, () => next(this.#carrying(call, within)));
      span.setAttributes(attributesOfResult(result));
      return result;
    } catch (error) {
      fail(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  /** The send with the context in the properties of each of its messages. */
  #carrying({ options, payload }: SendCall, within: Context): Parameters<SendNext>[0] {
    const carrier: Carrier = {};
    this.#propagator.inject(within, carrier, toProperties);
    // RocketMQ refuses empty properties.
    const own = Object.fromEntries(Object.entries(carrier).filter(([, value]) => value !== ''));
    if (Object.keys(own).length === 0) return undefined;
    return {
      options: { ...options, properties: { ...options.properties, ...own } },
      payload: Array.isArray(payload) ? payload.map((item: unknown) => itemCarrying(item, own)) : payload,
    };
  }

  async #process(call: ObservedCall, handle: () => Promise<readonly Verdict[]>): Promise<readonly Verdict[]> {
    const { messages, isBatch, listener } = call;
    const origins = messages.map((message) => this.#propagator.extract(ROOT_CONTEXT, message, fromMessage));
    // The messages of a batch come from many traces: it begins one of its own, and names them.
    const parent = (isBatch ? undefined : origins[0]) ?? ROOT_CONTEXT;
    const span = this.#tracer.startSpan(
      `process ${listener.topic}`,
      {
        kind: SpanKind.CONSUMER,
        attributes: attributesOfCall(call, this.#withKeys),
        links: isBatch ? origins.flatMap(linkTo) : [],
      },
      parent,
    );
    try {
      const verdicts = await context.with(trace.setSpan(parent, span), handle);
      tell(span, verdicts, isBatch);
      return verdicts;
    } finally {
      span.end();
    }
  }
}

/** A BatchItem with properties of its own does not get those of the send. */
function itemCarrying(item: unknown, carrier: Carrier): unknown {
  if (!(item instanceof BatchItem) || item.options.properties === undefined) return item;
  return new BatchItem<unknown>(item.payload, {
    ...item.options,
    properties: { ...item.options.properties, ...carrier },
  });
}

function linkTo(origin: Context): Link[] {
  const sent = trace.getSpanContext(origin);
  return sent === undefined ? [] : [{ context: sent }];
}

/** A message that is to come again because its handler said so is no error; one that is given up is. */
function tell(span: Span, verdicts: readonly Verdict[], isBatch: boolean): void {
  const [first] = verdicts;
  if (!isBatch && first !== undefined) span.setAttributes(attributesOfOutcome(first.outcome.kind));
  const failed = verdicts.find(({ outcome, error }) => error !== undefined || outcome.kind === 'dlq');
  if (failed === undefined) return;
  const { error, outcome } = failed;
  if (error !== undefined) fail(span, error);
  else span.setStatus({ code: SpanStatusCode.ERROR, message: `given up: ${outcome.reason ?? 'no reason given'}` });
}

function fail(span: Span, error: unknown): void {
  const message = messageOf(error);
  span.setAttributes(attributesOfError(error));
  span.recordException(typeof error === 'object' && error !== null ? { message, ...named(error) } : message);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

function named(error: object): { name: string; stack?: string } {
  const { name, stack } = error as { readonly name?: unknown; readonly stack?: unknown };
  return {
    name: typeof name === 'string' ? name : 'Error',
    ...(typeof stack === 'string' && { stack }),
  };
}
