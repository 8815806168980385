import { describe, expect } from '@jest/globals';
import { createClient } from '../../../libs/client/src/index.js';
import { freshName, reportingIt, until, type Arena, type Cluster } from './arena.js';

interface LookUps {
  readonly arena: () => Arena;
  readonly cluster: () => Promise<Cluster>;
}

/** Our administrative calls, asked of a broker. */
export function describeLookUps(title: string, { arena, cluster }: LookUps): void {
  describe(title, () => {
    reportingIt(arena, 'messages by key, by unique id and by place; offsets by time', async () => {
      await lookUp(arena(), await cluster());
    });
  });
}

async function lookUp(arena: Arena, cluster: Cluster): Promise<void> {
  const topic = await arena.createTopic(cluster, 1);
  const client = createClient({ nameServer: cluster.nameServer.address });
  const { admin } = client;
  const producer = client.createProducer({ producerGroup: freshName('producers') });
  await producer.start();
  await producer.send({ topic, body: 'first', keys: ['order-1', 'all'] });
  const second = await producer.send({ topic, body: 'second', keys: ['order-12', 'all'], tags: 'tag' });
  const queue = second.messageQueue;
  await until('an index', async () => (await admin.queryMessage(topic, 'all')).messages.length === 2);
  const bodiesOf = async (key: string): Promise<string[]> =>
    (await admin.queryMessage(topic, key)).messages.map(({ body }) => body.toString());
  expect(await bodiesOf('order-1')).toEqual(['first']);
  expect(await bodiesOf('no such key')).toEqual([]);
  expect((await admin.queryMessage(topic, 'all', { maxNum: 1 })).messages).toHaveLength(1);
  for (const id of [second.msgId, second.offsetMsgId]) {
    expect(await admin.viewMessage(topic, id)).toMatchObject({ msgId: second.msgId, tags: 'tag', queueOffset: 1 });
  }
  expect((await admin.queryMessageByUniqKey(topic, second.msgId))?.body.toString()).toBe('second');
  expect(await admin.queryMessageByUniqKey(topic, `${second.msgId.slice(0, -4)}FFFF`)).toBeUndefined();
  expect([await admin.minOffset(queue), await admin.maxOffset(queue), await admin.searchOffset(queue, 0)]).toEqual([
    0, 2, 0,
  ]);
  const [message] = (await admin.queryMessage(topic, 'order-1')).messages;
  expect(await admin.earliestMsgStoreTime(queue)).toBe(message?.storeTimestamp);
  await client.close();
}
