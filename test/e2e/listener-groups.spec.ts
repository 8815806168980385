import { Injectable } from '@nestjs/common';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  MemoryIdempotencyStore,
  retryAfter,
  RocketMQContext,
  RocketMQCtx,
  RocketMQDlqListener,
  RocketMQListeners,
  RocketMQMessage,
  RocketMQMessageListener,
  type RocketMQOutcome,
  RocketMQTemplate,
  toDlq,
} from '../../src/index.js';
import { RocketMQTestingModule } from '../../src/testing/index.js';
import { Applications } from './applications.js';
import { Mailbox } from './mailbox.js';

// Real servers on a machine that may be busy.
jest.setTimeout(120_000);

const applications = new Applications();
afterEach(() => applications.closeAll());

const quickRetries = { broker: { messageDelayLevel: '1s 1s 1s 1s 1s 1s' } };
const fromFirst = 'CONSUME_FROM_FIRST_OFFSET';

describe('listeners of one group', () => {
  it('are one consumer: each message goes to one of them, by topic and tag, and is retried there', async () => {
    const seen = new Mailbox<string>();
    let failures = 1;
    @Injectable()
    class Duties {
      @RocketMQMessageListener({ topic: 'orders', consumerGroup: 'duties', selectorExpression: 'placed' })
      stock(text: string): void {
        seen.put(`stock ${text}`);
      }
      @RocketMQMessageListener({
        topic: 'orders',
        consumerGroup: 'duties',
        selectorExpression: 'cancelled || returned',
      })
      refund(text: string): void {
        seen.put(`refund ${text}`);
        if (failures-- > 0) throw new Error('not yet');
      }
    }
    @Injectable()
    @RocketMQMessageListener({ topic: 'mails', consumerGroup: 'duties' })
    class Mail {
      onMessage(text: string): void {
        seen.put(`mail ${text}`);
      }
    }
    const app = await applications.start({
      imports: [RocketMQTestingModule.forRoot(quickRetries)],
      providers: [Duties, Mail],
    });
    const template = app.get(RocketMQTemplate);
    await template.send('orders:returned', '1');
    await template.send('orders:placed', '2');
    await template.send('orders:paid', '3');
    await template.send('mails', '4');
    expect((await seen.have(4)).toSorted()).toEqual(['mail 4', 'refund 1', 'refund 1', 'stock 2']);
    const states = app.get(RocketMQListeners).states;
    expect(states).toMatchObject([
      { place: 'Duties.stock', state: 'running', queues: 4, figures: { acked: 1 } },
      { place: 'Duties.refund', state: 'running', queues: 4, figures: { acked: 1, retried: 1 } },
      { place: 'Mail.onMessage', state: 'running', queues: 4, figures: { acked: 1 } },
    ]);
  });

  it('that contradict each other stop the start, before anything else does', async () => {
    @Injectable()
    class Duties {
      @RocketMQMessageListener({ topic: 'orders', consumerGroup: 'duties' })
      stock(): void {}
      @RocketMQMessageListener({ topic: 'orders', consumerGroup: 'duties', selectorExpression: '*' })
      refund(): void {}
    }
    await expect(
      applications.start({ imports: [RocketMQTestingModule.forRoot()], providers: [Duties] }),
    ).rejects.toThrow(
      "Listener Duties.stock (group 'duties') and Duties.refund (group 'duties') both take 'orders' with overlapping tags ('*' and '*'). Give them different groups or tags.",
    );
  });

  it('are paused, resumed, stopped and started at run time', async () => {
    const seen = new Mailbox<string>();
    @Injectable()
    class Duties {
      @RocketMQMessageListener({ topic: 'a', consumerGroup: 'first', consumeFromWhere: fromFirst })
      first(text: string): void {
        seen.put(`first ${text}`);
      }
      @RocketMQMessageListener({ topic: 'a', consumerGroup: 'later', consumeFromWhere: fromFirst, autoStart: false })
      later(text: string): void {
        seen.put(`later ${text}`);
      }
    }
    const app = await applications.start({ imports: [RocketMQTestingModule.forRoot()], providers: [Duties] });
    const [template, listeners] = [app.get(RocketMQTemplate), app.get(RocketMQListeners)];
    const stateOf = (index: number) => listeners.states[index]?.state;
    expect([stateOf(0), stateOf(1)]).toEqual(['running', 'stopped']);
    await template.send('a', '1');
    await seen.have(1);
    listeners.pause('Duties.first');
    expect(stateOf(0)).toBe('paused');
    await template.send('a', '2');
    await listeners.start('later');
    expect((await seen.have(3)).toSorted()).toEqual(['first 1', 'later 1', 'later 2']);
    listeners.resume('first');
    expect(await seen.have(4)).toContain('first 2');
    await listeners.stop('first');
    expect(listeners.states).toMatchObject([{ state: 'stopped', running: false, queues: 0 }, { state: 'running' }]);
    await template.send('a', '3');
    await seen.have(5);
    await listeners.start('Duties.first');
    expect((await seen.have(6)).at(-1)).toBe('first 3');
    expect(() => listeners.pause('third')).toThrow(
      "There is no listener or consumer group 'third'; groups: first, later",
    );
    await expect(listeners.stop('third')).rejects.toThrow("There is no listener or consumer group 'third'");
  });
});

describe('the outcome of a message', () => {
  it('brings it again, gives it up, and its dead letter to its heir', async () => {
    const times = new Mailbox<number>();
    const dead = new Mailbox<unknown>();
    @Injectable()
    class Wills {
      @RocketMQMessageListener({ topic: 'wills', consumerGroup: 'wills', selectorExpression: 'later' })
      later(_text: string, context: RocketMQContext): RocketMQOutcome {
        times.put(context.reconsumeTimes);
        return context.reconsumeTimes < 2 ? context.retryAfter('1 s') : 'ack';
      }
      @RocketMQMessageListener({ topic: 'wills', consumerGroup: 'wills', selectorExpression: 'never' })
      never(_text: string, @RocketMQCtx() context: RocketMQContext): RocketMQOutcome {
        return context.toDlq('gave up');
      }
      @RocketMQDlqListener({ deadGroup: 'wills', consumerGroup: 'heirs' })
      inherit(text: string, context: RocketMQContext): void {
        dead.put([text, context.topic, context.originTopic]);
      }
    }
    const app = await applications.start({
      imports: [RocketMQTestingModule.forRoot(quickRetries)],
      providers: [Wills],
    });
    await app.get(RocketMQTemplate).send('wills:never', 'house');
    await app.get(RocketMQTemplate).send('wills:later', 'car');
    expect(await dead.have(1)).toEqual([['house', '%DLQ%wills', 'wills']]);
    expect(await times.have(3)).toEqual([0, 1, 2]);
  });

  it('in an ordered queue is to wait, or to leave the queue at once for the dead letters', async () => {
    const seen = new Mailbox<string>();
    const dead = new Mailbox<string>();
    @Injectable()
    class Steps {
      @RocketMQMessageListener({ topic: 'steps', consumerGroup: 'steps', consumeMode: 'ORDERLY' })
      step(text: string, context: RocketMQContext): RocketMQOutcome {
        seen.put(text);
        if (text === 'dead') return toDlq('no such step');
        return text === 'wait' && context.reconsumeTimes === 0 ? retryAfter(10) : 'ack';
      }
      @RocketMQDlqListener({ deadGroup: 'steps', consumerGroup: 'heirs' })
      inherit(text: string): void {
        dead.put(text);
      }
    }
    const app = await applications.start({ imports: [RocketMQTestingModule.forRoot()], providers: [Steps] });
    for (const text of ['first', 'wait', 'dead', 'last']) {
      await app.get(RocketMQTemplate).send('steps', text, { hashKey: 'same queue' });
    }
    expect(await seen.have(5)).toEqual(['first', 'wait', 'wait', 'dead', 'last']);
    expect(await dead.have(1)).toEqual(['dead']);
  });

  it('of a batch is that of each of its messages', async () => {
    const batches = new Mailbox<readonly string[]>();
    const dead = new Mailbox<string>();
    const texts = ['good', 'again', 'bad', 'fine'];
    @Injectable()
    class Audit {
      @RocketMQMessageListener({
        topic: 'audit',
        consumerGroup: 'audit',
        batch: 64,
        autoStart: false,
        consumeFromWhere: fromFirst,
      })
      audit(messages: RocketMQMessage<string>[]): RocketMQOutcome[] {
        batches.put(messages.map(({ payload }) => payload));
        return messages.map(({ payload, reconsumeTimes }) => {
          if (payload === 'bad') return 'dlq';
          return payload === 'again' && reconsumeTimes === 0 ? 'retry' : 'ack';
        });
      }
      @RocketMQDlqListener({ deadGroup: 'audit', consumerGroup: 'heirs' })
      inherit(text: string): void {
        dead.put(text);
      }
    }
    const app = await applications.start({
      imports: [RocketMQTestingModule.forRoot(quickRetries)],
      providers: [Audit],
    });
    await app.get(RocketMQListeners).start('audit');
    await app.get(RocketMQListeners).stop('audit');
    for (const text of texts) await app.get(RocketMQTemplate).send('audit', text, { hashKey: 'same queue' });
    await app.get(RocketMQListeners).start('audit');
    expect(await batches.have(2)).toEqual([texts, ['again']]);
    expect(await dead.have(1)).toEqual(['bad']);
  });

  it('is nothing for a message that was handled before', async () => {
    const seen = new Mailbox<string>();
    @Injectable()
    class Payments {
      @RocketMQMessageListener({
        topic: 'payments',
        consumerGroup: 'payments',
        concurrencyPerQueue: 1,
        idempotency: { store: MemoryIdempotencyStore, key: ({ keys }) => keys.join() },
      })
      book(text: string): void {
        seen.put(text);
      }
    }
    const store = { provide: MemoryIdempotencyStore, useFactory: () => new MemoryIdempotencyStore() };
    const app = await applications.start({ imports: [RocketMQTestingModule.forRoot()], providers: [Payments, store] });
    const template = app.get(RocketMQTemplate);
    for (const [keys, text] of [
      ['1', 'one'],
      ['1', 'one more'],
      ['2', 'two'],
    ] as const) {
      // prettier-ignore
      await template.send('payments', text, { keys, hashKey: 'same queue' });
    }
    expect(await seen.have(2)).toEqual(['one', 'two']);
    expect(app.get(RocketMQListeners).states).toMatchObject([{ figures: { repeated: 1 } }]);
  });
});
