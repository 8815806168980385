import { type INestApplicationContext, Injectable } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { describe, expect } from '@jest/globals';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { Registry } from 'prom-client';
import { pause, systemClock } from '../../../libs/common/src/index.js';
import type { Received, TestClient } from '../../../libs/testkit/src/index.js';
import {
  type ConnectionHealth,
  RocketMQHealthIndicator,
  RocketMQListeners,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
} from '../../../src/index.js';
import { RocketMQMetricsModule } from '../../../src/metrics/index.js';
import { RocketMQTracingModule } from '../../../src/tracing/index.js';
import { Mailbox } from '../../e2e/mailbox.js';
import { freshName, reportingIt, type Arena, type Cluster } from './arena.js';

interface OperationsStage {
  readonly arena: () => Arena;
  readonly cluster: () => Promise<Cluster>;
  readonly java: () => Promise<TestClient>;
}

/** Health, metrics and traces of a Nest application on Java servers. */
export function describeOperations(title: string, stage: OperationsStage): void {
  describe(title, () => {
    reportingIt(stage.arena, 'health and metrics tell brokers and lag as they are', () => watch(stage));
    reportingIt(stage.arena, 'traces go on from and to Java by the properties of messages', () => trace(stage));
  });
}

interface Application {
  readonly app: INestApplicationContext;
  readonly topic: string;
  readonly group: string;
  readonly registry: Registry;
  readonly spans: InMemorySpanExporter;
  readonly handled: Mailbox<string>;
}

async function withApplication(
  stage: OperationsStage,
  use: (application: Application) => Promise<void>,
): Promise<void> {
  const cluster = await stage.cluster();
  const topic = await stage.arena().createTopic(cluster, 1);
  const group = freshName('group');
  const handled = new Mailbox<string>();
  @Injectable()
  class Watched {
    @RocketMQMessageListener({ topic, consumerGroup: group, consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' })
    handle(text: string): void {
      handled.put(text);
    }
  }
  class AppModule {}
  const registry = new Registry();
  const spans = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const imports = [
    RocketMQModule.forRoot({
      nameServer: cluster.nameServer.address,
      producer: { producerGroup: freshName('producers') },
    }),
    RocketMQMetricsModule.forRoot({ registry }),
    RocketMQTracingModule.forRoot({ tracerProvider, propagator: new W3CTraceContextPropagator() }),
  ];
  const app = await NestFactory.createApplicationContext(
    { module: AppModule, imports, providers: [Watched] },
    { logger: false },
  );
  try {
    await use({ app, topic, group, registry, spans, handled });
  } finally {
    await app.close();
  }
}

async function watch(stage: OperationsStage): Promise<void> {
  const cluster = await stage.cluster();
  const java = await stage.java();
  const producer = await java.producer({ nameServer: cluster.nameServer.address, group: freshName('producers') });
  await withApplication(stage, async ({ app, topic, group, registry, handled }) => {
    const health = async (): Promise<ConnectionHealth> => {
      const { rocketmq } = await app.get(RocketMQHealthIndicator).check();
      return rocketmq.connections['default']!;
    };
    await producer.send({ topic, body: 'first' });
    await handled.have(1);
    app.get(RocketMQListeners).pause(group);
    // A pull that is under way may still bring one.
    await producer.send({ topic, body: 'second' });
    for (const body of ['third', 'fourth']) await producer.send({ topic, body });
    const { status, nameServers, brokers, groups } = await health();
    expect({ status, nameServers }).toEqual({
      status: 'up',
      nameServers: [{ address: cluster.nameServer.address, status: 'up' }],
    });
    expect(brokers).toHaveLength(1);
    expect(brokers[0]?.addresses).toEqual([expect.stringMatching(/:\d+$/)]);
    const lag = groups[group]?.lag ?? 0;
    expect([lag, lag + handled.items.length]).toEqual([expect.any(Number), 4]);
    const line = `rocketmq_consumer_lag_messages{connection="default",topic="${topic}",consumer_group="${group}"} ${lag}`;
    expect((await registry.metrics()).split('\n')).toContain(line);
    app.get(RocketMQListeners).resume(group);
    await handled.have(4);
    while ((await health()).groups[group]?.lag !== 0) await pause(systemClock, 20);
  });
  stage.arena().retire(producer);
}

async function trace(stage: OperationsStage): Promise<void> {
  const cluster = await stage.cluster();
  const nameServer = cluster.nameServer.address;
  const java = await stage.java();
  const producer = await java.producer({ nameServer, group: freshName('producers') });
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const spanId = '00f067aa0ba902b7';
  await withApplication(stage, async ({ app, topic, spans, handled }) => {
    // As OpenTelemetry's Java agent writes it.
    await producer.send({ topic, body: 'from Java', properties: { traceparent: `00-${traceId}-${spanId}-01` } });
    await handled.have(1);
    const named = (name: string) => spans.getFinishedSpans().find((span) => span.name === name);
    while (named(`process ${topic}`) === undefined) await pause(systemClock, 20);
    expect(named(`process ${topic}`)?.parentSpanContext).toMatchObject({ traceId, spanId });
    await app.get(RocketMQTemplate).send(topic, 'to Java');
    const sent = named(`send ${topic}`)?.spanContext();
    const reader = await java.pullConsumer({ nameServer, group: freshName('group') });
    const [queue] = await reader.queues(topic);
    const messages: Received[] = [];
    while (messages.length < 2) messages.push(...(await reader.pull(queue!, messages.length)).messages);
    expect(messages[1]?.properties['traceparent']).toBe(`00-${sent?.traceId}-${sent?.spanId}-01`);
    stage.arena().retire(reader);
  });
  stage.arena().retire(producer);
}
