import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BrokerModule, type BrokerModuleOptions, HostedNameServer, NameServerModule } from 'nestjs-rocketmq';
import {
  createClient,
  type PushConsumerConfig,
  type ReceivedMessage,
  type RocketMQClient,
} from 'nestjs-rocketmq/client';

/** What an example has to play with. */
export interface Playground {
  /** "host:port" of the name server. */
  readonly nameServer: string;
  readonly client: RocketMQClient;
  /** A topic that is there from now on. */
  readonly topic: (name: string, queues?: number) => Promise<string>;
  /** What a consumer group gets, from the first message on; options win over the plain handler. */
  readonly consume: (topic: string, group: string, more?: Consume) => Promise<Inbox>;
}

interface Consume extends Partial<PushConsumerConfig> {
  readonly expression?: string;
}

/** Messages in the order in which they were handled. */
export class Inbox {
  readonly messages: ReceivedMessage[] = [];
  readonly #changes = new EventEmitter();

  add(messages: readonly ReceivedMessage[]): void {
    this.messages.push(...messages);
    this.#changes.emit('message');
  }

  /** Bodies as texts. */
  get texts(): string[] {
    return this.messages.map(({ body }) => body.toString());
  }

  async until(count: number): Promise<void> {
    const signal = AbortSignal.timeout(30_000);
    while (this.messages.length < count) await once(this.#changes, 'message', { signal });
  }
}

/**
 * Runs an example: on the cluster that NAMESRV_ADDR names, or on a name server and a broker that are hosted here for as long
 * as it takes.
 */
export async function play(
  example: (playground: Playground) => Promise<void>,
  broker: BrokerModuleOptions = {},
): Promise<void> {
  const given = process.env['NAMESRV_ADDR'];
  if (given !== undefined) return playOn(given, example);
  const directory = await mkdtemp(join(tmpdir(), 'rocketmq-example-'));
  const storage = { storePathRootDir: join(directory, 'store') };
  @Module({
    imports: [
      NameServerModule.forRoot({ listenPort: 0, kvConfigPath: join(directory, 'kvConfig.json') }),
      BrokerModule.forRoot({ listenPort: 0, ...storage, ...broker }),
    ],
  })
  class Servers {}
  const app = await NestFactory.createApplicationContext(Servers, { logger: ['warn', 'error'], abortOnError: false });
  try {
    await playOn(app.get(HostedNameServer).address, example);
  } finally {
    await app.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function playOn(nameServer: string, example: (playground: Playground) => Promise<void>): Promise<void> {
  const client = createClient({ nameServer });
  await client.start();
  try {
    await example({
      nameServer,
      client,
      async topic(name, queues = 4) {
        await client.admin.createTopic(name, { readQueues: queues, writeQueues: queues });
        return name;
      },
      consume: (topic, group, more) => consume(client, topic, group, more),
    });
  } finally {
    await client.close();
  }
}

async function consume(
  client: RocketMQClient,
  topic: string,
  consumerGroup: string,
  { expression, ...more }: Consume = {},
): Promise<Inbox> {
  const inbox = new Inbox();
  const consumer = client.createPushConsumer({
    consumerGroup,
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    handler: (messages) => inbox.add(messages),
    ...more,
  });
  consumer.subscribe(topic, expression);
  await consumer.start();
  return inbox;
}
