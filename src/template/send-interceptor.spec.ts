import { Injectable, Scope } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from '@jest/globals';
import {
  intercepted,
  RocketMQSendInterceptor,
  type SendCall,
  type SendInterceptor,
  type SendNext,
} from './send-interceptor.js';
import { SendInterceptorExplorer } from './send-interceptor-explorer.js';

const call: SendCall = { kind: 'send', connection: 'default', destination: 't', payload: 'x', options: {} };

function tagging(tag: string): SendInterceptor {
  return {
    intercept: async ({ destination }, next) => `${tag}(${String(await next({ destination: destination + tag }))})`,
  };
}

describe('interceptors', () => {
  it('stand around the send, the first outermost', async () => {
    const sent: SendCall[] = [];
    const send = async (final: SendCall): Promise<unknown> => {
      sent.push(final);
      return 'result';
    };
    expect(await intercepted([tagging('a'), tagging('b')], call, send)).toBe('a(b(result))');
    expect(sent).toEqual([{ ...call, destination: 'tab' }]);
  });

  it('may send twice, or not at all, but not as another kind', async () => {
    let sends = 0;
    const send = async ({ kind }: SendCall): Promise<unknown> => {
      sends++;
      return kind;
    };
    const twice: SendInterceptor = {
      async intercept(_call, next) {
        await next();
        return next({ kind: 'request' } as object);
      },
    };
    expect(await intercepted([twice], call, send)).toBe('send');
    expect(sends).toBe(2);
    const refusing: SendInterceptor = {
      intercept() {
        throw new Error('not today');
      },
    };
    await expect(intercepted([refusing], call, send)).rejects.toThrow('not today');
    expect(sends).toBe(2);
  });
});

async function explored(...providers: (new () => unknown)[]): Promise<readonly SendInterceptor[]> {
  const module = await Test.createTestingModule({
    imports: [DiscoveryModule],
    providers: [SendInterceptorExplorer, ...(providers as (new () => object)[])],
  }).compile();
  return module.get(SendInterceptorExplorer).explore();
}

class Passing implements SendInterceptor {
  intercept(_call: SendCall, next: SendNext): Promise<unknown> {
    return next();
  }
}

@Injectable()
@RocketMQSendInterceptor({ order: 1 })
class Inner extends Passing {}

@Injectable()
@RocketMQSendInterceptor()
class Outer extends Passing {}

@Injectable()
@RocketMQSendInterceptor()
class Without {}

@Injectable({ scope: Scope.REQUEST })
@RocketMQSendInterceptor()
class PerRequest extends Passing {}

@Injectable()
@RocketMQSendInterceptor({ order: Number.NaN })
class Nowhere extends Passing {}

describe('what is found', () => {
  it('are the decorated providers, by their order', async () => {
    const found = await explored(Inner, Passing, Outer);
    expect(found.map(({ constructor }) => constructor.name)).toEqual(['Outer', 'Inner']);
  });

  it('is refused by name when it cannot be used', async () => {
    await expect(explored(Without, PerRequest, Nowhere)).rejects.toThrow(
      [
        '@RocketMQSendInterceptor: 3 options are wrong:',
        '  Without: the class has no method intercept',
        '  PerRequest: has request or transient scope; messages are sent outside of requests',
        '  Nowhere: order must be a number; it is NaN',
      ].join('\n'),
    );
  });
});
