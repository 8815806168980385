// Delivered later, by one of the broker's levels: 1 s, 5 s, 10 s, 30 s, 1 to 10 min, 20 min, 30 min, 1 h, 2 h.
import assert from 'node:assert/strict';
import { play } from './playground.js';

await play(async ({ client, topic, consume }) => {
  const reminders = await topic('reminders');
  const inbox = await consume(reminders, 'phones');
  const producer = client.createProducer({ producerGroup: 'calendar' });
  await producer.start();
  const sentAt = Date.now();
  await producer.send({ topic: reminders, body: 'in a second', delayTimeLevel: 1 });
  await producer.send({ topic: reminders, body: 'now' });

  await inbox.until(2);
  const waited = Date.now() - sentAt;
  console.log(`${inbox.texts.join(', then ')}, after ${waited} ms`);
  assert.deepEqual(inbox.texts, ['now', 'in a second']);
  assert.ok(waited >= 990);
});
