import { Injectable, Module } from '@nestjs/common';
import { type TextMapPropagator, trace, type TracerProvider } from '@opentelemetry/api';
import { RocketMQMessageListener, RocketMQTemplate } from 'nestjs-rocketmq';
import { RocketMQTesting, RocketMQTestingModule } from 'nestjs-rocketmq/testing';
import { RocketMQTracingModule } from 'nestjs-rocketmq/tracing';
import type { Check } from './report.js';
import { running } from './running.js';

const here = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
const traceparent = `00-${here.traceId}-${here.spanId}-01`;
const spans: string[] = [];

/** In place of an SDK's: remembers names, and every span is the same. */
const tracerProvider: TracerProvider = {
  getTracer: () => ({
    startSpan(name: string) {
      spans.push(name);
      return trace.wrapSpanContext(here);
    },
    startActiveSpan: () => undefined as never,
  }),
};

const propagator: TextMapPropagator = {
  inject(context, carrier, setter) {
    const { traceId, spanId } = trace.getSpanContext(context) ?? {};
    setter.set(carrier, 'traceparent', `00-${traceId}-${spanId}-01`);
  },
  extract: (context) => context,
  fields: () => ['traceparent'],
};

@Injectable()
class Billing {
  @RocketMQMessageListener({ topic: 'orders', consumerGroup: 'billing' })
  bill(): void {}
}

@Module({
  imports: [RocketMQTestingModule.forRoot(), RocketMQTracingModule.forRoot({ tracerProvider, propagator })],
  providers: [Billing],
})
class TracingModule {}

/** With OpenTelemetry's API. */
export async function tryTracing(check: Check): Promise<void> {
  await running(TracingModule, async (app) => {
    const testing = app.get(RocketMQTesting);
    await app.get(RocketMQTemplate).send('orders', 'traced');
    const [sent] = await testing.collect('orders', 1);
    check('the context travels with the message', sent?.message.properties.get('traceparent'), traceparent);
    await testing.caughtUp('billing');
    check('a send and its delivery have spans', spans, ['send orders', 'process orders']);
  });
}
