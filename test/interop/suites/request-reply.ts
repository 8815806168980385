import { describe, expect } from '@jest/globals';
import { createClient, type RocketMQClient } from '../../../libs/client/src/index.js';
import { freshName, reportingIt, type Arena, type Cluster } from './arena.js';

interface RequestReply {
  readonly arena: () => Arena;
  readonly cluster: () => Promise<Cluster>;
}

const timeout = 20_000;
/** Of the first: push consumers of Java 5.x may be refused until their second heartbeat. */
const patience = 60_000;

/** One client asks and another one answers, each of Apache and of ours. */
export function describeRequestReply(title: string, { arena, cluster }: RequestReply): void {
  describe(title, () => {
    for (const [asking, answering] of [
      ['java', 'ours'],
      ['ours', 'java'],
      ['ours', 'ours'],
    ] as const) {
      reportingIt(arena, `a request of ${asking}, the reply of ${answering}`, async () => {
        await ask(arena(), await cluster(), asking, answering);
      });
    }
  });
}

type Kind = 'java' | 'ours';

async function ask(arena: Arena, cluster: Cluster, asking: Kind, answering: Kind): Promise<void> {
  const nameServer = cluster.nameServer.address;
  const topic = await arena.createTopic(cluster, 1);
  const responder = await (answering === 'java' ? javaResponder : ourResponder)(arena, nameServer, topic);
  const requester = await (asking === 'java' ? javaRequester : ourRequester)(arena, nameServer, topic);
  // One that is alone: Java's clients tell the broker of themselves while it is on its way, and others overtake that.
  expect(await requester.ask('first', patience)).toBe('first!');
  const bodies = Array.from({ length: 20 }, (_, i) => `request ${i}`);
  const replies = await Promise.all(bodies.map((body) => requester.ask(body)));
  expect(replies).toEqual(bodies.map((body) => `${body}!`));
  arena.retire(requester, responder);
}

export interface Requester {
  ask(body: string, within?: number): Promise<string>;
  close(): Promise<void>;
}

export interface Responder {
  close(): Promise<void>;
}

export async function javaRequester(arena: Arena, nameServer: string, topic: string): Promise<Requester> {
  const peer = await arena.peer();
  const name = freshName('requester');
  await peer.call('requester.start', { name, group: freshName('requesters'), nameServer });
  let count = 0;
  return {
    // Both forms of it; 5.3.3's without a callback gives up as soon as the broker has the request, on any broker.
    ask: async (body, within = timeout) => {
      const callback = peer.version === '5.3.3' || ++count % 2 === 0;
      const question = { name, topic, body, timeout: within, callback };
      const reply = (await peer.call('requester.ask', question, within + 10_000)) as { body: string };
      return reply.body;
    },
    close: async () => void (await peer.call('requester.stop', { name })),
  };
}

export async function javaResponder(arena: Arena, nameServer: string, topic: string): Promise<Responder> {
  const peer = await arena.peer();
  const name = freshName('responder');
  await peer.call('responder.start', { name, group: freshName('responders'), nameServer, topic });
  return { close: async () => void (await peer.call('responder.stop', { name })) };
}

async function ourRequester(_: Arena, nameServer: string, topic: string): Promise<Requester> {
  const client = ourClient(nameServer);
  const producer = client.createProducer({ producerGroup: freshName('requesters') });
  await producer.start();
  return {
    ask: async (body, within = timeout) =>
      (await producer.request({ topic, body }, { timeout: within })).body.toString(),
    close: () => client.close(),
  };
}

async function ourResponder(_: Arena, nameServer: string, topic: string): Promise<Responder> {
  const client = ourClient(nameServer);
  const producer = client.createProducer({ producerGroup: freshName('responders') });
  await producer.start();
  const consumer = client.createPushConsumer({
    consumerGroup: freshName('responders'),
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    handler: async (requests) => {
      for (const request of requests) await producer.reply(request, { body: `${request.body.toString()}!` });
    },
  });
  consumer.subscribe(topic);
  await consumer.start();
  return client;
}

function ourClient(nameServer: string): RocketMQClient {
  return createClient({ nameServer, instanceName: freshName('client') });
}
