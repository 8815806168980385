import { describe, expect, it, jest } from '@jest/globals';
import type { RocketMQCodec } from '../codec/codec.js';
import { Codecs } from '../codec/codecs.js';
import { payloadDecoder } from './payload-decoding.js';

class OrderDto {}

const bytes = (text: string): Buffer => Buffer.from(text);
const noCodecs = new Codecs();

function decoded(type: unknown, body: Buffer, contentType?: string, codecs = noCodecs): unknown {
  const properties = new Map(contentType === undefined ? [] : [['contentType', contentType]]);
  return payloadDecoder(type, codecs)({ body, properties });
}

describe('a payload becomes what its parameter takes', () => {
  it.each([
    [String, '{"a":1}', '{"a":1}'],
    [OrderDto, '{"a":1}', { a: 1 }],
    [Array, '[1]', [1]],
    [Number, '42', 42],
    [Boolean, 'true', true],
    [Object, '{"a":1}', { a: 1 }],
    [undefined, ' [1,2]', [1, 2]],
    [undefined, '42', '42'],
    [undefined, 'hello', 'hello'],
    [undefined, '[INFO] started', '[INFO] started'],
    [undefined, '', ''],
  ])('%p from %j', (type, body, expected) => expect(decoded(type, bytes(body))).toEqual(expected));

  it('passes bytes on untouched', () => {
    const body = Buffer.from([0xff, 0x00]);
    expect(decoded(Buffer, body)).toBe(body);
  });

  it.each([
    [OrderDto, Buffer.from('not JSON'), 'OrderDto is made from'],
    [OrderDto, Buffer.from('null'), 'OrderDto is made from a JSON object; this holds null'],
    [OrderDto, Buffer.from('42'), 'this holds number'],
    [Number, Buffer.from('"42"'), 'Number was asked for, its JSON holds string'],
    [String, Buffer.from([0xff]), 'it is not UTF-8 text'],
    [undefined, Buffer.from([0xff]), 'it is not UTF-8 text'],
  ])('%p refuses %p', (type, body, reason) => expect(() => decoded(type, body)).toThrow(reason));

  it('keeps the payload out of its errors', () => {
    const decode = (): unknown => decoded(OrderDto, bytes('{"card":"4111-1111",'));
    expect(decode).toThrow(expect.objectContaining({ message: expect.not.stringContaining('4111') }));
    expect(decode).not.toThrow(expect.objectContaining({ cause: expect.anything() }));
  });
});

const swapped: RocketMQCodec<string> = {
  contentType: 'application/x-swapped',
  encode: (text) => text.split('').toReversed().join(''),
  decode: (body) => body.toString().split('').toReversed().join(''),
};
const datedJson: RocketMQCodec = {
  contentType: 'application/json',
  encode: (payload) => JSON.stringify(payload),
  decode: (body) => ({ ...(JSON.parse(body.toString()) as object), dated: true }),
};

describe('the content type is honoured', () => {
  const codecs = new Codecs([swapped, datedJson]);

  it.each([
    // What rocketmq-spring writes.
    [undefined, '42', 'application/json', 42],
    [undefined, '{"a":1}', 'text/plain;charset=UTF-8', { a: 1 }],
    [undefined, 'hi', 'text/plain;charset=UTF-8', 'hi'],
    [undefined, '{"a":1}', 'application/octet-stream', { a: 1 }],
    [undefined, '{raw', 'application/octet-stream', bytes('{raw')],
    [Buffer, '{"a":1}', 'application/octet-stream', bytes('{"a":1}')],
    [String, '{"a":1}', 'application/json', '{"a":1}'],
    [OrderDto, '{"a":1}', 'text/plain', { a: 1 }],
  ])('%p of %j as %s', (type, body, contentType, expected) => {
    expect(decoded(type, bytes(body), contentType)).toEqual(expected);
  });

  it.each([
    [undefined, 'olleh', 'Application/X-Swapped; v=1', 'hello'],
    [OrderDto, 'olleh', 'application/x-swapped', 'hello'],
    [undefined, 'olleh', 'application/x-other', 'olleh'],
    [undefined, '{"a":1}', undefined, { a: 1, dated: true }],
    [undefined, '{"a":1}', 'application/json', { a: 1, dated: true }],
    [OrderDto, '{"a":1}', undefined, { a: 1, dated: true }],
    [String, '{"a":1}', 'application/json', '{"a":1}'],
    [undefined, '[INFO] started', undefined, '[INFO] started'],
  ])('%p of %j as %s, by codecs of the application', (type, body, contentType, expected) => {
    expect(decoded(type, bytes(body), contentType, codecs)).toEqual(expected);
  });

  it('does not look for it where the body tells', () => {
    const message = {
      body: bytes(' {"a":1}'),
      get properties(): never {
        throw new Error('split');
      },
    };
    expect(payloadDecoder(undefined, noCodecs)(message)).toEqual({ a: 1 });
    expect(payloadDecoder(OrderDto, noCodecs)(message)).toEqual({ a: 1 });
  });

  it('is read when a body that says JSON is none', () => {
    expect(() => decoded(undefined, bytes('nope'), 'application/json')).toThrow('it is not JSON');
  });

  it('tells the codec what was asked for', () => {
    const decode = jest.fn<RocketMQCodec['decode']>();
    const own = new Codecs([{ ...swapped, decode }]);
    decoded(OrderDto, bytes('x'), 'application/x-swapped;v=1', own);
    const properties = new Map([['contentType', 'application/x-swapped;v=1']]);
    const context = { contentType: 'application/x-swapped', properties, payloadType: OrderDto };
    expect(decode).toHaveBeenCalledWith(bytes('x'), context);
  });

  it('keeps the payload out of what a codec throws', () => {
    const own = new Codecs([{ ...swapped, decode: () => JSON.parse('4111-1111') as string }]);
    expect(() => decoded(undefined, bytes('x'), 'application/x-swapped', own)).toThrow(
      expect.objectContaining({
        code: 'PROTOCOL_VIOLATION',
        message: 'The payload cannot be read: the codec for application/x-swapped threw SyntaxError',
      }),
    );
  });
});
