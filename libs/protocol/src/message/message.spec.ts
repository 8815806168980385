import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { crc32 } from 'node:zlib';
import { javaStringHash } from '../../../common/src/index.js';
import { decodeBatchBody, encodeBatchBody } from './batch-body.js';
import { messageCrc } from './crc.js';
import { hostBytes, hostText } from './host-bytes.js';
import { offsetMessageId, parseOffsetMessageId } from './message-id.js';
import {
  decodeProperties,
  encodeProperties,
  hasPropertySeparator,
  propertyOf,
  withProperty,
  withoutProperty,
} from './properties.js';
import { Permission, describePermission } from './sys-flag.js';
import { matchesTagsCode, parseTagExpression, tagsCode } from './tags.js';
import {
  groupNameProblem,
  isClosedToSenders,
  isSystemGroup,
  isSystemTopic,
  retryTopicOf,
  topicNameProblem,
} from './topic-name.js';
import { createUniqueIds, parseUniqueId, timeOfUniqueId } from './unique-id.js';

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

describe('properties', () => {
  const pairs = [
    ['KEYS', 'k'],
    ['TAGS', 'TagA'],
  ] as const;
  const text = 'KEYS\u0001k\u0002TAGS\u0001TagA\u0002';

  it('are read with and without the last separator', () => {
    expect(encodeProperties([...pairs, ['EMPTY', ''], ['NONE', undefined]])).toBe(text);
    expect([...decodeProperties(text)]).toEqual(pairs);
    expect([...decodeProperties(text.slice(0, -1))]).toEqual(pairs);
    expect([...decodeProperties('\u0001v\u0002k\u0001\u0002k2\u0002\u0002a\u0001b')]).toEqual([['a', 'b']]);
  });

  it('are found one by one as in the map', () => {
    const piece = fc.constantFrom('a', 'b', 'ab', '\u0001', '\u0002', 'x');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const any = pieces.join('');
        const map = decodeProperties(any);
        for (const name of ['a', 'b', 'ab']) expect(propertyOf(any, name)).toBe(map.get(name));
      }),
      { numRuns: 2000 },
    );
  });

  it('are set and removed', () => {
    expect(withProperty(text.slice(0, -1), 'WAIT', 'true')).toBe(`${text}WAIT\u0001true\u0002`);
    expect(withProperty(text, 'KEYS', 'other')).toBe('TAGS\u0001TagA\u0002KEYS\u0001other\u0002');
    expect(withoutProperty(text, 'TAGS')).toBe('KEYS\u0001k\u0002');
    expect(withoutProperty(text, 'AGS')).toBe(text);
    expect(hasPropertySeparator('a\u0002b')).toBe(true);
  });
});

describe('batch body', () => {
  const messages = [
    { flag: 1, body: Buffer.from('one'), properties: 'k\u0001v\u0002' },
    { flag: -2, body: Buffer.alloc(0), properties: '' },
  ];
  const bytes = encodeBatchBody(messages);
  const changed = (change: (copy: Buffer) => void): Buffer => {
    const copy = Buffer.from(bytes);
    change(copy);
    return copy;
  };

  it('is read as written', () => {
    const read = decodeBatchBody(bytes).map(({ properties, ...rest }) => ({ ...rest, properties: String(properties) }));
    expect(read).toEqual(messages);
  });

  it('replaces what is no UTF-8 in properties', () => {
    const broken = Buffer.from(bytes);
    broken[bytes.indexOf('k\u0001')] = 0xff;
    expect(String(decodeBatchBody(broken)[0]?.properties)).toBe('\ufffd\u0001v\u0002');
    expect(decodeBatchBody(broken)[0]?.properties.length).toBe(6);
  });

  it.each([
    ['total size 0', changed((copy) => copy.writeInt32BE(0, 0)), 'message 0 at byte 0: total size 0'],
    ['a negative total size', changed((copy) => copy.writeInt32BE(-22, 0)), 'total size -22'],
    ['a total size past the end', changed((copy) => copy.writeInt32BE(1000, 0)), 'total size 1000'],
    ['a body past its message', changed((copy) => copy.writeInt32BE(8, 16)), 'body length 8'],
    ['a negative body length', changed((copy) => copy.writeInt32BE(-1, 16)), 'body length -1'],
    ['properties of another length', changed((copy) => copy.writeInt16BE(3, 23)), 'properties length 3'],
    ['a rest', Buffer.concat([bytes, Buffer.alloc(5)]), `message 2 at byte ${bytes.length}: cut off`],
  ])('refuses %s', (_name, body, text) => expect(refusal(() => decodeBatchBody(body))).toContain(text));

  it('refuses a flood of tiny messages', () => {
    const tiny = encodeBatchBody([{ flag: 0, body: Buffer.alloc(0), properties: '' }]);
    const flood = Buffer.alloc(tiny.length * 700_000, tiny);
    expect(refusal(() => decodeBatchBody(flood))).toContain('more than 65536 messages');
    expect(refusal(() => decodeBatchBody(bytes, 1))).toContain('more than 1 messages');
  });

  it('refuses any bytes in one way only', () => {
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 5 }), fc.nat(bytes.length), (changes, length) => {
        const body = changed((copy) => {
          for (const [at, value] of changes) copy[at] = value;
        });
        refusal(() => decodeBatchBody(body.subarray(0, length)));
      }),
      { numRuns: 500 },
    );
  });
});

describe('addresses', () => {
  it.each(['10.1.2.3', '::1', 'fe80::1:0:2', '2001:db8:1:2:3:4:5:6', '::', '1::', '1:0:0:2::3'])('%s', (ip) => {
    const bytes = hostBytes(ip);
    expect(hostText(bytes, 0, bytes.length)).toBe(ip);
  });

  it('take IPv4 in IPv6, zones, and nothing else', () => {
    expect(hostBytes('::ffff:10.1.2.3')).toEqual(Buffer.from([10, 1, 2, 3]));
    expect(hostBytes('fe80::1%eth0')).toEqual(hostBytes('fe80::1'));
    expect(hostBytes('64:ff9b::1.2.3.4').toString('hex')).toBe('0064ff9b000000000000000001020304');
    for (const wrong of ['', 'host', '1.2.3', '1.2.3.4.5', '::1::'])
      expect(() => hostBytes(wrong)).toThrow('not an IP address');
  });
});

describe('offset message id', () => {
  it('is read as written', () => {
    const id = offsetMessageId('127.0.0.1', 10911, 2 ** 40 + 1);
    expect(id).toBe('7F00000100002A9F0000010000000001');
    expect(parseOffsetMessageId(id)).toEqual({ ip: '127.0.0.1', port: 10911, offset: 2 ** 40 + 1 });
  });

  it.each(['', '7F', 'G'.repeat(32), `7F000001FFFFFFFF${'0'.repeat(16)}`, `7F00000100002A9F${'F'.repeat(16)}`])(
    'is refused: "%s"',
    (id) => expect(() => parseOffsetMessageId(id)).toThrow('is no message id'),
  );
});

describe('unique ids', () => {
  const start = new Date(2026, 4, 1).getTime();

  it('hold address, process, time and a counter', () => {
    let now = start + 12_345;
    const next = createUniqueIds({ ip: '10.0.0.1', pid: 70_000, clock: { now: () => now }, random: () => 0.5 });
    const first = next();
    expect(parseUniqueId(first)).toEqual({
      ip: '10.0.0.1',
      pid: 70_000 & 0xffff,
      hash: 2 ** 31,
      span: 12_345,
      counter: 1,
    });
    now += 5;
    const second = parseUniqueId(next());
    expect(second).toMatchObject({ span: 12_350, counter: 2 });
    now = new Date(2026, 5, 1).getTime() + 1;
    expect(parseUniqueId(next()).span).toBe(1);
    now = start;
    expect(parseUniqueId(next()).span).toBe(0);
    expect(timeOfUniqueId(first, start + 20_000)).toBe(start + 12_345);
  });

  it('are of last month when this one has not come as far', () => {
    const id = createUniqueIds({ ip: '::1', pid: 1, clock: { now: () => start + 86_400_000 }, random: () => 0 })();
    expect(timeOfUniqueId(id, new Date(2026, 5, 1, 12).getTime())).toBe(start + 86_400_000);
  });

  it('differ 65,536 times in a millisecond', () => {
    const next = createUniqueIds({ ip: '10.0.0.1', pid: 1, clock: { now: () => start }, random: () => 0 });
    expect(new Set(Array.from({ length: 65_536 }, next)).size).toBe(65_536);
  });
});

describe('tag expressions', () => {
  it.each([undefined, '', '*'])('%p means all', (expression) => {
    const filter = parseTagExpression(expression);
    expect(filter).toEqual({ subString: '*', tagsSet: [], codeSet: [] });
    expect(matchesTagsCode(filter, 5)).toBe(true);
  });

  it('are split, trimmed, and matched by hash', () => {
    const filter = parseTagExpression(' TagA||TagB || ||TagA');
    expect(filter.tagsSet).toEqual(['TagA', 'TagB']);
    expect(filter.codeSet).toEqual([javaStringHash('TagA'), javaStringHash('TagB')]);
    expect(matchesTagsCode(filter, tagsCode('TagB'))).toBe(true);
    expect(matchesTagsCode(filter, tagsCode(undefined))).toBe(false);
  });

  it('need a tag', () => expect(() => parseTagExpression('||||')).toThrow('has no tag'));
});

describe('CRC', () => {
  it('is the same by either way', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(20), fc.nat(20), (bytes, from, short) => {
        const start = Math.min(from, bytes.length);
        const end = Math.max(start, bytes.length - short);
        expect(messageCrc(bytes, start, end)).toBe(crc32(bytes.subarray(start, end)) & 0x7fffffff);
      }),
    );
  });
});

describe('names', () => {
  it.each(['T', '%RETRY%g', 'a|b-c_9', '__proto__', 'constructor', 'x'.repeat(127), retryTopicOf('g'.repeat(240))])(
    '"%s" may be a topic',
    (topic) => expect(topicNameProblem(topic)).toBeUndefined(),
  );

  it.each([
    ['', 'blank'],
    ['  ', 'blank'],
    ['../../x', 'illegal characters'],
    ['a/b', 'illegal characters'],
    ['a\\0b', 'illegal characters'],
    ['a\u0000b', 'illegal characters'],
    ['T\n', 'illegal characters'],
    ['..', 'illegal characters'],
    ['日本', 'illegal characters'],
    ['x'.repeat(128), 'longer than topic max length'],
    [retryTopicOf('g'.repeat(250)), 'longer than topic max length'],
  ])('"%s" may not', (topic, problem) => expect(topicNameProblem(topic)).toContain(problem));

  it('of groups have their own length', () => {
    expect(groupNameProblem('g'.repeat(255))).toBeUndefined();
    expect(groupNameProblem('g'.repeat(256))).toContain('longer than group max length 255');
    expect(groupNameProblem('g\r\n')).toBe(
      'the specified group[g\\r\\n] contains illegal characters, allowing only ^[%|a-zA-Z0-9_-]+$',
    );
  });

  it('of the system are known', () => {
    expect([isSystemTopic('TBW102'), isSystemTopic('rmq_sys_x'), isSystemTopic('T')]).toEqual([true, true, false]);
    expect([isClosedToSenders('SELF_TEST_TOPIC'), isClosedToSenders('TBW102')]).toEqual([true, false]);
    expect([isSystemGroup('TOOLS_CONSUMER'), isSystemGroup('CID_RMQ_SYS_x'), isSystemGroup('g')]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe('permissions', () => {
  it('are shown as mqadmin shows them', () => {
    expect(describePermission(Permission.READ | Permission.WRITE)).toBe('RW-');
    expect(describePermission(Permission.INHERIT)).toBe('--X');
  });
});
