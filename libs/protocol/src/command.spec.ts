import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { ByteSink } from './byte-sink.js';
import {
  Serializer,
  checkFrameLength,
  decodeCommand,
  encodeHead,
  maxFrameLength,
  maxHeaderLength,
  type CommandHead,
} from './command.js';

const head: CommandHead = {
  code: 34,
  language: 0,
  version: 407,
  opaque: 1,
  flag: 0,
  remark: '',
  serializer: Serializer.JSON,
};

function frameOf(header: string | Buffer, serializer = 0): Buffer {
  const bytes = Buffer.from(header);
  const word = Buffer.alloc(4);
  word.writeUInt32BE(((serializer << 24) | bytes.length) >>> 0);
  return Buffer.concat([word, bytes]);
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    expect(code).toBe('PROTOCOL_VIOLATION');
    return message;
  }
  return 'accepted';
}

describe('checkFrameLength', () => {
  it.each([
    [3, 'below 4'],
    [0, 'below 4'],
    [maxFrameLength - 3, 'exceeds 16777216'],
    [0xffffffff, 'frame length 4294967295 exceeds 16777216'],
  ])('refuses %d', (length, message) => expect(refusal(() => checkFrameLength(length))).toContain(message));

  it('takes the longest frame', () => expect(() => checkFrameLength(maxFrameLength - 4)).not.toThrow());
});

describe('decodeCommand', () => {
  it.each([
    ['a header longer than the frame', Buffer.from('00ffffff7b7d2020', 'hex'), 'bad header length 16777215'],
    ['an unknown serializer', Buffer.from('020000027b7d', 'hex'), 'unknown serialize type 2'],
    ['no header', frameOf(''), 'bad header: empty'],
    ['no object', frameOf('[]'), 'not an object'],
    ['bytes that are no UTF-8', frameOf(Buffer.from('7b22ff227d', 'hex')), 'bad header'],
    ['a code that is no integer', frameOf('{"code":1e400,"opaque":1}'), 'code is no 32-bit integer'],
    ['no opaque', frameOf('{"code":1}'), 'opaque is missing'],
    ['a nested field', frameOf('{"code":1,"opaque":1,"extFields":{"a":{"b":1}}}'), 'extFields.a is no text'],
    ['fields that are no object', frameOf('{"code":1,"opaque":1,"extFields":[1]}'), 'extFields is not an object'],
    ['deep nesting', frameOf(`{"x":${'['.repeat(60_000)}${']'.repeat(60_000)}}`), 'more than 16 levels'],
    ['a long header', frameOf(`{"code":1,"x":"${'x'.repeat(maxHeaderLength)}"}`), `exceeds ${maxHeaderLength}`],
    ['a cut binary header', frameOf(Buffer.alloc(20), 1), 'bad header length 20'],
    [
      'a huge remark',
      frameOf(Buffer.from('002200019100000001000000007fffffff00000000', 'hex'), 1),
      'bad remark length',
    ],
    [
      'a negative extent',
      frameOf(Buffer.from('0022000191000000010000000000000000ffffffff', 'hex'), 1),
      'bad ext fields',
    ],
    [
      'a negative key length',
      frameOf(Buffer.from('002200019100000001000000000000000000000008ffff000000000000', 'hex'), 1),
      'bad ext key length -1',
    ],
  ])('refuses %s', (_name, frame, message) => expect(refusal(() => decodeCommand(frame))).toContain(message));

  it('takes names that objects have of their own as ordinary ones', () => {
    const frame = frameOf('{"__proto__":{"x":1},"code":1,"opaque":2,"extFields":{"__proto__":"p","constructor":"c"}}');
    const { ext } = decodeCommand(frame);
    expect(Object.entries(ext)).toEqual([
      ['__proto__', 'p'],
      ['constructor', 'c'],
    ]);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it('finds brackets in texts harmless', () => {
    const text = '[{\\"'.repeat(2000);
    expect(decodeCommand(frameOf(`{"code":1,"opaque":2,"extFields":{"a":"${text}"}}`)).ext.a).toBe('[{"'.repeat(2000));
  });

  it('refuses any bytes in one way only', () => {
    const header = fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.string({ maxLength: 80 }), fc.json({ maxDepth: 3 }));
    fc.assert(
      fc.property(header, fc.integer({ min: 0, max: 2 }), (bytes, serializer) => {
        refusal(() => decodeCommand(frameOf(Buffer.from(bytes as string), serializer)));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('encodeHead', () => {
  const pair = fc.tuple(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 70 }),
    fc.string({ unit: 'binary', maxLength: 90 }),
  );

  it.each(['JSON', 'ROCKETMQ'] as const)('%s: what was written is read again', (name) => {
    const fields = fc.uniqueArray(pair, { selector: ([key]) => key, maxLength: 8 });
    const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(fields, fc.string({ unit: 'binary', maxLength: 90 }), int32, int32, (ext, remark, opaque, flag) => {
        const sink = new ByteSink(8);
        encodeHead(sink, { ...head, opaque, flag, remark, serializer: Serializer[name] }, ext, 7);
        const bytes = Buffer.concat([sink.written(), Buffer.alloc(7)]);
        expect(bytes.readInt32BE(0)).toBe(bytes.length - 4);
        const command = decodeCommand(bytes.subarray(4));
        expect(command).toMatchObject({ code: 34, language: 0, version: 407, opaque, flag, remark });
        expect(new Map(Object.entries(command.ext))).toEqual(new Map(ext));
        expect(command.body.length).toBe(7);
      }),
      { numRuns: 300 },
    );
  });

  it('writes codes beyond 16 bits as JSON, which alone can hold them', () => {
    const sink = new ByteSink();
    encodeHead(sink, { ...head, code: 200_050, serializer: Serializer.ROCKETMQ }, [], 0);
    expect(decodeCommand(sink.written().subarray(4))).toMatchObject({ code: 200_050, serializer: Serializer.JSON });
  });

  it('refuses a frame that no peer takes, and leaves the sink as it was', () => {
    const sink = new ByteSink();
    sink.utf8('before');
    expect(() => encodeHead(sink, head, [], maxFrameLength)).toThrow('exceeds 16777216');
    expect(sink.written().toString()).toBe('before');
  });
});
