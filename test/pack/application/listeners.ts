import { Injectable, Module, ValidationPipe } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { IsInt, IsString } from 'class-validator';
import {
  RocketMQContext,
  RocketMQCtx,
  RocketMQHeaders,
  type RocketMQListener,
  RocketMQListeners,
  RocketMQMessage,
  RocketMQMessageListener,
  type RocketMQOutcome,
  RocketMQPayload,
  RocketMQTemplate,
} from 'nestjs-rocketmq';
import { RocketMQTesting, RocketMQTestingModule } from 'nestjs-rocketmq/testing';
import { Arrivals } from './arrivals.js';
import type { Check } from './report.js';
import { running } from './running.js';

class Payment {
  @IsString() order!: string;
  @IsInt() cents!: number;
}

@Injectable()
@RocketMQMessageListener({ topic: 'orders', consumerGroup: 'billing', selectorExpression: 'placed' })
class Billing implements RocketMQListener<{ id: string }> {
  readonly arrivals = new Arrivals<string>();

  onMessage(order: { id: string }, context: RocketMQContext): void {
    this.arrivals.put(`${order.id} ${context.tags}`);
  }
}

@Injectable()
class Duties {
  readonly booked = new Arrivals<unknown>();
  readonly stocked = new Arrivals<string>();
  readonly audited = new Arrivals<string>();

  @RocketMQMessageListener({ topic: 'payments', consumerGroup: 'payments', onPoison: 'dlq' })
  book(@RocketMQPayload() payment: Payment, @RocketMQHeaders('tenant') tenant: string): void {
    this.booked.put([payment instanceof Payment, payment.cents, tenant]);
  }

  @RocketMQMessageListener({ topic: 'orders', consumerGroup: 'stock', selectorExpression: 'placed' })
  take(@RocketMQCtx() context: RocketMQContext): void {
    this.stocked.put(`take ${context.keys.join()}`);
  }

  @RocketMQMessageListener({
    topic: 'orders',
    consumerGroup: 'stock',
    selectorExpression: 'cancelled || returned',
  })
  putBack(@RocketMQMessage() message: RocketMQMessage): void {
    this.stocked.put(`put back ${message.keys.join()}`);
  }

  @RocketMQMessageListener({ topic: 'audit', consumerGroup: 'audit', batch: 64, consumeMode: 'ORDERLY' })
  audit(messages: RocketMQMessage<{ id: number }>[]): RocketMQOutcome[] {
    for (const { payload } of messages) this.audited.put(`${messages.length > 1 ? 'many' : 'one'} ${payload.id}`);
    return messages.map(() => 'ack');
  }
}

@Module({
  imports: [RocketMQTestingModule.forRoot()],
  providers: [Billing, Duties, { provide: APP_PIPE, useFactory: () => new ValidationPipe({ transform: true }) }],
})
class ListenersModule {}

/** Classes, methods, several in one group, lists, and DTOs through Nest's pipes. */
export async function tryListeners(check: Check): Promise<void> {
  await running(ListenersModule, async (app) => {
    const template = app.get(RocketMQTemplate);
    const testing = app.get(RocketMQTesting);
    const { booked, stocked, audited } = app.get(Duties);
    await template.send('orders:placed', { id: 'o-1' }, { keys: 'o-1' });
    check('a class', await app.get(Billing).arrivals.have(1), ['o-1 placed']);
    await template.send('orders:returned', { id: 'o-2' }, { keys: 'o-2' });
    check('two methods of one group', (await stocked.have(2)).sort(), ['put back o-2', 'take o-1']);
    await template.send('payments', { order: 'o-1', cents: 250 }, { properties: { tenant: 'acme' } });
    check('a DTO and a header', await booked.have(1), [[true, 250, 'acme']]);
    await template.send('payments', { order: 'o-1', cents: 'much' });
    await testing.caughtUp('payments');
    const { states } = app.get(RocketMQListeners);
    const payments = states.find(({ topic }) => topic === 'payments');
    check('what its pipe refuses is a dead letter', payments?.figures.deadLettered, 1);
    await template.syncSendOrderly('audit', [{ id: 1 }, { id: 2 }, { id: 3 }], 'one queue');
    check('a list', await audited.have(3), ['many 1', 'many 2', 'many 3']);
  });
}
