import { describe, expect, it } from '@jest/globals';
import { PullFrame } from '../../bench/load/pull-frame.js';
import { checkRecords } from '../../bench/load/record-check.js';
import { ReplyHead } from '../../bench/load/reply-head.js';
import { prepareSendFrame } from '../../bench/load/send-frame.js';
import {
  ByteSink,
  decodeCommand,
  decodeHeader,
  encodeHead,
  pullMessage,
  sendMessageV2,
  Serializer,
} from '../../libs/protocol/src/index.js';
import { encodeMessage } from '../../libs/protocol/src/message/index.js';
import { recordInput } from '../../libs/testkit/src/pulled-message.js';

const body = Buffer.alloc(32, 'b');

function records(queueOffsets: readonly number[]): Buffer {
  return Buffer.concat(
    queueOffsets.map((queueOffset) => encodeMessage(recordInput({ queueId: 3, queueOffset, body }))),
  );
}

describe('what a load sends', () => {
  it.each(['JSON', 'ROCKETMQ'] as const)('is one message of its own in each %s frame', (serializer) => {
    const frame = prepareSendFrame({ topic: 'T', queueId: 5, bodySize: 16, serializer });
    const out = Buffer.alloc(2 * frame.bytes.length);
    const end = frame.put(out, frame.put(out, 0, 1_000_000_007), 1_000_000_008);
    const second = decodeCommand(out.subarray(end / 2 + 4, end));
    expect(second.opaque).toBe(1_000_000_008);
    const header = decodeHeader(sendMessageV2.header, second.ext);
    expect(header).toMatchObject({ topic: 'T', queueId: 5, bornTimestamp: 1_701_000_000_008 });
    expect(second.body).toHaveLength(16);
  });

  it('pulls from the offset it was told, whatever its digits', () => {
    const options = { consumerGroup: 'g', topic: 'T', queueId: 5, sysFlag: 0, suspendTimeoutMillis: 0, subVersion: 1 };
    const frame = new PullFrame(options);
    for (const offset of [0, 9, 10, 123_456_789_012]) {
      const out = Buffer.alloc(frame.longest);
      const end = frame.put(out, 0, 1_000_000_001, offset);
      const command = decodeCommand(out.subarray(4, end));
      expect(command.opaque).toBe(1_000_000_001);
      expect(decodeHeader(pullMessage.header, command.ext)).toMatchObject({ ...options, queueOffset: offset });
    }
  });
});

describe('what a load checks', () => {
  it.each(['JSON', 'ROCKETMQ'] as const)('reads code, id and body of a %s reply', (serializer) => {
    const sink = new ByteSink();
    const head = { code: 19, language: 0, version: 407, opaque: 1_000_000_009, flag: 1, remark: 'none' };
    encodeHead(sink, { ...head, serializer: Serializer[serializer] }, [['a', 'b']], 3);
    sink.buffer(Buffer.from('xyz'));
    const reply = new ReplyHead();
    reply.read(sink.written(), 4);
    expect(reply).toMatchObject({ code: 19, opaque: 1_000_000_009, bodyAt: sink.position - 3 });
  });

  it('takes records that follow each other', () => {
    const place = { queueId: 3, next: 7 };
    const bytes = records([7, 8, 9]);
    expect(checkRecords(bytes, 0, bytes.length, place, body.length)).toBe(3);
    expect(place.next).toBe(10);
  });

  const flipped = (at: number): Buffer => {
    const bytes = records([7]);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return bytes;
  };
  it.each([
    ['a gap', records([7, 9]), 'the record of offset 9'],
    ['a repetition', records([7, 7]), 'the record of offset 7'],
    ['a changed body', flipped(90), 'CRC'],
    ['a changed magic', flipped(7), 'not a record'],
    ['another queue', flipped(15), 'another queue'],
    ['another body size', flipped(87), 'another size'],
    ['a cut', records([7]).subarray(0, -1), 'are left'],
  ])('refuses %s', (_name, bytes, message) => {
    expect(() => checkRecords(bytes, 0, bytes.length, { queueId: 3, next: 7 }, body.length)).toThrow(message);
  });
});
