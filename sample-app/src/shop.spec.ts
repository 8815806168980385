import { type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import request from 'supertest';
import { RocketMQTesting, RocketMQTestingModule } from 'nestjs-rocketmq/testing';
import type { ActivityEntry } from './activity/activity.js';
import { runDemo } from './demo/demo.js';
import { Stock } from './duties/stock.js';
import { orderTopic } from './orders/order-change.js';
import type { Order } from './orders/order.js';
import { ShopModule } from './shop-module.js';

// Real servers on a machine that may be busy.
jest.setTimeout(120_000);

let app: INestApplication;

beforeAll(async () => {
  const shop = ShopModule.forRoot({ storePathRootDir: 'not used: the test servers have their own' });
  const module = await Test.createTestingModule({ imports: [RocketMQTestingModule.forRoot(), shop] }).compile();
  app = module.createNestApplication();
  await app.listen(0, '127.0.0.1');
});

afterAll(() => app.close());

async function activityOf(order: Order, entries: number): Promise<ActivityEntry[]> {
  for (;;) {
    const { body } = await request(app.getHttpServer()).get('/activity').query({ order: order.id }).expect(200);
    if ((body as ActivityEntry[]).length >= entries) return body as ActivityEntry[];
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('the shop', () => {
  it('tells every duty of an order and of its change', async () => {
    const placed = await request(app.getHttpServer())
      .post('/orders')
      .send({ customer: 'Ada', items: [{ article: 'apple', quantity: 3 }] })
      .expect(201);
    const order = placed.body as Order;
    await request(app.getHttpServer())
      .patch(`/orders/${order.id}`)
      .send({ items: [{ article: 'apple', quantity: 5 }] })
      .expect(200);

    const activity = await activityOf(order, 6);
    expect(activity.map(({ duty, kind }) => `${duty} ${kind}`).toSorted()).toEqual([
      'invoice changed',
      'invoice placed',
      'notification changed',
      'notification placed',
      'stock changed',
      'stock placed',
    ]);
    expect(app.get(Stock).reserved('apple')).toBe(5);
  });

  it('makes one message of each change, tagged with its kind and keyed by the order', async () => {
    const { body } = await request(app.getHttpServer())
      .post('/orders')
      .send({ customer: 'Blaise', items: [{ article: 'bread', quantity: 1 }] })
      .expect(201);
    const sent = await app.get(RocketMQTesting).collect(orderTopic, 3);
    const own = sent.find(({ keys }) => keys.includes((body as Order).id));
    expect(own).toMatchObject({ tags: 'placed', payload: { customer: 'Blaise', revision: 1 } });
  });

  it.each([[{ customer: '', items: [] }], [{ customer: 'Ada', items: [{ article: 'apple', quantity: 0 }] }], [{}]])(
    'refuses the order %j',
    (order) => request(app.getHttpServer()).post('/orders').send(order).expect(400),
  );

  it('knows its orders', async () => {
    await request(app.getHttpServer()).patch('/orders/none').send({ status: 'cancelled' }).expect(404);
    const { body } = await request(app.getHttpServer()).get('/orders').expect(200);
    expect(body).toHaveLength(2);
  });

  it('passes its demonstration', async () => {
    let table: object = {};
    expect(await runDemo(await app.getUrl(), (rows) => (table = rows))).toBe(true);
    const all = { placed: 200, changed: 40, cancelled: 20, total: 260 };
    expect(table).toEqual({ stock: all, invoice: all, notification: all, '(made)': all });
  });
});
