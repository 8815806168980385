// What makes a group faster: more handlers at once, more messages a handler call, and, where old messages are worth nothing,
// passing over them.
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { Inbox, play } from './playground.js';

const count = 200;
const work = 5; // milliseconds a handler call waits for something

await play(async ({ client, topic, consume }) => {
  const jobs = await topic('jobs');
  const producer = client.createProducer({ producerGroup: 'shop' });
  await producer.start();
  await producer.send(Array.from({ length: count }, (_, i) => ({ topic: jobs, body: String(i) })));

  const timed = async (group: string, options: object): Promise<number> => {
    const inbox = new Inbox();
    const handler = async (messages: Parameters<Inbox['add']>[0]): Promise<void> => {
      await setTimeout(work);
      inbox.add(messages);
    };
    const startedAt = performance.now();
    await consume(jobs, group, { handler, ...options });
    await inbox.until(count);
    const milliseconds = Math.round(performance.now() - startedAt);
    console.log(`${group}: ${milliseconds} ms`);
    return milliseconds;
  };
  const alone = await timed('one-at-a-time', { concurrency: 1 });
  const many = await timed('twenty-at-once', { concurrency: 20 });
  const batches = await timed('fifty-a-call', { concurrency: 1, consumeMessageBatchMaxSize: 50 });
  assert.ok(many < alone && batches < alone);

  // A group that is far behind passes over what is too old to matter.
  const passed: number[] = [];
  const handled = new Inbox();
  await consume(jobs, 'latest-only', {
    handler: (messages) => {
      for (const message of messages) {
        const behind = Number(message.properties.get('MAX_OFFSET')) - message.queueOffset;
        if (behind > 50) passed.push(message.queueOffset);
        else handled.add([message]);
      }
    },
  });
  await handled.until(50);
  console.log(`latest-only: handled ${handled.messages.length}, passed over ${passed.length}`);
  assert.equal(passed.length, count - 50);
});
