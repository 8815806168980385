import { Catch, type ExceptionFilter, Injectable, UseFilters } from '@nestjs/common';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Producer } from '../../libs/client/src/index.js';
import {
  type LocalTransactionState,
  RocketMQConnection,
  RocketMQListeners,
  RocketMQMessage,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQReplyListener,
  RocketMQTemplate,
  RocketMQTransactionListener,
  type TransactionState,
} from '../../src/index.js';
import { RocketMQTestingModule } from '../../src/testing/index.js';
import { Applications } from './applications.js';
import { Mailbox } from './mailbox.js';

// Real servers on a machine that may be busy.
jest.setTimeout(120_000);

const applications = new Applications();
afterEach(() => applications.closeAll());

function producerIn(app: { get(type: typeof RocketMQConnection): RocketMQConnection }): Producer {
  const { producer } = app.get(RocketMQConnection);
  if (!producer) throw new Error('not connected');
  return producer;
}

describe('a reply listener', () => {
  it('answers with what it returns, and does not fail a message that asks for nothing', async () => {
    const warnings = new Mailbox<string>();
    const log = { log() {}, error() {}, debug() {}, warn: (line: string): void => warnings.put(line) };
    @Injectable()
    class Pricing {
      @RocketMQReplyListener({ topic: 'quotes', consumerGroup: 'pricing', selectorExpression: 'price' })
      async price(order: { amount: number }): Promise<object> {
        return { total: order.amount * 5 };
      }
      @RocketMQReplyListener({ topic: 'quotes', consumerGroup: 'pricing', selectorExpression: 'ping' })
      ping(): void {}
    }
    const app = await applications.start({ imports: [RocketMQTestingModule.forRoot()], providers: [Pricing] }, log);
    const ask = async (tags: string): Promise<string> => {
      const reply = await producerIn(app).request({ topic: 'quotes', tags, body: '{"amount":3}' }, { timeout: 20_000 });
      return reply.body.toString();
    };
    expect([await ask('price'), await ask('ping')]).toEqual(['{"total":15}', 'null']);
    await app.get(RocketMQTemplate).send('quotes:price', { amount: 1 });
    expect((await warnings.have(1)).join()).toMatch(/Pricing\.price: its reply was not taken/);
    // The message is acked after the warning: the drain waits for it.
    await app.close();
    expect(app.get(RocketMQListeners).states).toMatchObject([{ figures: { acked: 2 } }, { figures: { acked: 1 } }]);
  });
});

describe('a transaction listener', () => {
  const quickChecks = { broker: { transactionCheckInterval: 100, transactionTimeOut: 100 } };

  it('runs transactions that bring none, and answers brokers, for its group each', async () => {
    const committed = new Mailbox<string>();
    const asked = new Mailbox<unknown>();
    @Injectable()
    @RocketMQTransactionListener()
    class Orders {
      async executeLocalTransaction(_message: unknown, _id: string, arg: unknown): Promise<TransactionState> {
        return arg as TransactionState;
      }
      async checkLocalTransaction({ payload, msgId }: RocketMQMessage<{ id: number }>): Promise<TransactionState> {
        asked.put(['orders', payload.id, msgId]);
        return payload.id % 2 === 0 ? 'commit' : 'ROLLBACK';
      }
    }
    @Injectable()
    @RocketMQTransactionListener({ producerGroup: 'shipping', payloadType: String })
    class Shipping {
      async checkLocalTransaction({ payload }: RocketMQMessage<string>): Promise<LocalTransactionState> {
        asked.put(['shipping', payload]);
        return 'COMMIT';
      }
    }
    @Injectable()
    class Seen {
      @RocketMQMessageListener({ topic: 'half', consumerGroup: 'seen', payloadType: String })
      note(text: string): void {
        committed.put(text);
      }
    }
    const app = await applications.start({
      imports: [
        RocketMQTestingModule.forRoot(quickChecks),
        RocketMQModule.forRoot({ producer: { producerGroup: 'orders' } }),
      ],
      providers: [Orders, Shipping, Seen],
    });
    const send = async (id: number, arg: TransactionState) =>
      producerIn(app).sendMessageInTransaction({ topic: 'half', body: JSON.stringify({ id }) }, undefined, { arg });
    expect(await send(1, 'commit')).toMatchObject({ localTransactionState: 'COMMIT' });
    expect(await send(2, 'UNKNOWN')).toMatchObject({ localTransactionState: 'UNKNOWN' });
    const third = await send(3, 'unknown');
    const template = app.get(RocketMQTemplate);
    const transaction = async (): Promise<TransactionState> => 'unknown';
    await template.send('half', 'parcel', { producerGroup: 'shipping', transaction });
    await expect(template.send('half', 'x', { producerGroup: 'nobody', transaction })).rejects.toThrow(
      "options.producerGroup 'nobody' has no @RocketMQTransactionListener in this application",
    );
    expect((await committed.have(3)).toSorted()).toEqual(['parcel', '{"id":1}', '{"id":2}'].toSorted());
    while (!asked.items.some((item) => (item as unknown[])[1] === 3)) await asked.have(asked.items.length + 1);
    expect(asked.items).toContainEqual(['orders', 3, third.msgId]);
    expect(asked.items).toContainEqual(['shipping', 'parcel']);
  });

  it('that is one too many, has no checker or is in the options already stops the start', async () => {
    @Injectable()
    @RocketMQTransactionListener()
    class One {
      async checkLocalTransaction(): Promise<TransactionState> {
        return 'COMMIT';
      }
    }
    class Two extends One {}
    @Injectable()
    @RocketMQTransactionListener({ producerGroup: 'other' })
    class Empty {}
    const imports = [RocketMQTestingModule.forRoot()];
    await expect(applications.start({ imports, providers: [One, Two, Empty] })).rejects.toThrow(
      /One and Two both answer for producer group 'DEFAULT_PRODUCER'[^]*Empty: the class has no method checkLocalTransaction/,
    );
  });

  it('warns of filters that nobody asks', async () => {
    const warnings = new Mailbox<string>();
    const log = { log() {}, error() {}, debug() {}, warn: (line: string): void => warnings.put(line) };
    @Catch()
    class Filter implements ExceptionFilter {
      catch(): void {}
    }
    @Injectable()
    @UseFilters(Filter)
    @RocketMQTransactionListener()
    class One {
      async checkLocalTransaction(): Promise<TransactionState> {
        return 'COMMIT';
      }
    }
    await applications.start({ imports: [RocketMQTestingModule.forRoot()], providers: [One] }, log);
    expect(warnings.items.join()).toMatch('One.checkLocalTransaction: Nest does not apply the filter Filter');
  });
});
