import { Injectable, Module, type ModuleMetadata, ValidationPipe } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { IsInt } from 'class-validator';
import {
  NameServerModule,
  RocketMQDlqListener,
  type RocketMQFeatureOptions,
  RocketMQListeners,
  type RocketMQMessage,
  RocketMQMessageListener,
  RocketMQModule,
  type RocketMQModuleOptions,
  RocketMQTemplate,
  RocketMQTransactionListener,
  RocketMQConnection,
} from '../../src/index.js';
import { RocketMQTesting, RocketMQTestingModule } from '../../src/testing/index.js';
import { Applications, failureOf } from './applications.js';
import { LogLines } from './log-lines.js';
import { Mailbox } from './mailbox.js';

// Real servers on a machine that may be busy.
jest.setTimeout(120_000);

const applications = new Applications();
afterEach(() => applications.closeAll());

const off = { nameServer: '127.0.0.1:1', enabled: false };

describe('what a feature module says', () => {
  it('counts where listeners say nothing, and is shown with whose word it is', async () => {
    const seen = new Mailbox<string>();
    @Injectable()
    class Duties {
      @RocketMQMessageListener({
        topic: 'orders',
        consumerGroup: 'duties',
        selectorExpression: 'placed',
        concurrency: 3,
      })
      stock(): void {
        throw new Error('no stock');
      }
      @RocketMQMessageListener({ name: 'refunds', consumerGroup: 'duties', onPoison: 'retry' })
      refund(text: string): void {
        seen.put(`refund ${text}`);
      }
      @RocketMQDlqListener({ name: 'dead', deadGroup: 'duties' })
      dead(text: string): void {
        seen.put(`dead ${text}`);
      }
    }
    const feature: RocketMQFeatureOptions = {
      groups: { duties: { concurrency: 9, maxReconsumeTimes: 0, onPoison: 'dlq', enableMsgTrace: false } },
      listeners: {
        refunds: { topic: 'orders', selectorExpression: 'returned' },
        dead: { consumerGroup: 'heirs' },
        'Duties.stock': { concurrency: 8, enhancers: false },
      },
    };
    @Module({ imports: [RocketMQModule.forFeature(feature)], providers: [Duties] })
    class ShopModule {}
    const app = await applications.start({
      imports: [
        ShopModule,
        RocketMQModule.forRoot({ nameServer: 'any:1', consumer: { pullBatchSize: 5, maxReconsumeTimes: 7 } }),
        RocketMQTestingModule.forRoot(),
      ],
    });
    await app.get(RocketMQTemplate).send('orders:returned', '1');
    await app.get(RocketMQTemplate).send('orders:placed', '2');
    expect((await seen.have(2)).toSorted()).toEqual(['dead 2', 'refund 1']);
    const here = 'RocketMQModule.forFeature in ShopModule';
    const module = 'RocketMQModule.forRoot in RootTestModule, consumer';
    const nameServer = app.get(RocketMQConnection).nameServers[0];
    expect(app.get(RocketMQListeners).explain().split('\n')).toEqual([
      `connection 'default' (RocketMQModule.forRoot in RootTestModule): name servers ${nameServer}, enabled true, autoStart true, onConnectFailure fail`,
      "  group 'duties': running; what is not named here is Apache's default (docs/consumer.md)",
      '    concurrency = 3, says Duties.stock',
      `    maxReconsumeTimes = 0, says ${here}, groups.duties`,
      `    enableMsgTrace = false, says ${here}, groups.duties`,
      `    pullBatchSize = 5, says ${module}`,
      "    Duties.stock (message) takes 'orders'",
      '      selectorExpression = placed, says Duties.stock',
      `      enhancers = false, says ${here}, listeners.Duties.stock`,
      `      onPoison = dlq, says ${here}, groups.duties`,
      "    Duties.refund (message) takes 'orders'",
      '      name = refunds, says Duties.refund',
      '      onPoison = retry, says Duties.refund',
      `      selectorExpression = returned, says ${here}, listeners.refunds`,
      "  group 'heirs': running; what is not named here is Apache's default (docs/consumer.md)",
      '    consumeFromWhere = CONSUME_FROM_FIRST_OFFSET, says Duties.dead',
      `    pullBatchSize = 5, says ${module}`,
      `    maxReconsumeTimes = 7, says ${module}`,
      "    Duties.dead (dlq) takes '%DLQ%duties'",
      '      name = dead, says Duties.dead',
    ]);
  });

  it('leaves out a group that is not enabled', async () => {
    @Injectable()
    class Duties {
      @RocketMQMessageListener({ topic: 'orders', consumerGroup: 'duties' })
      stock(): void {}
    }
    const app = await applications.start({
      imports: [RocketMQModule.forRoot(off), RocketMQModule.forFeature({ groups: { duties: { enabled: false } } })],
      providers: [Duties],
    });
    expect(app.get(RocketMQListeners).states).toEqual([]);
  });

  it('makes topics, and finds those that are there', async () => {
    const topics = [{ name: 'orders', queues: 2 }, { name: 'mails' }];
    const log = new LogLines();
    const app = await applications.start(
      { imports: [RocketMQTestingModule.forRoot(), RocketMQModule.forRoot(), RocketMQModule.forFeature({ topics })] },
      log,
    );
    const connection = app.get(RocketMQConnection);
    const queuesOf = async (topic: string) => (await connection.producer?.fetchPublishMessageQueues(topic))?.length;
    expect([await queuesOf('orders'), await queuesOf('mails')]).toEqual([2, 4]);
    expect(log.lines.filter((line) => line.includes('queues on each'))).toHaveLength(2);
    await applications.start(
      {
        imports: [
          RocketMQModule.forRoot({ nameServer: connection.nameServers }),
          RocketMQModule.forFeature({ topics: [{ name: 'orders', queues: 3 }, { name: 'mails' }] }),
        ],
      },
      log,
    );
    expect(log.lines.filter((line) => line.includes('queues on each')).slice(2)).toEqual([
      "RocketMQModule.forFeature in RootTestModule: topic 'orders' should have 3 queues on each broker and has 2 on test; left as it is",
    ]);
  });

  it('stops the start when a topic is not there and cannot be made', async () => {
    const metadata = {
      imports: [
        NameServerModule.forRoot({ listenPort: 0 }),
        RocketMQModule.forRoot(),
        RocketMQModule.forFeature({ topics: [{ name: 'orders', queues: 2 }] }),
      ],
    };
    expect(await failureOf(applications.start(metadata))).toBe(
      "RocketMQModule.forFeature in RootTestModule: topic 'orders' does not exist and could not be created: No broker is registered with the name server, so no topic can be made. Create it: mqadmin updateTopic -n <name server> -c <cluster> -t orders -r 2 -w 2",
    );
  });

  @Injectable()
  class Billing {
    @RocketMQMessageListener({ name: 'bills', topic: 'orders', consumerGroup: 'billing' })
    bill(): void {}
  }
  @Module({
    imports: [RocketMQModule.forFeature({ groups: { billing: {} }, topics: [{ name: 'orders', queues: 2 }] })],
  })
  class OneModule {}
  @Module({
    imports: [RocketMQModule.forFeature({ groups: { billing: {} }, topics: [{ name: 'orders', queues: 3 }] })],
  })
  class OtherModule {}
  const feature = (options: object): ModuleMetadata['imports'] => [RocketMQModule.forFeature(options)];
  it.each<[string, ModuleMetadata['imports'], string]>([
    [
      'an unknown group',
      feature({ groups: { biling: { concurrency: 1 } } }),
      "RocketMQModule.forFeature in RootTestModule: groups.biling: connection 'default' has no such consumer group; it has: billing",
    ],
    [
      'an unknown listener',
      feature({ listeners: { 'Billing.onMessage': {} } }),
      "listeners.Billing.onMessage: connection 'default' has no such listener; it has: bills",
    ],
    [
      'wrong and unknown options',
      feature({ groups: { billing: { concurency: 1, batch: 3 } }, topics: [{ name: 'a b' }, 1], listener: {} }),
      [
        'RocketMQModule.forFeature in RootTestModule: 6 options are wrong:',
        '  listener is unknown; did you mean listeners?',
        '  topics must be a list of objects; it is [{"name":"a b"},1]',
        '  groups.billing.concurency is unknown; did you mean concurrency?',
        '  groups.billing.batch is unknown; known: messageModel',
      ].join('\n'),
    ],
    [
      'the same group twice, and topics that differ',
      [OneModule, OtherModule],
      [
        'RocketMQModule.forFeature in OneModule and RocketMQModule.forFeature in OtherModule both have groups.billing: leave it to one of them',
        "RocketMQModule.forFeature in OneModule and RocketMQModule.forFeature in OtherModule want topic 'orders' with different queues (2 and 3)",
      ].join('\n'),
    ],
  ])('is refused for %s', async (_what, imports = [], words) => {
    const metadata = { imports: [RocketMQModule.forRoot(off), ...imports], providers: [Billing] };
    expect(await failureOf(applications.start(metadata))).toContain(words);
  });
});

describe('options of decorators that are functions', () => {
  class Order {
    @IsInt() id!: number;
  }
  interface ShopOptions extends RocketMQModuleOptions {
    topics: { orders: string };
    shop: { batch?: number; group: string };
  }
  const seen = new Mailbox<unknown>();

  @Injectable()
  @RocketMQMessageListener({
    topic: (options: ShopOptions) => options.topics.orders,
    consumerGroup: (options: ShopOptions) => options.shop.group,
    batch: (options: ShopOptions) => options.shop.batch,
    payloadType: () => Order,
    concurrency: ({ consumer }: ShopOptions) => consumer?.concurrency,
    onPoison: () => 'dlq',
  })
  class Listener {
    onMessage(order: unknown): void {
      seen.put(order);
    }
  }
  @Injectable()
  @RocketMQTransactionListener({ producerGroup: (options: ShopOptions) => `${options.shop.group}-producers` })
  class Transactions {
    checkLocalTransaction(): Promise<'COMMIT'> {
      return Promise.resolve('COMMIT');
    }
  }

  @Injectable()
  class Settings {
    createRocketMQOptions(): ShopOptions {
      return { nameServer: 'any:1', topics: { orders: 'orders-by-class' }, shop: { group: 'by-class' } };
    }
  }
  @Module({ providers: [Settings], exports: [Settings] })
  class SettingsModule {}

  const ownKeys = ['topics', 'shop'];
  const byFactory = { topics: { orders: 'orders-by-factory' }, shop: { group: 'by-factory', batch: 4 } };
  it.each([
    [
      'a factory',
      RocketMQModule.forRootAsync({ ownKeys, useFactory: () => ({ nameServer: 'any:1', ...byFactory }) }),
      ['orders-by-factory', 'by-factory'],
    ],
    ['a class', RocketMQModule.forRootAsync({ ownKeys, useClass: Settings }), ['orders-by-class', 'by-class']],
    [
      'a provider that is there',
      RocketMQModule.forRootAsync({ ownKeys, imports: [SettingsModule], useExisting: Settings }),
      ['orders-by-class', 'by-class'],
    ],
  ])('get what %s returned', async (_what, module, [topic = '', group = '']) => {
    seen.items.length = 0;
    const app = await applications.start({
      imports: [RocketMQTestingModule.forRoot(), module],
      providers: [Listener, Transactions, { provide: APP_PIPE, useValue: new ValidationPipe() }],
    });
    await app.get(RocketMQTemplate).send(topic, { id: 'none' });
    await app.get(RocketMQTemplate).send(topic, { id: 7 });
    const isBatch = group === 'by-factory';
    const heard = await seen.have(isBatch ? 2 : 1);
    expect(app.get(RocketMQListeners).states).toMatchObject([{ topic, consumerGroup: group, running: true }]);
    expect(app.get(RocketMQConnection).producerOf(`${group}-producers`)).toBeDefined();
    const orders = heard.flatMap((order) => (isBatch ? (order as RocketMQMessage[]) : [order]));
    if (isBatch) expect(orders).toMatchObject([{ payload: { id: 'none' } }, { payload: { id: 7 } }]);
    else {
      // The pipe knows the class by what the function said: it has refused the other one.
      expect(orders).toEqual([Object.assign(new Order(), { id: 7 })]);
      expect(await app.get(RocketMQTesting).collect(`%DLQ%${group}`, 1)).toMatchObject([{ payload: { id: 'none' } }]);
    }
  });

  it.each([
    [
      'that fail',
      RocketMQModule.forRoot(off),
      "Listener.onMessage: topic: its function failed with the options of RocketMQModule: Cannot read properties of undefined (reading 'orders')",
    ],
    [
      'that return what is no such option',
      RocketMQModule.forRootAsync({
        ownKeys,
        useFactory: () => ({ ...off, topics: { orders: 'a b' }, shop: { group: 'g', batch: 0 } }),
      }),
      /Listener\.onMessage: topic must be the name of a topic.*it is "a b"[\s\S]*batch must be a whole number/,
    ],
    [
      'for keys that are not declared as own ones',
      RocketMQModule.forRootAsync({ ownKeys: ['shop'], useFactory: () => ({ ...off, ...byFactory }) }),
      'RocketMQModule: an option is wrong:\n  topics is unknown',
    ],
    [
      'for own keys that are the module’s',
      RocketMQModule.forRootAsync({ ownKeys: ['consumer'], useFactory: () => off }),
      "ownKeys: consumer cannot be the application's own: RocketMQModule has it",
    ],
  ])('are refused %s', async (_what, module, words) => {
    const failure = await failureOf(applications.start({ imports: [module], providers: [Listener] }));
    if (typeof words === 'string') expect(failure).toContain(words);
    else expect(failure).toMatch(words);
  });
});
