// Messages of one customer in their order: the same key goes to the same queue, and an orderly consumer handles a queue one
// message after the other. With one queue for all, everything is in order.
import assert from 'node:assert/strict';
import { play } from './playground.js';

await play(async ({ client, topic, consume }) => {
  const steps = ['placed', 'paid', 'shipped'];
  const customers = ['ann', 'bob', 'eve'];

  const orders = await topic('orders-by-customer', 4);
  const producer = client.createProducer({ producerGroup: 'shop' });
  await producer.start();
  for (const step of steps) {
    for (const customer of customers) {
      await producer.send({ topic: orders, body: `${customer} ${step}` }, { hashKey: customer });
    }
  }
  const inbox = await consume(orders, 'billing', { consumeMode: 'ORDERLY' });
  await inbox.until(9);
  for (const customer of customers) {
    const own = inbox.texts.filter((text) => text.startsWith(customer));
    console.log(own.join(' -> '));
    assert.deepEqual(
      own,
      steps.map((step) => `${customer} ${step}`),
    );
  }

  const journal = await topic('journal', 1);
  for (let i = 0; i < 10; i++) await producer.send({ topic: journal, body: String(i) });
  const reader = await consume(journal, 'auditors', { consumeMode: 'ORDERLY' });
  await reader.until(10);
  console.log('journal:', reader.texts.join(' '));
  assert.deepEqual(
    reader.texts,
    Array.from({ length: 10 }, (_, i) => String(i)),
  );
});
