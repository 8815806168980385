import {
  Body,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  createParamDecorator,
  type ExceptionFilter,
  type ExecutionContext,
  Headers,
  Inject,
  Injectable,
  type NestInterceptor,
  ParseIntPipe,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  ValidationPipe,
} from '@nestjs/common';
import { DiscoveryModule, REQUEST } from '@nestjs/core';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import { IsInt, IsString } from 'class-validator';
import { map, of, throwError } from 'rxjs';
import type { ReceivedMessage } from '../../libs/client/src/index.js';
import { RocketMQCtx, RocketMQHeaders, RocketMQMessage, RocketMQPayload } from './handler-parameters.js';
import { RocketMQConnections } from '../connection/rocketmq-connections.js';
import { RocketMQFeatures } from '../connection/rocketmq-features.js';
import { ListenerExplorer } from './listener-explorer.js';
import { ListenerInvoker } from './listener-invoker.js';
import { getRocketMQContext, isRocketMQContext, RocketMQContext } from './rocketmq-context.js';
import { ack, type RocketMQOutcome } from './outcome.js';
import type { RocketMQListener } from './rocketmq-listener.js';
import { RocketMQDlqListener, RocketMQMessageListener, RocketMQReplyListener } from './rocketmq-message-listener.js';

const message = {
  topic: 'orders',
  tags: 'placed',
  keys: ['k'],
  msgId: 'id',
  reconsumeTimes: 2,
  properties: new Map([['tenant', 'a']]),
};

function contextOf(): RocketMQContext {
  const signal = new AbortController().signal;
  const messageQueue = { topic: 'orders', brokerName: 'b', queueId: 0 };
  const call = {
    messageQueue,
    signal,
    delayLevelWhenNextConsume: 0,
    ackIndex: 0,
    suspendCurrentQueueTimeMillis: -1,
    messageDelayLevels: undefined,
  };
  return new RocketMQContext(message as unknown as ReceivedMessage, 'group', call);
}

let app: TestingModule | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function compile(...providers: (new (...args: never[]) => unknown)[]): Promise<TestingModule> {
  app = await Test.createTestingModule({
    imports: [DiscoveryModule],
    providers: [RocketMQConnections, RocketMQFeatures, ListenerExplorer, ListenerInvoker, ...providers],
  }).compile();
  return app;
}

/** Calls the only listener of `provider`. */
async function call(provider: new (...args: never[]) => unknown, payload: unknown): Promise<unknown> {
  const module = await compile(provider);
  const [listener] = module.get(ListenerExplorer).explore();
  if (!listener) throw new Error('no listener found');
  return module.get(ListenerInvoker).create(listener)(payload, contextOf());
}

const options = { topic: 'orders', consumerGroup: 'group' };

class OrderDto {
  @IsString() id!: string;
  @IsInt() amount!: number;
}

describe('what a listener is called with', () => {
  it('payload and context on a class', async () => {
    @Injectable()
    @RocketMQMessageListener(options)
    class Billing implements RocketMQListener<{ id: number }> {
      seen: unknown;
      onMessage(order: { id: number }, context: RocketMQContext): void {
        this.seen = [order, context.topic, context.tags, context.property('tenant'), context.reconsumeTimes];
      }
    }
    await call(Billing, { id: 1 });
    expect(app?.get(Billing).seen).toEqual([{ id: 1 }, 'orders', 'placed', 'a', 2]);
  });

  it('decorated parameters in any order, beside decorators of the application', async () => {
    const Tenant = createParamDecorator((_data: unknown, host: ExecutionContext) =>
      getRocketMQContext(host)?.property('tenant'),
    );
    @Injectable()
    class Duties {
      @RocketMQMessageListener(options)
      stock(
        @RocketMQCtx() context: RocketMQContext,
        @RocketMQPayload('amount', ParseIntPipe) amount: number,
        @Tenant() tenant: string,
        @RocketMQMessage() received: object,
        @RocketMQPayload() order: object,
      ): unknown[] {
        return [context.consumerGroup, amount, tenant, received === (message as object), order];
      }
    }
    const order = { amount: '7' };
    expect(await call(Duties, order)).toEqual(['group', 7, 'a', true, order]);
  });
});

describe('parameters by other names', () => {
  it('headers, all of them or one', async () => {
    @Injectable()
    class Duties {
      @RocketMQMessageListener(options)
      take(order: object, @RocketMQHeaders() all: object, @RocketMQHeaders('tenant') tenant: string): unknown[] {
        return [order, all, tenant];
      }
    }
    expect(await call(Duties, { id: 1 })).toEqual([{ id: 1 }, { tenant: 'a' }, 'a']);
  });

  it("Payload and Ctx of @nestjs/microservices, which write what @Body and a nameless @Headers do; @Headers('name')", async () => {
    @Injectable()
    class Duties {
      @RocketMQMessageListener(options)
      take(@Headers() context: RocketMQContext, @Body() order: object, @Headers('tenant') tenant: string): unknown[] {
        return [context.consumerGroup, order, tenant];
      }
    }
    expect(await call(Duties, { id: 1 })).toEqual(['group', { id: 1 }, 'a']);
  });

  it('a batch: its messages with their payloads, and a list of headers', async () => {
    @Injectable()
    class Duties {
      @UsePipes(new ValidationPipe({ transform: true }))
      @RocketMQMessageListener({ ...options, batch: 2 })
      take(
        messages: RocketMQMessage<string>[],
        context: RocketMQContext,
        @RocketMQHeaders('tenant') tenants: string[],
      ) {
        return [messages.map(({ payload }) => payload), context.messages.length, context.isBatch, tenants];
      }
    }
    const module = await compile(Duties);
    const [listener] = module.get(ListenerExplorer).explore();
    if (!listener) throw new Error('no listener found');
    expect(listener.payloadType).toBeUndefined();
    const messages = ['a', 'b'].map((payload) => ({ ...message, payload })) as never[];
    const context = new RocketMQContext(messages[0] as never, 'group', {} as never, messages);
    expect(await module.get(ListenerInvoker).create(listener)(messages, context)).toEqual([
      ['a', 'b'],
      2,
      true,
      ['a', 'a'],
    ]);
  });
});

describe('what Nest puts around a listener', () => {
  it('validates and instantiates a DTO without a parameter decorator', async () => {
    @Injectable()
    class Duties {
      @UsePipes(new ValidationPipe({ transform: true }))
      @RocketMQMessageListener(options)
      stock(order: OrderDto): boolean {
        return order instanceof OrderDto;
      }
    }
    expect(await call(Duties, { id: 'a', amount: 1 })).toBe(true);
    await expect(call(Duties, { id: 'a', amount: 'many' })).rejects.toMatchObject({ name: 'BadRequestException' });
  });

  it('validates the declared payload type of a class', async () => {
    @Injectable()
    @UsePipes(new ValidationPipe({ transform: true }))
    @RocketMQMessageListener({ ...options, payloadType: OrderDto })
    class Billing implements RocketMQListener<OrderDto> {
      onMessage(order: OrderDto): void {
        expect(order).toBeInstanceOf(OrderDto);
      }
    }
    await call(Billing, { id: 'a', amount: 1 });
    await expect(call(Billing, { amount: 1 })).rejects.toMatchObject({ name: 'BadRequestException' });
  });

  it('guards, interceptors and filters, in a context of its own type', async () => {
    @Injectable()
    class OnlyTenantA implements CanActivate {
      canActivate(host: ExecutionContext): boolean {
        return isRocketMQContext(host) && getRocketMQContext(host)?.property('tenant') === 'a';
      }
    }
    @Injectable()
    class Doubled implements NestInterceptor {
      intercept(_host: ExecutionContext, next: CallHandler) {
        return next.handle().pipe(map((value: number) => value * 2));
      }
    }
    @Catch(RangeError)
    class Acked implements ExceptionFilter {
      catch(): RocketMQOutcome {
        return 'ack';
      }
    }
    @Injectable()
    class Duties {
      @UseGuards(OnlyTenantA)
      @UseInterceptors(Doubled)
      @UseFilters(Acked)
      @RocketMQMessageListener(options)
      count(amount: number): number {
        if (amount < 0) throw new RangeError('negative');
        return amount;
      }
    }
    expect(await call(Duties, 21)).toBe(42);
    expect(await call(Duties, -1)).toEqual(ack());
  });

  it('rejects as the handler does, and as a guard that says no', async () => {
    @Injectable()
    class Duties {
      @UseGuards({ canActivate: () => false })
      @RocketMQMessageListener(options)
      guarded(): void {}

      @RocketMQMessageListener({ ...options, consumerGroup: 'other' })
      failing(): Promise<void> {
        return Promise.reject(new Error('no stock'));
      }
    }
    const module = await compile(Duties);
    module.useLogger(false);
    const calls = module
      .get(ListenerExplorer)
      .explore()
      .map((found) => module.get(ListenerInvoker).create(found));
    await expect(calls[0]?.({}, contextOf())).rejects.toMatchObject({ name: 'ForbiddenException' });
    await expect(calls[1]?.({}, contextOf())).rejects.toThrow('no stock');
  });
});

describe('a listener that nothing is bound to', () => {
  /** What a call gives back before anything is waited for. */
  async function given(provider: new (...args: never[]) => unknown): Promise<{ readonly outcome: unknown }> {
    const module = await compile(provider);
    module.useLogger(false);
    const [listener] = module.get(ListenerExplorer).explore();
    if (!listener) throw new Error('no listener found');
    return { outcome: module.get(ListenerInvoker).create(listener)('payload', contextOf()) };
  }

  it('is called without a promise, and with no more than it takes', async () => {
    @Injectable()
    class Counter {
      @RocketMQMessageListener(options)
      count(@RocketMQMessage() received: object, @RocketMQPayload() payload: string): unknown[] {
        return [received === (message as object), payload];
      }
    }
    expect((await given(Counter)).outcome).toEqual([true, 'payload']);
  });

  it('has its streams waited for', async () => {
    @Injectable()
    class Streaming {
      @RocketMQMessageListener(options)
      stream(payload: string): unknown {
        return of('first', payload);
      }
    }
    await expect((await given(Streaming)).outcome).resolves.toBe('payload');
  });

  it.each([
    ['at once', () => { throw new Error('refused'); }], // prettier-ignore
    ['later', () => Promise.reject(new Error('refused'))],
    ['in a stream', () => Promise.resolve(throwError(() => new Error('refused')))],
  ])('rejects as the handler does, %s', async (_when, handle) => {
    @Injectable()
    class Failing {
      @RocketMQMessageListener(options)
      onOrder(): unknown {
        return handle();
      }
    }
    await expect((await given(Failing)).outcome).rejects.toThrow('refused');
  });
});

describe('scopes', () => {
  it('request scope: an instance of its own for each message, REQUEST is its context', async () => {
    const seen: unknown[] = [];
    @Injectable({ scope: Scope.REQUEST })
    class Trace {
      constructor(@Inject(REQUEST) readonly request: RocketMQContext) {}
    }
    @Injectable()
    class Duties {
      constructor(@Inject(Trace) private readonly trace: Trace) {}
      @RocketMQMessageListener(options)
      stock(_order: object, context: RocketMQContext): void {
        seen.push(this, this.trace.request === context);
      }
    }
    const module = await compile(Trace, Duties);
    const [listener] = module.get(ListenerExplorer).explore();
    const run = listener && module.get(ListenerInvoker).create(listener);
    await run?.({}, contextOf());
    await run?.({}, contextOf());
    expect([seen[1], seen[3]]).toEqual([true, true]);
    expect(seen[0]).not.toBe(seen[2]);
  });

  it('transient: dependencies are there', async () => {
    @Injectable()
    class Stock {
      readonly count = 3;
    }
    @Injectable({ scope: Scope.TRANSIENT })
    class Duties {
      constructor(@Inject(Stock) private readonly stock: Stock) {}
      @RocketMQMessageListener(options)
      take(): number {
        return this.stock.count;
      }
    }
    const module = await compile(Stock, Duties);
    const [listener] = module.get(ListenerExplorer).explore();
    expect(await (listener && module.get(ListenerInvoker).create(listener)({}, contextOf()))).toBe(3);
  });
});

describe('exploring', () => {
  it('names every wrong option with its place', async () => {
    @Injectable()
    class Mail {
      @RocketMQDlqListener({ deadGroup: 'same', consumerGroup: 'same' })
      bury(): void {}
      @RocketMQReplyListener({ ...options, batch: 2 })
      answer(): void {}
      @RocketMQMessageListener({ topic: '', consumerGroup: 'x', messageModel: 'ALL' as 'CLUSTERING' })
      wrong(): void {}
    }
    const module = await compile(Mail);
    expect(() => module.get(ListenerExplorer).explore()).toThrow(
      /Mail\.bury: deadGroup must be another[\s\S]*Mail\.answer: batch cannot be combined[\s\S]*Mail\.wrong: topic must be[\s\S]*Mail\.wrong: messageModel must be one of CLUSTERING, BROADCASTING; it is "ALL"/,
    );
  });

  it('names a class without onMessage beside its wrong options, and a controller', async () => {
    @Injectable()
    @RocketMQMessageListener({ ...options, concurrency: 0 })
    class Empty {}
    @Controller()
    class Orders {
      @RocketMQMessageListener({ ...options, consumerGroup: 'c' })
      stock(): void {}
    }
    app = await Test.createTestingModule({
      imports: [DiscoveryModule],
      controllers: [Orders],
      providers: [RocketMQConnections, RocketMQFeatures, ListenerExplorer, Empty],
    }).compile();
    expect(() => app?.get(ListenerExplorer).explore()).toThrow(
      /Empty\.onMessage: concurrency must be[\s\S]*Empty\.onMessage: the class has no method onMessage[\s\S]*Orders\.stock: stands on a controller/,
    );
  });

  it('takes subclasses, factories and values, and a provider with two names once', async () => {
    @RocketMQMessageListener(options)
    class Billing {
      onMessage(_text: string): void {}
    }
    class TestBilling extends Billing {}
    app = await Test.createTestingModule({
      imports: [DiscoveryModule],
      providers: [
        RocketMQConnections,
        RocketMQFeatures,
        ListenerExplorer,
        { provide: Billing, useFactory: () => new TestBilling() },
        { provide: 'ALIAS', useExisting: Billing },
      ],
    }).compile();
    expect(
      app
        .get(ListenerExplorer)
        .explore()
        .map(({ place }) => place),
    ).toEqual(['TestBilling.onMessage']);
  });

  it('leaves out what is switched off', async () => {
    @Injectable()
    @RocketMQMessageListener({ ...options, enabled: false })
    class Billing {
      onMessage(): void {}
    }
    expect((await compile(Billing)).get(ListenerExplorer).explore()).toEqual([]);
  });
});
