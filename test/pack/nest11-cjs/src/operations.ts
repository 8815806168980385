import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { propagation, type TextMapPropagator, trace } from '@opentelemetry/api';
import { RocketMQHealthIndicator, RocketMQMessageListener, RocketMQTemplate } from 'nestjs-rocketmq';
import { RocketMQMetrics, RocketMQMetricsModule } from 'nestjs-rocketmq/metrics';
import { FakeRocketMQTemplate, RocketMQTesting, RocketMQTestingModule } from 'nestjs-rocketmq/testing';
import { RocketMQTracingModule } from 'nestjs-rocketmq/tracing';
import { register } from 'prom-client';

/** In place of an SDK's: every context is the same. */
const propagator: TextMapPropagator = {
  inject: (_context, carrier, setter) => setter.set(carrier, 'traceparent', '00-1-2-01'),
  extract: (context) => context,
  fields: () => ['traceparent'],
};

@Injectable()
class Shop {
  readonly traces: (string | undefined)[] = [];
  constructor(readonly template: RocketMQTemplate) {}

  @RocketMQMessageListener({ topic: 'operations', consumerGroup: 'operations' })
  take(): void {
    this.traces.push(trace.getActiveSpan() === undefined ? undefined : 'a span');
  }
}

@Module({
  imports: [
    RocketMQTestingModule.forRoot(),
    RocketMQMetricsModule.forRoot(),
    RocketMQTracingModule.forRoot({ propagator }),
    TerminusModule,
  ],
  providers: [Shop],
})
class OperationsModule {}

let failed = false;

function check(name: string, holds: boolean): void {
  console.log(`${holds ? 'ok' : 'not ok'} - ${name}`);
  failed ||= !holds;
}

/** Health with terminus, metrics with prom-client, traces, and the test entry. */
async function run(): Promise<void> {
  const app = await NestFactory.createApplicationContext(OperationsModule, {
    logger: ['warn', 'error'],
    abortOnError: false,
  });
  try {
    const testing = app.get(RocketMQTesting);
    await app.get(RocketMQTemplate).send('operations', 'x');
    await testing.caughtUp('operations');
    const text = await app.get(RocketMQMetrics).registry.metrics();
    const counted = /rocketmq_consume_outcomes_total\{.*outcome="ack"\} 1/.test(text);
    check(
      'metrics count, in the registry of the application',
      counted && app.get(RocketMQMetrics).registry === register,
    );
    const [sent] = await testing.collect('operations', 1);
    const carried = sent?.message.properties.get('traceparent') === '00-1-2-01';
    check('the context of a trace travels with the message', carried && app.get(Shop).traces.length === 1);
    const indicator = app.get(RocketMQHealthIndicator);
    const health = await app.get(HealthCheckService, { strict: false }).check([() => indicator.check()]);
    check('terminus takes the health indicator', health.status === 'ok' && health.details['rocketmq']?.status === 'up');
    const fake = new FakeRocketMQTemplate();
    await new Shop(fake).template.send('orders:placed', { id: 1 });
    check('a fake template stands in', fake.sent[0]?.tag === 'placed' && propagation.fields().length === 0);
  } finally {
    await app.close();
  }
}

run().then(
  () => (process.exitCode = failed ? 1 : 0),
  (error: unknown) => {
    console.log('not ok - runs to its end');
    console.error(error);
    process.exit(1);
  },
);
