import { Injectable, Module } from '@nestjs/common';
import {
  BatchItem,
  type RocketMQCodec,
  type RocketMQDelivery,
  RocketMQModule,
  RocketMQOptionsError,
  RocketMQSendInterceptor,
  RocketMQTemplate,
  type SendCall,
  type SendInterceptor,
  type SendNext,
} from 'nestjs-rocketmq';
import { RocketMQTestingModule } from 'nestjs-rocketmq/testing';
import type { Check } from './report.js';
import { running } from './running.js';

interface Order {
  readonly id: string;
}

const lines: RocketMQCodec<Order> = {
  contentType: 'text/x-order',
  encode: ({ id }) => `order ${id}`,
  decode: (body) => ({ id: String(body).slice('order '.length) }),
};

@Injectable()
@RocketMQSendInterceptor()
class Tenant implements SendInterceptor {
  intercept({ options }: SendCall, next: SendNext): Promise<unknown> {
    return next({ options: { ...options, properties: { ...options.properties, tenant: 'acme' } } });
  }
}

@Module({
  imports: [RocketMQTestingModule.forRoot(), RocketMQModule.forRoot({ codecs: [lines] })],
  providers: [Tenant],
})
class TemplateModule {}

/** Sends of every kind, and receiving when asked. */
export async function tryTemplate(check: Check): Promise<void> {
  await running(TemplateModule, async (app) => {
    const template = app.get(RocketMQTemplate);
    const one = await template.send('orders:placed', { id: 'one' }, { keys: 'one' });
    check('send', one.sendStatus, 'SEND_OK');
    const batches = await template.send('orders', [new BatchItem({ id: 'two' }, { keys: 'two' }), { id: 'three' }]);
    check('a batch', batches.length, 1);
    const [first, second] = await Promise.all([1, 2].map(() => template.syncSendOrderly('steps', 'step', 'customer')));
    check('one hash key, one queue', first?.messageQueue, second?.messageQueue);
    await template.send('orders', { id: 'four' }, { codec: 'text/x-order' });
    const called = new Promise((onSuccess, onException) => {
      template.asyncSend('orders', { id: 'five' }, { onSuccess, onException });
    });
    check('a send with a callback', ((await called) as { sendStatus?: string }).sendStatus, 'SEND_OK');
    await template.sendOneWay('orders', { id: 'six' });
    const contradiction: unknown = await template
      .send('orders', [{ id: 'x' }], { delay: '1 s' })
      .catch((error: unknown) => error);
    check('contradictions are refused', contradiction instanceof RocketMQOptionsError);

    const received: RocketMQDelivery<Order>[] = [];
    const options = { group: 'readers', consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET', timeout: 30_000 } as const;
    while (received.length < 6) received.push(...(await template.receive<Order>('orders', options)));
    const found = received.map(({ payload, message }) => `${payload.id} ${String(message.properties.get('tenant'))}`);
    const all = ['one', 'two', 'three', 'four', 'five', 'six'].map((id) => `${id} acme`);
    check('all are received, as the codecs and the interceptor left them', found.sort(), all.sort());
    const keys = received.flatMap(({ message }) => message.keys);
    check('keys arrive', keys.sort(), ['one', 'two']);
    await Promise.all(received.map((delivery) => delivery.ack()));
    check('what was acked does not come again', await template.receive('orders', { ...options, timeout: 0 }), []);
  });
}
