import { describe, expect, it } from '@jest/globals';
import { payloadDecoder } from './payload-decoding.js';

class OrderDto {}

const bytes = (text: string): Buffer => Buffer.from(text);

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
  ])('%p from %j', (type, body, expected) => expect(payloadDecoder(type)(bytes(body))).toEqual(expected));

  it('passes bytes on untouched', () => {
    const body = Buffer.from([0xff, 0x00]);
    expect(payloadDecoder(Buffer)(body)).toBe(body);
  });

  it.each([
    [OrderDto, Buffer.from('not JSON'), 'OrderDto is made from'],
    [OrderDto, Buffer.from('null'), 'OrderDto is made from a JSON object; this holds null'],
    [OrderDto, Buffer.from('42'), 'this holds number'],
    [Number, Buffer.from('"42"'), 'Number was asked for, its JSON holds string'],
    [String, Buffer.from([0xff]), 'it is not UTF-8 text'],
    [undefined, Buffer.from([0xff]), 'it is not UTF-8 text'],
  ])('%p refuses %p', (type, body, reason) => expect(() => payloadDecoder(type)(body)).toThrow(reason));

  it('keeps the payload out of its errors', () => {
    const decode = (): unknown => payloadDecoder(OrderDto)(bytes('{"card":"4111-1111",'));
    expect(decode).toThrow(expect.objectContaining({ message: expect.not.stringContaining('4111') }));
    expect(decode).not.toThrow(expect.objectContaining({ cause: expect.anything() }));
  });
});
