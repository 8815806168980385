import { describe, expect, it } from '@jest/globals';
import { bool, double, int, long, text, type HeaderOf } from './field.js';
import { decodeHeader, encodeHeader } from './header-codec.js';

const fields = {
  topic: text().wire('b'),
  tags: text().optional(),
  queueId: int(),
  offset: long().alias('offSet'),
  times: int().or(7),
  batch: bool().or(false),
  rate: double().optional(),
};

const given = { b: 'T', queueId: '3', offset: '5' };
const read = (ext: Readonly<Record<string, unknown>>): unknown => decodeHeader(fields, ext);

describe('decodeHeader', () => {
  it('reads texts, fills in what may be absent', () => {
    expect(read(given)).toEqual({ topic: 'T', queueId: 3, offset: 5, times: 7, batch: false });
  });

  it('takes unquoted numbers and booleans, and aliases', () => {
    expect(read({ b: 8, queueId: 3, offSet: 5, batch: true, rate: 1.5, tags: '' })).toEqual({
      topic: '8',
      queueId: 3,
      offset: 5,
      times: 7,
      batch: true,
      rate: 1.5,
    });
  });

  it('rounds beyond 2^53 and refuses beyond 64 bits', () => {
    expect(read({ ...given, offset: '9223372036854775807' })).toMatchObject({ offset: 2 ** 63 });
    expect(() => read({ ...given, offset: '9223372036854775808' })).toThrow('must be a 64-bit integer');
  });

  it.each([
    [{ queueId: 'abc' }, '<queueId> must be a 32-bit integer, not "abc"'],
    [{ queueId: '1e3' }, '<queueId> must be a 32-bit integer'],
    [{ queueId: '2147483648' }, '<queueId> must be a 32-bit integer'],
    [{ queueId: '' }, '<queueId> is null'],
    [{ offset: '9223372036854775808' }, '<offset> must be a 64-bit integer'],
    [{ b: undefined }, 'the custom field <topic (b)> is null'],
    [{ b: { toString: 1 } }, '<topic (b)> must be a text, not a object'],
    [{ batch: { toString: 1 } }, '<batch> must be true or false'],
    [{ rate: 'x' }, '<rate> must be a number'],
  ])('refuses %j', (wrong, message) => expect(() => read({ ...given, ...wrong })).toThrow(message));
});

describe('encodeHeader', () => {
  it('writes in the order of declaration, extra fields after', () => {
    const header = { offset: 2 ** 63, queueId: 3, topic: 'T', times: 7, batch: true };
    expect(encodeHeader(fields, header, { Signature: 's' })).toEqual([
      ['b', 'T'],
      ['queueId', '3'],
      ['offset', '9223372036854775807'],
      ['times', '7'],
      ['batch', 'true'],
      ['Signature', 's'],
    ]);
  });

  it('tells the caller what is missing', () => {
    const incomplete = { queueId: 1, offset: 1, times: 1, batch: false } as unknown as HeaderOf<typeof fields>;
    expect(() => encodeHeader(fields, incomplete)).toThrow('header field topic is not set');
  });
});
