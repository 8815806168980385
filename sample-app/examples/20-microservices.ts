// RocketMQ as a transport of Nest's microservices: events at least once, requests, errors as replies, a client.
import assert from 'node:assert/strict';
import { Controller, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type AsyncMicroserviceOptions,
  Ctx,
  EventPattern,
  MessagePattern,
  Payload,
  RpcException,
} from '@nestjs/microservices';
import { RocketMQContext, RocketMQModule } from 'nestjs-rocketmq';
import {
  type PatternOptions,
  RocketMQClient,
  RocketMQMicroserviceModule,
  RocketMQRecord,
  RocketMQServer,
} from 'nestjs-rocketmq/microservices';
import { lastValueFrom, of } from 'rxjs';
import { play } from './playground.js';

const said: string[] = [];
const fromFirst = { consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' } satisfies PatternOptions;

interface Order {
  readonly id: string;
  readonly amount: number;
}

@Controller()
class Billing {
  @EventPattern<string>('paid-orders:paid', fromFirst)
  book(@Payload() order: Order, @Ctx() context: RocketMQContext): void {
    if (context.reconsumeTimes === 0) {
      context.retryAfter('1 s');
      throw new Error('the ledger is closed');
    }
    said.push(`booked ${order.id} at the second time, keys ${context.keys.join()}`);
  }

  @EventPattern<string>('paid-orders:paid', { ...fromFirst, consumerGroup: 'audit' })
  audit(order: Order): void {
    said.push(`audited ${order.id}`);
  }

  @MessagePattern('prices', fromFirst)
  price({ amount }: Order) {
    if (amount < 0) throw new RpcException({ code: 400, message: 'less than nothing' });
    return of('calculating', { total: amount * 5 });
  }
}

@Injectable()
class Shop {
  constructor(private readonly client: RocketMQClient) {}

  async sell(order: Order): Promise<unknown> {
    const price = await lastValueFrom(this.client.send('prices', order));
    await lastValueFrom(this.client.emit('paid-orders:paid', new RocketMQRecord(order, { keys: order.id })));
    return price;
  }
}

async function until(count: number): Promise<void> {
  const deadline = AbortSignal.timeout(30_000);
  while (said.length < count) {
    deadline.throwIfAborted();
    await new Promise(setImmediate);
  }
}

await play(async ({ nameServer, topic }) => {
  await topic('paid-orders');
  await topic('prices');
  @Module({
    imports: [
      RocketMQModule.forRoot({ nameServer }),
      RocketMQMicroserviceModule.forRoot({ consumerGroup: 'billing', timeout: 20_000 }),
    ],
    controllers: [Billing],
    providers: [Shop],
  })
  class ShopModule {}
  const app = await NestFactory.createMicroservice<AsyncMicroserviceOptions>(ShopModule, {
    logger: false,
    inject: [RocketMQServer],
    useFactory: (strategy: RocketMQServer) => ({ strategy }),
  });
  try {
    await app.listen();
    const shop = app.get(Shop);
    assert.deepEqual(await shop.sell({ id: 'a', amount: 3 }), { total: 15 });
    await until(2);
    assert.deepEqual(said.toSorted(), ['audited a', 'booked a at the second time, keys a']);
    await assert.rejects(shop.sell({ id: 'b', amount: -1 }), (error) => {
      assert.deepEqual(error, { code: 400, message: 'less than nothing' });
      return true;
    });
    console.log(said.join('\n'));
  } finally {
    await app.close();
  }
});
