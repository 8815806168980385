import { deflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { decodeMessage, encodeBatchBody, encodeMessage } from '../../../protocol/src/message/index.js';
import { recordInput } from '../../../testkit/src/pulled-message.js';
import { BodyCodecs } from '../compression/index.js';
import { unwrapped } from './inner-batch.js';

const origin = { codecs: new BodyCodecs(), maxBodySize: 1_000_000 };
const batch = encodeBatchBody([
  { flag: 1, body: Buffer.from('one'), properties: 'TAGS\u0001a\u0002' },
  { flag: 2, body: Buffer.from('two'), properties: 'TAGS\u0001b\u0002' },
]);
const record = (body: Buffer, sysFlag: number) =>
  decodeMessage(encodeMessage(recordInput({ body, sysFlag, queueOffset: 7, queueId: 3, physicalOffset: 100 })));

describe('a batch in one record', () => {
  it('is several messages, each at its own offset', () => {
    const messages = unwrapped(record(batch, 0xc0), origin);
    const seen = messages.map(({ body, flag, properties, queueOffset, sysFlag }) => [
      body.toString(),
      flag,
      properties,
      queueOffset,
      sysFlag,
    ]);
    expect(seen).toEqual([
      ['one', 1, 'TAGS\u0001a\u0002', 7, 0],
      ['two', 2, 'TAGS\u0001b\u0002', 8, 0],
    ]);
    expect(messages.map(({ queueId, physicalOffset }) => [queueId, physicalOffset])).toEqual([
      [3, 100],
      [3, 100],
    ]);
  });

  it('is inflated before it is taken apart', () => {
    const messages = unwrapped(record(deflateSync(batch), 0xc1), origin);
    expect(messages.map(({ body, sysFlag }) => [body.toString(), sysFlag])).toEqual([
      ['one', 0],
      ['two', 0],
    ]);
  });

  it.each([0x40, 0x80, 0])('is not seen where the flags do not both say so (0x%i)', (sysFlag) => {
    const whole = record(batch, sysFlag);
    expect(unwrapped(whole, origin)).toEqual([whole]);
  });

  it('that is none is refused', () => {
    expect(() => unwrapped(record(Buffer.from('nonsense that is no batch'), 0xc0), origin)).toThrow(/batch body/);
  });
});
