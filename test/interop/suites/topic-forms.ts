import { describe, expect } from '@jest/globals';
import { createClient } from '../../../libs/client/src/index.js';
import type { TestClient } from '../../../libs/testkit/src/index.js';
import { freshName, reportingIt, until, type Arena, type Cluster } from './arena.js';

interface TopicForms {
  readonly arena: () => Arena;
  readonly cluster: () => Promise<Cluster>;
  readonly java: () => Promise<TestClient>;
}

/** What operators say of a topic's queues, and what 5.x keeps of a batch: both bind producers and consumers alike. */
export function describeTopicForms(title: string, { arena, cluster, java }: TopicForms, batchQueues: boolean): void {
  describe(title, () => {
    reportingIt(arena, 'both clients keep to the queues of updateOrderConf', async () => {
      await keepToOrder(arena(), await cluster(), await java());
    });
    if (batchQueues) {
      reportingIt(arena, 'a batch that is one record comes as its messages, each at its offset', async () => {
        await takeApart(arena(), await cluster(), await java());
      });
    }
  });
}

async function keepToOrder(arena: Arena, cluster: Cluster, java: TestClient): Promise<void> {
  const nameServer = cluster.nameServer.address;
  const topic = await arena.createTopic(cluster, 4);
  const { brokerName } = cluster.broker;
  const peer = await arena.peer();
  // Name servers keep it to themselves unless told otherwise.
  await peer.mqadmin('updateNamesrvConfig', '-n', nameServer, '-k', 'orderMessageEnable', '-v', 'true');
  await peer.mqadmin('updateOrderConf', '-n', nameServer, '-t', topic, '-v', `${brokerName}:2`, '-m', 'put');
  const javaProducer = await java.producer({ nameServer, group: freshName('producers') });
  const client = createClient({ nameServer, instanceName: freshName('client') });
  const ourProducer = client.createProducer({ producerGroup: freshName('producers') });
  await ourProducer.start();
  const ours = await ourProducer.fetchPublishMessageQueues(topic);
  const theirs = await javaProducer.queues(topic);
  expect(ours.map(({ queueId }) => queueId)).toEqual([0, 1]);
  expect(theirs.map(({ queueId }) => queueId).toSorted((a, b) => a - b)).toEqual([0, 1]);
  for (let i = 0; i < 8; i++) {
    const { messageQueue } = await ourProducer.send({ topic, body: 'x' }, { hashKey: `key-${i}` });
    expect(messageQueue.queueId).toBeLessThan(2);
    const sent = await javaProducer.sendByHash({ topic, body: 'x' }, `key-${i}`);
    expect(sent.queue.queueId).toBe(messageQueue.queueId);
  }
  await client.close();
  arena.retire(javaProducer);
}

async function takeApart(arena: Arena, cluster: Cluster, java: TestClient): Promise<void> {
  const nameServer = cluster.nameServer.address;
  const topic = freshName('batches');
  const peer = await arena.peer();
  const attributes = ['-a', '+queue.type=BatchCQ'];
  await peer.mqadmin(
    'updateTopic',
    '-n',
    nameServer,
    '-b',
    cluster.broker.address,
    '-t',
    topic,
    '-r',
    '1',
    '-w',
    '1',
    ...attributes,
  );
  await until(`a route to ${topic}`, () => peer.call('admin.route', { nameServer, topic }).then(Boolean, () => false));
  const producer = await java.producer({ nameServer, group: freshName('producers') });
  const bodies = Array.from({ length: 10 }, (_, i) => `part ${i}`);
  for (const half of [bodies.slice(0, 5), bodies.slice(5)]) {
    await producer.sendBatch(half.map((body) => ({ topic, body, tags: 'a' })));
  }
  const received: [string, number][] = [];
  const client = createClient({ nameServer, instanceName: freshName('client') });
  const consumer = client.createPushConsumer({
    consumerGroup: freshName('group'),
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    handler: (messages) => {
      for (const { body, queueOffset } of messages) received.push([body.toString(), queueOffset]);
    },
  });
  // Its entry in the queue has no tag, so that a broker of Apache's finds none of these messages by theirs.
  consumer.subscribe(topic);
  await consumer.start();
  await until('all messages', () => Promise.resolve(received.length >= 10));
  expect(received.toSorted(([, a], [, b]) => a - b)).toEqual(bodies.map((body, i) => [body, i]));
  await client.close();
  arena.retire(producer);
}
