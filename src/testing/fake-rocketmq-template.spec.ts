import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from '@jest/globals';
import { lastValueFrom } from 'rxjs';
import { BatchItem } from '../template/batch-item.js';
import { RocketMQModule } from '../rocketmq-module.js';
import { RocketMQTemplate } from '../template/rocketmq-template.js';
import { FakeRocketMQTemplate } from './fake-rocketmq-template.js';

describe('FakeRocketMQTemplate', () => {
  it('remembers what every kind of send was given, and answers as a cluster does', async () => {
    const template = new FakeRocketMQTemplate();
    const order = { id: 1 };
    const first = await template.send('orders:placed', order, { keys: '1', hashKey: 'customer' });
    const again = await template.syncSendOrderly('orders', order, 'customer');
    expect(first).toMatchObject({ sendStatus: 'SEND_OK', messageQueue: { topic: 'orders' } });
    expect(again.messageQueue).toEqual(first.messageQueue);
    expect(again.msgId).not.toBe(first.msgId);
    const batch = await template.send('orders', ['a', new BatchItem('b', { tag: 'own', keys: 'k' })]);
    await template.sendOneWay('clicks', 'c');
    await template.asyncSend('orders', 'd');
    await lastValueFrom(template.rx.send('orders', 'e'));
    expect(template.sent.map(({ kind, topic, tag, payload }) => [kind, topic, tag, payload])).toEqual([
      ['send', 'orders', 'placed', order],
      ['send', 'orders', undefined, order],
      ['send', 'orders', undefined, 'a'],
      ['send', 'orders', 'own', 'b'],
      ['oneWay', 'clicks', undefined, 'c'],
      ['async', 'orders', undefined, 'd'],
      ['send', 'orders', undefined, 'e'],
    ]);
    expect(template.sent[0]).toMatchObject({ options: { keys: '1' }, result: first });
    expect(template.sent[3]).toMatchObject({ options: { keys: 'k' }, result: batch });
    template.clear();
    expect(template.sent).toEqual([]);
  });

  it.each<[string, (template: FakeRocketMQTemplate) => Promise<unknown>, RegExp]>([
    [
      'a batch with a delay',
      (t) => t.send('t', ['a'], { delay: '1 s' }),
      /options.delay cannot be combined with a batch/,
    ],
    ['an unknown option', (t) => t.send('t', 'a', { key: 'x' } as object), /options.key is unknown; did you mean keys/],
    ['no topic', (t) => t.send(':tag', 'a'), /destination must be 'topic' or 'topic:tag'/],
    ['a topic that is none', (t) => t.send('no topic', 'a'), /illegal characters/],
    ['an empty body', (t) => t.send('t', ''), /is empty, which RocketMQ refuses/],
    ['a body too large', (t) => t.send('t', 'x'.repeat(101)), /has 101 bytes, more than maxMessageSize \(100\)/],
    ['a reserved property', (t) => t.send('t', 'a', { properties: { KEYS: 'k' } }), /'KEYS' is reserved/],
    ['a transaction without a function', (t) => t.sendMessageInTransaction('t', 'a'), /there is no local transaction/],
  ])('refuses %s, as the real one does', async (_what, send, reason) => {
    const template = new FakeRocketMQTemplate({ producer: { maxMessageSize: 100 } });
    await expect(send(template)).rejects.toThrow(reason);
    expect(template.sent).toEqual([]);
  });

  it('fails, and answers otherwise, as it is told', async () => {
    const template = new FakeRocketMQTemplate({ template: { requireStoreOk: true, defaultDestination: 'orders' } });
    template.failNext(new Error('no broker'), 2);
    await expect(template.send('orders', 'a')).rejects.toThrow('no broker');
    await expect(template.asyncSend('orders', 'a')).rejects.toThrow('no broker');
    template.answerNext('FLUSH_DISK_TIMEOUT');
    await expect(template.sendDefault('b')).rejects.toMatchObject({ code: 'NOT_STORED_SAFELY' });
    await template.sendDefault('c');
    expect(template.sent.map(({ payload }) => payload)).toEqual(['c']);
  });

  it('runs local transactions', async () => {
    const template = new FakeRocketMQTemplate();
    const seen: unknown[] = [];
    const result = await template.send('orders', 'a', {
      transaction: async ({ transactionId }) => {
        seen.push(transactionId);
        return 'rollback';
      },
    });
    expect(result).toMatchObject({ localTransactionState: 'ROLLBACK', transactionId: seen[0] });
    const failing = template.send('orders', 'b', {
      transaction: async () => {
        throw new Error('no money');
      },
    });
    await expect(failing).rejects.toMatchObject({ code: 'TRANSACTION_FAILED', cause: new Error('no money') });
  });

  it('replies to requests as it is told', async () => {
    class Quote {
      price = 0;
    }
    const template = new FakeRocketMQTemplate();
    await expect(template.sendAndReceive('quotes', 'apples')).rejects.toMatchObject({ code: 'TIMEOUT' });
    template.replyTo('quotes', { price: 3 });
    expect(await template.sendAndReceive('quotes', 'apples', { replyType: Quote })).toEqual({ price: 3 });
    template.replyTo('quotes', (body: string) => `no ${body}`);
    expect(await template.sendAndReceive('quotes', 'pears')).toBe('no pears');
    await expect(template.receive('quotes', { group: 'g' })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('stands in for the real one', async () => {
    @Injectable()
    class Shop {
      constructor(readonly template: RocketMQTemplate) {}
    }
    @Module({ imports: [RocketMQModule.forRoot({ nameServer: 'mq1:9876' })], providers: [Shop] })
    class ShopModule {}
    const fake = new FakeRocketMQTemplate();
    const module = await Test.createTestingModule({ imports: [ShopModule] })
      .overrideProvider(RocketMQTemplate)
      .useValue(fake)
      .compile();
    await module.get(Shop).template.send('orders', 'a');
    expect(fake.sent).toHaveLength(1);
    expect(() => new FakeRocketMQTemplate({ templates: {} } as object)).toThrow(/templates is unknown/);
  });
});
