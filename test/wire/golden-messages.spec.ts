import { describe, expect, it } from '@jest/globals';
import { javaStringHash } from '../../libs/common/src/index.js';
import {
  checkBodyCrc,
  decodeBatchBody,
  decodeMessage,
  decodeProperties,
  encodeBatchBody,
  encodeMessage,
  encodeProperties,
  hostBytes,
  javaDouble,
  messageCrc,
  offsetMessageId,
  parseOffsetMessageId,
  parseUniqueId,
  tagsCode,
  timeOfUniqueId,
} from '../../libs/protocol/src/index.js';
import { goldenLines, versions, type GoldenLine } from './golden.js';

/** 4.9 leaves out the separator after the last property. */
const trailing = { '4.9.7': '', '5.3.3': '\u0002' } as const;

describe.each(versions)('message bytes of Java %s', (version) => {
  const lines = goldenLines(version, 'messages');
  const only = (kind: string): GoldenLine => lines.find((line) => line.kind === kind) as GoldenLine;
  const base64 = (line: GoldenLine, name: string): Buffer => Buffer.from(String(line[name]), 'base64');

  it.each(lines.filter(({ kind }) => kind === 'record').map((line) => [String(line.host), line] as const))(
    'record with host %s',
    (host, line) => {
      const bytes = base64(line, 'bytes');
      const record = decodeMessage(bytes);
      expect(record).toMatchObject({
        topic: '%RETRY%group-1',
        queueId: 3,
        flag: -5,
        queueOffset: 5_000_000_000,
        physicalOffset: 1_234_567_890_123,
        sysFlag: host.includes(':') ? 0x30 : 0,
        bornTimestamp: 1_700_000_000_001,
        bornHost: { ip: host, port: 10911 },
        storeTimestamp: 1_700_000_000_002,
        storeHost: { ip: host, port: 10911 },
        reconsumeTimes: 2,
        preparedTransactionOffset: 77,
        totalSize: bytes.length,
      });
      expect(record.body.toString('utf8')).toBe('héllo');
      expect(checkBodyCrc(record)).toBe(true);
      expect(Object.fromEntries(decodeProperties(record.properties))).toEqual(line.properties);
      expect(encodeMessage(record).equals(bytes)).toBe(true);
      expect(offsetMessageId(host, 10911, record.physicalOffset)).toBe(line.msgId);
      expect(parseOffsetMessageId(String(line.msgId))).toEqual({
        ip: host,
        port: 10911,
        offset: record.physicalOffset,
      });
    },
  );

  it('batch body', () => {
    const bytes = base64(only('batch'), 'bytes');
    const messages = decodeBatchBody(bytes);
    const pairs = (tag: string): string =>
      encodeProperties([
        ['WAIT', 'true'],
        ['TAGS', tag],
      ]).slice(0, -1) + trailing[version];
    expect(messages.map(({ flag, body, properties }) => [flag, body.toString(), String(properties)])).toEqual([
      [0, 'body0', pairs('Tag0')],
      [1, 'body1', ''],
      [2, 'body2', pairs('Tag2')],
    ]);
    const again = messages.map(({ properties, ...rest }) => ({ ...rest, properties: String(properties) }));
    expect(encodeBatchBody(again).equals(bytes)).toBe(true);
  });

  it('unique id', () => {
    const line = only('uniqueId');
    const id = String(line.id);
    const parts = parseUniqueId(id);
    expect(hostBytes(parts.ip)).toEqual(hostBytes(String(line.ip)));
    expect(parts.pid).toBe(line.pid);
    const now = new Date(Number(line.now));
    const monthStart = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1);
    expect(Number(line.now) - monthStart - parts.span).toBeLessThan(1000);
    // Java itself puts an id of this very millisecond into the month before.
    expect(timeOfUniqueId(id, Number(line.now) + 1000) - parts.span).toBe(
      new Date(now.getFullYear(), now.getMonth(), 1).getTime(),
    );
  });

  it.each(lines.filter(({ kind }) => kind === 'text').map((line) => [String(line.text), line] as const))(
    'hash and CRC of "%s"',
    (text, line) => {
      expect(javaStringHash(text)).toBe(line.hash);
      expect(tagsCode(text)).toBe(line.hash);
      expect(messageCrc(Buffer.from(text, 'utf8'))).toBe(line.crc);
    },
  );

  it.each(lines.filter(({ kind }) => kind === 'double').map((line) => [String(line.text), String(line.bits)] as const))(
    'double %s',
    (text, bits) => {
      const value = Buffer.from(bits.padStart(16, '0'), 'hex').readDoubleBE(0);
      expect(javaDouble(value)).toBe(text);
    },
  );
});
