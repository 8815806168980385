import {
  type ArgumentsHost,
  type CanActivate,
  Catch,
  type ExceptionFilter,
  Injectable,
  ParseIntPipe,
  type Provider,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import { of } from 'rxjs';
import { unappliedEnhancers } from './enhancer-check.js';
import { RocketMQPayload } from './handler-parameters.js';
import { RocketMQConnections } from '../connection/rocketmq-connections.js';
import { RocketMQFeatures } from '../connection/rocketmq-features.js';
import { ListenerExplorer } from './listener-explorer.js';
import { ListenerInvoker } from './listener-invoker.js';
import { toDlq } from './outcome.js';
import { getRocketMQContext, RocketMQContext } from './rocketmq-context.js';
import { RocketMQMessageListener } from './rocketmq-message-listener.js';

const options = { topic: 'orders', consumerGroup: 'group' };

const contextOf = (): RocketMQContext => new RocketMQContext({} as never, 'group', {} as never);

let app: TestingModule | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function compile(...providers: Provider[]): Promise<TestingModule> {
  app = await Test.createTestingModule({
    imports: [DiscoveryModule],
    providers: [RocketMQConnections, RocketMQFeatures, ListenerExplorer, ListenerInvoker, ...providers],
  }).compile();
  app.useLogger(false);
  return app;
}

/** Calls the only listener of `provider`. */
async function call(provider: Provider, payload: unknown): Promise<unknown> {
  const module = await compile(provider);
  const [listener] = module.get(ListenerExplorer).explore();
  if (!listener) throw new Error('no listener found');
  return module.get(ListenerInvoker).create(listener)(payload, contextOf());
}

describe('an error that a filter took', () => {
  const returned: readonly [string, unknown][] = [
    ['nothing', undefined],
    ['null', null],
    ['false', false],
    ['a text', 'handled'],
  ];
  const ways = returned.flatMap(([what, value]) => [
    [`${what}, at once`, () => value] as const,
    [`${what}, later`, () => Promise.resolve(value)] as const,
    [`${what}, in a stream`, () => of(value)] as const,
  ]);

  @Catch()
  class Filter implements ExceptionFilter {
    constructor(private readonly answer: (error: unknown) => unknown) {}
    catch(error: unknown): unknown {
      return this.answer(error);
    }
  }

  /** Both ways to call a handler: the bare one, and through a guard. */
  function listenersWith(answer: (error: unknown) => unknown) {
    @Injectable()
    class Bare {
      @UseFilters(new Filter(answer))
      @RocketMQMessageListener(options)
      fail(): void {
        throw new RangeError('no stock');
      }
    }
    @Injectable()
    class Guarded {
      @UseGuards({ canActivate: () => true })
      @UseFilters(new Filter(answer))
      @RocketMQMessageListener(options)
      async fail(): Promise<void> {
        throw new RangeError('no stock');
      }
    }
    return [Bare, Guarded];
  }

  it.each(ways)('stays a failure when the filter returns %s', async (_what, answer) => {
    for (const listener of listenersWith(answer)) await expect(call(listener, {})).rejects.toThrow('no stock');
  });

  it.each([
    ['at once', () => 'dlq'],
    ['later', () => Promise.resolve(toDlq())],
    ['in a stream', () => of('dlq')],
  ])('has the outcome that the filter returns %s', async (_when, answer) => {
    for (const listener of listenersWith(answer)) expect(await call(listener, {})).toEqual(toDlq());
  });

  it('is the one that the filter throws instead', async () => {
    const answer = (error: unknown): never => {
      throw new TypeError('translated', { cause: error });
    };
    for (const listener of listenersWith(answer)) await expect(call(listener, {})).rejects.toThrow('translated');
  });
});

describe('a message that does not reach its handler', () => {
  it('leaves in its context who refused it', async () => {
    const seen: unknown[] = [];
    @Catch()
    class Note implements ExceptionFilter {
      catch(_error: unknown, host: ArgumentsHost): void {
        seen.push(getRocketMQContext(host)?.refusedBy);
      }
    }
    @Injectable()
    class Duties {
      @UseFilters(Note)
      @UseGuards({ canActivate: () => false })
      @RocketMQMessageListener(options)
      guarded(): void {}
      @UseFilters(Note)
      @RocketMQMessageListener({ ...options, consumerGroup: 'b' })
      piped(@RocketMQPayload(ParseIntPipe) _amount: number): void {}
      @UseFilters(Note)
      @RocketMQMessageListener({ ...options, consumerGroup: 'c' })
      failing(): void {
        throw new Error('no');
      }
    }
    const module = await compile(Duties);
    for (const listener of module.get(ListenerExplorer).explore()) {
      await expect(module.get(ListenerInvoker).create(listener)('x', contextOf())).rejects.toThrow();
    }
    expect(seen).toEqual(['guard', 'pipe', undefined]);
  });
});

describe('enhancers', () => {
  it('are left out by enhancers: false, but for pipes', async () => {
    @Injectable()
    class Duties {
      @UseGuards({ canActivate: () => false })
      @UseInterceptors({ intercept: () => of('intercepted') })
      @RocketMQMessageListener({ ...options, enhancers: false })
      take(@RocketMQPayload(ParseIntPipe) amount: number): number {
        return amount;
      }
    }
    expect(await call(Duties, '7')).toBe(7);
  });

  it('that Nest would leave out without a word are named', async () => {
    @Catch()
    class OrderErrors implements ExceptionFilter {
      catch(): void {}
    }
    @Injectable()
    class Tenant implements CanActivate {
      canActivate(): boolean {
        return false;
      }
    }
    @UseFilters(OrderErrors)
    class Duties {
      @UseGuards(Tenant, { canActivate: () => true })
      @RocketMQMessageListener(options)
      take(): string {
        return 'not guarded';
      }
    }
    const found = async (provider: Provider): Promise<{ warnings: string[]; outcome: unknown }> => {
      const outcome = await call(provider, {}).catch((error: unknown) => (error as Error).name);
      const [listener] = app?.get(ListenerExplorer).explore() ?? [];
      if (!listener) throw new Error('no listener found');
      return { warnings: unappliedEnhancers(listener), outcome };
    };
    const byFactory = await found({ provide: 'DUTIES', useFactory: () => new Duties() });
    // What the warning is about: Nest itself, asked here, runs the handler.
    expect(byFactory.outcome).toBe('not guarded');
    expect(byFactory.warnings).toEqual([
      'Duties.take: Nest does not apply the filter OrderErrors, as a factory or a value made Duties. Provide the class itself, or bind an instance (new OrderErrors()).',
      'Duties.take: Nest does not apply the guard Tenant, as a factory or a value made Duties. Provide the class itself, or bind an instance (new Tenant()).',
    ]);
    expect(await found(Duties)).toEqual({ warnings: [], outcome: 'ForbiddenException' });
  });
});
