import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type AsyncMicroserviceOptions,
  Ctx,
  EventPattern,
  MessagePattern,
  Payload,
  RpcException,
} from '@nestjs/microservices';
import { once, EventEmitter } from 'node:events';
import { RocketMQContext, RocketMQModule } from 'nestjs-rocketmq';
import { RocketMQClient, RocketMQMicroserviceModule, RocketMQServer } from 'nestjs-rocketmq/microservices';
import { lastValueFrom, of } from 'rxjs';

const arrived = new EventEmitter();

@Controller()
class Orders {
  @EventPattern<string>('orders:paid')
  paid(@Payload() order: { id: number }, @Ctx() context: RocketMQContext): void {
    arrived.emit('paid', order.id, context.tags, context.reconsumeTimes);
    if (context.reconsumeTimes === 0) throw new Error('once');
  }
  @MessagePattern('sums')
  sum(numbers: number[]) {
    return of(
      0,
      numbers.reduce((a, b) => a + b),
    );
  }
  @MessagePattern('errors')
  fail(): void {
    throw new RpcException({ code: 404, message: 'none' });
  }
}

@Module({
  imports: [
    RocketMQModule.forRoot({
      embedded: { port: 0, storePathRootDir: 'microservice', broker: { messageDelayLevel: '1s 1s 1s 1s' } },
    }),
    RocketMQMicroserviceModule.forRoot({ consumerGroup: 'shop', timeout: 20_000 }),
  ],
  controllers: [Orders],
})
class MicroserviceModule {}

let failed = false;

function check(name: string, holds: boolean): void {
  console.log(`${holds ? 'ok' : 'not ok'} - ${name}`);
  failed ||= !holds;
}

/** A microservice by RocketMQ, and its client. */
async function run(): Promise<void> {
  const signal = AbortSignal.timeout(30_000);
  const app = await NestFactory.createMicroservice<AsyncMicroserviceOptions>(MicroserviceModule, {
    logger: false,
    abortOnError: false,
    inject: [RocketMQServer],
    useFactory: (strategy: RocketMQServer) => ({ strategy }),
  });
  try {
    await app.listen();
    const client = app.get(RocketMQClient);
    const first = once(arrived, 'paid', { signal });
    await lastValueFrom(client.emit('orders:paid', { id: 1 }));
    check('an event arrives', (await first).join() === '1,paid,0');
    check('an event that failed comes again', (await once(arrived, 'paid', { signal })).join() === '1,paid,1');
    check('a request is answered with the last value', (await lastValueFrom(client.send('sums', [1, 2, 3]))) === 6);
    const error: unknown = await lastValueFrom(client.send('errors', {})).catch((reason: unknown) => reason);
    check('an error is answered', JSON.stringify(error) === '{"code":404,"message":"none"}');
  } finally {
    await app.close();
  }
}

run().then(
  () => (process.exitCode = failed ? 1 : 0),
  (error: unknown) => {
    console.log('not ok - runs to its end');
    console.error(error);
    process.exit(1);
  },
);
