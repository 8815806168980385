import { Injectable, type LoggerService, Scope } from '@nestjs/common';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  BrokerModule,
  type FilteredMessage,
  HostedBroker,
  MessageFilter,
  NameServerModule,
  type RocketMQListener,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
} from '../../src/index.js';
import { RocketMQTestingModule } from '../../src/testing/index.js';
import { Applications } from './applications.js';
import { Mailbox } from './mailbox.js';

// Real servers on a machine that may be busy.
jest.setTimeout(120_000);

const applications = new Applications();
afterEach(() => applications.closeAll());

function lines(): { readonly said: string[]; readonly logger: LoggerService } {
  const said: string[] = [];
  const note = (line: unknown): void => void said.push(String(line));
  return { said, logger: { log: note, warn: note, error: note, debug() {} } };
}

@Injectable()
@MessageFilter('large-orders')
class LargeOrders {
  private readonly limit = 1000;

  matches({ properties }: FilteredMessage): boolean {
    return Number(properties.get('amount')) > this.limit;
  }
}

@Injectable()
class Filters {
  @MessageFilter('small-orders')
  small({ properties }: FilteredMessage): boolean {
    return Number(properties.get('amount')) <= 1000;
  }
}

async function sendOrders(template: RocketMQTemplate): Promise<void> {
  for (const amount of [1, 5000, 900, 2000]) {
    await template.send('orders', String(amount), { properties: { amount: String(amount) } });
  }
}

describe('filters', () => {
  it('of SQL92, of providers and of options, by listeners of the application that hosts the broker', async () => {
    const seen = {
      sql: new Mailbox<string>(),
      large: new Mailbox<string>(),
      small: new Mailbox<string>(),
      odd: new Mailbox<string>(),
    };
    @Injectable()
    class Listeners {
      @RocketMQMessageListener({
        topic: 'orders',
        consumerGroup: 'sql',
        selectorType: 'SQL92',
        selectorExpression: 'amount BETWEEN 900 AND 2000',
      })
      sql(amount: string): void {
        seen.sql.put(amount);
      }
      @RocketMQMessageListener({ topic: 'orders', consumerGroup: 'large', filterClass: 'large-orders' })
      large(amount: string): void {
        seen.large.put(amount);
      }
      @RocketMQMessageListener({ topic: 'orders', consumerGroup: 'small', filterClass: 'small-orders' })
      small(amount: string): void {
        seen.small.put(amount);
      }
      @RocketMQMessageListener({ topic: 'orders', consumerGroup: 'odd', filterClass: 'odd-orders' })
      odd(amount: string): void {
        seen.odd.put(amount);
      }
    }
    const { said, logger } = lines();
    const storePathRootDir = await applications.directory();
    const messageFilters = { 'odd-orders': ({ body }: FilteredMessage) => Number(body.toString()) % 2 === 1 };
    const app = await applications.start(
      {
        imports: [
          NameServerModule.forRoot({ listenPort: 0 }),
          BrokerModule.forRoot({ listenPort: 0, storePathRootDir, messageFilters }),
          RocketMQModule.forRoot({}),
        ],
        providers: [LargeOrders, Filters, Listeners],
      },
      logger,
    );
    await sendOrders(app.get(RocketMQTemplate));
    expect([...(await seen.sql.have(2))].toSorted()).toEqual(['2000', '900']);
    expect([...(await seen.large.have(2))].toSorted()).toEqual(['2000', '5000']);
    expect([...(await seen.small.have(2))].toSorted()).toEqual(['1', '900']);
    expect(await seen.odd.have(1)).toEqual(['1']);
    expect(said).toContainEqual(
      expect.stringContaining('BrokerModule: enablePropertyFilter, recallMessageEnable, traceTopicEnable are on, as'),
    );
  });

  it('are asked for by a broker of the test module, too', async () => {
    const seen = new Mailbox<string>();
    @Injectable()
    @RocketMQMessageListener({ topic: 'orders', consumerGroup: 'large', filterClass: 'large-orders' })
    class Listener implements RocketMQListener<string> {
      onMessage(amount: string): void {
        seen.put(amount);
      }
    }
    const app = await applications.start({
      imports: [RocketMQTestingModule.forRoot()],
      providers: [LargeOrders, Listener],
    });
    await sendOrders(app.get(RocketMQTemplate));
    expect([...(await seen.have(2))].toSorted()).toEqual(['2000', '5000']);
  });

  it('stay off where the configuration says so, and the client says which key', async () => {
    @Injectable()
    @RocketMQMessageListener({
      topic: 'orders',
      consumerGroup: 'g',
      selectorType: 'SQL92',
      selectorExpression: 'amount > 1',
    })
    class Listener implements RocketMQListener<string> {
      onMessage(): void {}
    }
    const { said, logger } = lines();
    const broker = { enablePropertyFilter: false };
    const starting = applications.start(
      { imports: [RocketMQTestingModule.forRoot({ broker })], providers: [Listener] },
      logger,
    );
    await expect(starting).rejects.toThrow(/set enablePropertyFilter=true/);
    expect(said.join('\n')).not.toMatch(/enablePropertyFilter.* on, as nothing/);
  });

  it('that could never be asked are refused at the start', async () => {
    @Injectable({ scope: Scope.REQUEST })
    @MessageFilter('of-a-request')
    class OfARequest {
      matches(): boolean {
        return true;
      }
    }
    @Injectable()
    @MessageFilter('')
    class Nameless {}
    @Injectable()
    @MessageFilter('large-orders')
    class Again extends LargeOrders {}
    @Injectable()
    @MessageFilter('without-method')
    class WithoutMethod {}
    const providers = [OfARequest, Nameless, LargeOrders, Again, WithoutMethod];
    const starting = applications.start({ imports: [RocketMQTestingModule.forRoot()], providers });
    const problem = await starting.then(
      () => '',
      (error: unknown) => String(error),
    );
    expect(problem).toMatch(/OfARequest\.matches: has request or transient scope/);
    expect(problem).toMatch(/Nameless\.matches: needs a name/);
    expect(problem).toMatch(/there is another filter "large-orders"/);
    expect(problem).toMatch(/WithoutMethod\.matches: the class has no method matches/);
  });

  it('without a broker to ask them are named in the log', async () => {
    const { said, logger } = lines();
    const app = await applications.start(
      { imports: [NameServerModule.forRoot({ listenPort: 0 })], providers: [LargeOrders] },
      logger,
    );
    expect(() => app.get(HostedBroker)).toThrow(/HostedBroker/);
    expect(said).toContainEqual(expect.stringMatching(/@MessageFilter large-orders: nobody is filtered/));
  });
});
