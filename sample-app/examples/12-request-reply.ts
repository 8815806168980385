// A question and its answer: the reply comes to the process that asked.
import assert from 'node:assert/strict';
import { createClient } from 'nestjs-rocketmq/client';
import { play } from './playground.js';

await play(async ({ client, nameServer, topic }) => {
  const prices = await topic('prices');

  // Whoever answers, usually in another process.
  const desk = createClient({ nameServer, instanceName: 'desk' });
  const answers = desk.createProducer({ producerGroup: 'desk-answers' });
  await answers.start();
  const questions = desk.createPushConsumer({
    consumerGroup: 'desk',
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    handler: async (requests) => {
      for (const request of requests) {
        await answers.reply(request, { body: JSON.stringify({ symbol: request.body.toString(), price: 189.3 }) });
      }
    },
  });
  questions.subscribe(prices);
  await questions.start();

  const producer = client.createProducer({ producerGroup: 'traders' });
  await producer.start();
  const reply = await producer.request({ topic: prices, body: 'AAPL' }, { timeout: 10_000 });
  console.log('reply:', reply.body.toString());
  assert.deepEqual(JSON.parse(reply.body.toString()), { symbol: 'AAPL', price: 189.3 });

  await desk.close();
  const late = await producer.request({ topic: prices, body: 'MSFT' }, { timeout: 500 }).catch((error: Error) => error);
  console.log('nobody there:', (late as Error).message);
  assert.match((late as Error).message, /No reply to the request to topic prices within 500 ms/);
});
