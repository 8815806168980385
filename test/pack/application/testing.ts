import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  RocketMQListeners,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQOptionsError,
  RocketMQTemplate,
} from 'nestjs-rocketmq';
import { FakeRocketMQTemplate, RocketMQTesting, RocketMQTestingModule } from 'nestjs-rocketmq/testing';
import type { Check } from './report.js';

@Injectable()
class Shop {
  billed = 0;

  constructor(private readonly template: RocketMQTemplate) {}

  async place(id: string): Promise<void> {
    await this.template.send('orders:placed', { id }, { keys: id });
  }

  @RocketMQMessageListener({ topic: 'orders', consumerGroup: 'billing' })
  bill(): void {
    this.billed++;
  }
}

/** As it would run in production, where its name server is. */
@Module({ imports: [RocketMQModule.forRoot({ nameServer: 'mq.example:9876' })], providers: [Shop] })
class ShopModule {}

/** What a test of this application looks like: with real servers, and with none. */
export async function tryTestingEntry(check: Check): Promise<void> {
  const module = await Test.createTestingModule({ imports: [RocketMQTestingModule.forRoot(), ShopModule] }).compile();
  const app = await module.init();
  try {
    const testing = app.get(RocketMQTesting);
    await app.get(Shop).place('o-1');
    const [placed] = await testing.collect('orders', 1);
    const { payload, tags, keys } = placed ?? {};
    check('collect', { payload, tags, keys }, { payload: { id: 'o-1' }, tags: 'placed', keys: ['o-1'] });
    await testing.caughtUp('billing');
    check('caughtUp', app.get(Shop).billed, 1);
    const state = await testing.waitFor(() => app.get(RocketMQListeners).states[0]?.state);
    check('waitFor', state, 'running');
  } finally {
    await app.close();
  }
  await tryFake(check);
}

/** Nothing is started, and no socket opened. */
async function tryFake(check: Check): Promise<void> {
  const fake = new FakeRocketMQTemplate();
  const testing = Test.createTestingModule({ imports: [ShopModule] });
  const module = await testing.overrideProvider(RocketMQTemplate).useValue(fake).compile();
  await module.get(Shop).place('o-2');
  const sent = fake.sent.map(({ topic, tag, payload }) => ({ topic, tag, payload }));
  check('a fake template in place of the real one', sent, [{ topic: 'orders', tag: 'placed', payload: { id: 'o-2' } }]);
  fake.failNext(new Error('no broker'));
  const failure: unknown = await module
    .get(Shop)
    .place('o-3')
    .catch((error: unknown) => error);
  check('a fake that fails', (failure as Error).message, 'no broker');
  const refused: unknown = await fake
    .send('orders', 'x', { delay: '1 s', delayLevel: 3 })
    .catch((error: unknown) => error);
  check('a fake refuses what the real one does', refused instanceof RocketMQOptionsError);
}
