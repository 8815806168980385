// A group takes what its condition on the messages' properties holds for; the broker reads it.
import assert from 'node:assert/strict';
import { createClient } from 'nestjs-rocketmq/client';
import { Inbox, play } from './playground.js';

await play(async ({ client, nameServer, topic }) => {
  const orders = await topic('orders');
  const producer = client.createProducer({ producerGroup: 'shop' });
  await producer.start();
  for (const [region, amount] of [
    ['eu', 20],
    ['eu', 200],
    ['us', 300],
  ] as const) {
    await producer.send({ topic: orders, body: `${region} ${amount}`, properties: { region, amount: String(amount) } });
  }

  const audit = createClient({ nameServer, instanceName: 'audit' });
  const inbox = new Inbox();
  const consumer = audit.createPushConsumer({
    consumerGroup: 'large-european-orders',
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    handler: (messages) => inbox.add(messages),
  });
  consumer.subscribe(orders, { type: 'SQL92', expression: "region = 'eu' AND amount > 100" });
  await consumer.start();
  await inbox.until(1);
  console.log('received:', inbox.texts.join(', '));
  assert.deepEqual(inbox.texts, ['eu 200']);

  await consumer.close();
  const wrong = audit.createPushConsumer({ consumerGroup: 'wrong', handler: () => undefined });
  wrong.subscribe(orders, { type: 'SQL92', expression: "amount > 'much'" });
  const refusal = await wrong.start().catch((error: Error) => error.message);
  console.log('refused:', refusal);
  assert.match(String(refusal), /much/);
  await audit.close();
});
