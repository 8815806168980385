import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, type Observable } from 'rxjs';
import { OneMessage } from '../template/one-message.js';
import { RocketMQReplyError } from '../template/reply-error.js';
import type { RocketMQTemplate } from '../template/rocketmq-template.js';
import { RocketMQClient } from './rocketmq-client.js';
import { RocketMQRecord } from './rocketmq-record.js';

type Options = Readonly<Record<string, unknown>> & { readonly signal?: AbortSignal };

/** A template that takes everything down, and answers every request with `answer`. */
function setUp(answer: () => Promise<unknown> = async () => 'reply', timeout?: number) {
  const calls: unknown[][] = [];
  const signals: (AbortSignal | undefined)[] = [];
  const template = {
    send: async (destination: string, payload: unknown, options: Options) => {
      calls.push([destination, payload, options]);
      return 'result';
    },
    sendAndReceive: (destination: string, payload: unknown, { signal, ...options }: Options) => {
      calls.push([destination, payload, options]);
      signals.push(signal);
      return answer();
    },
  };
  const client = new RocketMQClient({ template: template as unknown as RocketMQTemplate, timeout });
  return { client, calls, signals };
}

const failureOf = (observable: Observable<unknown>): Promise<unknown> =>
  lastValueFrom(observable).then(
    () => 'it succeeded',
    (error: unknown) => error,
  );

describe('what a client sends', () => {
  it('is complete when it is stored as safely as asked, unless it says otherwise', async () => {
    const { client, calls } = setUp();
    expect(await lastValueFrom(client.emit('orders', 'text'))).toBe('result');
    await lastValueFrom(client.emit('orders', new RocketMQRecord('text', { requireStoreOk: false, keys: 'k' })));
    expect(calls).toEqual([
      ['orders', 'text', { requireStoreOk: true }],
      ['orders', 'text', { requireStoreOk: false, keys: 'k' }],
    ]);
  });

  it('is one message, marked as JSON where its text does not tell', async () => {
    const { client, calls } = setUp(undefined, 500);
    await lastValueFrom(client.send('sums', [1, 2]));
    await lastValueFrom(client.send('sums', 5));
    await lastValueFrom(client.send('sums', new RocketMQRecord(true, { properties: { tenant: 'a' }, timeout: 9 })));
    await lastValueFrom(client.send('sums', new RocketMQRecord(5, { codec: 'own/codec' })));
    expect(calls).toEqual([
      ['sums', new OneMessage([1, 2]), { timeout: 500 }],
      ['sums', 5, { timeout: 500, properties: { contentType: 'application/json' } }],
      ['sums', true, { timeout: 9, properties: { contentType: 'application/json', tenant: 'a' } }],
      ['sums', 5, { timeout: 500, codec: 'own/codec' }],
    ]);
  });

  it('takes what a dispatch hook of Nest attaches as properties', async () => {
    const { client, calls } = setUp();
    client.setOnDispatchHook((packet) => (packet.metadata = { traceparent: '00-1' }));
    await lastValueFrom(client.emit('orders', 'text'));
    expect(calls).toEqual([['orders', 'text', { requireStoreOk: true, properties: { traceparent: '00-1' } }]]);
  });
});

describe('a request', () => {
  it('is sent when somebody subscribes, and given up when nobody does any more', async () => {
    const { client, calls, signals } = setUp(() => new Promise(() => undefined));
    const request = client.send('quotes', 'x');
    expect(calls).toEqual([]);
    const subscription = request.subscribe();
    await new Promise(setImmediate);
    expect(signals[0]?.aborted).toBe(false);
    subscription.unsubscribe();
    expect(signals[0]?.aborted).toBe(true);
  });

  it('fails with what was answered, or with what went wrong', async () => {
    const answered = setUp(async () => Promise.reject(new RocketMQReplyError({ code: 404 })));
    expect(await failureOf(answered.client.send('quotes', 'x'))).toEqual({ code: 404 });
    const lost = setUp(async () => Promise.reject(new Error('lost')));
    expect(await failureOf(lost.client.send('quotes', 'x'))).toEqual(new Error('lost'));
    expect(await failureOf(lost.client.send({ cmd: 'x' }, 'x'))).toMatchObject({
      message: "A pattern must be 'topic' or 'topic:tag'; it is an object",
    });
  });
});
