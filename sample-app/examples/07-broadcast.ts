// Every member of the group gets every message, and keeps its offsets in a file of its own.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'nestjs-rocketmq/client';
import { Inbox, play } from './playground.js';

await play(async ({ client, nameServer, topic }) => {
  const news = await topic('news');
  const localOffsetStoreDir = await mkdtemp(join(tmpdir(), 'offsets-'));
  const members = ['first', 'second'].map((instanceName) => {
    const inbox = new Inbox();
    const own = createClient({ nameServer, instanceName, localOffsetStoreDir });
    const consumer = own.createPushConsumer({
      consumerGroup: 'readers',
      messageModel: 'BROADCASTING',
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      handler: (messages) => inbox.add(messages),
    });
    consumer.subscribe(news);
    return { own, consumer, inbox, instanceName };
  });
  for (const { consumer } of members) await consumer.start();

  const producer = client.createProducer({ producerGroup: 'editors' });
  await producer.start();
  for (const body of ['rain', 'shine']) await producer.send({ topic: news, body });

  for (const { inbox, instanceName, own } of members) {
    await inbox.until(2);
    console.log(`${instanceName} read: ${inbox.texts.sort().join(', ')}`);
    assert.deepEqual(inbox.texts.sort(), ['rain', 'shine']);
    await own.close();
  }
  await rm(localOffsetStoreDir, { recursive: true });
});
