import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { ByteSink } from './byte-sink.js';
import { encodeHead, Serializer, type CommandHead } from './command.js';
import { HeadEncoder } from './frame-template.js';
import { DeclaredHeader } from './header-writer.js';
import { OffsetMessageIdsText, OffsetMessageIdText } from './message/index.js';
import { pullMessage, sendMessageV2 } from './requests/index.js';

const replyHead: CommandHead = {
  code: 0,
  language: 0,
  version: 407,
  opaque: 1,
  flag: 1,
  remark: '',
  serializer: Serializer.JSON,
};

interface Frame {
  readonly head: CommandHead;
  readonly ext: DeclaredHeader;
  readonly bodyLength: number;
}

function bytesOf(write: (sink: ByteSink) => void): string {
  const sink = new ByteSink(16);
  sink.int8(7); // frames start anywhere in a sink
  write(sink);
  return sink.written().toString('latin1');
}

function expectSameBytes(frames: readonly Frame[]): void {
  const encoder = new HeadEncoder();
  for (const { head, ext, bodyLength } of frames) {
    const plain = bytesOf((sink) => encodeHead(sink, head, ext, bodyLength));
    expect(bytesOf((sink) => encoder.encode(sink, head, ext, bodyLength))).toBe(plain);
  }
}

const text = fc.oneof(
  fc.constantFrom(
    '7F00000100002A9F0000000000012345',
    '7F00000100002A9F000000000001234A',
    '',
    'a"b',
    'a\\b',
    'a\u0001b',
    'aéb',
  ),
  fc.string({ unit: 'binary', maxLength: 3 }),
  fc.constantFrom('","opaque":', '"queueId":"', '\\"queueId\\":\\"'),
);
const number = fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constantFrom(-1, 99, 100, 2 ** 31 - 1, 2 ** 31, 2 ** 53));

/** Written with its frame. */
const idText = fc
  .oneof(fc.integer({ min: 0, max: 2 ** 31 }), fc.maxSafeInteger().map(Math.abs))
  .map((offset) => Object.assign(new OffsetMessageIdText('127.0.0.1', 10911), { offset }));
const idsText = fc
  .array(fc.maxSafeInteger().map(Math.abs), { maxLength: 3 })
  .map((offsets) => Object.assign(new OffsetMessageIdsText(new OffsetMessageIdText('::1', 10911)), { offsets }));

const sendReply = fc.record(
  {
    msgId: fc.oneof(text, idText, idsText),
    queueId: number,
    queueOffset: number,
    transactionId: text,
    region: text,
    traceOn: text,
  },
  { requiredKeys: ['msgId', 'queueId', 'queueOffset'] },
);
const pullReply = fc.record({
  suggestWhichBrokerId: number,
  nextBeginOffset: number,
  minOffset: number,
  maxOffset: number,
});

const properties = fc
  .tuple(fc.constantFrom('0001', '0002', 'A\u0003\n'), fc.constantFrom('TagA', 'TagB', 'Tag', 'é'))
  .map(([id, tag]) => `UNIQ_KEY\u0001${id}\u0002WAIT\u0001true\u0002TAGS\u0001${tag}\u0002`);
const send = fc.record({
  producerGroup: fc.constant('group'),
  topic: fc.constantFrom('topic', 'topik', 'topics'),
  defaultTopic: fc.constant('TBW102'),
  defaultTopicQueueNums: fc.constant(4),
  queueId: fc.integer({ min: 0, max: 11 }),
  sysFlag: fc.constant(0),
  bornTimestamp: fc.oneof(
    fc.integer({ min: 1_700_000_000_000, max: 1_700_000_002_000 }),
    fc.constantFrom(999_999_999, 2_147_483_648, 10_000_000_000, 9_000_000_000_000, 2 ** 53 - 1),
  ),
  flag: fc.constant(0),
  properties,
});

const frame: fc.Arbitrary<Frame> = fc
  .record({
    declared: fc.oneof(
      sendReply.map((header) => ({ writer: sendMessageV2.replyWriter, header })),
      send.map((header) => ({ writer: sendMessageV2.headerWriter, header })),
      pullReply.map((header) => ({ writer: pullMessage.replyWriter, header })),
    ),
    extra: fc.option(fc.constant({ Signature: 'x' }), { nil: undefined, freq: 9 }),
    code: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(19, 200_050) }),
    opaque: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer()),
    remark: fc.oneof({ weight: 8, arbitrary: fc.constant('') }, { weight: 1, arbitrary: fc.constant('why') }),
    serializer: fc.oneof(
      { weight: 8, arbitrary: fc.constant(Serializer.JSON) },
      { weight: 1, arbitrary: fc.constant(Serializer.ROCKETMQ) },
    ),
    bodyLength: fc.constantFrom(0, 0, 38_000),
  })
  .map(({ declared, extra, code, opaque, remark, serializer, bodyLength }) => ({
    head: { ...replyHead, code, opaque, remark, serializer },
    ext: new DeclaredHeader(declared.writer, declared.header, extra),
    bodyLength,
  }));

describe('HeadEncoder', () => {
  it('writes what encodeHead writes, whatever went before', () => {
    fc.assert(
      fc.property(fc.array(frame, { minLength: 2, maxLength: 30 }), (frames) => expectSameBytes(frames)),
      { numRuns: 500 },
    );
  });

  it('follows values that come again, change and grow', () => {
    const reply = (queueOffset: number, opaque: number, msgId = 'AB'): Frame => ({
      head: { ...replyHead, opaque },
      ext: new DeclaredHeader(
        sendMessageV2.replyWriter,
        { msgId, queueId: 3, queueOffset, traceOn: 'true' },
        undefined,
      ),
      bodyLength: 0,
    });
    const offsets = Array.from({ length: 120 }, (_, i) => reply(i, 1000 + i));
    expectSameBytes([...offsets, reply(120, 5, 'A"'), reply(121, 1200), reply(122, 1201, 'é"'), reply(123, 1202)]);
  });

  it('follows sends: escapes between what changes, times beyond 32 bits, a control character now and then', () => {
    const sent = (id: string, bornTimestamp: number, queueId: number, opaque: number): Frame => ({
      head: { ...replyHead, code: sendMessageV2.code, flag: 0, opaque },
      ext: new DeclaredHeader(
        sendMessageV2.headerWriter,
        {
          producerGroup: 'g',
          topic: 't',
          defaultTopic: 'TBW102',
          defaultTopicQueueNums: 4,
          queueId,
          sysFlag: 0,
          bornTimestamp,
          flag: 0,
          properties: `KEYS\u0001\n"k\u0002UNIQ_KEY\u0001${id}\u0002WAIT\u0001true\u0002`,
        },
        undefined,
      ),
      bodyLength: 128,
    });
    const times = [1_700_000_000_000, 1_700_000_000_001, 1_699_999_999_999, 2_000_000_000_000, 1_000_000_000_000];
    const frames = Array.from({ length: 200 }, (_, i) =>
      sent(i % 29 === 28 ? 'A\u0003B4' : `A${100 + i}`, times[i % 5] as number, i % 8, 1000 + i),
    );
    expectSameBytes(frames);
  });

  const repeated = (opaque: number, bodyLength = 0): Frame => ({
    head: { ...replyHead, opaque },
    ext: new DeclaredHeader(sendMessageV2.replyWriter, { msgId: 'AB', queueId: 3, queueOffset: 7 }, undefined),
    bodyLength,
  });

  it('gives every reply its own id when the counter of a client has wrapped', () => {
    expectSameBytes([-15, -14, -13, -12, -11, 10, 11, 12, -12, -13].map((opaque) => repeated(opaque)));
  });

  it('refuses a frame that is too long, known or not', () => {
    const encoder = new HeadEncoder();
    const sink = new ByteSink();
    const encode = ({ head, ext, bodyLength }: Frame): void => encoder.encode(sink, head, ext, bodyLength);
    for (const opaque of [10, 11, 12, 13]) encode(repeated(opaque));
    const before = sink.position;
    expect(() => encode(repeated(14, 16 * 1024 * 1024))).toThrow('exceeds 16777216');
    expect(sink.position).toBe(before);
  });
});
