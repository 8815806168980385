import { describe, expect, it } from '@jest/globals';
import { parseDestination } from './destination.js';
import { encodePayload } from './payload-encoding.js';
import { checkSendOptions, type RocketMQSendOptions } from './send-options.js';

describe('a destination', () => {
  it.each([
    ['orders', { topic: 'orders', tags: undefined }],
    ['orders:placed', { topic: 'orders', tags: 'placed' }],
    ['orders:a:b', { topic: 'orders', tags: 'a:b' }],
  ])('%s', (text, expected) => expect(parseDestination(text)).toEqual(expected));

  it.each(['', ':placed', 'orders:', ' '])('refuses %j', (text) => {
    expect(() => parseDestination(text)).toThrow("destination must be 'topic' or 'topic:tag'");
  });
});

describe('a payload', () => {
  it('is text, bytes, or JSON', () => {
    const bytes = Buffer.from([0, 255]);
    expect(encodePayload('text')).toBe('text');
    expect(encodePayload(bytes)).toBe(bytes);
    expect(encodePayload(new Uint8Array([1, 2]))).toEqual(Buffer.from([1, 2]));
    expect(encodePayload({ id: 1 })).toBe('{"id":1}');
    expect(encodePayload(42)).toBe('42');
  });

  it.each([
    [undefined, 'payload is undefined'],
    [null, 'payload is null'],
    [() => 1, 'payload is a function'],
    [{ big: 1n }, 'payload cannot be written as JSON'],
  ])('refuses %p', (payload, reason) => expect(() => encodePayload(payload)).toThrow(reason));
});

describe('send options', () => {
  it.each([
    [{ key: 'a' }, 'options.key is unknown; did you mean keys?'],
    [{ delay: '15 min' }, 'options.delay is unknown'],
    [
      { hashKey: 'a', selector: (queues: readonly never[]) => queues[0] },
      'options.hashKey cannot be combined with options.selector',
    ],
    [
      { queue: { topic: 't', brokerName: 'b', queueId: 0 }, hashKey: 'a' },
      'options.hashKey cannot be combined with options.queue',
    ],
  ])('refuses %p', (options, reason) => {
    expect(() => checkSendOptions(options as RocketMQSendOptions)).toThrow(reason);
  });
});
