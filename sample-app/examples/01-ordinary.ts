// Three ways to send one message: wait for the broker's word, be called back, or do not ask at all.
import assert from 'node:assert/strict';
import { play } from './playground.js';

await play(async ({ client, topic, consume }) => {
  const orders = await topic('orders');
  const producer = client.createProducer({ producerGroup: 'shop' });
  await producer.start();

  const stored = await producer.send({ topic: orders, body: 'waited for', keys: 'order-1', tags: 'placed' });
  console.log(`stored as ${stored.msgId} in queue ${stored.messageQueue.queueId}: ${stored.sendStatus}`);

  await new Promise<void>((resolve, reject) =>
    producer.sendAsync(
      { topic: orders, body: 'called back' },
      { onSuccess: () => resolve(), onException: (error) => reject(error) },
    ),
  );

  await producer.sendOneWay({ topic: orders, body: 'not asked for' });

  const inbox = await consume(orders, 'billing');
  await inbox.until(3);
  console.log('received:', inbox.texts.sort().join(', '));
  assert.deepEqual(inbox.texts.sort(), ['called back', 'not asked for', 'waited for']);
});
