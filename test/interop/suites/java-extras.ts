import { describe, expect } from '@jest/globals';
import { systemClock } from '../../../libs/common/src/index.js';
import { javaClient, type Received, type TestClient, type TestQueue } from '../../../libs/testkit/src/index.js';
import { freshName, reportingIt, until, type Arena, type Cluster } from './arena.js';

export interface JavaExtras {
  readonly arena: () => Arena;
  readonly cluster: () => Promise<Cluster>;
  readonly ours: () => Promise<TestClient>;
}

/** What only Apache's clients and tools ask of a broker, and what both kinds of client must see alike. */
export function describeJavaExtras(title: string, extras: JavaExtras): void {
  describe(title, () => {
    const check = (name: string, body: (arena: Arena, cluster: Cluster) => Promise<void>): void =>
      reportingIt(extras.arena, name, async () => body(extras.arena(), await extras.cluster()));

    check('a producer on the VIP channel', vipChannel);
    check('the lite pull consumer gets and commits', litePull);
    check('admin calls: offsets by queue and time, statistics, connected consumers', adminCalls);
    check('both clients read a message alike, whoever sent it', async (arena, cluster) =>
      readAlike(arena, cluster, await extras.ours()),
    );
    check('both clients pick the same queue for a key', async (arena, cluster) =>
      sameQueueForKey(arena, cluster, await extras.ours()),
    );
  });
}

async function vipChannel(arena: Arena, cluster: Cluster): Promise<void> {
  const nameServer = cluster.nameServer.address;
  const topic = await arena.createTopic(cluster);
  const client = javaClient(await arena.peer());
  const producer = await client.producer({ nameServer, group: freshName('producers'), vipChannel: true });
  expect(await producer.send({ topic, body: 'important' })).toMatchObject({ sendStatus: 'SEND_OK', queueOffset: 0 });
  arena.retire(producer);
}

async function litePull(arena: Arena, cluster: Cluster): Promise<void> {
  const nameServer = cluster.nameServer.address;
  const topic = await arena.createTopic(cluster, 2);
  const peer = await arena.peer();
  const producer = await javaClient(peer).producer({ nameServer, group: freshName('producers') });
  for (let i = 0; i < 6; i++) await producer.send({ topic, body: `m${i}`, tags: i < 4 ? 'keep' : 'skip' });
  const name = freshName('lite');
  const group = freshName('group');
  await peer.call('lite.start', { name, group, nameServer, topic, expression: 'keep' });
  const got: Received[] = [];
  await until('four messages', async () => {
    got.push(...((await peer.call('lite.poll', { name, timeout: 1000 })) as Received[]));
    return got.length >= 4;
  });
  expect(got.map(({ tags }) => tags)).toEqual(['keep', 'keep', 'keep', 'keep']);
  await peer.call('lite.commit', { name });
  await peer.call('lite.stop', { name });
  const pull = await javaClient(peer).pullConsumer({ nameServer, group });
  const queues = await pull.queues(topic);
  await until('committed offsets', async () => {
    const offsets = await Promise.all(queues.map((queue) => pull.committed(queue)));
    return offsets.every((offset) => offset >= 2);
  });
  arena.retire(producer, pull);
}

async function adminCalls(arena: Arena, cluster: Cluster): Promise<void> {
  const nameServer = cluster.nameServer.address;
  const peer = await arena.peer();
  const client = javaClient(peer);
  const topic = await arena.createTopic(cluster, 1);
  const producer = await client.producer({ nameServer, group: freshName('producers') });
  const [queue] = await producer.queues(topic);
  for (let i = 0; i < 5; i++) await producer.send({ topic, body: `m${i}` });
  const group = freshName('group');
  const consumer = await client.pushConsumer({ nameServer, group, subscriptions: [[topic, '*']] });
  await consumer.waitUntil((received) => received.length >= 5);

  const [first, , third] = consumer.received.toSorted((a, b) => a.queueOffset - b.queueOffset);
  const offsetsAt = (timestamp: number): Promise<unknown> =>
    peer.call('admin.offsets', { nameServer, queue, timestamp });
  expect(await offsetsAt(0)).toEqual({ min: 0, max: 5, atTime: 0, earliest: first?.storeTimestamp });
  // In the future: 4.9 names the last message, 5.x the place after it. Before: a message stored at that very time, or later.
  expect(await offsetsAt(systemClock.now() + 3_600_000)).toMatchObject({ max: 5 });
  const { atTime } = (await offsetsAt(third?.storeTimestamp ?? 0)) as { atTime: number };
  expect(consumer.received.find(({ queueOffset }) => queueOffset === atTime)?.storeTimestamp).toBe(
    third?.storeTimestamp,
  );

  const stats = await peer.call('admin.topicStats', { nameServer, topic });
  expect(stats).toEqual([{ ...queue, minOffset: 0, maxOffset: 5 }]);
  expect(await peer.call('admin.consumers', { nameServer, group })).toHaveLength(1);
  await consumer.close();
  const rows = (await peer.call('admin.consumeStats', { nameServer, group })) as (TestQueue & Progress)[];
  expect(rows.find((row) => row.topic === topic)).toMatchObject({ brokerOffset: 5, consumerOffset: 5 });
  arena.retire(producer);
}

interface Progress {
  readonly brokerOffset: number;
  readonly consumerOffset: number;
}

async function readAlike(arena: Arena, cluster: Cluster, ours: TestClient): Promise<void> {
  const nameServer = cluster.nameServer.address;
  const topic = await arena.createTopic(cluster, 1);
  const java = javaClient(await arena.peer());
  let queue: TestQueue | undefined;
  for (const client of [java, ours]) {
    const producer = await client.producer({ nameServer, group: freshName('producers'), compressOver: 4096 });
    [queue] = await producer.queues(topic);
    const properties = { 'a name': ' a value ', name: 'Größe', empty: '{}' };
    await producer.send({ topic, body: 'plain' });
    await producer.send({ topic, body: 'full', tags: 'tag', keys: 'k1 k2 k3', flag: -5, properties });
    await producer.send({ topic, body: 'big '.repeat(5000), tags: 'big' });
    await producer.sendBatch([
      { topic, body: 'first of a batch', keys: 'b1' },
      { topic, body: 'second of a batch', properties },
    ]);
    arena.retire(producer);
  }
  if (!queue) throw new Error(`no queue of ${topic}`);
  const readings: Received[][] = [];
  for (const client of [java, ours]) {
    const pull = await client.pullConsumer({ nameServer, group: freshName('group') });
    const { messages } = await pull.pull(queue, 0);
    readings.push(messages.map((message) => ({ ...message, arrivedAt: 0, sysFlag: message.sysFlag & ~1 })));
    arena.retire(pull);
  }
  const [byJava, byOurs] = readings;
  expect(byJava).toHaveLength(10);
  expect(byOurs).toEqual(byJava);
}

async function sameQueueForKey(arena: Arena, cluster: Cluster, ours: TestClient): Promise<void> {
  const nameServer = cluster.nameServer.address;
  const topic = await arena.createTopic(cluster, 7);
  const keys = [
    '',
    'a',
    'customer-42',
    'Größe',
    '世界',
    'polygenelubricants',
    ...Array.from({ length: 14 }, (_, i) => `k${i}`),
  ];
  const chosen: number[][] = [];
  for (const client of [javaClient(await arena.peer()), ours]) {
    const producer = await client.producer({ nameServer, group: freshName('producers') });
    const receipts = [];
    for (const key of keys) receipts.push(await producer.sendByHash({ topic, body: 'x' }, key));
    chosen.push(receipts.map(({ queue }) => queue.queueId));
    arena.retire(producer);
  }
  expect(chosen[1]).toEqual(chosen[0]);
}
