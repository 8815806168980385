// What a Nest application sends with: every kind of message through one injected RocketMQTemplate.
import assert from 'node:assert/strict';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  BatchItem,
  type RocketMQCodec,
  type RocketMQDelivery,
  RocketMQModule,
  RocketMQSendInterceptor,
  RocketMQTemplate,
  type SendCall,
  type SendInterceptor,
  type SendNext,
} from 'nestjs-rocketmq';
import { play } from './playground.js';

interface Order {
  readonly id: string;
  readonly amount: number;
}

/** 'id;amount' for those who cannot read JSON. */
const lines: RocketMQCodec<Order> = {
  contentType: 'text/x-order',
  encode: ({ id, amount }) => `${id};${amount}`,
  decode(body) {
    const [id = '', amount] = body.toString().split(';');
    return { id, amount: Number(amount) };
  },
};

@Injectable()
@RocketMQSendInterceptor()
class Tenant implements SendInterceptor {
  intercept({ options }: SendCall, next: SendNext): Promise<unknown> {
    return next({ options: { ...options, properties: { ...options.properties, tenant: 'acme' } } });
  }
}

await play(async ({ nameServer, topic }) => {
  const orders = await topic('template-orders', 1);
  @Module({ imports: [RocketMQModule.forRoot({ nameServer, codecs: [lines] })], providers: [Tenant] })
  class Shop {}
  const app = await NestFactory.createApplicationContext(Shop, { logger: ['warn', 'error'] });
  try {
    const template = app.get(RocketMQTemplate);
    const order = (id: string): Order => ({ id, amount: 7 });
    await template.send(`${orders}:placed`, order('plain'), { keys: 'plain' });
    await template.send(orders, order('codec'), { codec: 'text/x-order' });
    const two = [order('first'), order('second')];
    await template.send(
      orders,
      two.map((one) => new BatchItem(one, { keys: one.id })),
    );
    await template.send(orders, order('sold'), { transaction: async () => 'commit' });
    await template.send(orders, order('late'), { delay: '1 s' });
    await assert.rejects(
      template.send(orders, two, { delay: '1 s' }),
      /options\.delay cannot be combined with a batch/,
    );

    const received: RocketMQDelivery<Order>[] = [];
    const options = {
      group: 'template-readers',
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      timeout: 30_000,
    } as const;
    while (received.length < 6) received.push(...(await template.receive<Order>(orders, options)));
    for (const delivery of received) {
      const { tags = '-', keys, properties } = delivery.message;
      console.log(
        `${delivery.payload.id}: tag ${tags}, key ${keys.join()}, tenant ${String(properties.get('tenant'))}`,
      );
      await delivery.ack();
    }
    assert.deepEqual(
      received.map(({ payload }) => payload.id),
      ['plain', 'codec', 'first', 'second', 'sold', 'late'],
    );
  } finally {
    await app.close();
  }
});
