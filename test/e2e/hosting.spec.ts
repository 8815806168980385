import { Injectable, Module } from '@nestjs/common';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BrokerModule,
  type BrokerModuleOptions,
  HostedBroker,
  HostedNameServer,
  NameServerModule,
  type NameServerModuleOptions,
  RocketMQConnection,
  type RocketMQListener,
  RocketMQMessageListener,
  RocketMQModule,
  type RocketMQModuleOptions,
  RocketMQTemplate,
} from '../../src/index.js';
import { RocketMQTesting, RocketMQTestingModule } from '../../src/testing/index.js';
import { Applications } from './applications.js';
import { Mailbox } from './mailbox.js';

// Real servers on a machine that may be busy.
jest.setTimeout(120_000);

const applications = new Applications();
afterEach(() => applications.closeAll());

describe('hosted servers', () => {
  it('serve the application that hosts them, whatever the order of the imports', async () => {
    const storePathRootDir = await applications.directory();
    const seen = new Mailbox<string>();
    @Injectable()
    @RocketMQMessageListener({ topic: 'news', consumerGroup: 'readers' })
    class Reader implements RocketMQListener<string> {
      onMessage(text: string): void {
        seen.put(text);
      }
    }
    const app = await applications.start({
      imports: [
        RocketMQModule.forRoot({}),
        BrokerModule.forRootAsync({ useFactory: () => ({ listenPort: '0', storePathRootDir, brokerName: 'b-1' }) }),
        NameServerModule.forRoot({ listenPort: 0 }),
      ],
      providers: [Reader],
    });
    const nameServer = app.get(HostedNameServer);
    expect(app.get(RocketMQConnection).nameServers).toEqual([nameServer.address]);
    expect(app.get(HostedBroker)).toMatchObject({ brokerName: 'b-1', unavailable: undefined });
    await app.get(RocketMQTemplate).send('news', 'x');
    expect(await seen.have(1)).toEqual(['x']);
  });

  it('serve other applications, and take their keys from a file', async () => {
    const directory = await applications.directory();
    const nameServers = await applications.start({ imports: [NameServerModule.forRoot({ listenPort: 0 })] });
    const nameServer = nameServers.get(HostedNameServer).address;
    const configFile = join(directory, 'broker.conf');
    await writeFile(configFile, `brokerName = from-file\nlistenPort = 1\nstorePathRootDir = ${directory}\n`);
    const brokers = await applications.start({
      imports: [BrokerModule.forRoot({ configFile, nameServer, listenPort: 0 })],
    });
    expect(brokers.get(HostedBroker).brokerName).toBe('from-file');
    expect(brokers.get(HostedBroker).port).toBeGreaterThan(1);

    const app = await applications.start({ imports: [RocketMQModule.forRoot({ nameServer })] });
    expect((await app.get(RocketMQTemplate).send('t', 'x')).messageQueue.brokerName).toBe('from-file');
  });

  it.each<[string, object, string]>([
    ['a misspelt key', { listenport: 1 }, 'BrokerModule: option: unknown key "listenport"; did you mean listenPort?'],
    ['a file that is not there', { configFile: '/nowhere/broker.conf' }, 'BrokerModule: configFile cannot be read'],
    [
      'two words for one thing',
      { nameServer: 'a:1', namesrvAddr: 'b:1' },
      'nameServer and namesrvAddr are the same option',
    ],
    ['a feature that is not there', { enableDLegerCommitLog: true }, 'unsupported'],
  ])('refuse %s', async (_name, options, expected) => {
    await expect(
      applications.start({ imports: [BrokerModule.forRoot(options as BrokerModuleOptions)] }),
    ).rejects.toMatchObject({
      message: expect.stringContaining(expected),
    });
  });

  it('cannot stand beside embedded ones', async () => {
    const imports = [NameServerModule.forRoot({ listenPort: 0 }), RocketMQModule.forRoot({ embedded: true })];
    await expect(applications.start({ imports })).rejects.toThrow('embedded cannot be combined with NameServerModule');
  });
});

describe('options from elsewhere', () => {
  it('by factory, class, and existing provider', async () => {
    const directory = await applications.directory();
    @Injectable()
    class Settings {
      createNameServerOptions(): NameServerModuleOptions {
        return { listenPort: 0 };
      }
      createRocketMQOptions(): RocketMQModuleOptions {
        return { producer: { producerGroup: 'made-by-class' } };
      }
    }
    @Module({ providers: [Settings], exports: [Settings] })
    class SettingsModule {}
    const app = await applications.start({
      imports: [
        NameServerModule.forRootAsync({ useClass: Settings }),
        BrokerModule.forRootAsync({ useFactory: async () => ({ listenPort: 0, storePathRootDir: directory }) }),
        RocketMQModule.forRootAsync({ imports: [SettingsModule], useExisting: Settings }),
      ],
    });
    expect(app.get(RocketMQConnection).options?.producer?.producerGroup).toBe('made-by-class');
    expect((await app.get(RocketMQTemplate).send('t', 'x')).sendStatus).toBe('SEND_OK');
  });
});

describe('the test module', () => {
  it("takes the place of the application's own servers", async () => {
    @Module({
      imports: [RocketMQModule.forRoot({ nameServer: 'production:9876', producer: { sendMsgTimeout: 2000 } })],
    })
    class ShopModule {}
    const app = await applications.start({ imports: [RocketMQTestingModule.forRoot(), ShopModule] });
    expect(app.get(RocketMQConnection).options?.producer?.sendMsgTimeout).toBe(2000);
    await app.get(RocketMQTemplate, { strict: false }).send('orders:placed', { id: 1 });
    expect(await app.get(RocketMQTesting).collect('orders', 1)).toMatchObject([{ payload: { id: 1 }, tags: 'placed' }]);
  });

  it('passes keys on to the broker', async () => {
    const app = await applications.start({
      imports: [RocketMQTestingModule.forRoot({ broker: { autoCreateTopicEnable: false } })],
    });
    await expect(app.get(RocketMQTemplate).send('unknown', 'x')).rejects.toMatchObject({ code: 'TOPIC_NOT_FOUND' });
  });
});
