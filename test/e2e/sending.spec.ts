import { type INestApplicationContext, Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { lastValueFrom } from 'rxjs';
import { systemClock } from '../../libs/common/src/index.js';
import type { LocalTransactionState, ReceivedMessage } from '../../libs/client/src/index.js';
import {
  BatchItem,
  RocketMQConnection,
  RocketMQMessageListener,
  type RocketMQListener,
  type RocketMQCodec,
  RocketMQModule,
  RocketMQSendInterceptor,
  RocketMQTemplate,
  type SendCall,
  type SendInterceptor,
  type SendNext,
  type SendResult,
} from '../../src/index.js';
import { RocketMQTesting, RocketMQTestingModule } from '../../src/testing/index.js';
import { Applications } from './applications.js';
import { Mailbox } from './mailbox.js';

// Real servers on a machine that may be busy.
jest.setTimeout(120_000);

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Two bytes a point. */
const points: RocketMQCodec<Point> = {
  contentType: 'application/x-point',
  encode: ({ x, y }) => Uint8Array.of(x, y),
  decode: (body) => ({ x: body[0] ?? -1, y: body[1] ?? -1 }),
};

const calls: SendCall[] = [];

@Injectable()
@RocketMQSendInterceptor()
class Tenant implements SendInterceptor {
  async intercept(call: SendCall, next: SendNext): Promise<unknown> {
    calls.push(call);
    const { options } = call;
    return next({ options: { ...options, properties: { ...options.properties, tenant: 'a' } } });
  }
}

const pointsReceived = new Mailbox<Point>();

@Injectable()
@RocketMQMessageListener({ topic: 'points', consumerGroup: 'points' })
class Points implements RocketMQListener<Point> {
  async onMessage(point: Point): Promise<void> {
    pointsReceived.put(point);
  }
}

const localTransactions: unknown[] = [];
const listener = {
  async executeLocalTransaction(_message: unknown, id: string, arg: unknown): Promise<LocalTransactionState> {
    localTransactions.push([id, arg]);
    return 'COMMIT';
  },
  async checkLocalTransaction(): Promise<LocalTransactionState> {
    return 'UNKNOWN';
  },
};

const applications = new Applications();
let app: INestApplicationContext;
let template: RocketMQTemplate;
let testing: RocketMQTesting;

beforeAll(async () => {
  const module = RocketMQModule.forRoot({
    producer: { producerGroup: 'sending', transactionListener: listener, maxMessageSize: 20_000 },
    template: { defaultDestination: 'defaults:tagged' },
    codecs: [points],
  });
  app = await applications.start({ imports: [RocketMQTestingModule.forRoot(), module], providers: [Tenant, Points] });
  template = app.get(RocketMQTemplate);
  testing = app.get(RocketMQTesting);
  await startReplier();
});
afterAll(() => applications.closeAll());

/** Whoever answers requests to 'questions': twice the number, or nothing readable. */
async function startReplier(): Promise<void> {
  const { client, producer } = await app.get(RocketMQConnection).session();
  if (!(await client.admin.topicExists('questions'))) {
    await client.admin.createTopic('questions', { readQueues: 1, writeQueues: 1 });
  }
  const replier = client.createPushConsumer({
    consumerGroup: 'repliers',
    handler: async (messages: readonly ReceivedMessage[]) => {
      for (const message of messages) {
        const asked = JSON.parse(message.body.toString()) as { number?: number };
        const body = asked.number === undefined ? 'what?' : JSON.stringify({ answer: asked.number * 2 });
        await producer.reply(message, { body });
      }
    },
  });
  replier.subscribe('questions');
  await replier.start();
}

async function received(topic: string, count = 1): Promise<ReceivedMessage[]> {
  return (await testing.collect(topic, count)).map(({ message }) => message);
}

describe('one send', () => {
  it('with its tag as an option', async () => {
    await template.send('tags', 'x', { tag: 'placed' });
    expect((await received('tags'))[0]?.tags).toBe('placed');
  });

  it('to the default destination', async () => {
    await template.sendDefault('a', { keys: 'k' });
    await template.convertAndSend('b');
    await template.convertAndSend('defaults:other', 'c', { header: 'h' });
    const messages = await received('defaults', 3);
    const seen = messages.map(
      ({ tags, body, properties }) => `${String(tags)} ${body.toString()} ${properties.get('header')}`,
    );
    expect(seen.toSorted()).toEqual(['other c h', 'tagged a undefined', 'tagged b undefined']);
  });

  it('without an answer', async () => {
    expect(await template.send('oneway', 'a', { oneWay: true })).toBeUndefined();
    await template.sendOneWayOrderly('oneway', 'b', 'key');
    const bodies = (await received('oneway', 2)).map(({ body }) => body.toString());
    expect(bodies.toSorted()).toEqual(['a', 'b']);
  });

  it('as an Observable, once a subscription', async () => {
    const sending = template.rx.send('observed', 'x');
    const results = [await lastValueFrom(sending), await lastValueFrom(sending)];
    expect(new Set(results.map(({ msgId }) => msgId)).size).toBe(2);
    await lastValueFrom(template.rx.send('observed', 'x', { oneWay: true }), { defaultValue: undefined });
    expect(await received('observed', 3)).toHaveLength(3);
  });

  it('leaves nothing of the framework on the message', async () => {
    await template.send('bare', { a: 1 });
    const [message] = await received('bare');
    // What Java's producer, broker and consumer put there, too; and what Tenant added.
    expect([...(message?.properties.keys() ?? [])].toSorted()).toEqual([
      'CLUSTER',
      'MAX_OFFSET',
      'MIN_OFFSET',
      'UNIQ_KEY',
      'tenant',
    ]);
  });
});

describe('delays', () => {
  it.each<[string, string, () => Promise<SendResult>]>([
    ['a text', 'TIMER_OUT_MS', () => template.send('later', 'x', { delay: '1 s' })],
    [
      'an instant',
      'TIMER_OUT_MS',
      () => template.send('later', 'x', { deliverAt: new Date(systemClock.now() + 1000) }),
    ],
    ['a level', 'REAL_TOPIC', () => template.send('later', 'x', { delayLevel: 1 })],
    ['Spring: a level', 'REAL_TOPIC', () => template.syncSend('later', 'x', 3000, 1)],
    ['Spring: seconds', 'TIMER_OUT_MS', () => template.syncSendDelayTimeSeconds('later', 'x', 1)],
    ['Spring: milliseconds', 'TIMER_OUT_MS', () => template.syncSendDelayTimeMills('later', 'x', 1000)],
    [
      'Spring: an instant',
      'TIMER_OUT_MS',
      () => template.syncSendDeliverTimeMills('later', 'x', systemClock.now() + 1000),
    ],
  ])('%s', async (_name, property, send) => {
    const { msgId } = await send();
    const [message] = await received('later');
    expect(message?.msgId).toBe(msgId);
    expect([...(message?.properties.keys() ?? [])]).toContain(property);
    expect((message?.storeTimestamp ?? 0) - (message?.bornTimestamp ?? 0)).toBeGreaterThanOrEqual(500);
  });
});

describe("Spring's names", () => {
  it('send to one queue in order, by every method of that name', async () => {
    await template.syncSendOrderly('orderly', 'a', 'key', 3000);
    await template.syncSendOrderly('orderly', ['b', 'c'], 'key');
    await template.asyncSendOrderly('orderly', 'd', 'key');
    await new Promise<SendResult>((onSuccess, onException) => {
      template.asyncSendOrderly('orderly', 'e', 'key', { onSuccess, onException }, 3000);
    });
    const messages = await received('orderly', 5);
    expect(new Set(messages.map(({ queueId }) => queueId)).size).toBe(1);
    expect(messages.map(({ body }) => body.toString()).join('')).toBe('abcde');
  });

  it('send asynchronously with a promise, too', async () => {
    expect(await template.asyncSend('async', 'x')).toMatchObject({ sendStatus: 'SEND_OK' });
    expect(await template.asyncSend('async', ['y', 'z'])).toMatchObject([{ sendStatus: 'SEND_OK' }]);
    expect(await received('async', 3)).toHaveLength(3);
  });
});

describe('transactions', () => {
  it('commit and roll back with the function of the send', async () => {
    const halves: string[] = [];
    const committed = await template.send('deals', 'kept', {
      transactionArg: 7,
      transaction: async ({ transactionId, message, arg }) => {
        halves.push(`${transactionId} ${String(message.body)} ${String(arg)}`);
        return 'commit';
      },
    });
    const dropped = await template.send('deals', 'dropped', { transaction: async () => 'rollback' });
    expect(committed.localTransactionState).toBe('COMMIT');
    expect(dropped.localTransactionState).toBe('ROLLBACK');
    expect(halves).toEqual([`${committed.msgId} kept 7`]);
    expect((await received('deals'))[0]?.body.toString()).toBe('kept');
    await expect(testing.collect('deals', 1, { timeout: 300 })).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  it('reject with what the function threw', async () => {
    const cause = new Error('no stock');
    const transaction = () => Promise.reject(cause);
    await expect(template.send('deals', 'x', { transaction })).rejects.toMatchObject({
      name: 'RocketMQSendError',
      code: 'TRANSACTION_FAILED',
      cause,
      results: [{ localTransactionState: 'UNKNOWN' }],
    });
  });

  it("run the module's listener without one", async () => {
    const { msgId } = await template.sendMessageInTransaction('listened', 'x', 'arg');
    expect(localTransactions).toEqual([[msgId, 'arg']]);
    expect((await received('listened'))[0]?.msgId).toBe(msgId);
  });
});

describe('requests', () => {
  it('resolve with the reply', async () => {
    expect(await template.sendAndReceive<{ answer: number }>('questions', { number: 21 })).toEqual({ answer: 42 });
    const options = { replyType: String, hashKey: 'k', timeout: 10_000 };
    expect(await template.sendAndReceive('questions', { number: 1 }, options)).toBe('{"answer":2}');
    expect(await lastValueFrom(template.rx.sendAndReceive('questions', { number: 2 }))).toEqual({ answer: 4 });
  });

  it('reject when the reply is not what was asked for, or does not come', async () => {
    await expect(template.sendAndReceive('questions', {}, { replyType: Number })).rejects.toMatchObject({
      code: 'PROTOCOL_VIOLATION',
    });
    await expect(template.sendAndReceive('unanswered', {}, { timeout: 300 })).rejects.toMatchObject({
      code: 'TIMEOUT',
    });
  });
});

describe('batches', () => {
  it('of small messages stay within maxMessageSize', async () => {
    const payloads = Array.from({ length: 500 }, (_, i) => String(i));
    const results = await template.send('small:tagged', payloads, { keys: ['k1', 'k2'] });
    expect(results.length).toBeGreaterThan(1);
    const bodies = (await received('small', 500)).map(({ body }) => Number(body.toString()));
    expect(bodies.toSorted((a, b) => a - b)).toEqual(payloads.map(Number));
  });
});

describe('the messages of a batch', () => {
  it('have keys, properties and tags of their own', async () => {
    const items = [
      new BatchItem({ i: 0 }, { keys: 'a', tag: 'one' }),
      new BatchItem('one', { keys: 'b', properties: { own: 'p' } }),
      'plain',
    ];
    await template.send('items', items, { keys: 'all', properties: { common: 'p' } });
    const messages = await received('items', 3);
    const seen = messages.map(({ body, keys, tags, properties }) => [
      body.toString(),
      keys[0],
      tags,
      properties.get('own') ?? properties.get('common'),
    ]);
    expect(seen).toEqual([
      ['{"i":0}', 'a', 'one', 'p'],
      ['one', 'b', undefined, 'p'],
      ['plain', 'all', undefined, 'p'],
    ]);
  });

  it('are refused by name', async () => {
    expect(() => new BatchItem('x', { delay: 1 } as object)).toThrow('BatchItem: options.delay is unknown; known: tag');
    await expect(template.send('items', new BatchItem('x'))).rejects.toThrow('a BatchItem is for an array');
    const wrong = [new BatchItem('x', { tag: ' ' })];
    await expect(template.send('items', wrong)).rejects.toThrow('payload[0]: options.tag must be a text');
  });
});

describe('codecs', () => {
  it('carry payloads to listeners, and say so on the message', async () => {
    await template.send('points', { x: 1, y: 2 }, { codec: 'application/x-point' });
    await template.send('points', { x: 3, y: 4 });
    expect([...(await pointsReceived.have(2))].toSorted((a, b) => a.x - b.x)).toEqual([
      { x: 1, y: 2 },
      { x: 3, y: 4 },
    ]);
    const messages = await received('points', 2);
    const types = messages.map(({ body, properties }) => `${body.length} ${properties.get('contentType')}`);
    expect(types.toSorted()).toEqual(['13 undefined', '2 application/x-point']);
  });

  it('contradict a content type given beside them', async () => {
    const options = { codec: 'application/x-point', properties: { contentType: 'image/png' } };
    await expect(template.send('points', { x: 1, y: 2 }, options)).rejects.toThrow(
      "options.properties.contentType cannot be combined with options.codec: the codec writes 'application/x-point'",
    );
  });
});

describe('interceptors', () => {
  it('stand around every way to send', async () => {
    calls.length = 0;
    await template.send('intercepted', 'x');
    await template.sendOneWay('intercepted', 'x');
    await template.asyncSend('intercepted', 'x');
    await template.send('intercepted', ['x', 'y']);
    await template.sendMessageInTransaction('intercepted', 'x');
    await template.sendAndReceive('questions', { number: 1 });
    expect(calls.map(({ kind }) => kind)).toEqual(['send', 'oneWay', 'async', 'send', 'transaction', 'request']);
    const messages = await received('intercepted', 6);
    expect(messages.map(({ properties }) => properties.get('tenant'))).toEqual(Array(6).fill('a'));
  });
});
