import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { blankMagic, messageMagicV2, minRecordSize } from './layout.js';
import { checkBodyCrc, decodeMessage, decodeMessages, encodeMessage, recordSize, type RecordInput } from './record.js';
import { MessageSysFlag } from './sys-flag.js';

const message: RecordInput = {
  queueId: 1,
  flag: 2,
  queueOffset: 3,
  physicalOffset: 4,
  sysFlag: MessageSysFlag.COMPRESSED,
  bornTimestamp: 5,
  bornHost: { ip: '10.0.0.1', port: 6 },
  storeTimestamp: 7,
  storeHost: { ip: '10.0.0.2', port: 8 },
  reconsumeTimes: 9,
  preparedTransactionOffset: 10,
  body: Buffer.from('body'),
  topic: 'T',
  properties: 'k\u0001v\u0002',
};

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    const { code, message: text } = error as { code?: unknown; message: string };
    expect(code).toBe('PROTOCOL_VIOLATION');
    return text;
  }
  return 'accepted';
}

function changed(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(encodeMessage(message));
  change(bytes);
  return bytes;
}

const bodyLengthAt = 84;
const topicLengthAt = bodyLengthAt + 4 + message.body.length;

describe('decodeMessage', () => {
  it('reads what was written, wherever it stands', () => {
    const bytes = Buffer.concat([Buffer.from('before'), encodeMessage(message), Buffer.from('after')]);
    const record = decodeMessage(bytes, 6);
    expect(record).toMatchObject(message);
    expect(record.totalSize).toBe(recordSize(0, 4, 1, 4));
    expect(checkBodyCrc(record)).toBe(true);
    expect(checkBodyCrc({ ...record, body: Buffer.from('b0dy') })).toBe(false);
  });

  it('writes the second magic for topics that one byte cannot count', () => {
    const record = decodeMessage(encodeMessage({ ...message, topic: `%RETRY%${'g'.repeat(200)}` }));
    expect(record.magic).toBe(messageMagicV2);
    expect(record.topic).toHaveLength(207);
  });

  it.each([
    ['a total size of zero', changed((bytes) => bytes.writeInt32BE(0, 0)), 'total size 0'],
    ['a negative total size', changed((bytes) => bytes.writeInt32BE(-1, 0)), 'total size -1'],
    ['a total size past the end', changed((bytes) => bytes.writeInt32BE(bytes.length + 1, 0)), 'total size'],
    [
      'a total size that is one short',
      changed((bytes) => bytes.writeInt32BE(bytes.length - 1, 0)),
      'differs from its parts',
    ],
    ['the magic of a blank', changed((bytes) => bytes.writeInt32BE(blankMagic, 4)), `magic ${blankMagic}`],
    ['a negative body length', changed((bytes) => bytes.writeInt32BE(-4, bodyLengthAt)), 'body length -4'],
    ['a body past the end', changed((bytes) => bytes.writeInt32BE(1000, bodyLengthAt)), 'body length 1000'],
    ['a negative topic length', changed((bytes) => bytes.writeInt8(-1, topicLengthAt)), 'topic length -1'],
    ['a topic past the end', changed((bytes) => bytes.writeInt8(100, topicLengthAt)), 'topic length 100'],
    ['properties past the end', changed((bytes) => bytes.writeInt16BE(5, topicLengthAt + 2)), 'properties length 5'],
    ['negative properties', changed((bytes) => bytes.writeInt16BE(-1, topicLengthAt + 2)), 'properties length -1'],
    ['IPv6 hosts that are not there', changed((bytes) => bytes.writeInt32BE(0x30, 36)), 'message record at byte 0'],
    ['a record cut off', encodeMessage(message).subarray(0, minRecordSize - 1), 'cut off'],
  ])('refuses %s', (_name, bytes, text) => expect(refusal(() => decodeMessage(bytes))).toContain(text));

  it('refuses any bytes in one way only', () => {
    const whole = encodeMessage(message);
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), fc.nat(whole.length), (changes, length) => {
        const bytes = Buffer.from(whole.subarray(0, length));
        for (const [at, value] of changes) if (at < length) bytes[at] = value;
        refusal(() => decodeMessage(bytes));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('decodeMessages', () => {
  it('reads one after another and nothing else', () => {
    const bytes = Buffer.concat([encodeMessage(message), encodeMessage({ ...message, queueOffset: 4 })]);
    expect(decodeMessages(bytes).map(({ queueOffset }) => queueOffset)).toEqual([3, 4]);
    expect(decodeMessages(Buffer.alloc(0))).toEqual([]);
    expect(refusal(() => decodeMessages(bytes.subarray(0, -1)))).toContain(`byte ${bytes.length / 2}`);
  });
});

describe('encodeMessage', () => {
  it('sets the host bits by the addresses', () => {
    const mixed = encodeMessage({
      ...message,
      bornHost: { ip: '::1', port: 1 },
      sysFlag: MessageSysFlag.STORE_HOST_V6,
    });
    const record = decodeMessage(mixed);
    expect(record.sysFlag).toBe(MessageSysFlag.BORN_HOST_V6);
    expect(record.bornHost.ip).toBe('::1');
    expect(record.storeHost.ip).toBe('10.0.0.2');
  });

  it.each([
    [{ topic: 'é'.repeat(128) }, 'topic of 256 bytes exceeds 255'],
    [{ properties: 'x'.repeat(32_768) }, 'properties of 32768 bytes exceeds 32767'],
    [{ bornHost: { ip: 'localhost', port: 1 } }, '"localhost" is not an IP address'],
  ])('refuses %j', (wrong, text) => expect(() => encodeMessage({ ...message, ...wrong })).toThrow(text));
});
