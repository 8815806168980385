// A message found again: by a key of yours, by its unique id, by where it lies, by when it was stored.
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { play } from './playground.js';

await play(async ({ client, topic }) => {
  const orders = await topic('orders', 1);
  const producer = client.createProducer({ producerGroup: 'shop' });
  await producer.start();
  const before = Date.now();
  const sent = await producer.send({ topic: orders, body: 'one', keys: ['order-1', 'customer-7'] });
  await producer.send({ topic: orders, body: 'two', keys: ['order-2', 'customer-7'] });

  const { admin } = client;
  // The index is written behind the messages.
  while ((await admin.queryMessage(orders, 'customer-7')).messages.length < 2) await setTimeout(50);
  const textsOf = async (key: string): Promise<string[]> =>
    (await admin.queryMessage(orders, key)).messages.map(({ body }) => body.toString());
  console.log('by key customer-7:', (await textsOf('customer-7')).join(', '));
  console.log('by key order-1:', (await textsOf('order-1')).join(', '));
  const [byId, byPlace] = await Promise.all([
    admin.queryMessageByUniqKey(orders, sent.msgId),
    admin.viewMessage(orders, sent.offsetMsgId),
  ]);
  console.log(`by id and by place: ${byId?.body.toString()}, ${byPlace.body.toString()}`);
  const offset = await admin.searchOffset(sent.messageQueue, before);
  console.log(`stored since then: from offset ${offset} on`);
  assert.deepEqual(
    [await textsOf('order-1'), byId?.msgId, byPlace.msgId, offset],
    [['one'], sent.msgId, sent.msgId, 0],
  );
});
