// A group takes the tags it wants; the broker passes over the others.
import assert from 'node:assert/strict';
import { play } from './playground.js';

await play(async ({ client, topic, consume }) => {
  const orders = await topic('orders');
  const producer = client.createProducer({ producerGroup: 'shop' });
  await producer.start();
  for (const tags of ['placed', 'paid', 'cancelled', 'shipped'])
    await producer.send({ topic: orders, body: tags, tags });

  const [refunds, stock] = await Promise.all([
    consume(orders, 'refunds', { expression: 'cancelled' }),
    consume(orders, 'stock', { expression: 'placed || cancelled' }),
  ]);
  await Promise.all([refunds.until(1), stock.until(2)]);
  console.log('refunds:', refunds.texts.join(', '));
  console.log('stock:', stock.texts.sort().join(', '));
  assert.deepEqual([refunds.texts, stock.texts.sort()], [['cancelled'], ['cancelled', 'placed']]);
});
