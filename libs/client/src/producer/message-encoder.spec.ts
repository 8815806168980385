import { inflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { isThenable } from '../../../common/src/index.js';
import { decodeBatchBody, decodeProperties } from '../../../protocol/src/message/index.js';
import { Namespace } from '../namespace.js';
import { BodyCodecs } from '../compression/index.js';
import type { OutgoingMessage } from '../contract/index.js';
import { MessageEncoder, type EncodedMessage } from './message-encoder.js';
import { readProducerConfig } from './producer-settings.js';

let ids = 0;
const encoder = new MessageEncoder({
  settings: { ...readProducerConfig({}), maxMessageSize: 200_000 },
  codecs: new BodyCodecs(),
  namespace: new Namespace(''),
  nextId: () => `ID${++ids}`,
});

function encode(message: OutgoingMessage | OutgoingMessage[]): EncodedMessage {
  const encoded = encoder.encode(message);
  if (isThenable(encoded)) throw new Error('not at once');
  return encoded;
}

const properties = (encoded: EncodedMessage) => Object.fromEntries(decodeProperties(encoded.properties));
const refusal = (message: object | object[]): string => {
  try {
    encode(message as OutgoingMessage);
  } catch (error) {
    expect(error).toMatchObject({ code: 'ARGUMENT_INVALID' });
    return (error as { message: string }).message;
  }
  return 'accepted';
};

describe('MessageEncoder', () => {
  it("writes Java's properties", () => {
    const encoded = encode({ topic: 'T', body: 'x', tags: 'a', keys: ['k1', 'k2'], properties: { tenant: 't' } });
    expect(properties(encoded)).toEqual({
      KEYS: 'k1 k2',
      UNIQ_KEY: encoded.msgId,
      WAIT: 'true',
      TAGS: 'a',
      tenant: 't',
    });
    expect(encoded).toMatchObject({ sysFlag: 0, flag: 0, batch: false, body: Buffer.from('x') });
    expect(properties(encode({ topic: 'T', body: 'x', waitStoreMsgOK: false }))).toMatchObject({ WAIT: 'false' });
  });

  it('gives each message an id of its own', () => {
    expect(encode({ topic: 'T', body: 'x' }).msgId).not.toBe(encode({ topic: 'T', body: 'x' }).msgId);
  });

  it('compresses from 4 KiB on, and off the event loop when it is much', async () => {
    const small = encode({ topic: 'T', body: 'x'.repeat(4095) });
    expect([small.sysFlag, small.body.length]).toEqual([0, 4095]);
    const medium = encode({ topic: 'T', body: 'x'.repeat(4096) });
    expect([medium.sysFlag, inflateSync(medium.body).toString()]).toEqual([0x301, 'x'.repeat(4096)]);
    const large = encoder.encode({ topic: 'T', body: 'x'.repeat(100_000) });
    expect(isThenable(large)).toBe(true);
    expect((await large).sysFlag).toBe(0x301);
    expect(inflateSync((await large).body).toString()).toBe('x'.repeat(100_000));
  });

  it('sends as it is what compression does not make smaller', () => {
    let seed = 1;
    const noise = Buffer.from(Array.from({ length: 5000 }, () => (seed = (seed * 48_271) % 2_147_483_647) & 0xff));
    expect(encode({ topic: 'T', body: noise })).toMatchObject({ sysFlag: 0, body: noise });
  });

  it('packs a batch with an id for each message', () => {
    const encoded = encode([
      { topic: 'T', body: 'one', tags: 'a' },
      { topic: 'T', body: 'two', flag: 7 },
    ]);
    const parts = decodeBatchBody(encoded.body);
    expect(parts.map((part) => [part.body.toString(), part.flag])).toEqual([
      ['one', 0],
      ['two', 7],
    ]);
    expect(encoded.msgId.split(',')).toEqual(
      parts.map((part) => decodeProperties(String(part.properties)).get('UNIQ_KEY')),
    );
    expect(encoded).toMatchObject({ batch: true, topic: 'T', sysFlag: 0 });
  });

  it.each([
    [{ topic: '', body: 'x' }, /topic "": The specified topic is blank/],
    [{ topic: '../x', body: 'x' }, /illegal characters/],
    [{ topic: 5, body: 'x' }, /topic must be a text/],
    [{ topic: 'SCHEDULE_TOPIC_XXXX', body: 'x' }, /Sending message to topic\[SCHEDULE_TOPIC_XXXX\] is forbidden/],
    [{ topic: 'T', body: '' }, /is empty, which RocketMQ refuses/],
    [{ topic: 'T', body: 'x', flag: 1.5 }, /flag must be a 32-bit integer, not 1.5/],
    [{ topic: 'T' }, /body must be a Buffer or a text/],
    [{ topic: 'T', body: 'x'.repeat(200_001) }, /has 200001 bytes, more than maxMessageSize \(200000\)/],
    [{ topic: 'T', body: 'x', properties: { DELAY: '3' } }, /property name 'DELAY' is reserved/],
    [{ topic: 'T', body: 'x', properties: { 'a\u0001': 'b' } }, /holds 0x01 or 0x02/],
    [{ topic: 'T', body: 'x', properties: { a: 'b\u0002' } }, /property 'a' holds 0x01 or 0x02/],
    [{ topic: 'T', body: 'x', properties: { a: ' ' } }, /property 'a' is blank/],
    [{ topic: 'T', body: 'x', properties: { a: 5 } }, /property 'a' must be a text/],
    [{ topic: 'T', body: 'x', keys: ['a b'] }, /holds a blank, which separates keys/],
    [{ topic: 'T', body: 'x', tags: 'a\u0001' }, /tags holds 0x01/],
    [{ topic: 'T', body: 'x', properties: { a: 'x'.repeat(33_000) } }, /more than 32767/],
    [[], /at least one message/],
    [
      [
        { topic: 'T', body: 'x' },
        { topic: 'U', body: 'x' },
      ],
      /message 1 of the batch goes to topic 'U', the first to 'T'/,
    ],
    [
      [
        { topic: 'T', body: 'x' },
        { topic: 'T', body: 'x', waitStoreMsgOK: false },
      ],
      /another waitStoreMsgOK/,
    ],
    [[{ topic: '%RETRY%g', body: 'x' }], /takes no batches/],
    [[1, 2].map(() => ({ topic: 'T', body: 'x'.repeat(150_000) })), /the batch has \d+ bytes.*split it/],
  ])('refuses %# before anything is sent', (message, reason) => {
    expect(refusal(message)).toMatch(reason);
  });
});
