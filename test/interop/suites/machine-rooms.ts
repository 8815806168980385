import { describe, expect } from '@jest/globals';
import { createClient, selectQueueByMachineRoom } from '../../../libs/client/src/index.js';
import { JavaPeer, javaClient, startOurBroker, startOurNameServer } from '../../../libs/testkit/src/index.js';
import { freshName, reportingIt, until, type Arena } from './arena.js';

/** Brokers named room@name: our selector keeps to its rooms, and Java reads what it sent. */
export function describeMachineRooms(title: string, { arena }: { readonly arena: () => Arena }): void {
  describe(title, () => {
    reportingIt(arena, 'a producer sends to the brokers of its rooms only', () => keepsToItsRooms(arena()));
  });
}

async function keepsToItsRooms(arena: Arena): Promise<void> {
  const { testbed } = arena;
  const nameServer = (await startOurNameServer(testbed)).address;
  const peer: JavaPeer = await arena.peer();
  const topic = freshName('topic');
  for (const brokerName of ['north@one', 'south@two', 'north@three']) {
    const config = { brokerVersion: arena.brokerVersion };
    const broker = await startOurBroker(testbed, { nameServer, brokerName, clusterName: 'rooms', config });
    await peer.call('admin.createTopic', { nameServer, broker: broker.address, topic, queues: 2 });
  }
  const client = createClient({ nameServer });
  const producer = client.createProducer({ producerGroup: freshName('producers') });
  await producer.start();
  await until('queues of three brokers', async () => {
    const queues = await producer.fetchPublishMessageQueues(topic).catch(() => []);
    return queues.length === 6;
  });
  const selector = selectQueueByMachineRoom(['north']);
  const brokers: string[] = [];
  for (let i = 0; i < 8; i++) {
    const { messageQueue } = await producer.send({ topic, body: `m${i}` }, { selector });
    brokers.push(messageQueue.brokerName);
  }
  expect(brokers.toSorted()).toEqual([...Array(4).fill('north@one'), ...Array(4).fill('north@three')]);
  await expect(producer.send({ topic, body: 'x' }, { selector: selectQueueByMachineRoom(['east']) })).rejects.toThrow(
    /no broker named room@name is in east/,
  );
  const consumer = await javaClient(peer).pushConsumer({
    nameServer,
    group: freshName('group'),
    subscriptions: [[topic, '*']],
  });
  await consumer.waitUntil((received) => received.length >= 8);
  expect(new Set(consumer.received.map(({ brokerName }) => brokerName))).toEqual(new Set(['north@one', 'north@three']));
  await client.close();
  arena.retire(consumer);
}
