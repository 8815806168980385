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
import { RocketMQContext, RocketMQModule } from 'nestjs-rocketmq';
import { RocketMQClient, RocketMQMicroserviceModule, RocketMQServer } from 'nestjs-rocketmq/microservices';
import { lastValueFrom, of } from 'rxjs';
import { Arrivals } from './arrivals.js';
import type { Check } from './report.js';

@Controller()
class Orders {
  readonly arrivals = new Arrivals<string>();

  @EventPattern<string>('orders:paid')
  paid(@Payload() order: { id: number }, @Ctx() context: RocketMQContext): void {
    this.arrivals.put([order.id, context.tags, context.reconsumeTimes].join());
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
      embedded: { port: 0, storePathRootDir: 'transport', broker: { messageDelayLevel: '1s 1s 1s 1s' } },
    }),
    RocketMQMicroserviceModule.forRoot({ consumerGroup: 'shop', timeout: 20_000 }),
  ],
  controllers: [Orders],
})
class TransportModule {}

/** A microservice by RocketMQ, and its client. */
export async function tryTransport(check: Check): Promise<void> {
  const app = await NestFactory.createMicroservice<AsyncMicroserviceOptions>(TransportModule, {
    logger: false,
    abortOnError: false,
    inject: [RocketMQServer],
    useFactory: (strategy: RocketMQServer) => ({ strategy }),
  });
  try {
    await app.listen();
    const client = app.get(RocketMQClient);
    const { arrivals } = app.get(Orders);
    await lastValueFrom(client.emit('orders:paid', { id: 1 }));
    check('an event that failed comes again', await arrivals.have(2), ['1,paid,0', '1,paid,1']);
    check('a request is answered with the last value', await lastValueFrom(client.send('sums', [1, 2, 3])), 6);
    const error: unknown = await lastValueFrom(client.send('errors', {})).catch((reason: unknown) => reason);
    check('an error is answered', error, { code: 404, message: 'none' });
  } finally {
    await app.close();
  }
}
