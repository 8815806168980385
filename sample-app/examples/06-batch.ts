// A hundred messages in one request: same topic, stored in one queue as a whole or not at all.
import assert from 'node:assert/strict';
import { play } from './playground.js';

await play(async ({ client, topic, consume }) => {
  const readings = await topic('readings');
  const producer = client.createProducer({ producerGroup: 'meters' });
  await producer.start();
  const batch = Array.from({ length: 100 }, (_, i) => ({ topic: readings, body: `reading ${i}` }));
  const { msgId, messageQueue } = await producer.send(batch);
  console.log(`${msgId.split(',').length} messages in queue ${messageQueue.queueId}`);

  const inbox = await consume(readings, 'charts', { consumeMessageBatchMaxSize: 50 });
  await inbox.until(100);
  console.log(`received ${inbox.messages.length}, each by itself: ${inbox.texts.slice(0, 3).join(', ')} ...`);
  assert.equal(new Set(inbox.texts).size, 100);
});
