import { Controller, Inject, Injectable } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type ClientProxy, ClientsModule, EventPattern, MessagePattern, Transport } from '@nestjs/microservices';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import {
  BrokerModule,
  HostedNameServer,
  NameServerModule,
  RocketMQListeners,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
} from '../../src/index.js';
import {
  RocketMQClient,
  RocketMQMicroserviceModule,
  RocketMQServer,
  rocketMQTransport,
} from '../../src/microservices/index.js';
import { RocketMQTestingModule } from '../../src/testing/index.js';
import { Applications } from './applications.js';
import { Mailbox } from './mailbox.js';
import { MicroserviceApplications } from './microservice-applications.js';

// Real servers on a machine that may be busy.
jest.setTimeout(120_000);

const applications = new MicroserviceApplications();
const directories = new Applications();
afterEach(async () => {
  await applications.closeAll();
  await directories.closeAll();
});

it.each([true, false])(
  'hosted servers start with whoever asks first (listening first: %s)',
  async (isListeningFirst) => {
    const events = new Mailbox<unknown>();
    @Controller()
    class Orders {
      @EventPattern<string>('orders')
      paid(order: unknown): void {
        events.put(order);
      }
    }
    const storePathRootDir = await directories.directory();
    const kvConfigPath = join(storePathRootDir, 'kvConfig.json');
    const imports = [
      RocketMQMicroserviceModule.forRoot({ consumerGroup: 'shop' }),
      RocketMQModule.forRoot(),
      BrokerModule.forRoot({ listenPort: 0, storePathRootDir, autoCreateTopicEnable: true }),
      NameServerModule.forRoot({ listenPort: 0, kvConfigPath }),
    ];
    const module = { module: class {}, imports, controllers: [Orders] };
    const app = applications.keep(await NestFactory.create(module, { logger: false, abortOnError: false }));
    app.connectMicroservice({ strategy: app.get(RocketMQServer) });
    if (!isListeningFirst) await app.init();
    await app.startAllMicroservices();
    const { address } = app.get(HostedNameServer);
    await lastValueFrom(app.get(RocketMQClient).emit('orders', 'text'));
    if (isListeningFirst) {
      expect(app.get(RocketMQListeners).states).toMatchObject([{ state: 'stopped' }]);
      await app.init();
    }
    expect(app.get(HostedNameServer).address).toBe(address);
    expect(await events.have(1)).toEqual(['text']);
  },
);

it('a client of ClientsModule sends with the template it is given, and handlers of other transports are left alone', async () => {
  const events = new Mailbox<unknown>();
  @Controller()
  class Orders {
    @EventPattern<string>('orders', rocketMQTransport)
    ours(order: unknown): void {
      events.put(order);
    }
    @EventPattern({ cmd: 'theirs' }, Transport.TCP)
    theirs(): void {}
  }
  @Injectable()
  class Shop {
    constructor(@Inject('SHOP') readonly client: ClientProxy) {}
  }
  const clients = ClientsModule.registerAsync([
    {
      name: 'SHOP',
      inject: [RocketMQTemplate],
      useFactory: (template: RocketMQTemplate) => ({ customClass: RocketMQClient, options: { template } }),
    },
  ]);
  const app = await applications.started({ imports: [clients], controllers: [Orders], providers: [Shop] });
  await lastValueFrom(app.get(Shop).client.emit('orders', 7));
  expect(await events.have(1)).toEqual([7]);
});

it('patterns and the client may belong to a named connection, and take options from its options', async () => {
  const events = new Mailbox<unknown>();
  interface ShopOptions {
    readonly groups: { readonly orders: string };
  }
  @Controller()
  class Orders {
    @EventPattern<string>('orders', { consumerGroup: ({ groups }: ShopOptions) => groups.orders })
    billing(order: unknown): void {
      events.put(order);
    }
    @MessagePattern('quotes', { connection: 'default' })
    quote(): string {
      return 'five';
    }
  }
  const shop = {
    name: 'billing',
    ownKeys: ['groups'],
    useFactory: () => ({ nameServer: 'any:1', groups: { orders: 'from-options' } }),
  };
  const imports = [RocketMQModule.forRoot(), RocketMQModule.forRootAsync(shop)];
  const app = await applications.started({ imports, controllers: [Orders] }, { connection: 'billing' });
  expect(app.get(RocketMQListeners).states).toMatchObject([
    { connection: 'billing', consumerGroup: 'from-options', state: 'running' },
    { connection: 'default', consumerGroup: 'shop', state: 'running' },
  ]);
  const client = app.get(RocketMQClient);
  await lastValueFrom(client.emit('orders', 7));
  expect(await events.have(1)).toEqual([7]);
  expect(await lastValueFrom(client.send('quotes', {}))).toBe('five');
  await expect(applications.started({ imports: [RocketMQModule.forRoot()] }, { connection: 'other' })).rejects.toThrow(
    /RocketMQMicroserviceModule: connection 'other' is unknown/,
  );
});

describe('what is wrong', () => {
  it('with a pattern, a missing group, or a group that listeners have', async () => {
    @Controller()
    class Objects {
      @EventPattern({ cmd: 'sum' })
      sum(): void {}
    }
    await expect(applications.started({ controllers: [Objects] })).rejects.toThrow(
      "A pattern must be 'topic' or 'topic:tag'; it is an object",
    );
    @Controller()
    class Shared {
      @EventPattern<string>('orders:a')
      a(): void {}
    }
    @Injectable()
    class Listener {
      @RocketMQMessageListener({ topic: 'orders', consumerGroup: 'shop', selectorExpression: 'b' })
      b(): void {}
    }
    await expect(applications.started({ controllers: [Shared], providers: [Listener] })).rejects.toThrow(
      "Listener.b and @EventPattern('orders:a') both name group 'shop', and they cannot be one consumer. Give them different groups.",
    );
    const grouped = RocketMQMicroserviceModule.forRootAsync({ useFactory: () => ({}) });
    const app = await NestFactory.create(
      { module: class {}, imports: [RocketMQTestingModule.forRoot(), grouped], controllers: [Shared] },
      { logger: false, abortOnError: false },
    );
    applications.keep(app);
    app.connectMicroservice({ strategy: app.get(RocketMQServer) });
    await expect(app.startAllMicroservices()).rejects.toThrow(/@EventPattern\('orders:a'\): consumerGroup is missing/);
    const lost = await NestFactory.create(
      { module: class {}, imports: [RocketMQModule.forRoot(), grouped] },
      { logger: false, abortOnError: false },
    );
    applications.keep(lost);
    lost.connectMicroservice({ strategy: lost.get(RocketMQServer) });
    await expect(lost.startAllMicroservices()).rejects.toThrow('RocketMQModule: no name server');
    await expect(lost.init()).rejects.toThrow('RocketMQModule: no name server');
    expect(() => new RocketMQClient({} as never)).toThrow('template must be the RocketMQTemplate of the application');
  });
});
