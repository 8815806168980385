import { deflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { encodeProperties } from '../../../protocol/src/message/index.js';
import { pulledMessage } from '../../../testkit/src/pulled-message.js';

describe('PulledMessage', () => {
  it('shows what was sent and where it is stored', () => {
    const properties = encodeProperties([
      ['KEYS', 'k1 k2'],
      ['TAGS', 'a'],
      ['UNIQ_KEY', 'U1'],
      ['tenant', 'x'],
    ]);
    const message = pulledMessage({ properties, queueId: 3, queueOffset: 7, physicalOffset: 255 }, { maxOffset: 9 });
    expect(message).toMatchObject({
      topic: 'T',
      tags: 'a',
      keys: ['k1', 'k2'],
      msgId: 'U1',
      queueId: 3,
      queueOffset: 7,
    });
    expect(message.offsetMsgId).toBe('7F00000100002A9F00000000000000FF');
    expect([message.bornHost, message.storeHost, message.brokerName]).toEqual([
      '127.0.0.1:10911',
      '127.0.0.1:10911',
      'broker-a',
    ]);
    expect(Object.fromEntries(message.properties)).toMatchObject({ tenant: 'x', MIN_OFFSET: '0', MAX_OFFSET: '9' });
    expect(message.body.toString()).toBe('body');
  });

  it('is called by its offset id when the sender gave no id', () => {
    expect(pulledMessage({ physicalOffset: 1 }).msgId).toBe('7F00000100002A9F0000000000000001');
  });

  it('shows the topic it was sent to when it comes from the retry topic of its group', () => {
    const properties = encodeProperties([['RETRY_TOPIC', 'orders']]);
    expect(pulledMessage({ topic: '%RETRY%g', properties }).topic).toBe('orders');
    // Somebody else's retry topic was subscribed to on purpose.
    expect(pulledMessage({ topic: '%RETRY%other', properties }).topic).toBe('%RETRY%other');
  });

  it.each([0x1, 0x301])('inflates zlib with flag 0x%i', (sysFlag) => {
    const body = Buffer.alloc(50_000, 'x');
    const message = pulledMessage({ body: deflateSync(body), sysFlag });
    expect(message.body.equals(body)).toBe(true);
    expect(message.body).toBe(message.body);
  });

  it('fails when it is read, and only then, for a body that inflates beyond the limit', () => {
    const bomb = pulledMessage(
      { body: deflateSync(Buffer.alloc(4 * 1024 * 1024)), sysFlag: 1 },
      { maxBodySize: 65_536 },
    );
    expect(bomb.queueOffset).toBe(0);
    expect(() => bomb.body).toThrow(
      expect.objectContaining({
        code: 'PROTOCOL_VIOLATION',
        message: expect.stringContaining('decompressed size over limit 65536 (maxDecompressedSize)'),
      }),
    );
  });

  it('says so when the body is no zlib stream, or packed in a way not read here', () => {
    expect(() => pulledMessage({ sysFlag: 1 }).body).toThrow(/is no zlib stream \(Z_DATA_ERROR\)/);
    expect(() => pulledMessage({ sysFlag: 0x101 }).body).toThrow(/LZ4 is not loaded/);
    expect(() => pulledMessage({ sysFlag: 0x501 }).body).toThrow(/packed in a way not known here/);
  });
});
