// Delivered after any number of milliseconds, or at an instant; and one that is called off.
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { play } from './playground.js';

await play(async ({ client, topic, consume }) => {
  const reminders = await topic('reminders');
  const inbox = await consume(reminders, 'phones');
  const producer = client.createProducer({ producerGroup: 'calendar' });
  await producer.start();

  const now = Date.now();
  await producer.send({ topic: reminders, body: 'at an instant', deliverTimeMs: now + 2_500 });
  await producer.send({ topic: reminders, body: 'after a while', delayTimeMs: 1_500 });
  const { delayed } = await producer.send({ topic: reminders, body: 'called off', deliverTimeMs: now + 4_000 });
  assert.ok(delayed);
  await producer.cancelDelayed(delayed);

  await inbox.until(2);
  for (const message of inbox.messages) console.log(`${message.body.toString()}: ${message.storeTimestamp - now} ms`);
  assert.deepEqual(inbox.texts, ['after a while', 'at an instant']);
  assert.ok(inbox.messages.every(({ storeTimestamp }, i) => storeTimestamp >= now + (i === 0 ? 1_500 : 2_500)));
  await setTimeout(now + 5_000 - Date.now());
  console.log(`called off: ${inbox.texts.includes('called off') ? 'came' : 'never came'}`);
  assert.equal(inbox.messages.length, 2);
});
