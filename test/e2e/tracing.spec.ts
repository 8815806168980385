import { Injectable } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import {
  BatchItem,
  RocketMQMessage,
  RocketMQMessageListener,
  type RocketMQOutcome,
  RocketMQTemplate,
  toDlq,
} from '../../src/index.js';
import { RocketMQTesting, RocketMQTestingModule } from '../../src/testing/index.js';
import { RocketMQTracingModule } from '../../src/tracing/index.js';
import { Applications } from './applications.js';

// Real servers on a machine that may be busy.
jest.setTimeout(120_000);

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const applications = new Applications();

// As an SDK does it at its start.
beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
});
afterAll(() => {
  for (const api of [context, propagation, trace]) api.disable();
});
beforeEach(() => exporter.reset());
afterEach(() => applications.closeAll());

const tracer = trace.getTracer('test');

@Injectable()
class Shop {
  constructor(private readonly template: RocketMQTemplate) {}

  @RocketMQMessageListener({ topic: 'orders', consumerGroup: 'billing' })
  async bill(order: string): Promise<void | RocketMQOutcome> {
    await tracer.startActiveSpan(`bill ${order}`, async (span: Span) => {
      if (order.startsWith('paid')) await this.template.send('receipts:paper', order);
      span.end();
    });
    if (order === 'bad') throw new TypeError('no such order');
    if (order === 'odd') return toDlq('odd order');
  }

  @RocketMQMessageListener({ topic: 'receipts', consumerGroup: 'printing', batch: 8 })
  print(_receipts: RocketMQMessage[]): void {}
}

function start() {
  return applications.start({
    imports: [RocketMQTestingModule.forRoot(), RocketMQTracingModule.forRoot()],
    providers: [Shop],
  });
}

const spansNamed = (name: string): ReadableSpan[] => exporter.getFinishedSpans().filter((span) => span.name === name);

describe('traces', () => {
  it('go from a send through the message to its handler, and on to what that sends', async () => {
    const app = await start();
    const template = app.get(RocketMQTemplate);
    const testing = app.get(RocketMQTesting);
    await tracer.startActiveSpan('request', async (span) => {
      await template.send('orders:web', 'paid 1', { keys: ['k1'], hashKey: 'customer' });
      span.end();
    });
    await testing.waitFor(() => expect(spansNamed('process receipts')).toHaveLength(1));
    const names = ['request', 'send orders', 'process orders', 'bill paid 1', 'send receipts', 'process receipts'];
    const [request, sent, processed, billed, onward, printed] = names.map((name) => spansNamed(name)[0]);
    const chain = [request, sent, processed, billed, onward] as const;
    for (const [i, span] of chain.slice(1).entries()) {
      expect(span?.parentSpanContext?.spanId).toBe(chain[i]?.spanContext().spanId);
      expect(span?.spanContext().traceId).toBe(request?.spanContext().traceId);
    }
    const message = (await testing.collect('orders', 1))[0]?.message;
    const { traceId, spanId } = sent!.spanContext();
    expect(message?.properties.get('traceparent')).toBe(`00-${traceId}-${spanId}-01`);
    expect([sent?.kind, processed?.kind]).toEqual([SpanKind.PRODUCER, SpanKind.CONSUMER]);
    const shared = {
      'messaging.system': 'rocketmq',
      'messaging.destination.name': 'orders',
      'messaging.destination.partition.id': String(message?.queueId),
      'messaging.message.id': message?.msgId,
      'messaging.rocketmq.message.tag': 'web',
      'messaging.rocketmq.message.keys': ['k1'],
      'nestjs_rocketmq.connection': 'default',
    };
    expect(sent?.attributes).toEqual({
      ...shared,
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.rocketmq.message.type': 'fifo',
      'messaging.rocketmq.message.group': 'customer',
    });
    expect(processed?.attributes).toEqual({
      ...shared,
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.consumer.group.name': 'billing',
      'messaging.rocketmq.consumption_model': 'clustering',
      'nestjs_rocketmq.listener': 'Shop.bill',
      'nestjs_rocketmq.outcome': 'ack',
    });
    // A batch belongs to nobody's trace, and names those of its messages.
    expect(printed?.parentSpanContext).toBeUndefined();
    expect(printed?.links.map((link) => link.context.spanId)).toEqual([onward?.spanContext().spanId]);
  });

  it('reach each message of a batch, beside its own properties', async () => {
    const app = await start();
    await app.get(RocketMQTemplate).send('stock', ['a', new BatchItem('b', { properties: { tenant: 't' } })]);
    const messages = (await app.get(RocketMQTesting).collect('stock', 2)).map(({ message }) => message);
    const [sent] = spansNamed('send stock');
    const { traceId, spanId } = sent!.spanContext();
    expect(messages.map(({ properties }) => properties.get('traceparent'))).toEqual(
      messages.map(() => `00-${traceId}-${spanId}-01`),
    );
    expect(messages.map(({ properties }) => properties.get('tenant'))).toEqual([undefined, 't']);
    expect(sent?.attributes['messaging.batch.message_count']).toBe(2);
  });

  it('show what failed', async () => {
    const app = await start();
    const template = app.get(RocketMQTemplate);
    await template.send('orders', 'bad');
    await template.send('orders', 'odd');
    await expect(template.send('orders', '')).rejects.toThrow();
    await app.get(RocketMQTesting).waitFor(() => expect(spansNamed('process orders')).toHaveLength(2));
    const byOutcome = new Map(
      spansNamed('process orders').map((span) => [span.attributes['nestjs_rocketmq.outcome'], span]),
    );
    expect(byOutcome.get('retry')).toMatchObject({
      status: { code: SpanStatusCode.ERROR, message: 'no such order' },
      attributes: { 'error.type': 'TypeError' },
      events: [{ name: 'exception', attributes: { 'exception.message': 'no such order' } }],
    });
    expect(byOutcome.get('dlq')?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'given up: odd order' });
    const failed = spansNamed('send orders').find(({ status }) => status.code === SpanStatusCode.ERROR);
    expect(failed?.attributes['error.type']).toBe('ARGUMENT_INVALID');
  });

  it('take a provider and a propagator of their own, and refuse what is none', async () => {
    const wrong = RocketMQTracingModule.forRoot({ propagator: {} as never });
    await expect(applications.start({ imports: [wrong] })).rejects.toThrow(
      'propagator must be a TextMapPropagator of OpenTelemetry',
    );
  });
});
