// A body of 4 KiB and more travels compressed; consumers see it as it was.
import assert from 'node:assert/strict';
import { play } from './playground.js';

await play(async ({ client, topic, consume }) => {
  const pages = await topic('pages');
  const producer = client.createProducer({ producerGroup: 'crawler', compressType: 'ZLIB', compressLevel: 5 });
  await producer.start();
  const page = '<p>the same again</p>'.repeat(20_000);
  await producer.send({ topic: pages, body: page });

  const inbox = await consume(pages, 'index');
  await inbox.until(1);
  const [message] = inbox.messages;
  console.log(`${page.length} bytes sent, ${message?.storeSize} bytes stored, ${message?.body.length} bytes received`);
  assert.equal(message?.body.toString(), page);
  assert.ok(message.storeSize < page.length / 10);
});
