import { Injectable, Module, type ModuleMetadata } from '@nestjs/common';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  getRocketMQTemplateToken,
  InjectRocketMQAdmin,
  InjectRocketMQProducer,
  InjectRocketMQTemplate,
  RocketMQConnection,
  RocketMQConnections,
  RocketMQDlqListener,
  RocketMQListeners,
  RocketMQMessageListener,
  RocketMQModule,
  type RocketMQModuleOptions,
  RocketMQReplyListener,
  RocketMQTemplate,
  RocketMQTransactionListener,
} from '../../src/index.js';
import type { Admin, Producer } from '../../libs/client/src/index.js';
import { messageOf } from '../../libs/common/src/index.js';
import { RocketMQTestingModule } from '../../src/testing/index.js';
import { Applications, failureOf } from './applications.js';
import { LogLines } from './log-lines.js';
import { Mailbox } from './mailbox.js';

// Real servers on a machine that may be busy.
jest.setTimeout(120_000);

const applications = new Applications();
afterEach(() => applications.closeAll());

/** Nothing listens there: the port of no service. */
const nowhere = '127.0.0.1:1';

async function embedded(brokerName: string): Promise<Pick<RocketMQModuleOptions, 'embedded'>> {
  const broker = { brokerName, mappedFileSizeCommitLog: 4 * 1024 * 1024 };
  return { embedded: { port: 0, storePathRootDir: await applications.directory(), broker } };
}

@Injectable()
class Clerk {
  readonly early: Promise<string>;

  constructor(
    readonly template: RocketMQTemplate,
    @InjectRocketMQTemplate('billing') readonly billing: RocketMQTemplate,
    @InjectRocketMQProducer('billing') readonly producer: Producer,
    @InjectRocketMQAdmin('billing') readonly admin: Admin,
    @InjectRocketMQAdmin() readonly ownAdmin: Admin,
  ) {
    this.early = admin.topicExists('orders').then(String, messageOf);
  }
}

/** One of every kind. */
function everyListener(seen: Mailbox<string>) {
  @Injectable()
  class Listeners {
    @RocketMQMessageListener({ topic: 'orders', consumerGroup: 'clerks' })
    order(text: string): void {
      seen.put(`default ${text}`);
    }
    @RocketMQMessageListener({
      topic: 'orders',
      consumerGroup: 'clerks',
      connection: 'billing',
      maxReconsumeTimes: 0,
    })
    bill(text: string): void {
      seen.put(`billing ${text}`);
      if (text === 'bad') throw new Error('bad');
    }
    @RocketMQDlqListener({ deadGroup: 'clerks', consumerGroup: 'heirs', connection: 'billing' })
    dead(text: string): void {
      seen.put(`dead ${text}`);
    }
    @RocketMQReplyListener({ topic: 'quotes', consumerGroup: 'quoting', connection: 'billing' })
    quote(text: string): string {
      return `${text}!`;
    }
  }
  @Injectable()
  @RocketMQTransactionListener({ connection: 'billing' })
  class Transactions {
    executeLocalTransaction(): Promise<'COMMIT'> {
      return Promise.resolve('COMMIT');
    }
    checkLocalTransaction(): Promise<'COMMIT'> {
      return Promise.resolve('COMMIT');
    }
  }
  return [Listeners, Transactions];
}

describe('connections of one application', () => {
  it('lead to clusters of their own, for templates, native objects and every kind of listener', async () => {
    const seen = new Mailbox<string>();
    const imports = [
      RocketMQModule.forRoot(await embedded('main')),
      RocketMQModule.forRoot({ name: 'billing', ...(await embedded('money')) }),
    ];
    const app = await applications.start({ imports, providers: [Clerk, ...everyListener(seen)] });
    const clerk = app.get(Clerk);
    expect(await clerk.early).toBe(
      'RocketMQAdmin: the application has not started. Use it from onModuleInit on; outside a server call app.init() first.',
    );
    expect((await clerk.template.send('orders', 'one')).messageQueue.brokerName).toBe('main');
    expect((await clerk.billing.send('orders', 'two')).messageQueue.brokerName).toBe('money');
    expect((await clerk.producer.send({ topic: 'orders', body: 'bad' })).messageQueue.brokerName).toBe('money');
    expect((await seen.have(4)).toSorted()).toEqual(['billing bad', 'billing two', 'dead bad', 'default one']);
    expect(await clerk.billing.sendAndReceive('quotes', '7')).toBe('7!');
    expect(await clerk.billing.sendMessageInTransaction('orders', 'three')).toMatchObject({
      localTransactionState: 'COMMIT',
    });
    expect(await seen.have(5)).toContain('billing three');
    expect([await clerk.admin.topicExists('quotes'), await clerk.ownAdmin.topicExists('quotes')]).toEqual([
      true,
      false,
    ]);
    const connections = app.get(RocketMQConnections).all;
    expect(connections.map(({ name, state }) => [name, state])).toEqual([
      ['default', 'connected'],
      ['billing', 'connected'],
    ]);
    const listeners = app.get(RocketMQListeners);
    expect(() => listeners.pause('clerks')).toThrow("Connections 'default', 'billing' each have a group 'clerks'");
    listeners.pause('clerks', 'billing');
    expect(listeners.states.map(({ connection, state }) => `${connection} ${state}`)).toEqual([
      'default running',
      'billing paused',
      'billing running',
      'billing running',
    ]);
    await expect(clerk.producer.close()).rejects.toThrow('it is the application that closes it');
    await app.close();
    await app.close();
    await expect(clerk.producer.send({ topic: 'orders', body: 'late' })).rejects.toThrow(
      'RocketMQProducer: the application is stopped.',
    );
  });

  it('are switched off, started late and connected later each for itself', async () => {
    const seen = new Mailbox<string>();
    const listenerOf = (connection: string) => {
      @Injectable()
      class Listener {
        @RocketMQMessageListener({ topic: 'news', consumerGroup: `${connection}-readers`, connection })
        read(text: string): void {
          seen.put(`${connection} ${text}`);
        }
      }
      return Listener;
    };
    const log = new LogLines();
    const app = await applications.start(
      {
        imports: [
          RocketMQModule.forRoot({ name: 'off', nameServer: nowhere, enabled: false }),
          RocketMQModule.forRoot({ name: 'manual', autoStart: false, ...(await embedded('manual')) }),
          RocketMQModule.forRoot({ name: 'lazy', nameServer: nowhere, onConnectFailure: 'lazy' }),
          RocketMQModule.forRoot({ name: 'retry', nameServer: nowhere, onConnectFailure: 'retry' }),
          RocketMQModule.forRoot({ name: 'well', ...(await embedded('well')) }),
        ],
        providers: ['off', 'manual', 'lazy', 'retry', 'well'].map((name) => listenerOf(name)),
      },
      log,
    );
    const templateOf = (name: string): RocketMQTemplate => app.get<RocketMQTemplate>(getRocketMQTemplateToken(name));
    await expect(templateOf('off').send('news', 'x')).rejects.toThrow(
      "RocketMQModule 'off' is switched off (enabled: false)",
    );
    for (const name of ['lazy', 'retry']) {
      await expect(templateOf(name).send('news', 'x')).rejects.toMatchObject({ code: 'NAME_SERVER_UNAVAILABLE' });
    }
    await templateOf('manual').send('news', '1');
    await templateOf('well').send('news', '1');
    expect(await seen.have(1)).toEqual(['well 1']);
    const listeners = app.get(RocketMQListeners);
    const runningOnes = () => listeners.states.filter(({ running }) => running).map(({ connection }) => connection);
    expect(runningOnes()).toEqual(['well']);
    await listeners.start(undefined, 'manual');
    expect(await seen.have(2)).toContain('manual 1');
    await expect(listeners.start('off-readers')).rejects.toThrow("RocketMQModule 'off' is switched off");
    expect(log.lines.filter((line) => line.includes('still trying'))).toEqual([
      expect.stringMatching(/^Connection 'retry': Name server 127\.0\.0\.1:1 does not answer .*ECONNREFUSED/),
    ]);
    await listeners.start();
    expect(runningOnes()).toEqual(['manual', 'well']);
  });

  it('share their end: when one cannot start, nothing of the others is left', async () => {
    const options = await embedded('main');
    const imports = [RocketMQModule.forRoot(options), RocketMQModule.forRoot({ name: 'billing', nameServer: nowhere })];
    expect(await failureOf(applications.start({ imports }))).toContain(`Name server ${nowhere} does not answer`);
    const app = await applications.start({ imports: [RocketMQModule.forRoot(options)] });
    expect(await app.get(RocketMQTemplate).send('t', 'x')).toMatchObject({ sendStatus: 'SEND_OK' });
  });

  it('to one cluster are clients of different names', async () => {
    const host = await applications.start({ imports: [RocketMQModule.forRoot(await embedded('main'))] });
    const { nameServers: nameServer } = host.get(RocketMQConnection);
    const named = (name: string, instanceName: string) =>
      RocketMQModule.forRoot({ name, nameServer, client: { instanceName } });
    const app = await applications.start({ imports: [named('one', 'x'), named('two', 'y')] });
    const [one, two] = app.get(RocketMQConnections).all.map(({ client }) => client?.clientId);
    expect([one, two]).toEqual([expect.stringContaining('@x'), expect.stringContaining('@y')]);
    expect(await failureOf(applications.start({ imports: [named('one', 'x'), named('two', 'x')] }))).toMatch(
      /RocketMQModule 'two': client\.instanceName 'x' is that of RocketMQModule 'one', whose cluster is the same/,
    );
  });

  it('meet on the servers of a test', async () => {
    const app = await applications.start({
      imports: [
        RocketMQTestingModule.forRoot(),
        RocketMQModule.forRoot({ name: 'billing', nameServer: 'production:9876' }),
      ],
    });
    const billing = app.get<RocketMQTemplate>(getRocketMQTemplateToken('billing'));
    expect(await billing.send('t', 'x')).toMatchObject({ messageQueue: { brokerName: 'test' } });
  });
});

describe('names of connections', () => {
  const off = { nameServer: nowhere, enabled: false };

  @Module({ imports: [RocketMQModule.forRoot({ name: 'billing', ...off })] })
  class BillingModule {}
  @Module({ imports: [RocketMQModule.forRootAsync({ name: 'billing', useFactory: () => off })] })
  class OrdersModule {}

  @Injectable()
  class Stray {
    @RocketMQMessageListener({ topic: 'orders', consumerGroup: 'strays', connection: 'biling' })
    order(): void {}
  }
  @Injectable()
  class Nameless {
    @RocketMQMessageListener({ topic: 'orders', consumerGroup: 'strays' })
    order(): void {}
  }
  @Injectable()
  class Broadcasts {
    @RocketMQMessageListener({ topic: 'news', consumerGroup: 'all', messageModel: 'BROADCASTING' })
    here(): void {}
    @RocketMQMessageListener({
      topic: 'news',
      consumerGroup: 'all',
      messageModel: 'BROADCASTING',
      connection: 'billing',
    })
    there(): void {}
  }
  @Injectable()
  @RocketMQTransactionListener({ connection: 'biling' })
  class StrayTransactions {
    checkLocalTransaction(): Promise<'COMMIT'> {
      return Promise.resolve('COMMIT');
    }
  }

  it.each<[string, ModuleMetadata, string]>([
    [
      'that two modules give',
      { imports: [BillingModule, OrdersModule] },
      "RocketMQModule: two connections are named 'billing': forRoot is imported by BillingModule and by OrdersModule.",
    ],
    [
      'that a listener misspells',
      { imports: [BillingModule], providers: [Stray] },
      "Stray.order: connection 'biling' is unknown: no RocketMQModule.forRoot has this name; connections: 'billing' (RocketMQModule.forRoot in BillingModule)",
    ],
    [
      'that a listener leaves out though there is none without',
      { imports: [BillingModule], providers: [Nameless] },
      "Nameless.order: connection is missing: no RocketMQModule.forRoot is without a name; name one of: 'billing'",
    ],
    [
      'that a listener leaves out, in a test, too',
      { imports: [RocketMQTestingModule.forRoot(), BillingModule], providers: [Nameless] },
      'Nameless.order: connection is missing',
    ],
    [
      'that a transaction listener misspells',
      { imports: [BillingModule], providers: [StrayTransactions] },
      "StrayTransactions: connection 'biling' is unknown",
    ],
    [
      'that forFeature misspells',
      { imports: [BillingModule, RocketMQModule.forFeature({ connection: 'biling' })] },
      "RocketMQModule.forFeature in RootTestModule: connection 'biling' is unknown",
    ],
    [
      'of groups that would share a file of offsets',
      {
        imports: [RocketMQModule.forRoot(off), BillingModule],
        providers: [Broadcasts],
      },
      "Broadcasts.here (connection 'default') and Broadcasts.there (connection 'billing') are BROADCASTING in group 'all' and would keep their offsets in one file.",
    ],
    [
      'that are none',
      { imports: [RocketMQModule.forRoot({ name: 'a b', ...off })] },
      'RocketMQModule: an option is wrong:\n  name must be letters, digits and . _ - only, at most 255; it is "a b"',
    ],
    [
      'beside wrong options',
      { imports: [RocketMQModule.forRoot({ name: 'billing', nameServer: '' })] },
      "RocketMQModule 'billing': an option is wrong:\n  nameServer must be",
    ],
  ])('%s are refused at the start', async (_what, metadata, words) => {
    expect(await failureOf(applications.start(metadata))).toContain(words);
  });
});
