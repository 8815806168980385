// RocketMQ knows no priority of messages. Three ways to get what one is wanted for.
import assert from 'node:assert/strict';
import type { MessageQueue, PullConsumer } from 'nestjs-rocketmq/client';
import { Inbox, play } from './playground.js';

await play(async ({ client, topic, consume }) => {
  const producer = client.createProducer({ producerGroup: 'shop' });
  await producer.start();

  // 1. A rush of one kind must not hold up the others: a topic and a consumer of its own for it.
  const [rush, calm] = [await topic('import-rush'), await topic('import-calm')];
  await producer.send(Array.from({ length: 500 }, (_, i) => ({ topic: rush, body: `bulk ${i}` })));
  await producer.send({ topic: calm, body: 'urgent' });
  const urgent = await consume(calm, 'calm-importers');
  await urgent.until(1);
  console.log('1. not behind the bulk:', urgent.texts.join());

  // 2. Every sender gets its turn: a queue for each of them, and one message a pull.
  const turns = await topic('turns', 3);
  const queues = await producer.fetchPublishMessageQueues(turns);
  for (const [i, queue] of queues.entries()) {
    for (let n = 0; n < (i === 0 ? 30 : 1); n++) await producer.send({ topic: turns, body: `sender ${i}` }, { queue });
  }
  const fair = await consume(turns, 'fair', { pullBatchSize: 1, concurrency: 1 });
  await fair.until(32);
  const lastOfFew = Math.max(fair.texts.indexOf('sender 1'), fair.texts.indexOf('sender 2'));
  console.log(`2. both small senders were served among the first ${lastOfFew + 1} of 32`);
  assert.ok(lastOfFew < 30);

  // 3. Strictly A before B before C: a pull consumer that asks for the next kind only when nothing of the last one is left.
  const kinds = [await topic('kind-a', 1), await topic('kind-b', 1), await topic('kind-c', 1)];
  for (const kind of kinds.toReversed()) {
    for (let i = 0; i < 3; i++) await producer.send({ topic: kind, body: `${kind} ${i}` });
  }
  const consumer = client.createPullConsumer({ consumerGroup: 'strict' });
  await consumer.start();
  const inbox = new Inbox();
  const places = new Map<MessageQueue, number>();
  for (const kind of kinds) {
    for (const queue of await consumer.fetchSubscribeMessageQueues(kind)) places.set(queue, 0);
  }
  while (await pullNext(consumer, places, inbox)) continue;
  console.log('3.', inbox.texts.join(', '));
  assert.deepEqual(inbox.texts, inbox.texts.toSorted());
  assert.equal(inbox.texts.length, 9);
});

/** One message of the first queue that has one; false when none has. */
async function pullNext(consumer: PullConsumer, places: Map<MessageQueue, number>, inbox: Inbox): Promise<boolean> {
  for (const [queue, offset] of places) {
    const { messages, nextBeginOffset } = await consumer.pull(queue, offset, { maxNums: 1 });
    places.set(queue, nextBeginOffset);
    if (messages.length === 0) continue;
    inbox.add(messages);
    return true;
  }
  return false;
}
