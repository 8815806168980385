import { describe, expect } from '@jest/globals';
import { createClient } from '../../../libs/client/src/index.js';
import { javaClient, sha1 } from '../../../libs/testkit/src/index.js';
import { freshName, reportingIt, type Arena, type Cluster } from './arena.js';

interface Namespaces {
  readonly arena: () => Arena;
  readonly cluster: () => Promise<Cluster>;
}

/** What a client in a namespace calls orders, others call shop%orders. */
export function describeNamespaces(title: string, { arena, cluster }: Namespaces): void {
  describe(title, () => {
    reportingIt(arena, 'a client in one, and one that says the full names, share topics and groups', async () => {
      await shareTopic(arena(), await cluster());
    });
  });
}

async function shareTopic(arena: Arena, cluster: Cluster): Promise<void> {
  const nameServer = cluster.nameServer.address;
  const bare = freshName('topic');
  const full = await arena.createTopic(cluster, 1, `shop%${bare}`);
  const group = freshName('group');
  const java = javaClient(await arena.peer());
  // The second kind rides along: brokers take no notice of it, and must not stumble over it.
  const client = createClient({ nameServer, namespace: 'shop', namespaceV2: 'shop' });
  const producer = client.createProducer({ producerGroup: freshName('producers') });
  await producer.start();
  const { messageQueue } = await producer.send({ topic: bare, body: 'ours' });
  expect(messageQueue.topic).toBe(bare);
  const javaProducer = await java.producer({ nameServer, group: freshName('producers') });
  await javaProducer.send({ topic: full, body: 'java' });

  const consumer = client.createLitePullConsumer({ consumerGroup: group, autoCommit: false });
  consumer.assign([messageQueue]);
  await consumer.start();
  await consumer.seekToBegin(messageQueue);
  const got: string[] = [];
  while (got.length < 2) {
    for (const message of await consumer.poll(10_000)) got.push(`${message.topic} ${message.body.toString()}`);
  }
  expect(got).toEqual([`${bare} ours`, `${bare} java`]);
  await consumer.commitSync();

  const reader = await java.pullConsumer({ nameServer, group: `shop%${group}` });
  const queue = { ...messageQueue, topic: full };
  expect(await reader.committed(queue)).toBe(2);
  const { messages } = await reader.pull(queue, 0);
  expect(messages.map(({ bodySha1 }) => bodySha1)).toEqual(['ours', 'java'].map(sha1));
  expect(messages[0]?.properties['INSTANCE_ID']).toBe('shop');
  await client.close();
  arena.retire(javaProducer, reader);
}
