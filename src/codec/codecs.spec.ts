import { describe, expect, it } from '@jest/globals';
import type { RocketMQCodec } from './codec.js';
import { type CodecChoice, Codecs } from './codecs.js';

const context = { topic: 'orders', tags: 'placed', properties: { tenant: 'a' } };

function encoded(payload: unknown, choice?: CodecChoice, codecs = new Codecs()): unknown {
  return codecs.encode(payload, choice, context);
}

const upper: RocketMQCodec<string> = {
  contentType: 'text/x-upper',
  encode: (text, { topic, properties }) => `${text.toUpperCase()} ${topic} ${properties['tenant']}`,
  decode: (body) => body.toString().toLowerCase(),
};

describe('a payload', () => {
  it('is text, bytes, or JSON, and says nothing of it', () => {
    const bytes = Buffer.from([0, 255]);
    const plain = (body: unknown): unknown => ({ body, contentType: undefined });
    expect(encoded('text')).toEqual(plain('text'));
    expect(encoded(bytes)).toEqual(plain(bytes));
    expect(encoded(new Uint8Array([1, 2]))).toEqual(plain(Buffer.from([1, 2])));
    expect(encoded({ id: 1 })).toEqual(plain('{"id":1}'));
    expect(encoded(42)).toEqual(plain('42'));
    expect(encoded('text', 'json')).toEqual(plain('"text"'));
    expect(encoded('text', 'text/plain')).toEqual(plain('text'));
    expect(encoded(bytes, 'bytes')).toEqual(plain(bytes));
  });

  it('by an own codec has its content type', () => {
    const expected = { body: 'HI orders a', contentType: 'text/x-upper' };
    expect(encoded('hi', 'text/x-upper', new Codecs([upper as RocketMQCodec]))).toEqual(expected);
    expect(encoded('hi', 'Text/X-Upper', new Codecs([upper as RocketMQCodec]))).toEqual(expected);
    expect(encoded('hi', upper as RocketMQCodec)).toEqual(expected);
  });

  it('is JSON as the application writes it', () => {
    const big: RocketMQCodec = {
      contentType: 'application/json',
      encode: (payload) =>
        JSON.stringify(payload, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)),
      decode: (body) => JSON.parse(body.toString()) as unknown,
    };
    const expected = { body: '{"amount":"1n"}', contentType: undefined };
    expect(encoded({ amount: 1n }, undefined, new Codecs([big]))).toEqual(expected);
    expect(encoded({ amount: 1n }, 'application/json', new Codecs([big]))).toEqual(expected);
  });

  it.each<[unknown, CodecChoice | undefined, string]>([
    [undefined, undefined, 'payload is undefined'],
    [null, 'json', 'payload is null'],
    [() => 1, undefined, 'payload is a function'],
    [{ big: 1n }, undefined, 'payload cannot be written as JSON'],
    [{}, 'text', "payload is a object, codec 'text' takes a text"],
    ['text', 'bytes', "payload is a string, codec 'bytes' takes a Buffer or Uint8Array"],
    [{}, 'avro', "options.codec 'avro' is unknown; known: json, text, bytes"],
    [{}, {} as RocketMQCodec, 'options.codec must have a contentType'],
    [{}, { ...upper, encode: () => 5 } as never, 'the codec for text/x-upper must return a text or bytes, not number'],
    [5, upper, 'payload cannot be written by the codec for text/x-upper: text.toUpperCase is not'],
  ])('%p by %p is refused', (payload, choice, reason) => {
    expect(() => encoded(payload, choice)).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }));
    expect(() => encoded(payload, choice)).toThrow(reason);
  });
});

it('codecs that cannot be used are all named', () => {
  const codec = upper as RocketMQCodec;
  const wrong = [
    codec,
    { ...codec, contentType: 'Text/X-Upper' },
    { ...codec, contentType: 'text/plain' },
    { ...codec, contentType: 'text/x;charset=a' },
    { ...codec, contentType: 'upper' },
    { ...codec, decode: 1 } as never,
  ];
  expect(() => new Codecs(wrong)).toThrow(
    [
      'RocketMQModule: 5 options are wrong:',
      '  codecs[1] is the second for text/x-upper',
      '  codecs[2] is for text/plain, which needs none',
      "  codecs[3] must have a contentType, 'type/subtype' without parameters",
      "  codecs[4] must have a contentType 'type/subtype', not 'upper'",
      '  codecs[5] must have the functions encode and decode',
    ].join('\n'),
  );
});
