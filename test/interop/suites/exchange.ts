import { beforeAll, describe, expect } from '@jest/globals';
import { systemClock } from '../../../libs/common/src/index.js';
import { sha1, type Received, type Sent, type TestClient, type TestMessage } from '../../../libs/testkit/src/index.js';
import { freshName, reportingIt, reportingTogether, until, type Arena, type Cluster } from './arena.js';

export interface Exchange {
  readonly arena: () => Arena;
  readonly cluster: () => Promise<Cluster>;
  readonly sender: () => Promise<TestClient>;
  readonly receiver: () => Promise<TestClient>;
}

/** What one client sends through a cluster, another one gets: every kind of send, every way to consume. */
export function describeExchange(title: string, exchange: Exchange): void {
  describe(title, () => {
    let cluster: Cluster;
    let sender: TestClient;
    let receiver: TestClient;
    beforeAll(async () => {
      [cluster, sender, receiver] = await Promise.all([exchange.cluster(), exchange.sender(), exchange.receiver()]);
    });
    const parts = (): Parts => ({ arena: exchange.arena(), cluster, sender, receiver });
    const checks: Readonly<Record<string, (parts: Parts) => Promise<void>>> = {
      'every kind of send arrives once, with body, tags, keys and properties': everySendKind,
      'a batch takes consecutive offsets and arrives as single messages': batches,
      'a big body travels compressed and arrives whole': compressedBody,
      'a tag expression lets only its tags through': tagExpression,
      'broadcasting gives every consumer every message': broadcasting,
      'a topic is made by the first send to it': autoCreation,
      'pull consumer: found, nothing new, out of range, offsets kept': pulling,
    };
    // A push consumer of Java 5.x takes a second to begin.
    reportingTogether(
      exchange.arena,
      new Map(Object.entries(checks).map(([name, check]) => [name, () => check(parts())])),
    );
    // By itself: it measures.
    reportingIt(exchange.arena, 'a waiting consumer gets a message at once', () => longPolling(parts()));
  });
}

interface Parts {
  readonly arena: Arena;
  readonly cluster: Cluster;
  readonly sender: TestClient;
  readonly receiver: TestClient;
}

async function everySendKind({ arena, cluster, sender, receiver }: Parts): Promise<void> {
  const topic = await arena.createTopic(cluster);
  const nameServer = cluster.nameServer.address;
  const producer = await sender.producer({ nameServer, group: freshName('producers') });
  const consumer = await receiver.pushConsumer({
    nameServer,
    group: freshName('group'),
    subscriptions: [[topic, '*']],
  });
  const message = (kind: string): TestMessage => ({
    topic,
    body: `${kind}: Grüße, 世界 \u{1f680}`,
    tags: `tag-${kind}`,
    keys: `order-${kind} second-${kind}`,
    flag: 7,
    properties: { kind, padded: ' two spaces ', ключ: 'значение "quoted" \\ / \u007f' },
  });
  const receipts: Sent[] = [
    await producer.send(message('sync')),
    await producer.sendAsync(message('async')),
    await producer.sendByHash(message('hash'), 'customer-42'),
  ];
  await producer.sendOneWay(message('oneway'));
  await consumer.waitUntil((received) => received.length >= 4);
  arena.retire(producer, consumer);

  for (const kind of ['sync', 'async', 'hash', 'oneway']) {
    const sent = message(kind);
    const [got, ...more] = consumer.received.filter(({ tags }) => tags === sent.tags);
    expect(more).toEqual([]);
    expect(got).toMatchObject({ topic, tags: sent.tags, keys: sent.keys, flag: 7, reconsumeTimes: 0 });
    expect(got?.properties).toMatchObject(sent.properties ?? {});
    expect(got?.bodySha1).toBe(sha1(sent.body));
  }
  for (const receipt of receipts) {
    expect(receipt.sendStatus).toBe('SEND_OK');
    expect(placeOf(consumer.received, receipt.msgId)).toEqual([receipt.queue.queueId, receipt.queueOffset]);
  }
}

function placeOf(received: readonly Received[], msgId: string): [number, number] | undefined {
  const found = received.find((message) => message.msgId === msgId);
  return found && [found.queueId, found.queueOffset];
}

async function batches({ arena, cluster, sender, receiver }: Parts): Promise<void> {
  const topic = await arena.createTopic(cluster);
  const nameServer = cluster.nameServer.address;
  const producer = await sender.producer({ nameServer, group: freshName('producers') });
  const messages = Array.from({ length: 10 }, (_, i) => ({
    topic,
    body: `part ${i}`,
    tags: 'batch',
    keys: `key-${i}`,
    properties: { index: String(i) },
  }));
  const sent = await producer.sendBatch(messages);
  expect(sent.sendStatus).toBe('SEND_OK');
  const ids = sent.msgId.split(',');
  expect(ids).toHaveLength(10);
  expect(sent.offsetMsgId.split(',')).toHaveLength(10);
  const consumer = await receiver.pushConsumer({
    nameServer,
    group: freshName('group'),
    subscriptions: [[topic, '*']],
  });
  await consumer.waitUntil((received) => received.length >= 10);
  arena.retire(producer, consumer);
  const inOrder = consumer.received.toSorted((a, b) => a.queueOffset - b.queueOffset);
  expect(inOrder.map(({ queueOffset }) => queueOffset)).toEqual(ids.map((_, i) => sent.queueOffset + i));
  expect(inOrder.map(({ keys }) => keys)).toEqual(messages.map(({ keys }) => keys));
  // Apache's brokers append the batch's properties to each message's, its id too when it has one; ours keeps the message's.
  const hidden = sender.batchIdWins && new Set(inOrder.map(({ msgId }) => msgId)).size === 1;
  if (!hidden) expect(inOrder.map(({ msgId }) => msgId)).toEqual(ids);
  expect(inOrder.map(({ bodySha1 }) => bodySha1)).toEqual(messages.map(({ body }) => sha1(body)));
  expect(inOrder.map(({ properties }) => properties['index'])).toEqual(messages.map((_, i) => String(i)));
}

async function compressedBody({ arena, cluster, sender, receiver }: Parts): Promise<void> {
  const topic = await arena.createTopic(cluster);
  const nameServer = cluster.nameServer.address;
  const producer = await sender.producer({ nameServer, group: freshName('producers'), compressOver: 4096 });
  const text = 'a line that compresses well\n'.repeat(40_000);
  const noise = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i * 31 + (i >> 3) * 17) & 255));
  const receipts = [
    await producer.send({ topic, body: text, tags: 'text' }),
    await producer.send({ topic, body: noise, tags: 'noise' }),
    await producer.send({ topic, body: Buffer.alloc(4095, 'x'), tags: 'small' }),
  ];
  const consumer = await receiver.pushConsumer({
    nameServer,
    group: freshName('group'),
    subscriptions: [[topic, '*']],
  });
  await consumer.waitUntil((received) => received.length >= receipts.length);
  arena.retire(producer, consumer);
  const byTag = new Map(consumer.received.map((message) => [message.tags, message]));
  expect(byTag.get('text')).toMatchObject({ bodyLength: text.length, bodySha1: sha1(text) });
  expect(byTag.get('noise')).toMatchObject({ bodyLength: noise.length, bodySha1: sha1(noise) });
  expect(byTag.get('small')).toMatchObject({ bodyLength: 4095 });
  expect(byTag.get('text')?.storeSize).toBeLessThan(text.length / 10);
  expect(byTag.get('small')?.storeSize).toBeGreaterThan(4095);
}

async function tagExpression({ arena, cluster, sender, receiver }: Parts): Promise<void> {
  const topic = await arena.createTopic(cluster);
  const nameServer = cluster.nameServer.address;
  const producer = await sender.producer({ nameServer, group: freshName('producers') });
  // "Aa" and "BB" have the same hash code in Java: the broker lets both through, the client must tell them apart.
  const tags = ['Aa', 'BB', 'red', 'green', undefined];
  for (let round = 0; round < 4; round++)
    for (const tag of tags) await producer.send({ topic, body: `${tag}`, ...(tag !== undefined && { tags: tag }) });
  const consumer = await receiver.pushConsumer({
    nameServer,
    group: freshName('group'),
    subscriptions: [[topic, 'Aa || red']],
  });
  await consumer.waitUntil((received) => received.length >= 8);
  await producer.send({ topic, body: 'BB', tags: 'BB' });
  await producer.send({ topic, body: 'last', tags: 'red' });
  await consumer.waitUntil((received) => received.length >= 9);
  arena.retire(producer, consumer);
  const counts = new Map<string | undefined, number>();
  for (const { tags: tag } of consumer.received) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  expect(Object.fromEntries(counts)).toEqual({ Aa: 4, red: 5 });
}

async function broadcasting({ arena, cluster, sender, receiver }: Parts): Promise<void> {
  const topic = await arena.createTopic(cluster);
  const nameServer = cluster.nameServer.address;
  const group = freshName('group');
  const options = { nameServer, group, subscriptions: [[topic, '*']], messageModel: 'BROADCASTING' } as const;
  const consumers = [await receiver.pushConsumer(options), await receiver.pushConsumer(options)];
  const producer = await sender.producer({ nameServer, group: freshName('producers') });
  const expected: string[] = [];
  for (let i = 0; i < 12; i++) expected.push((await producer.send({ topic, body: `news ${i}` })).msgId);
  for (const consumer of consumers) await consumer.waitUntil((received) => received.length >= expected.length);
  arena.retire(producer, ...consumers);
  for (const consumer of consumers)
    expect(consumer.received.map(({ msgId }) => msgId).toSorted()).toEqual(expected.toSorted());
}

async function autoCreation({ arena, cluster, sender, receiver }: Parts): Promise<void> {
  const topic = freshName('auto');
  const nameServer = cluster.nameServer.address;
  const peer = await arena.peer();
  // Known once the broker has told the name server of it.
  await until('a model for new topics', () =>
    peer.call('admin.route', { nameServer, topic: 'TBW102' }).then(Boolean, () => false),
  );
  const producer = await sender.producer({ nameServer, group: freshName('producers'), defaultTopicQueueNums: 3 });
  const sent = await producer.send({ topic, body: 'first' });
  expect(sent.sendStatus).toBe('SEND_OK');
  const consumer = await receiver.pushConsumer({
    nameServer,
    group: freshName('group'),
    subscriptions: [[topic, '*']],
  });
  await consumer.waitUntil((received) => received.length >= 1);
  const pull = await receiver.pullConsumer({ nameServer, group: freshName('group') });
  const queues = await pull.queues(topic);
  expect(queues.map(({ queueId }) => queueId).toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
  arena.retire(producer, consumer, pull);
}

async function longPolling({ arena, cluster, sender, receiver }: Parts): Promise<void> {
  const topic = await arena.createTopic(cluster, 1);
  const nameServer = cluster.nameServer.address;
  const producer = await sender.producer({ nameServer, group: freshName('producers') });
  const consumer = await receiver.pushConsumer({
    nameServer,
    group: freshName('group'),
    subscriptions: [[topic, '*']],
  });
  const delays: number[] = [];
  for (let i = 0; i < 10; i++) {
    const began = systemClock.now();
    await producer.send({ topic, body: String(i) });
    await consumer.waitUntil((received) => received.length > i);
    delays.push((consumer.received[i]?.arrivedAt ?? Infinity) - began);
  }
  arena.retire(producer, consumer);
  // The first one may find the consumer still on its way to its queue. Polling by timer would show as 1000 and more.
  const [, ...settled] = delays;
  expect(settled.toSorted((a, b) => a - b)[4]).toBeLessThan(250);
}

async function pulling({ arena, cluster, sender, receiver }: Parts): Promise<void> {
  const topic = await arena.createTopic(cluster, 2);
  const nameServer = cluster.nameServer.address;
  const producer = await sender.producer({ nameServer, group: freshName('producers') });
  const [queue] = (await producer.queues(topic)).toSorted((a, b) => a.queueId - b.queueId);
  if (!queue) throw new Error(`no queue of ${topic}`);
  for (let i = 0; i < 10; i++)
    await producer.sendToQueue({ topic, body: `m${i}`, tags: i % 2 ? 'odd' : 'even' }, queue);
  const consumer = await receiver.pullConsumer({ nameServer, group: freshName('group') });
  expect(await consumer.queues(topic)).toHaveLength(2);
  // Apache's broker acknowledges first and fills the queue afterwards.
  await until('ten in the queue', async () => (await consumer.pull(queue, 0, { maxNums: 1 })).maxOffset === 10);
  const first = await consumer.pull(queue, 0, { maxNums: 4 });
  expect(first).toMatchObject({ status: 'FOUND', nextBeginOffset: 4, minOffset: 0, maxOffset: 10 });
  expect(first.messages.map(({ queueOffset }) => queueOffset)).toEqual([0, 1, 2, 3]);
  const odd = await consumer.pull(queue, 0, { expression: 'odd' });
  expect(odd.messages.map(({ queueOffset }) => queueOffset)).toEqual([1, 3, 5, 7, 9]);
  expect(await consumer.pull(queue, 10)).toMatchObject({ status: 'NO_NEW_MSG', nextBeginOffset: 10 });
  expect(await consumer.pull(queue, 0, { expression: 'none' })).toMatchObject({ status: 'NO_MATCHED_MSG' });
  expect(await consumer.pull(queue, 500)).toMatchObject({ status: 'OFFSET_ILLEGAL', nextBeginOffset: 10 });
  await consumer.commit(queue, 4);
  await until('the committed offset', async () => (await consumer.committed(queue)) === 4);
  arena.retire(producer, consumer);
}
