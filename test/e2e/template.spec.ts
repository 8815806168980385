import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type OutgoingMessage, type QueueSelector, type SendResult, RocketMQTemplate } from '../../src/index.js';
import { RocketMQTesting, RocketMQTestingModule } from '../../src/testing/index.js';
import { Applications } from './applications.js';

// Real servers on a machine that may be busy.
jest.setTimeout(120_000);

const applications = new Applications();
let app: INestApplicationContext;
let template: RocketMQTemplate;
let testing: RocketMQTesting;

beforeAll(async () => {
  app = await applications.start({ imports: [RocketMQTestingModule.forRoot()] });
  template = app.get(RocketMQTemplate);
  testing = app.get(RocketMQTesting);
});
afterAll(() => applications.closeAll());

function succeeded(result: SendResult): SendResult {
  expect(result).toMatchObject({ sendStatus: 'SEND_OK', msgId: expect.stringMatching(/^[0-9A-F]{32}$/) });
  return result;
}

describe('what is sent arrives', () => {
  it.each([
    ['text', 'hello', 'hello'],
    ['text beyond ASCII', 'größer – 大', 'größer – 大'],
    ['an object', { id: 1, name: 'Ada' }, { id: 1, name: 'Ada' }],
    ['a number', 42, '42'],
    ['bytes', Buffer.from('raw'), 'raw'],
    ['64 KiB, compressed on the way', 'x'.repeat(65_536), 'x'.repeat(65_536)],
  ])('%s', async (_name, payload, expected) => {
    const { msgId } = succeeded(await template.send('kinds', payload));
    const [received] = await testing.collect('kinds', 1);
    expect(received?.payload).toEqual(expected);
    expect(received?.message.msgId).toBe(msgId);
  });

  it('with tag, keys and properties', async () => {
    await template.syncSend('described:placed', 'x', { keys: ['a', 'b'], properties: { tenant: 't', 'my key': 'ü' } });
    const [received] = await testing.collect('described', 1);
    expect(received).toMatchObject({ tags: 'placed', keys: ['a', 'b'] });
    expect(received?.message.properties.get('tenant')).toBe('t');
    expect(received?.message.properties.get('my key')).toBe('ü');
  });

  it('by callback', async () => {
    const result = await new Promise<SendResult>((onSuccess, onException) => {
      template.asyncSend('callback', 'x', { onSuccess, onException });
    });
    succeeded(result);
    expect(await testing.collect('callback', 1)).toHaveLength(1);
  });

  it('one way', async () => {
    await template.sendOneWay('oneway', 'x');
    expect((await testing.collect('oneway', 1))[0]?.payload).toBe('x');
  });
});

describe('queues', () => {
  it('one hash key, one queue, in order', async () => {
    for (let i = 0; i < 20; i++) await template.syncSendOrderly('ordered', { i }, 'customer-1');
    const received = await testing.collect('ordered', 20);
    expect(new Set(received.map(({ message }) => message.queueId)).size).toBe(1);
    expect(received.map(({ payload }) => payload)).toEqual(Array.from({ length: 20 }, (_, i) => ({ i })));
  });

  it('without one, all of them in turn', async () => {
    const results = await Promise.all(Array.from({ length: 8 }, () => template.send('ordered', 'x')));
    expect(new Set(results.map(({ messageQueue }) => messageQueue.queueId)).size).toBe(4);
    await testing.collect('ordered', 8);
  });

  it('chosen by a selector, or named', async () => {
    const last: QueueSelector = (queues, message: OutgoingMessage) => {
      expect(message.topic).toBe('ordered');
      return queues.at(-1) ?? queues[0]!;
    };
    const { messageQueue } = await template.send('ordered', 'x', { selector: last });
    expect(messageQueue.queueId).toBe(3);
    const named = await template.send('ordered', 'x', { queue: { ...messageQueue, queueId: 1 } });
    expect(named.messageQueue.queueId).toBe(1);
  });
});

describe('batches', () => {
  it('an array is one batch, its messages apart', async () => {
    const results = await template.send('batch:t', ['a', { b: 1 }, Buffer.from('c')], { keys: 'k' });
    expect(results).toHaveLength(1);
    expect(results[0]?.msgId.split(',')).toHaveLength(3);
    const received = await testing.collect('batch', 3);
    expect(received.map(({ payload }) => payload)).toEqual(['a', { b: 1 }, 'c']);
    expect(received.every(({ tags, keys }) => tags === 't' && keys[0] === 'k')).toBe(true);
  });

  it('is cut by size: one result per request', async () => {
    const messages = Array.from({ length: 6 }, (_, i) => `${i}${'x'.repeat(1024 * 1024)}`);
    const results = await template.send('batch', messages);
    expect(results.length).toBeGreaterThan(1);
    const received = await testing.collect('batch', 6, { timeout: 20_000 });
    expect(new Set(received.map(({ payload }) => String(payload).slice(0, 1)))).toEqual(new Set('012345'));
  });
});

describe('what cannot be sent is refused by name', () => {
  it.each([
    [() => template.send('', 'x'), "destination must be 'topic' or 'topic:tag'"],
    [() => template.send('t', undefined), 'payload is undefined'],
    [() => template.send('t', []), 'payload is an empty array'],
    [() => template.send('t', ['a', null]), 'payload[1]: payload is null'],
    [() => template.send('t', 'x', { dealy: 1 } as object), 'options.dealy is unknown; did you mean delay?'],
    [() => template.send('t', ['x'], { delay: '15 min' }), "options.delay cannot be combined with a batch: Apache's"],
    [() => template.send('t:a', 'x', { tag: 'b' }), "options.tag cannot be combined with the tag of destination 't:a'"],
    [
      () => template.send('t', 'x', { delay: 'soon' }),
      "options.delay must be whole milliseconds, or a text like '15 min'",
    ],
    [() => template.send('t', 'x', { codec: 'avro' }), "options.codec 'avro' is unknown"],
    [() => template.sendDefault('x'), 'sendDefault: there is no default destination'],
    [() => template.convertAndSend('x'), 'convertAndSend: there is no default destination'],
    [() => template.syncSendDelayTimeSeconds('t', 'x', 0), 'seconds must be a whole number from 1 on; it is 0'],
    [() => template.asyncSend('t', 'x', { timeout: 'a' } as object), 'timeout'],
    [() => template.sendMessageInTransaction('t', 'x'), 'there is no local transaction'],
    [
      () => template.send('t', 'x', { hashKey: 'a', queue: { topic: 't', brokerName: 'b', queueId: 0 } }),
      'cannot be combined',
    ],
    [() => template.sendOneWay('t', ['a']), 'a one-way send cannot be combined with a batch'],
    [
      () => template.sendOneWay('t', 'a', { timeout: 1 } as object),
      'options.timeout cannot be combined with a one-way send',
    ],
    [() => template.syncSendOrderly('t', 'x', ''), 'hashKey must be a text'],
    [() => template.send('../../x', 'x'), '../../x'],
    [() => template.send('t', 'x', { properties: { KEYS: 'a' } }), 'KEYS'],
    [() => template.send('t', 'x', { properties: { a: 'b\u0001c' } }), 'a'],
  ])('%p', async (attempt, reason) => {
    await expect(attempt()).rejects.toMatchObject({
      code: expect.stringMatching(/ARGUMENT_INVALID|CONFIG_INVALID/),
      message: expect.stringContaining(reason),
    });
  });

  it('through the callback too', async () => {
    const error = await new Promise((resolve) => {
      template.asyncSend('', 'x', { onSuccess: resolve, onException: resolve });
    });
    expect(error).toMatchObject({ code: 'ARGUMENT_INVALID' });
  });
});

describe('collect', () => {
  it('gives each message once, and says how many came when some are missing', async () => {
    await template.send('collected', 'x');
    expect(await testing.collect('collected', 1)).toHaveLength(1);
    await expect(testing.collect('collected', 1, { timeout: 100 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: "Collected 0 of 1 messages of 'collected' in 100 ms",
    });
    await expect(testing.collect('never sent to', 1, { timeout: 50 })).rejects.toMatchObject({ code: 'TIMEOUT' });
  });
});
