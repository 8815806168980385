import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { describe, expect } from '@jest/globals';
import { sha1, type Received, type TestClient } from '../../../libs/testkit/src/index.js';
import { BatchItem, type RocketMQDelivery, RocketMQModule, RocketMQTemplate } from '../../../src/index.js';
import { freshName, reportingIt, type Arena, type Cluster } from './arena.js';

interface TemplateStage {
  readonly arena: () => Arena;
  readonly cluster: () => Promise<Cluster>;
  readonly java: () => Promise<TestClient>;
}

/** The template of a Nest application on Java servers, with Java at the other end. */
export function describeTemplate(title: string, stage: TemplateStage): void {
  describe(title, () => {
    reportingIt(stage.arena, 'Java reads what it sends, and finds no more on it than on its own', () =>
      sendToJava(stage),
    );
    reportingIt(stage.arena, 'it receives what Java sends, and Java sees what it acked', () => receiveFromJava(stage));
  });
}

async function withTemplate(stage: TemplateStage, use: (template: RocketMQTemplate) => Promise<void>): Promise<void> {
  const { nameServer } = await stage.cluster();
  const module = RocketMQModule.forRoot({
    nameServer: nameServer.address,
    producer: { producerGroup: freshName('producers') },
  });
  const app: INestApplicationContext = await NestFactory.createApplicationContext(module, { logger: false });
  try {
    await use(app.get(RocketMQTemplate));
  } finally {
    await app.close();
  }
}

async function sendToJava(stage: TemplateStage): Promise<void> {
  const cluster = await stage.cluster();
  const nameServer = cluster.nameServer.address;
  const topic = await stage.arena().createTopic(cluster, 1);
  const java = await stage.java();
  const properties = { tenant: 'ä' };
  await withTemplate(stage, async (template) => {
    const options = { keys: ['k1', 'k2'], properties };
    await template.syncSendOrderly(`${topic}:placed`, { id: 1 }, 'customer', options);
    await template.send(topic, [new BatchItem('b1', { keys: 'k3', tag: 'one' }), 'b2']);
    await template.send(topic, 'committed', { transaction: async () => 'commit' });
    await template.send(topic, 'dropped', { transaction: async () => 'rollback' });
  });
  const producer = await java.producer({ nameServer, group: freshName('producers') });
  await producer.send({ topic, tags: 'placed', keys: 'k1 k2', body: '{"id":1}', properties });

  const reader = await java.pullConsumer({ nameServer, group: freshName('group') });
  const [queue] = await reader.queues(topic);
  const messages: Received[] = [];
  while (messages.length < 5) messages.push(...(await reader.pull(queue!, messages.length)).messages);
  const bodies = messages.map(({ bodySha1 }) => bodySha1);
  // The commit may come after what Java sent.
  expect(new Set(bodies)).toEqual(new Set(['{"id":1}', 'b1', 'b2', 'committed'].map(sha1)));
  const [ours, theirs] = messages.filter(({ bodySha1 }) => bodySha1 === sha1('{"id":1}'));
  expect(ours).toMatchObject({ tags: 'placed', keys: 'k1 k2', properties });
  expect(Object.keys(ours!.properties).toSorted()).toEqual(Object.keys(theirs!.properties).toSorted());
  const [first, second] = ['b1', 'b2'].map((body) => messages.find(({ bodySha1 }) => bodySha1 === sha1(body)));
  expect([first?.keys, first?.tags, second?.tags]).toEqual(['k3', 'one', undefined]);
  stage.arena().retire(producer, reader);
}

async function receiveFromJava(stage: TemplateStage): Promise<void> {
  const cluster = await stage.cluster();
  const nameServer = cluster.nameServer.address;
  const topic = await stage.arena().createTopic(cluster, 1);
  const java = await stage.java();
  const producer = await java.producer({ nameServer, group: freshName('producers') });
  // As rocketmq-spring marks them.
  await producer.send({ topic, body: '42', properties: { contentType: 'application/json' } });
  await producer.send({
    topic,
    body: '{"id":1}',
    keys: 'a b',
    properties: { contentType: 'text/plain;charset=UTF-8' },
  });
  await producer.send({ topic, body: Buffer.from([0xff]), properties: { contentType: 'application/octet-stream' } });
  const group = freshName('group');
  await withTemplate(stage, async (template) => {
    const deliveries: RocketMQDelivery[] = [];
    const options = { group, consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET', timeout: 20_000 } as const;
    while (deliveries.length < 3) deliveries.push(...(await template.receive(topic, options)));
    expect(deliveries.map(({ payload }) => payload)).toEqual([42, { id: 1 }, Buffer.from([0xff])]);
    expect(deliveries[1]!.message.keys).toEqual(['a', 'b']);
    for (const delivery of deliveries.slice(0, 2).toReversed()) await delivery.ack();
  });
  const reader = await java.pullConsumer({ nameServer, group });
  const [queue] = await reader.queues(topic);
  expect(await reader.committed(queue!)).toBe(2);
  stage.arena().retire(producer, reader);
}
