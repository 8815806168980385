import { describe, expect } from '@jest/globals';
import { systemClock } from '../../../libs/common/src/index.js';
import {
  freeBrokerPort,
  javaClient,
  startJavaBroker,
  startOurBroker,
  type BrokerOptions,
  type Received,
  type TestBroker,
  type TestClient,
  type TestQueue,
} from '../../../libs/testkit/src/index.js';
import { freshName, reportingTogether, until, type Arena, type Cluster, type Maker } from './arena.js';

/** Levels 3, 4 and 5 are those of the first retries. */
const delays = [500, 2000, 1000, 2000, 3000];
const messageDelayLevel = '0s 2s 1s 2s 3s';

export interface Retry {
  readonly arena: () => Arena;
}

/** Apache's consumers and producers on our broker: what comes again, when, in which order, and where it ends. */
export function describeRetry(title: string, { arena }: Retry): void {
  describe(title, () => {
    let broker: Promise<Cluster> | undefined;
    const cluster = (): Promise<Cluster> => (broker ??= startCluster(arena(), 'ours'));
    const checks = new Map<string, () => Promise<void>>();
    const check = (name: string, body: (arena: Arena, cluster: Cluster) => Promise<void>): void =>
      void checks.set(name, async () => body(arena(), await cluster()));

    check('what a consumer refuses comes again, later with each try, and is what it was', comesAgain);
    check('what was tried often enough lies with the dead letters', endsDead);
    check('two orderly members share out the queues and keep their order, also when one leaves', keepsOrder);
    check('a delayed message comes with what Apache’s broker gives it, and not early', comesDelayed);
    for (const [writer, reader] of [
      ['ours', 'java'],
      ['java', 'ours'],
    ] as const)
      checks.set(`what waits in a store of ${writer} is delivered by ${reader}, once and not early`, () =>
        handOver(arena(), writer, reader),
      );
    reportingTogether(arena, checks);
  });
}

function startBroker(arena: Arena, maker: Maker, options: BrokerOptions): Promise<TestBroker> {
  const config = { messageDelayLevel };
  if (maker === 'java') return startJavaBroker(arena.testbed, arena.version, { ...options, config });
  return startOurBroker(arena.testbed, { ...options, config: { ...config, brokerVersion: arena.brokerVersion } });
}

async function startCluster(arena: Arena, maker: Maker): Promise<Cluster> {
  const nameServer = await arena.nameServer('ours');
  const options = { nameServer: nameServer.address, brokerName: freshName('delays'), clusterName: freshName('delays') };
  return { nameServer, broker: await startBroker(arena, maker, options) };
}

async function comesAgain(arena: Arena, cluster: Cluster): Promise<void> {
  const nameServer = cluster.nameServer.address;
  const client = javaClient(await arena.peer());
  const topic = await arena.createTopic(cluster, 1);
  const group = freshName('group');
  const producer = await client.producer({ nameServer, group: freshName('producers') });
  const sent = await producer.send({ topic, body: 'again and again', tags: 'bad', keys: 'k', flag: 7 });
  const subscriptions = [[topic, 'bad || good']] as const;
  const consumer = await client.pushConsumer({ nameServer, group, subscriptions, refusals: 3 });
  await consumer.waitUntil((received) => received.length >= 4);
  const { received } = consumer;
  expect(received.map(({ reconsumeTimes }) => reconsumeTimes)).toEqual([0, 1, 2, 3]);
  const [first] = received;
  for (const message of received) {
    const { msgId, tags, keys, flag, bodySha1, bornTimestamp } = message;
    expect({ topic: message.topic, msgId, tags, keys, flag, bodySha1, bornTimestamp }).toEqual({
      topic,
      msgId: sent.msgId,
      tags: 'bad',
      keys: 'k',
      flag: 7,
      bodySha1: first?.bodySha1,
      bornTimestamp: first?.bornTimestamp,
    });
  }
  for (const { properties } of received.slice(1)) {
    expect(properties).toMatchObject({ RETRY_TOPIC: topic, ORIGIN_MESSAGE_ID: sent.offsetMsgId });
  }
  for (const [i, delay] of [1000, 2000, 3000].entries()) {
    const [before, after] = [received[i] as Received, received[i + 1] as Received];
    expect(after.storeTimestamp - before.storeTimestamp).toBeGreaterThanOrEqual(delay);
    expect(after.storeTimestamp - before.arrivedAt).toBeLessThan(delay + 5000);
  }
  arena.retire(producer, consumer);
}

async function endsDead(arena: Arena, cluster: Cluster): Promise<void> {
  const nameServer = cluster.nameServer.address;
  const client = javaClient(await arena.peer());
  const topic = await arena.createTopic(cluster, 1);
  const group = freshName('group');
  const producer = await client.producer({ nameServer, group: freshName('producers') });
  const sent = await producer.send({ topic, body: 'never', tags: 'bad' });
  const options = { nameServer, group, subscriptions: [[topic, '*']] as const, maxReconsumeTimes: 2, refusals: 99 };
  const consumer = await client.pushConsumer(options);
  const pull = await client.pullConsumer({ nameServer, group: freshName('group') });
  const queue = { topic: `%DLQ%${group}`, brokerName: cluster.broker.brokerName, queueId: 0 };
  await consumer.waitUntil((received) => received.length >= 3);
  let dead: readonly Received[] = [];
  await until('a dead letter', async () => {
    dead = await pull.pull(queue, 0).then(
      ({ messages }) => messages,
      () => [],
    );
    return dead.length > 0;
  });
  expect(dead).toMatchObject([
    {
      msgId: sent.msgId,
      tags: 'bad',
      reconsumeTimes: 3,
      properties: { RETRY_TOPIC: topic, ORIGIN_MESSAGE_ID: sent.offsetMsgId },
    },
  ]);
  expect(consumer.received.map(({ reconsumeTimes }) => reconsumeTimes)).toEqual([0, 1, 2]);
  arena.retire(producer, consumer, pull);
}

const perQueue = 60;
/** Java's members try every 20 s for queues that others still hold. */
const rebalancing = 60_000;

async function keepsOrder(arena: Arena, cluster: Cluster): Promise<void> {
  const nameServer = cluster.nameServer.address;
  const client = javaClient(await arena.peer());
  const topic = await arena.createTopic(cluster, 4);
  const group = freshName('group');
  const producer = await client.producer({ nameServer, group: freshName('producers') });
  const queues = await producer.queues(topic);
  const options = { nameServer, group, subscriptions: [[topic, '*']] as const, consumeMode: 'ORDERLY' as const };
  const [stays, leaves] = await Promise.all([client.pushConsumer(options), client.pushConsumer(options)]);
  await until(
    'two queues for each member',
    async () => {
      const assigned = await Promise.all([stays.assignment(), leaves.assignment()]);
      return assigned.every((of) => of.filter((queue) => queue.topic === topic).length === 2);
    },
    rebalancing,
  );
  const sendHalf = async (from: number): Promise<void> => {
    for (let i = from; i < from + perQueue / 2; i++) {
      for (const queue of queues) await producer.sendToQueue({ topic, body: `${i}` }, queue);
    }
  };
  await sendHalf(0);
  const all = (): Received[] => [...stays.received, ...leaves.received];
  await until('the first half', () => Promise.resolve(distinct(all()) >= (queues.length * perQueue) / 2));
  expect([stays, leaves].map(({ received }) => new Set(received.map(({ queueId }) => queueId)).size)).toEqual([2, 2]);
  await leaves.close();
  await sendHalf(perQueue / 2);
  await until('all of them', () => Promise.resolve(distinct(all()) >= queues.length * perQueue), rebalancing);
  for (const { queueId } of queues) expectOrder(all().filter((message) => message.queueId === queueId));
  arena.retire(producer, stays);
}

function distinct(received: readonly Received[]): number {
  return new Set(received.map(({ queueId, queueOffset }) => `${queueId}@${queueOffset}`)).size;
}

/** As they were handled: the time at which this process saw them tells, since both members run in one JVM. */
function expectOrder(received: readonly Received[]): void {
  const offsets = received.toSorted((a, b) => a.arrivedAt - b.arrivedAt).map(({ queueOffset }) => queueOffset);
  expect(offsets).toEqual(Array.from({ length: perQueue }, (_, i) => i));
}

/** Properties that tell messages, topics and moments apart. */
const ownNames: ReadonlySet<string> = new Set(['REAL_TOPIC', 'CLUSTER', 'UNIQ_KEY', 'CONSUME_START_TIME']);

/** Each broker delivers the same message. */
async function comesDelayed(arena: Arena, cluster: Cluster): Promise<void> {
  const theirs = await startCluster(arena, 'java');
  const [byOurs, byJava] = await Promise.all([delayedBy(arena, cluster), delayedBy(arena, theirs)]);
  const facts = ({ properties, tags, flag, reconsumeTimes, queueId }: Received): object => {
    const values = Object.entries(properties).map(([name, value]) => [name, ownNames.has(name) ? '' : value]);
    return { properties: Object.fromEntries(values), tags, flag, reconsumeTimes, queueId };
  };
  expect(facts(byOurs)).toEqual(facts(byJava));
  await theirs.broker.program.kill();
}

async function delayedBy(arena: Arena, cluster: Cluster): Promise<Received> {
  const nameServer = cluster.nameServer.address;
  const client: TestClient = javaClient(await arena.peer());
  const topic = await arena.createTopic(cluster, 2);
  const producer = await client.producer({ nameServer, group: freshName('producers') });
  const subscriptions = [[topic, 'later']] as const;
  const consumer = await client.pushConsumer({ nameServer, group: freshName('group'), subscriptions });
  const queue: TestQueue = { topic, brokerName: cluster.broker.brokerName, queueId: 1 };
  const begin = systemClock.now();
  const sent = await producer.sendToQueue({ topic, body: 'x', tags: 'later', flag: 3, delayLevel: 2 }, queue);
  expect(sent).toMatchObject({ sendStatus: 'SEND_OK', queue });
  await consumer.waitUntil((received) => received.length > 0);
  const [message] = consumer.received as readonly [Received];
  expect(message.msgId).toBe(sent.msgId);
  expect(message.storeTimestamp - begin).toBeGreaterThanOrEqual(delays[1] as number);
  arena.retire(producer, consumer);
  return message;
}

/** Some messages were delivered before, some come due while no broker runs, some later. */
async function handOver(arena: Arena, writer: Maker, reader: Maker): Promise<void> {
  const { address: nameServer } = await arena.nameServer('ours');
  const options = {
    nameServer,
    brokerName: freshName('delays'),
    clusterName: freshName('delays'),
    directory: await arena.testbed.subdirectory(freshName('delays')),
    port: await freeBrokerPort(),
  };
  const client = javaClient(await arena.peer());
  const first = await startBroker(arena, writer, options);
  const topic = await arena.createTopic({ nameServer: await arena.nameServer('ours'), broker: first }, 1);
  const producer = await client.producer({ nameServer, group: freshName('producers') });
  const pull = await client.pullConsumer({ nameServer, group: freshName('group') });
  const [queue] = (await pull.queues(topic)) as [TestQueue];
  const delivered = async (): Promise<readonly Received[]> => (await pull.pull(queue, 0)).messages;
  const send = (body: string, delayLevel: number) => producer.send({ topic, body, delayLevel });
  await send('before', 3);
  await until('the first one', async () => (await delivered()).length === 1);
  for (let i = 0; i < 5; i++) await send(`while ${i}`, 4);
  await send('after', 5);
  const { code } = await first.program.stop(60_000);
  if (writer === 'ours') expect(code).toBe(0);

  const second = await startBroker(arena, reader, options);
  await until('all of them', async () => (await delivered().catch(() => [])).length >= 7, 60_000);
  const messages = await delivered();
  expect(new Set(messages.map(({ msgId }) => msgId)).size).toBe(7);
  expect(messages).toHaveLength(7);
  arena.retire(producer, pull);
  if (reader === 'java') await second.program.kill();
  else await second.program.stop();
}
