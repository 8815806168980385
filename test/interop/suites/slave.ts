import { describe, expect } from '@jest/globals';
import { silentLogger, systemClock } from '../../../libs/common/src/index.js';
import { getAllTopicConfig, getMaxOffset } from '../../../libs/protocol/src/index.js';
import { createRemotingClient } from '../../../libs/remoting/src/index.js';
import {
  startJavaBroker,
  type BrokerOptions,
  type Received,
  type TestBroker,
} from '../../../libs/testkit/src/index.js';
import { ourClient } from '../../../libs/testkit/src/our-client.js';
import { freshName, reportingIt, until, type Arena } from './arena.js';

const count = 40;

/** A master and a slave of Apache's, of which the master goes away and comes back. */
export function describeSlave(title: string, { arena }: { readonly arena: () => Arena }): void {
  describe(title, () => {
    reportingIt(
      arena,
      'a consumer of ours reads from the slave while there is no master, and from the master again',
      () => movesToTheSlaveAndBack(arena()),
      120_000,
    );
  });
}

async function movesToTheSlaveAndBack(arena: Arena): Promise<void> {
  const { address: nameServer } = await arena.nameServer('java');
  const master = await startBroker(arena, nameServer, { brokerRole: 'ASYNC_MASTER' });
  const client = ourClient();
  const topic = freshName('topic');
  const peer = await arena.peer();
  await peer.call('admin.createTopic', { nameServer, broker: master.address, topic, queues: 2 });
  await until(`a route to ${topic}`, () => peer.call('admin.route', { nameServer, topic }).then(Boolean, () => false));
  await sendAll(nameServer, topic, 'before');
  // After the topic: it copies topics when it has run for three seconds, and then every ten.
  const slave = await startBroker(arena, nameServer, { brokerRole: 'SLAVE', brokerId: 1, slaveReadEnable: true });
  await until('a copy of all messages at the slave', () => hasCopied(slave, topic), 60_000);

  await master.program.kill();
  const group = freshName('group');
  const consumer = await client.pushConsumer({ nameServer, group, subscriptions: [[topic, '*']] });
  await consumer.waitUntil((received) => received.length >= count);

  await master.start();
  const isBack = (): Promise<boolean> =>
    sendAll(nameServer, topic, 'back').then(
      () => true,
      () => false,
    );
  await until('the master in the route', isBack, 60_000);
  // Now there is nobody else to read from.
  await slave.program.kill();
  await sendAll(nameServer, topic, 'after');
  await consumer.waitUntil((received) => bodiesOf(received, 'after').size >= count, 90_000);
  expect(bodiesOf(consumer.received, 'before').size).toBe(count);
  // Offsets live at the master: it has to be told what was read from the slave.
  await consumer.close();
  const committed = await committedAt(nameServer, group, topic);
  expect(committed).toBeGreaterThanOrEqual(count * 2);
}

function startBroker(arena: Arena, nameServer: string, config: BrokerOptions['config'] = {}): Promise<TestBroker> {
  const options = { nameServer, brokerName: 'replicated', clusterName: 'replicated', config };
  return startJavaBroker(arena.testbed, arena.version, options);
}

async function sendAll(nameServer: string, topic: string, kind: string): Promise<void> {
  const producer = await ourClient().producer({ nameServer, group: freshName('producers') });
  try {
    for (let i = 0; i < count; i++)
      await producer.send({ topic, body: `${kind} ${i}`, keys: `${kind}-${i}`, tags: kind });
  } finally {
    await producer.close();
  }
}

function bodiesOf(received: readonly Received[], kind: string): Set<unknown> {
  return new Set(received.filter(({ tags }) => tags === kind).map(({ keys }) => keys));
}

/** The slave knows the topic, which it copies every ten seconds, and has its messages. */
async function hasCopied(slave: TestBroker, topic: string): Promise<boolean> {
  const remoting = createRemotingClient({ clock: systemClock, log: silentLogger, handlers: [] });
  try {
    const topics = await remoting.call(slave.address, getAllTopicConfig, {}, { timeout: 3_000 });
    if (!topics.body.topicConfigTable.has(topic)) return false;
    const offsets = await Promise.all(
      [0, 1].map((queueId) => remoting.call(slave.address, getMaxOffset, { topic, queueId }, { timeout: 3_000 })),
    );
    return offsets.reduce((sum, { header }) => sum + header.offset, 0) >= count;
  } finally {
    await remoting.close();
  }
}

async function committedAt(nameServer: string, group: string, topic: string): Promise<number> {
  const reader = await ourClient().pullConsumer({ nameServer, group });
  try {
    const queues = await reader.queues(topic);
    const offsets = await Promise.all(queues.map((queue) => reader.committed(queue)));
    return offsets.reduce((sum, offset) => sum + Math.max(0, offset), 0);
  } finally {
    await reader.close();
  }
}
