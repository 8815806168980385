// Handlers of a Nest application: several in one group, outcomes, a batch, replies, dead letters, and a pause.
import assert from 'node:assert/strict';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  MemoryIdempotencyStore,
  RocketMQContext,
  RocketMQDlqListener,
  RocketMQListeners,
  RocketMQMessage,
  RocketMQMessageListener,
  RocketMQModule,
  type RocketMQOutcome,
  RocketMQPayload,
  RocketMQReplyListener,
  RocketMQTemplate,
  toDlq,
} from 'nestjs-rocketmq';
import { play } from './playground.js';

const said: string[] = [];
const from = { consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' } as const;
class InvalidOrder extends Error {}

@Injectable()
class Duties {
  @RocketMQMessageListener({ topic: 'handled', consumerGroup: 'duties', selectorExpression: 'placed', ...from })
  stock(@RocketMQPayload('id') id: string, context: RocketMQContext): RocketMQOutcome {
    said.push(`stock ${id}`);
    return context.reconsumeTimes === 0 ? context.retryAfter('1 s') : 'ack';
  }

  @RocketMQMessageListener({
    topic: 'handled',
    consumerGroup: 'duties',
    selectorExpression: 'cancelled || returned',
    onError: [{ error: InvalidOrder, outcome: toDlq('invalid order') }],
    idempotency: { store: new MemoryIdempotencyStore(), key: ({ keys }) => keys.join() },
    ...from,
  })
  refund({ id }: { id: string }): void {
    if (id === 'b') throw new InvalidOrder('nobody knows b');
    said.push(`refund ${id}`);
  }

  @RocketMQDlqListener({ deadGroup: 'duties', consumerGroup: 'duties-dead' })
  bury(@RocketMQPayload('id') id: string, context: RocketMQContext): void {
    said.push(`bury ${id} of ${context.originTopic}`);
  }

  @RocketMQMessageListener({ topic: 'handled', consumerGroup: 'audit', batch: 64, ...from })
  audit(messages: RocketMQMessage<{ id: string }>[]): RocketMQOutcome[] {
    for (const { payload } of messages) said.push(`audit ${payload.id}`);
    return messages.map(() => 'ack');
  }

  @RocketMQReplyListener({ topic: 'asked', consumerGroup: 'pricing', ...from })
  price({ amount }: { amount: number }): { total: number } {
    return { total: amount * 5 };
  }
}

async function until(...words: readonly string[]): Promise<void> {
  const deadline = AbortSignal.timeout(30_000);
  while (!words.every((word) => said.includes(word))) {
    deadline.throwIfAborted();
    await new Promise(setImmediate);
  }
}

await play(async ({ nameServer, client, topic }) => {
  const [handled, asked] = [await topic('handled'), await topic('asked')];
  // Dead letters have a topic from the first one on: looked for every second here.
  const own = { nameServer, client: { pollNameServerInterval: 1000 } };
  @Module({ imports: [RocketMQModule.forRoot(own)], providers: [Duties] })
  class Shop {}
  const app = await NestFactory.createApplicationContext(Shop, { logger: ['error'] });
  try {
    const [template, listeners] = [app.get(RocketMQTemplate), app.get(RocketMQListeners)];
    await template.send(`${handled}:placed`, { id: 'a' });
    await template.send(`${handled}:returned`, { id: 'b' }, { keys: 'b' });
    await template.send(`${handled}:cancelled`, { id: 'c' }, { keys: 'c' });
    await until('stock a', 'refund c', 'bury b of handled', 'audit a', 'audit b', 'audit c');
    const producer = client.createProducer();
    await producer.start();
    const reply = await producer.request({ topic: asked, body: JSON.stringify({ amount: 3 }) }, { timeout: 20_000 });
    assert.deepEqual(JSON.parse(reply.body.toString()), { total: 15 });

    listeners.pause('duties');
    await template.send(`${handled}:placed`, { id: 'd' });
    await until('audit d');
    assert.ok(!said.includes('stock d'));
    listeners.resume('duties');
    await until('stock d');
    console.table(listeners.states.map(({ place, state, figures }) => ({ place, state, ...figures })));
  } finally {
    await app.close();
  }
});
