import {
  BadRequestException,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  type OnApplicationBootstrap,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
  ValidationPipe,
} from '@nestjs/common';
import type { ArgumentsHost } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { IsInt } from 'class-validator';
import { lastValueFrom, type Observable, of, tap, throwError, toArray } from 'rxjs';
import { messageOf } from '../../libs/common/src/index.js';
import {
  getRocketMQContext,
  RocketMQConnection,
  RocketMQContext,
  RocketMQListeners,
  RocketMQMessageListener,
  RocketMQReplyError,
  RocketMQReplyListener,
  RocketMQTemplate,
} from '../../src/index.js';
import { RocketMQClient, RocketMQRecord, RocketMQServer, rocketMQTransport } from '../../src/microservices/index.js';
import { RocketMQTesting } from '../../src/testing/index.js';
import { Mailbox } from './mailbox.js';
import { MicroserviceApplications } from './microservice-applications.js';

// Real servers on a machine that may be busy.
jest.setTimeout(120_000);

const timeout = 20_000;
const applications = new MicroserviceApplications();
afterEach(() => applications.closeAll());

const failureOf = (observable: Observable<unknown>): Promise<unknown> =>
  lastValueFrom(observable, { defaultValue: undefined }).then(
    () => 'it succeeded',
    (error: unknown) => error,
  );

describe('a hybrid application', () => {
  it.each(['listening before init', 'listening after init'])('%s consumes after its bootstrap', async (order) => {
    const events = new Mailbox<string>();
    @Controller()
    class Orders {
      @EventPattern<string>('orders:paid')
      paid(order: { id: number }): void {
        events.put(`order ${order.id}`);
      }
    }
    @Injectable()
    class Late implements OnApplicationBootstrap {
      onApplicationBootstrap(): void {
        events.put('bootstrap');
      }
    }
    @Injectable()
    class Plain {
      @RocketMQMessageListener({ topic: 'orders', consumerGroup: 'plain', selectorExpression: 'paid' })
      note(order: { id: number }): void {
        events.put(`plain ${order.id}`);
      }
    }
    const app = await applications.created({ controllers: [Orders], providers: [Late, Plain] });
    app.connectMicroservice({ strategy: app.get(RocketMQServer) });
    if (order === 'listening before init') {
      await app.startAllMicroservices();
      expect(app.get(RocketMQConnection).state).toBe('connected');
      await app.get(RocketMQTemplate).send('orders:paid', { id: 1 });
      expect(app.get(RocketMQListeners).states).toMatchObject([{ state: 'stopped' }, { state: 'stopped' }]);
      expect(events.items).toEqual([]);
      await app.init();
    } else {
      await app.init();
      expect(app.get(RocketMQListeners).states).toMatchObject([{ place: 'Plain.note' }]);
      await app.startAllMicroservices();
      await lastValueFrom(app.get(RocketMQClient).emit('orders:paid', { id: 1 }));
    }
    expect(app.get(RocketMQListeners).states).toMatchObject([
      { place: 'Plain.note', state: 'running' },
      { place: "@EventPattern('orders:paid')", consumerGroup: 'shop', state: 'running' },
    ]);
    const [first, ...others] = await events.have(3);
    expect([first, ...others.toSorted()]).toEqual(['bootstrap', 'order 1', 'plain 1']);
  });

  it('stops its handlers with the microservice, and both in any order', async () => {
    @Controller()
    class Orders {
      @EventPattern<string>('orders')
      paid(): void {}
    }
    const app = await applications.created({ controllers: [Orders] });
    const server = app.get(RocketMQServer);
    const statuses: string[] = [];
    server.status.subscribe((status) => statuses.push(status));
    app.connectMicroservice({ strategy: server });
    await app.startAllMicroservices();
    await app.init();
    await server.close();
    expect(app.get(RocketMQListeners).states).toMatchObject([{ state: 'stopped' }]);
    await app.close();
    await server.close();
    expect(statuses).toEqual(['listening', 'closed']);
  });
});

// Nest calls the hooks of a microservice twice when it is initialised before it listens.
it.each([1, 2])(
  'a microservice alone takes the server from its container, its hooks called %d times',
  async (times) => {
    const events = new Mailbox<unknown>();
    @Controller()
    class Orders {
      @EventPattern<string>('orders')
      paid(order: unknown): void {
        events.put(order);
      }
    }
    const app = await NestFactory.createMicroservice<{ strategy: RocketMQServer }>(
      applications.moduleOf({ controllers: [Orders] }),
      {
        logger: false,
        abortOnError: false,
        inject: [RocketMQServer],
        useFactory: (strategy: RocketMQServer) => ({ strategy }),
      } as never,
    );
    applications.keep(app);
    if (times === 2) await app.init();
    await app.listen();
    await lastValueFrom(app.get(RocketMQClient).emit('orders', 'text'));
    expect(await events.have(1)).toEqual(['text']);
    expect(app.unwrap()).toBe(app.get(RocketMQConnection).client);
  },
);

describe('an event', () => {
  it('goes to the handlers of its tag as the codec wrote it, and again to all of them when one fails', async () => {
    const events = new Mailbox<unknown[]>();
    @Controller()
    class Orders {
      @EventPattern<string>('orders:paid')
      book(@Payload('id') id: number, @Ctx() context: RocketMQContext): void {
        events.put(['book', id, context.keys, context.reconsumeTimes]);
      }
      @EventPattern<string>('orders:paid', { concurrency: 4 })
      async ship(@Payload() { id }: { id: number }, @Ctx() { reconsumeTimes }: RocketMQContext): Promise<void> {
        events.put(['ship', id, reconsumeTimes]);
        if (reconsumeTimes === 0) throw new Error('no carrier');
      }
      @EventPattern<string>('orders')
      others({ id }: { id: number }): Observable<unknown> {
        return of('first', 'last').pipe(tap((word) => events.put([word, id])));
      }
      @EventPattern<string>('orders:paid', { consumerGroup: 'audit' })
      audit({ id }: { id: number }): void {
        events.put(['audit', id]);
      }
    }
    const app = await applications.started({ controllers: [Orders] });
    const client = app.get(RocketMQClient);
    const record = new RocketMQRecord({ id: 1 }, { keys: ['k1', 'k2'], properties: { tenant: 'a' } });
    expect(await lastValueFrom(client.emit('orders:paid', record))).toMatchObject({ sendStatus: 'SEND_OK' });
    await lastValueFrom(client.emit('orders:placed', { id: 2 }));
    const seen = await events.have(7);
    expect(seen.map((event) => JSON.stringify(event)).toSorted()).toEqual(
      [
        ['book', 1, ['k1', 'k2'], 0],
        ['ship', 1, 0],
        ['book', 1, ['k1', 'k2'], 1],
        ['ship', 1, 1],
        ['first', 2],
        ['last', 2],
        ['audit', 1],
      ]
        .map((event) => JSON.stringify(event))
        .toSorted(),
    );
    const collected = await app.get(RocketMQTesting).collect('orders', 2);
    const paid = collected.find(({ tags }) => tags === 'paid');
    expect([paid?.message.body.toString(), paid?.message.properties.get('tenant')]).toEqual(['{"id":1}', 'a']);
    await app.close();
    expect(app.get(RocketMQListeners).states.map(({ figures }) => [figures.acked, figures.retried])).toEqual([
      [1, 1],
      [1, 0],
      [1, 0],
    ]);
  });

  it('is given up when a handler, or a filter, says so', async () => {
    const caught = new Mailbox<string>();
    @Catch(BadRequestException)
    class Bury implements ExceptionFilter {
      catch(error: BadRequestException, host: ArgumentsHost): Observable<never> {
        getRocketMQContext(host)?.toDlq('invalid');
        caught.put(messageOf(error));
        return throwError(() => error);
      }
    }
    class Payment {
      @IsInt() cents!: number;
    }
    @Controller()
    class Payments {
      @EventPattern<string>('payments')
      @UseFilters(Bury)
      paid(@Payload(new ValidationPipe({ transform: true })) payment: Payment): void {
        caught.put(`${payment instanceof Payment}`);
      }
      @EventPattern<string>('returns')
      returned(@Ctx() context: RocketMQContext): unknown {
        return context.toDlq('never');
      }
    }
    const app = await applications.started({ controllers: [Payments] });
    const client = app.get(RocketMQClient);
    await lastValueFrom(client.emit('payments', { cents: 1 }));
    await lastValueFrom(client.emit('payments', { cents: 'x' }));
    await lastValueFrom(client.emit('returns', 'x'));
    expect([...(await caught.have(2))].toSorted()).toEqual(['Bad Request Exception', 'true']);
    const dead = await app.get(RocketMQTesting).collect('%DLQ%shop', 2, { timeout });
    expect(dead.map(({ message }) => message.body.toString()).toSorted()).toEqual(['x', '{"cents":"x"}']);
  });

  it.each<[string, unknown, object]>([
    ['nothing', undefined, { acked: 0, retried: 1 }],
    ['false', false, { acked: 0, retried: 1 }],
    ['an error', throwError(() => new Error('still')), { acked: 0, retried: 1 }],
    ['a value', of('done'), { acked: 1, retried: 0 }],
  ])('whose filter returns %s has failed, or not, as Nest takes it', async (_what, returned, figures) => {
    const caught = new Mailbox<string>();
    @Catch()
    class Filter implements ExceptionFilter {
      catch(error: unknown): unknown {
        caught.put(messageOf(error));
        return returned;
      }
    }
    @Controller()
    class Fragile {
      @UseFilters(Filter)
      @EventPattern<string>('fragile', { maxReconsumeTimes: 0 })
      fail(_text: string): void {
        throw new Error('no');
      }
    }
    const app = await applications.started({ controllers: [Fragile] });
    await lastValueFrom(app.get(RocketMQClient).emit('fragile', 'x'));
    expect(await caught.have(1)).toEqual(['no']);
    await app.close();
    expect(app.get(RocketMQListeners).states).toMatchObject([{ figures }]);
  });

  it('that cannot be sent is told to whoever listens, and to the log', async () => {
    const lines = new Mailbox<string>();
    const app = await applications.started({});
    app.useLogger({ log() {}, warn() {}, error: (line: string) => lines.put(line) });
    app.get(RocketMQClient).emit('not a topic', 'secret');
    expect((await lines.have(1)).join()).toMatch(/an event was not sent: .*not a topic/);
    expect(lines.items.join()).not.toContain('secret');
    expect(await failureOf(app.get(RocketMQClient).emit({ cmd: 'x' }, 1))).toMatchObject({
      message: "A pattern must be 'topic' or 'topic:tag'; it is an object",
    });
  });
});

describe('a request', () => {
  @Injectable()
  class Members implements CanActivate {
    canActivate(context: ExecutionContext): boolean {
      return getRocketMQContext(context)?.property('member') === 'yes';
    }
  }
  @Injectable()
  class Doubled implements NestInterceptor {
    intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
      return next.handle().pipe(toArray());
    }
  }
  @Controller()
  class Quotes {
    @MessagePattern('quotes:sum')
    sum(numbers: number[]): number {
      return numbers.reduce((a, b) => a + b, 0);
    }
    @MessagePattern('quotes:stream')
    stream(): Observable<unknown> {
      return of('first', { price: 5 });
    }
    @MessagePattern('quotes:nothing')
    async nothing(): Promise<void> {}
    @MessagePattern('quotes:word')
    word(number: number): string {
      return typeof number === 'number' ? 'retry' : 'no number';
    }
    @MessagePattern('quotes:rpc')
    rpc(): void {
      throw new RpcException({ code: 404, message: 'no such quote' });
    }
    @MessagePattern('quotes:broken')
    broken(): Observable<never> {
      return throwError(() => new Error('secret'));
    }
    @MessagePattern('quotes:big')
    big(): bigint {
      return 5n;
    }
    @MessagePattern('quotes:typed', { payloadType: Number })
    typed(number: number): number {
      return number;
    }
    @UseGuards(Members)
    @UseInterceptors(Doubled)
    @MessagePattern('quotes:members')
    members(): Observable<number> {
      return of(1, 2);
    }
  }

  it('is answered with the last value, or with an error; nobody waits in vain', async () => {
    const app = await applications.started({ controllers: [Quotes] });
    const client = app.get(RocketMQClient);
    const ask = (tag: string, data: unknown = {}): Promise<unknown> =>
      lastValueFrom(client.send(`quotes:${tag}`, data));
    expect(await ask('sum', [1, 2, 3])).toBe(6);
    expect(await ask('stream')).toEqual({ price: 5 });
    expect(await ask('nothing')).toBeNull();
    expect(await ask('word', 5)).toBe('retry');
    expect(await ask('members', new RocketMQRecord({}, { properties: { member: 'yes' } }))).toEqual([1, 2]);

    const refused = (tag: string, data: unknown = {}): Promise<unknown> =>
      failureOf(client.send(`quotes:${tag}`, data));
    expect(await refused('rpc')).toEqual({ code: 404, message: 'no such quote' });
    expect(await refused('broken')).toEqual({ status: 'error', message: 'Internal server error' });
    expect(await refused('members')).toEqual({ status: 'error', message: 'Forbidden resource' });
    expect(await refused('big')).toMatchObject({ status: 'error', message: expect.stringMatching(/BigInt/) });
    expect(await refused('typed', 'x')).toMatchObject({ message: expect.stringMatching(/cannot be read/) });
    const failure = await app
      .get(RocketMQTemplate)
      .sendAndReceive('quotes:rpc', {}, { timeout })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RocketMQReplyError);
    expect(failure).toMatchObject({ code: 'REPLIED_WITH_ERROR', message: 'no such quote', response: { code: 404 } });
    expect(
      await failureOf(client.send('quotes:sum', new RocketMQRecord([1], { timeout: 1, delay: '1 h' }))),
    ).toMatchObject({ code: 'TIMEOUT' });
    await app.close();
    const figures = app.get(RocketMQListeners).states.map((state) => state.figures);
    expect(figures.map(({ retried, deadLettered }) => retried + deadLettered)).toEqual(figures.map(() => 0));
  });

  it('that asks for nothing is handled like an event', async () => {
    const events = new Mailbox<unknown>();
    @Controller()
    class Fragile {
      @MessagePattern('fragile')
      handle(payload: unknown): string {
        events.put(payload);
        if (events.items.length === 1) throw new RpcException('again');
        return 'dlq';
      }
    }
    const app = await applications.started({ controllers: [Fragile] });
    const hooks: string[] = [];
    const server = app.get(RocketMQServer);
    server.setOnProcessingStartHook((transport, context, done) => {
      hooks.push(`start ${(context as RocketMQContext).topic} ${transport === rocketMQTransport}`);
      void done();
    });
    server.setOnProcessingEndHook(() => {
      hooks.push('end');
      throw new Error('of the hook');
    });
    await app.get(RocketMQTemplate).send('fragile', 'x');
    expect(await events.have(2)).toEqual(['x', 'x']);
    await app.close();
    expect(hooks).toEqual(['start fragile true', 'end', 'start fragile true', 'end']);
    expect(app.get(RocketMQListeners).states).toMatchObject([{ figures: { acked: 1, retried: 1, deadLettered: 0 } }]);
  });

  it('of a reply listener is answered, too, and each request has its own instance if it wants', async () => {
    @Injectable()
    class Replying {
      @RocketMQReplyListener({ topic: 'replies', consumerGroup: 'replying' })
      reply(text: string): number {
        return text.length;
      }
    }
    let count = 0;
    @Controller({ path: '', scope: Scope.REQUEST })
    class PerRequest {
      readonly #number = ++count;
      @MessagePattern('instances')
      number(): number {
        return this.#number;
      }
    }
    const app = await applications.started({ controllers: [PerRequest], providers: [Replying] });
    const client = app.get(RocketMQClient);
    expect(await lastValueFrom(client.send('replies', 'four'))).toBe(4);
    const first = await lastValueFrom(client.send<number>('instances', {}));
    expect(await lastValueFrom(client.send<number>('instances', {}))).toBe(first + 1);
  });
});
