import { Controller, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type AsyncMicroserviceOptions,
  EventPattern,
  MessagePattern,
  Payload,
  RpcException,
} from '@nestjs/microservices';
import { describe, expect } from '@jest/globals';
import { lastValueFrom } from 'rxjs';
import { sha1, type Received, type TestClient } from '../../../libs/testkit/src/index.js';
import { RocketMQModule } from '../../../src/index.js';
import { RocketMQClient, RocketMQMicroserviceModule, RocketMQServer } from '../../../src/microservices/index.js';
import { Mailbox } from '../../e2e/mailbox.js';
import { freshName, reportingIt, type Arena, type Cluster } from './arena.js';
import { javaRequester, javaResponder } from './request-reply.js';

interface MicroserviceStage {
  readonly arena: () => Arena;
  readonly cluster: () => Promise<Cluster>;
  readonly java: () => Promise<TestClient>;
}

/** Of a first request: push consumers of Java 5.x may be refused until their second heartbeat. */
const patience = 60_000;

/** Nest's microservices on Java servers, with Java at the other end: nothing but the payload is on the wire. */
export function describeMicroservices(title: string, stage: MicroserviceStage): void {
  describe(title, () => {
    reportingIt(stage.arena, 'answers what Java asks, with errors too, and Java answers it', () => askAndAnswer(stage));
    reportingIt(stage.arena, 'handles what Java sends, and Java finds no more on its events than on its own', () =>
      exchangeEvents(stage),
    );
  });
}

/** A microservice whose handlers belong to `topic`, and what its events brought. */
async function withMicroservice(
  stage: MicroserviceStage,
  topic: string,
  use: (client: RocketMQClient, events: Mailbox<unknown>) => Promise<void>,
): Promise<void> {
  const events = new Mailbox<unknown>();
  @Controller()
  class Handlers {
    @MessagePattern(topic, { consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' })
    answer(body: string): string {
      if (body === 'fail') throw new RpcException({ code: 404, message: 'none' });
      return `${body}!`;
    }
    @EventPattern<string>(`${topic}:event`, {
      consumerGroup: freshName('events'),
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    })
    handle(@Payload() payload: unknown): void {
      events.put(payload);
    }
  }
  class AppModule {}
  const { nameServer } = await stage.cluster();
  const imports = [
    RocketMQModule.forRoot({ nameServer: nameServer.address, producer: { producerGroup: freshName('producers') } }),
    RocketMQMicroserviceModule.forRoot({ consumerGroup: freshName('answering'), timeout: patience }),
  ];
  const app: INestMicroservice = await NestFactory.createMicroservice<AsyncMicroserviceOptions>(
    { module: AppModule, imports, controllers: [Handlers] },
    {
      logger: false,
      abortOnError: false,
      inject: [RocketMQServer],
      useFactory: (strategy: RocketMQServer) => ({ strategy }),
    },
  );
  try {
    await app.listen();
    await use(app.get(RocketMQClient), events);
  } finally {
    await app.close();
  }
}

async function askAndAnswer(stage: MicroserviceStage): Promise<void> {
  const [arena, cluster] = [stage.arena(), await stage.cluster()];
  const nameServer = cluster.nameServer.address;
  const topic = await arena.createTopic(cluster, 1);
  const theirs = await arena.createTopic(cluster, 1);
  const requester = await javaRequester(arena, nameServer, topic);
  const responder = await javaResponder(arena, nameServer, theirs);
  await withMicroservice(stage, topic, async (client) => {
    expect(await requester.ask('first', patience)).toBe('first!');
    expect(JSON.parse(await requester.ask('fail'))).toEqual({ code: 404, message: 'none' });
    // That it is an error stands in a property of the reply, which Java's broker hands on.
    const failure = lastValueFrom(client.send(topic, 'fail'));
    await expect(failure).rejects.toEqual({ code: 404, message: 'none' });
    expect(await lastValueFrom(client.send<string>(theirs, 'first'))).toBe('first!');
  });
  arena.retire(requester, responder);
}

async function exchangeEvents(stage: MicroserviceStage): Promise<void> {
  const [arena, cluster, java] = [stage.arena(), await stage.cluster(), await stage.java()];
  const nameServer = cluster.nameServer.address;
  const topic = await arena.createTopic(cluster, 1);
  const producer = await java.producer({ nameServer, group: freshName('producers') });
  await withMicroservice(stage, topic, async (client, events) => {
    await producer.send({ topic, tags: 'event', body: '{"id":1}' });
    await lastValueFrom(client.emit(`${topic}:event`, { id: 2 }));
    const seen = await events.have(2, patience);
    expect(new Set(seen.map((event) => JSON.stringify(event)))).toEqual(new Set(['{"id":1}', '{"id":2}']));
  });
  const reader = await java.pullConsumer({ nameServer, group: freshName('group') });
  const [queue] = await reader.queues(topic);
  const messages: Received[] = [];
  while (messages.length < 2) messages.push(...(await reader.pull(queue!, messages.length)).messages);
  expect(messages.map(({ bodySha1 }) => bodySha1)).toEqual(['{"id":1}', '{"id":2}'].map(sha1));
  const [their, our] = messages.map(({ properties }) => Object.keys(properties).toSorted());
  expect(our).toEqual(their);
  arena.retire(producer, reader);
}
