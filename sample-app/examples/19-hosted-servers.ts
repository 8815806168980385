// A name server and a broker hosted by an application of their own, in Apache's keys; sent to and read from without Nest.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { BrokerModule, HostedBroker, HostedNameServer, NameServerModule } from 'nestjs-rocketmq';
import { createBroker } from 'nestjs-rocketmq/broker';
import { createProducer, createPushConsumer } from 'nestjs-rocketmq/client';
import { createNameServer } from 'nestjs-rocketmq/namesrv';

const directory = await mkdtemp(join(tmpdir(), 'rocketmq-example-'));

/** One message from one client to the other. */
async function exchange(nameServer: string, body: string): Promise<string> {
  const producer = createProducer({ nameServer, producerGroup: 'senders' });
  await producer.start();
  await producer.send({ topic: 'greetings', body });
  let receive = (_body: string): void => undefined;
  const received = new Promise<string>((resolve) => (receive = resolve));
  const consumer = createPushConsumer({
    nameServer,
    consumerGroup: 'readers',
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    handler: ([message]) => receive(String(message?.body)),
  });
  consumer.subscribe('greetings');
  await consumer.start();
  try {
    return await received;
  } finally {
    await consumer.close();
    await producer.close();
  }
}

async function withNest(): Promise<void> {
  const home = join(directory, 'hosted');
  const configFile = join(directory, 'broker.conf');
  await writeFile(configFile, `brokerName = hosted-a\nlistenPort = 0\nstorePathRootDir = ${home}\n`);
  @Module({
    imports: [
      NameServerModule.forRoot({ listenPort: 0, kvConfigPath: join(home, 'kvConfig.json') }),
      // The broker finds the name server of its own application; of another one: nameServer: '127.0.0.1:9876'.
      BrokerModule.forRootAsync({ useFactory: () => ({ configFile }) }),
    ],
  })
  class Servers {}
  const app = await NestFactory.createApplicationContext(Servers, { logger: ['warn', 'error'] });
  try {
    const nameServer = app.get(HostedNameServer).address;
    const broker = app.get(HostedBroker);
    console.log(`name server and broker ${broker.brokerName} are up`);
    assert.equal(await exchange(nameServer, 'hello Nest'), 'hello Nest');
  } finally {
    await app.close();
  }
}

async function withoutNest(): Promise<void> {
  const home = join(directory, 'plain');
  const nameServer = createNameServer({ listenPort: 0, kvConfigPath: join(home, 'kvConfig.json') });
  await nameServer.start();
  const broker = createBroker({ listenPort: 0, storePathRootDir: home, namesrvAddr: nameServer.address });
  await broker.start();
  try {
    assert.equal(await exchange(nameServer.address, 'hello Node'), 'hello Node');
  } finally {
    await broker.close();
    await nameServer.close();
  }
}

try {
  await withNest();
  await withoutNest();
} finally {
  await rm(directory, { recursive: true, force: true });
}
