import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Observable } from 'rxjs';
import {
  RocketMQConnection,
  getRocketMQContext,
  RocketMQListeners,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQSendInterceptor,
  type SendCall,
  type SendInterceptor,
  type SendNext,
  RocketMQTemplate,
} from '../../src/index.js';
import { RocketMQTesting, RocketMQTestingModule } from '../../src/testing/index.js';
import { Applications } from './applications.js';
import { Mailbox } from './mailbox.js';

// Real servers on a machine that may be busy.
jest.setTimeout(120_000);

const applications = new Applications();
afterEach(() => applications.closeAll());

const storage = new AsyncLocalStorage<string>();

/** As applications, and modules like nestjs-cls, give each message a context. */
@Injectable()
class PerMessage implements NestInterceptor {
  intercept(host: ExecutionContext, next: CallHandler): Observable<unknown> {
    const tenant = getRocketMQContext(host)?.property('tenant') ?? 'none';
    return new Observable((subscriber) => storage.run(tenant, () => next.handle().subscribe(subscriber)));
  }
}

const sends: string[] = [];

@Injectable()
@RocketMQSendInterceptor()
class NotingSends implements SendInterceptor {
  intercept({ destination }: SendCall, next: SendNext): Promise<unknown> {
    sends.push(`${destination} ${storage.getStore()}`);
    return next();
  }
}

describe('AsyncLocalStorage', () => {
  it('is kept through a handler and what it sends, for each message its own', async () => {
    sends.splice(0);
    const seen = new Mailbox<string>();
    @Injectable()
    class Shop {
      constructor(private readonly template: RocketMQTemplate) {}
      @UseInterceptors(PerMessage)
      @RocketMQMessageListener({ topic: 'orders', consumerGroup: 'billing' })
      async bill(order: string): Promise<void> {
        await this.template.send('receipts', order);
        await new Promise((resolve) => setImmediate(resolve));
        seen.put(`${order} ${storage.getStore()}`);
      }
    }
    const app = await applications.start({
      imports: [RocketMQTestingModule.forRoot()],
      providers: [Shop, PerMessage, NotingSends],
    });
    const template = app.get(RocketMQTemplate);
    const tenants = ['a', 'b', 'c', 'd'];
    await storage.run('sender', () =>
      Promise.all(tenants.map((tenant) => template.send('orders', tenant, { properties: { tenant } }))),
    );
    const pairs = tenants.map((tenant) => `${tenant} ${tenant}`);
    expect((await seen.have(4)).toSorted()).toEqual(pairs);
    expect(sends.toSorted()).toEqual([
      ...tenants.map(() => 'orders sender'),
      ...tenants.map((tenant) => `receipts ${tenant}`),
    ]);
  });

  it('of whoever sends first, or starts a group, is not that of handlers', async () => {
    const seen = new Mailbox<string>();
    @Injectable()
    class Shop {
      @RocketMQMessageListener({ topic: 'orders', consumerGroup: 'billing', pullInterval: 0 })
      bill(order: string): void {
        seen.put(`${order} ${storage.getStore()}`);
      }
    }
    const host = await applications.start({ imports: [RocketMQTestingModule.forRoot()], providers: [Shop] });
    const [nameServer] = host.get(RocketMQConnection).nameServers;
    const app = await applications.start({
      imports: [RocketMQModule.forRoot({ nameServer: nameServer ?? '', autoStart: false, onConnectFailure: 'lazy' })],
      providers: [Shop],
    });
    const listeners = app.get(RocketMQListeners);
    const template = app.get(RocketMQTemplate);
    await storage.run('a request', async () => {
      await template.send('orders', 'first');
      await listeners.start('billing');
    });
    const queues = () => listeners.states[0]?.queues;
    const testing = host.get(RocketMQTesting);
    await testing.waitFor(() => queues() === 2);
    // The broker tells of the member that leaves: what begins then has begun in nobody's name, too.
    await host.get(RocketMQListeners).stop('billing');
    await testing.waitFor(() => queues() === 4);
    for (let i = 0; i < 8; i++) await template.send('orders', `later ${i}`);
    const messages = await seen.have(9);
    expect(messages.filter((message) => !message.endsWith(' undefined'))).toEqual([]);
  });
});
