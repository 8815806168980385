import { describe, expect } from '@jest/globals';
import { createClient } from '../../../libs/client/src/index.js';
import { javaClient, sha1, type TestClient } from '../../../libs/testkit/src/index.js';
import { freshName, reportingIt, type Arena, type Cluster } from './arena.js';

interface Offsets {
  readonly arena: () => Arena;
  readonly cluster: () => Promise<Cluster>;
  readonly java: () => Promise<TestClient>;
}

/** A broadcasting member that is rewritten in the other language goes on where it was. */
export function describeLocalOffsets(title: string, offsets: Offsets): void {
  describe(title, () => {
    reportingIt(offsets.arena, 'the file of one client is read and written by the other one, in turn', async () => {
      await takeTurns(offsets.arena(), await offsets.cluster());
    });
  });
}

async function takeTurns(arena: Arena, cluster: Cluster): Promise<void> {
  const nameServer = cluster.nameServer.address;
  const peer = await arena.peer();
  const topic = await arena.createTopic(cluster, 1);
  const producer = await javaClient(peer).producer({ nameServer, group: freshName('producers') });
  const [name, group] = [freshName('member'), freshName('group')];
  const directory = (await peer.call('property', { name: 'rocketmq.client.localOffsetStoreDir' })) as string;
  const shared = { name, group, nameServer, messageModel: 'BROADCASTING', subscriptions: [[topic, '*']] };
  const inbox = peer.inbox(name);
  /** What Java gets until it has seen so many messages in all. */
  const runJava = async (count: number): Promise<string> => {
    const options = { ...shared, consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' };
    const clientId = (await peer.call('push.start', options)) as string;
    await inbox.waitUntil((received) => received.length >= count);
    await peer.call('push.stop', { name });
    return clientId;
  };

  for (const body of ['a', 'b']) await producer.send({ topic, body });
  const clientId = await runJava(2);
  await producer.send({ topic, body: 'c' });
  expect(await pollOurs(clientId)).toEqual(['c']);
  await producer.send({ topic, body: 'd' });
  await runJava(3);
  expect(inbox.received.map(({ bodySha1 }) => bodySha1).toSorted()).toEqual(['a', 'b', 'd'].map(sha1).toSorted());
  arena.retire(producer);

  async function pollOurs(id: string): Promise<string[]> {
    const [clientIP = '', instanceName = ''] = id.split('@');
    const client = createClient({ nameServer, clientIP, instanceName, localOffsetStoreDir: directory });
    const consumer = client.createLitePullConsumer({ consumerGroup: group, messageModel: 'BROADCASTING' });
    consumer.subscribe(topic);
    await consumer.start();
    const got = await consumer.poll(10_000);
    consumer.commit();
    await consumer.close();
    await client.close();
    return got.map(({ body }) => body.toString());
  }
}
