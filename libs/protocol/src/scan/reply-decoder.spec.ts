import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { ByteSink } from '../byte-sink.js';
import {
  CommandFlag,
  Serializer,
  decodeCommand,
  encodeHead,
  maxReplyHeaderLength,
  type Command,
  type CommandHead,
  type ExtPairs,
} from '../command.js';
import type { AnyDeclaration } from '../declaration.js';
import { decodeHeader } from '../header-codec.js';
import { allDeclarations, pullMessage, sendMessageV2 } from '../requests/index.js';
import { ReplyDecoder, readReplyHeader } from './reply-decoder.js';

const send = sendMessageV2 as unknown as AnyDeclaration;
const pull = pullMessage as unknown as AnyDeclaration;

const ext: ExtPairs = [
  ['queueId', '3'],
  ['TRACE_ON', 'true'],
  ['MSG_REGION', 'DefaultRegion'],
  ['msgId', '7F00000100002A9F0000000000012345'],
  ['transactionId', '7F0000010A2B18B4AAC2160000000000'],
  ['queueOffset', '900719925474099'],
];

function frameOf(head: Partial<CommandHead> = {}, pairs: ExtPairs = ext, body = 'body'): Buffer {
  const sink = new ByteSink();
  const usual = { code: 0, language: 0, version: 407, opaque: 7, flag: CommandFlag.RESPONSE, remark: '' };
  encodeHead(sink, { ...usual, serializer: Serializer.JSON, ...head }, pairs, body.length);
  return Buffer.concat([sink.written().subarray(4), Buffer.from(body)]);
}

const headOf = ({
  code,
  language,
  version,
  opaque,
  flag,
  remark,
  serializer,
  ext: fields,
  body,
}: Command): unknown => ({
  head: [code, language, version, opaque, flag, remark, serializer],
  ext: { ...fields },
  body: body.toString('latin1'),
});

/** What the fast decoder takes is a success that the plain one reads alike. True when it takes it. */
function agrees(decoder: ReplyDecoder, frame: Buffer, declaration: AnyDeclaration): boolean {
  const fast = decoder.decode(frame, declaration);
  if (fast === undefined) return false;
  const plain = decodeCommand(frame, maxReplyHeaderLength);
  expect(headOf(fast)).toEqual(headOf(plain));
  expect(readReplyHeader(declaration, fast)).toEqual(decodeHeader(declaration.reply, plain.ext));
  expect([plain.code, plain.flag & CommandFlag.RESPONSE]).toEqual([0, CommandFlag.RESPONSE]);
  return true;
}

describe('ReplyDecoder', () => {
  it.each([Serializer.JSON, Serializer.ROCKETMQ])('reads a reply as the plain decoder does (serializer %i)', (s) => {
    const decoder = new ReplyDecoder();
    for (let opaque = 98; opaque < 104; opaque++) {
      const frame = frameOf({ opaque, serializer: s });
      expect(decoder.opaqueOf(frame)).toBe(opaque);
      expect(agrees(decoder, frame, send)).toBe(true);
    }
    expect(readReplyHeader(sendMessageV2, decoder.decode(frameOf({ serializer: s }), send) as Command)).toEqual({
      msgId: '7F00000100002A9F0000000000012345',
      queueId: 3,
      queueOffset: 900_719_925_474_099,
      transactionId: '7F0000010A2B18B4AAC2160000000000',
      region: 'DefaultRegion',
      traceOn: 'true',
    });
  });

  it.each([
    ['a refusal', frameOf({ code: 14, remark: 'why' })],
    ['a request', frameOf({ flag: 0 })],
    ['a request in the binary form', frameOf({ flag: 0, serializer: Serializer.ROCKETMQ })],
    ['a reply that lacks a field', frameOf({}, ext.slice(1))],
    ['a number that is none', frameOf({}, [['queueId', 'three'], ...ext.slice(1)])],
    ['another serializer', Buffer.from([9, 0, 0, 2, 0x7b, 0x7d])],
    ['no header at all', Buffer.from([0, 0, 0, 0])],
    ['a header longer than the frame', frameOf().subarray(0, 40)],
    ['bytes that are no UTF-8', frameOf({}, [...ext, ['x', 'é']])],
  ])('leaves %s to the plain decoder', (name, frame) => {
    const broken = Buffer.from(frame);
    if (name.startsWith('bytes')) broken[broken.indexOf(0xc3)] = 0xff;
    expect(new ReplyDecoder().decode(broken, send)).toBeUndefined();
  });

  it('leaves headers that are too long to the plain decoder', () => {
    const frame = frameOf();
    const length = decodeCommand(frame).body.byteOffset - frame.byteOffset - 4;
    expect(new ReplyDecoder(length).decode(frame, send)).toBeDefined();
    expect(new ReplyDecoder(length - 1).decode(frame, send)).toBeUndefined();
  });

  it('finds the opaque id wherever it stands, and says so when there is none', () => {
    const decoder = new ReplyDecoder();
    for (const remark of ['', 'a remark', '"opaque":8', '']) {
      for (const opaque of [0, 9, 10, 2 ** 31 - 1, 7])
        expect(decoder.opaqueOf(frameOf({ remark, opaque }))).toBe(opaque);
    }
    const without = Buffer.from('{"code":0,"flag":1,"version":12345}');
    const odd = Buffer.concat([Buffer.from([0, 0, 0, without.length]), without]);
    expect(decoder.opaqueOf(odd)).toBe(-1);
    expect(decoder.opaqueOf(frameOf({ opaque: -5 }))).toBe(-1);
    for (let end = 1; end < 40; end++) expect(decoder.opaqueOf(frameOf().subarray(0, end))).toBe(-1);
  });

  it('does not take the reply of one request for that of another', () => {
    const decoder = new ReplyDecoder();
    const command = decoder.decode(frameOf(), send) as Command;
    expect(() => readReplyHeader(pullMessage, command)).toThrow('suggestWhichBrokerId');
    expect(decoder.decode(frameOf(), pull)).toBeUndefined();
  });

  it.each(allDeclarations.filter((row): row is AnyDeclaration => row.supported).map((row) => [row.name, row] as const))(
    'agrees with the plain decoder about replies to %s',
    (_name, declaration) => {
      const decoder = new ReplyDecoder();
      const keys = Object.entries(declaration.reply).map(([name, field]) => field.wireKey ?? name);
      const value = fc.oneof(
        fc.integer({ min: -3, max: 1100 }).map(String),
        fc.constantFrom('', 'true', 'a\u0001', 'é'),
      );
      const key = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...keys, 'x') }, fc.string({ maxLength: 4 }));
      const frame = fc
        .tuple(
          fc.array(fc.tuple(key, value), { maxLength: keys.length + 2 }),
          fc.nat(300),
          fc.constantFrom(1, 1, 1, 0, 3),
        )
        .chain(([pairs, opaque, flag]) =>
          fc
            .constantFrom(Serializer.JSON, Serializer.ROCKETMQ)
            .map((serializer) => frameOf({ opaque, flag, serializer }, pairs)),
        );
      fc.assert(
        fc.property(frame, (bytes) => void agrees(decoder, bytes, declaration)),
        { numRuns: 40 },
      );
    },
  );

  it.each([Serializer.JSON, Serializer.ROCKETMQ])(
    'agrees about frames with bytes changed (serializer %i)',
    (serializer) => {
      const decoder = new ReplyDecoder();
      const frame = frameOf({ serializer });
      for (let i = 0; i < 3; i++) agrees(decoder, frameOf({ serializer, opaque: i }), send);
      const change = fc.tuple(fc.nat(frame.length - 1), fc.nat(255));
      fc.assert(
        fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
          const broken = Buffer.from(frame);
          for (const [at, value] of changes) broken[at] = value;
          decoder.opaqueOf(broken);
          agrees(decoder, broken, send);
        }),
        { numRuns: 2000 },
      );
    },
  );
});
