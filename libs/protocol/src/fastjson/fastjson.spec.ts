import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { readJson } from './reader.js';
import {
  jsonBean,
  jsonBool,
  jsonEnum,
  jsonInt,
  jsonList,
  jsonLong,
  jsonMap,
  jsonPairs,
  jsonText,
  optional,
} from './shape.js';
import { JavaDouble, JsonObject, type JsonValue } from './value.js';
import { writeJson } from './writer.js';

const object = (...members: readonly (readonly [JsonValue, JsonValue])[]): JsonObject => new JsonObject(members);

function refusal(text: string): string {
  try {
    readJson(text);
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    expect(code).toBe('PROTOCOL_VIOLATION');
    return message;
  }
  return 'accepted';
}

describe('readJson', () => {
  it.each<[string, JsonValue]>([
    ['{0:"a",1:"b"}', object([0, 'a'], [1, 'b'])],
    ['{{"queueId":0,"topic":"T"}:12}', object([object(['queueId', 0], ['topic', 'T']), 12])],
    ["{'a':'it\\'s'}", object(['a', "it's"])],
    ['{a:1,$b_2:2}', object(['a', 1], ['$b_2', 2])],
    ['[1,2,]', [1, 2]],
    ['[1L,2.5D,3F]', [1, 2.5, 3]],
    ['[9007199254740993,-9223372036854775808]', [9007199254740993n, -9223372036854775808n]],
    ['[null,NaN,true,false]', [null, null, true, false]],
    ['"\\u00e9\\x41\\/\\n\\0"', 'éA/\n\0'],
    [' { } ', object()],
    ['', null],
    ['{"__proto__":{"x":1}}', object(['__proto__', object(['x', 1])])],
  ])('%s', (text, value) => expect(readJson(text)).toEqual(value));

  it.each([
    ['{"a":1', 'expected'],
    ['{"a" 1}', '":" expected'],
    ['[1 2]', '"," or "]" expected'],
    ['"abc', 'unterminated'],
    ['"\\u12"', 'bad escape'],
    ['{}x', 'text goes on'],
    ['maybe', 'a value expected'],
    ['[-]', 'a value expected'],
    ['['.repeat(100_000), 'more than 64 levels'],
    ['{{{'.repeat(100_000), 'more than 64 levels'],
  ])('refuses %p', (text, message) => expect(refusal(text)).toContain(message));

  it('counts values', () => {
    const limits = { maxLength: 100, maxDepth: 5, maxValues: 3 };
    expect(() => readJson('[1,2,3]', limits)).toThrow('more than 3 values');
    expect(() => readJson(' '.repeat(101), limits)).toThrow('exceeds 100');
  });

  it('follows references to what stands elsewhere', () => {
    const text =
      '{"list":[{"$ref":"$.a"},{"$ref":"$.list[2]"},[7],{"$ref":"$.0"},{"$ref":"$.x\\\\.y"}],"a":{"b":1},0:5,"x.y":6}';
    expect((readJson(text) as JsonObject).get('list')).toEqual([object(['b', 1]), [7], [7], 5, 6]);
  });

  it.each([
    ['a circle', '{"a":{"$ref":"$"}}', object(['a', null])],
    ['each other', '{"a":{"$ref":"$.b"},"b":{"$ref":"$.a"}}', object(['a', null], ['b', null])],
    ['nowhere', '[{"$ref":"$.b"},{"$ref":".."},{"$ref":3}]', [null, null, null]],
  ])('reads references to %s as null', (_name, text, value) => expect(readJson(text)).toEqual(value));

  it('does not let references multiply', () => {
    const text = `{"a":[${'1,'.repeat(400)}],"b":[${'{"$ref":"$.a"},'.repeat(400)}]}`;
    const read = readJson(text, { maxLength: 1e6, maxDepth: 8, maxValues: 3000 }) as JsonObject;
    const followed = (read.get('b') as readonly JsonValue[]).filter((item) => item !== null);
    expect(followed.length).toBeGreaterThan(0);
    expect(followed.length).toBeLessThan(8);
  });

  it('refuses any text in one way only', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      ':',
      ',',
      '\\',
      'u00',
      '0',
      '-1',
      'true',
      '$ref',
      '.',
      ' ',
      'é',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.string({ maxLength: 10 }), (pieces, end) => {
        refusal(pieces.join('') + end);
      }),
      { numRuns: 2000 },
    );
  });

  it('reads everything that JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        expect(toPlain(readJson(JSON.stringify(value)))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 300 },
    );
  });
});

/** Back to what JSON.parse gives, for comparison. */
function toPlain(value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value === 'bigint') return Number(value);
  if (!(value instanceof JsonObject)) return value;
  const plain: Record<string, unknown> = {};
  for (const [key, member] of value.members) {
    Object.defineProperty(plain, key as string, {
      value: toPlain(member),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return plain;
}

describe('writeJson', () => {
  it('writes standard JSON that any parser reads', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        const text = JSON.stringify(value);
        // Beyond 2^53 fastjson writes texts in this style.
        fc.pre(!/\d{16}/.test(text));
        const json = readJson(text);
        for (const style of ['compact', 'standard', 'pretty'] as const) {
          expect(JSON.parse(writeJson(json, style))).toEqual(JSON.parse(text));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('keeps 64 bits', () => {
    const offsets = object([0, 9223372036854775807n]);
    expect(writeJson(offsets)).toBe('{0:9223372036854775807}');
    expect(writeJson(offsets, 'standard')).toBe('{"0":"9223372036854775807"}');
  });

  it('writes what is no number as null', () => {
    expect(writeJson([NaN, Infinity, new JavaDouble(NaN), new JavaDouble(2)])).toBe('[null,null,null,2.0]');
  });
});

describe('shapes', () => {
  const shape = jsonBean({
    name: jsonText,
    count: jsonInt,
    offset: jsonLong,
    isOpen: jsonBool,
    color: optional(jsonEnum(['RED', 'BLUE'])),
    tags: jsonList(jsonText),
    byId: jsonMap(jsonInt, jsonText),
    byQueue: jsonPairs(jsonBean({ queueId: jsonInt }), jsonLong),
  });

  it('reads leniently', () => {
    const text =
      '{"name":5,"count":"7","offset":9223372036854775807,"isOpen":"true","color":1,"nobody":{},"byId":{"3":"x",4:"y"}}';
    expect(shape.read(readJson(text), '$')).toEqual({
      name: '5',
      count: 7,
      offset: 2 ** 63,
      isOpen: true,
      color: 'BLUE',
      tags: [],
      byId: new Map([
        [3, 'x'],
        [4, 'y'],
      ]),
      byQueue: [],
    });
  });

  it('writes members by name and leaves out what is absent', () => {
    const value = {
      name: 'n',
      count: 1,
      offset: 2,
      isOpen: false,
      tags: [],
      byId: new Map(),
      byQueue: [[{ queueId: 1 }, 5]],
    } as const;
    expect(writeJson(shape.write(value) as JsonValue)).toBe(
      '{"byId":{},"byQueue":{{"queueId":1}:5},"count":1,"isOpen":false,"name":"n","offset":2,"tags":[]}',
    );
  });

  it.each([
    ['{}', '$.name is missing'],
    ['{"name":{}}', '$.name must be a text, not an object'],
    ['{"name":"","count":2147483648}', '$.count must be a 32-bit integer, not "2147483648"'],
    ['{"name":"","offset":99999999999999999999}', '$.offset must be a 64-bit integer'],
    ['{"name":"","color":"GREEN"}', '$.color must be one of RED, BLUE, not "GREEN"'],
    ['{"name":"","tags":[1,{}]}', '$.tags[1] must be a text, not an object'],
    ['{"name":"","byId":{"x":"y"}}', 'key of $.byId must be a 32-bit integer'],
    ['{"name":"","byQueue":{"x":1}}', 'key 0 of $.byQueue must be an object, not "x"'],
    ['[]', '$ must be an object, not an array'],
  ])('refuses %s', (text, message) => expect(() => shape.read(readJson(text), '$')).toThrow(message));
});
