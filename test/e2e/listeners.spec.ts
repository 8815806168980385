import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  Scope,
  UseGuards,
  UseInterceptors,
  type CallHandler,
  type NestInterceptor,
  ValidationPipe,
} from '@nestjs/common';
import { APP_GUARD, APP_PIPE, REQUEST } from '@nestjs/core';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { IsInt } from 'class-validator';
import { tap } from 'rxjs';
import {
  getRocketMQContext,
  isRocketMQContext,
  RocketMQConnection,
  RocketMQContext,
  RocketMQCtx,
  type RocketMQListener,
  RocketMQListeners,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQPayload,
  RocketMQTemplate,
} from '../../src/index.js';
import { RocketMQTestingModule } from '../../src/testing/index.js';
import { Applications } from './applications.js';
import { Mailbox } from './mailbox.js';

// Real servers on a machine that may be busy.
jest.setTimeout(120_000);

const applications = new Applications();
afterEach(() => applications.closeAll());

class Amount {
  @IsInt() cents!: number;
}

describe('listeners', () => {
  it('on a class and on methods, each with its tags', async () => {
    const all = new Mailbox<unknown>();
    const some = new Mailbox<[number, string | undefined]>();
    @Injectable()
    @RocketMQMessageListener({ topic: 'orders', consumerGroup: 'billing' })
    class Billing implements RocketMQListener<object> {
      onMessage(order: object, context: RocketMQContext): void {
        all.put([order, context.tags]);
      }
    }
    @Injectable()
    class Duties {
      @RocketMQMessageListener({
        topic: 'orders',
        consumerGroup: 'refunds',
        selectorExpression: 'cancelled || returned',
      })
      refund(@RocketMQPayload('id') id: number, @RocketMQCtx() context: RocketMQContext): void {
        some.put([id, context.tags]);
      }
    }
    const app = await applications.start({ imports: [RocketMQTestingModule.forRoot()], providers: [Billing, Duties] });
    const template = app.get(RocketMQTemplate);
    for (const [id, tag] of ['placed', 'cancelled', 'paid', 'returned'].entries())
      await template.send(`orders:${tag}`, { id });
    expect((await all.have(4)).length).toBe(4);
    await some.have(2);
    expect(Object.fromEntries(some.items)).toEqual({ 1: 'cancelled', 3: 'returned' });
    expect(app.get(RocketMQListeners).states).toMatchObject([
      { place: 'Billing.onMessage', running: true, queues: 4 },
      { place: 'Duties.refund', running: true },
    ]);
  });

  it('get a failed message again, and go on meanwhile', async () => {
    const seen = new Mailbox<string>();
    let refusals = 2;
    @Injectable()
    @RocketMQMessageListener({ topic: 'fragile', consumerGroup: 'fragile' })
    class Fragile implements RocketMQListener<string> {
      onMessage(text: string): void {
        seen.put(text);
        if (text === 'bad' && refusals-- > 0) throw new Error('not yet');
      }
    }
    const imports = [RocketMQTestingModule.forRoot({ broker: { messageDelayLevel: '1s 1s 1s 1s 1s' } })];
    const app = await applications.start({ imports, providers: [Fragile] });
    await app.get(RocketMQTemplate).send('fragile', 'bad');
    await app.get(RocketMQTemplate).send('fragile', 'good');
    const texts = await seen.have(4);
    expect(texts.filter((text) => text === 'bad')).toHaveLength(3);
  });

  it('have the messages of a queue in order, and give those up that they say are dead', async () => {
    const seen = new Mailbox<string>();
    const dead = new Mailbox<string>();
    @Injectable()
    class Ordered {
      @RocketMQMessageListener({
        topic: 'steps',
        consumerGroup: 'steps',
        consumeMode: 'ORDERLY',
        suspendCurrentQueueTimeMillis: 10,
        maxReconsumeTimes: 2,
      })
      step(text: string): void {
        seen.put(text);
        if (text === 'bad') throw new Error('never');
      }
      @RocketMQMessageListener({ topic: 'wills', consumerGroup: 'wills' })
      will(_text: string, @RocketMQCtx() context: RocketMQContext): void {
        context.toDlq();
        throw new Error('dead');
      }
      @RocketMQMessageListener({
        topic: '%DLQ%wills',
        consumerGroup: 'heirs',
        consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      })
      inherit(text: string): void {
        dead.put(text);
      }
    }
    const app = await applications.start({ imports: [RocketMQTestingModule.forRoot()], providers: [Ordered] });
    const template = app.get(RocketMQTemplate);
    for (const text of ['first', 'bad', 'last']) await template.send('steps', text, { hashKey: 'same queue' });
    await template.send('wills', 'house');
    expect(await seen.have(5)).toEqual(['first', 'bad', 'bad', 'bad', 'last']);
    expect(await dead.have(1)).toEqual(['house']);
  });

  it('treat a payload they cannot read as failed, and go on', async () => {
    const seen = new Mailbox<unknown>();
    @Injectable()
    class Duties {
      @RocketMQMessageListener({ topic: 'typed', consumerGroup: 'typed' })
      book(amount: Amount): void {
        seen.put(amount);
      }
    }
    const app = await applications.start({ imports: [RocketMQTestingModule.forRoot()], providers: [Duties] });
    await app.get(RocketMQTemplate).send('typed', 'not JSON', { hashKey: 'same queue' });
    await app.get(RocketMQTemplate).send('typed', { cents: 5 }, { hashKey: 'same queue' });
    expect(await seen.have(1)).toEqual([{ cents: 5 }]);
  });

  it('have global pipes and guards, their own guards and interceptors, and request scope', async () => {
    const seen = new Mailbox<unknown>();
    const warnings = new Mailbox<string>();
    const log = { log() {}, error() {}, warn: (line: string): void => warnings.put(line) };
    class HttpGuard implements CanActivate {
      canActivate(host: ExecutionContext): boolean {
        return isRocketMQContext(host);
      }
    }
    @Injectable()
    class Tenant implements CanActivate {
      canActivate(host: ExecutionContext): boolean {
        return getRocketMQContext(host)?.property('tenant') === 'a';
      }
    }
    @Injectable()
    class Traced implements NestInterceptor {
      intercept(host: ExecutionContext, next: CallHandler) {
        return next.handle().pipe(tap(() => seen.put(['traced', getRocketMQContext(host)?.msgId.length])));
      }
    }
    @Injectable({ scope: Scope.REQUEST })
    class Current {
      constructor(@Inject(REQUEST) readonly context: RocketMQContext) {}
    }
    @Injectable()
    class Duties {
      constructor(@Inject(Current) private readonly current: Current) {}
      @UseGuards(Tenant)
      @UseInterceptors(Traced)
      @RocketMQMessageListener({ topic: 'amounts', consumerGroup: 'amounts' })
      book(amount: Amount): void {
        seen.put([amount instanceof Amount, amount.cents, this.current.context.property('tenant')]);
      }
    }
    const providers = [
      Current,
      Duties,
      { provide: APP_GUARD, useClass: HttpGuard },
      { provide: APP_PIPE, useValue: new ValidationPipe({ transform: true }) },
    ];
    const app = await applications.start({ imports: [RocketMQTestingModule.forRoot()], providers }, log);
    const template = app.get(RocketMQTemplate);
    await template.send('amounts', { cents: 'many' }, { properties: { tenant: 'a' } });
    await template.send('amounts', { cents: 1 }, { properties: { tenant: 'b' } });
    await template.send('amounts', { cents: 2 }, { properties: { tenant: 'a' } });
    expect(await seen.have(2)).toEqual([
      [true, 2, 'a'],
      ['traced', 32],
    ]);
    // What a pipe found wrong is told; the payload is not.
    const lines = (await warnings.have(1)).join('\n');
    expect(lines).toMatch('error="Bad Request Exception: cents must be an integer number"');
    expect(lines).not.toMatch('many');
  });

  it('in BROADCASTING get every message in every application', async () => {
    const seen = new Mailbox<string>();
    const directory = await applications.directory();
    const clusterApp = await applications.start({ imports: [RocketMQTestingModule.forRoot()] });
    const { client, nameServers: nameServer } = clusterApp.get(RocketMQConnection);
    await client?.admin.createTopic('news');
    for (const name of ['one', 'two']) {
      @Injectable()
      @RocketMQMessageListener({ topic: 'news', consumerGroup: 'readers', messageModel: 'BROADCASTING' })
      class Reader implements RocketMQListener<string> {
        onMessage(text: string): void {
          seen.put(`${name} ${text}`);
        }
      }
      const app = await applications.start({
        imports: [
          RocketMQModule.forRoot({ nameServer, client: { instanceName: name, localOffsetStoreDir: directory } }),
        ],
        providers: [Reader],
      });
      expect(app.get(RocketMQListeners).states).toMatchObject([{ queues: 8 }]);
    }
    await clusterApp.get(RocketMQTemplate).send('news', 'extra');
    expect((await seen.have(2)).toSorted()).toEqual(['one extra', 'two extra']);
  });
});
