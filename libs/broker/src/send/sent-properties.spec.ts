import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { javaStringHash } from '../../../common/src/index.js';
import { Utf8Text } from '../../../protocol/src/index.js';
import { resolveBrokerConfig } from '../broker-config.js';
import { SentProperties } from './sent-properties.js';

const versions = ['V4_9_7', 'V5_3_3'] as const;
type Version = (typeof versions)[number];

const madeId = '7F00000100002A9F0000000000012345';
const dropped: Readonly<Record<Version, readonly string[]>> = {
  V4_9_7: ['CLUSTER', 'REAL_TOPIC', 'REAL_QID', 'POP_CK', 'WAIT'],
  V5_3_3: ['CLUSTER', 'REAL_TOPIC', 'REAL_QID', 'POP_CK', 'MSG_REGION', 'TRACE_ON'],
};
const added: Readonly<Record<Version, string>> = {
  V4_9_7: 'CLUSTER\u0001DefaultCluster',
  V5_3_3: 'CLUSTER\u0001DefaultCluster\u0002MSG_REGION\u0001DefaultRegion\u0002TRACE_ON\u0001true\u0002',
};

/** The same said plainly: pair by pair, in texts. */
function expected(text: string, version: Version): unknown {
  const pairs = text.split('\u0002');
  if (pairs.at(-1) === '') pairs.pop();
  const startsWith = (name: string) => (pair: string) => pair.startsWith(`${name}\u0001`);
  const last = (name: string): string => pairs.findLast(startsWith(name))?.slice(name.length + 1) ?? '';
  const refused = pairs.some(
    (pair) =>
      pair.startsWith('INNER_') || (pair.startsWith('DELAY\u0001') && !/^([+-]?\d{1,10})?$/.test(pair.slice(6))),
  );
  if (refused) return 'refused';
  const kept = pairs.filter((pair) => !dropped[version].some((name) => startsWith(name)(pair)));
  const uniqueKey = last('UNIQ_KEY') || madeId;
  const withKey = last('UNIQ_KEY') === '' ? [...kept, `UNIQ_KEY\u0001${uniqueKey}`] : kept;
  return {
    stored: withKey.map((pair) => `${pair}\u0002`).join('') + added[version],
    uniqueKey,
    tagsCode: javaStringHash(last('TAGS')),
    waitForFlush: /^(true)?$/i.test(last('WAIT')),
    delayLevel: Math.max(0, Number(last('DELAY'))),
    isTimed: pairs.some((pair) => pair.startsWith('TIMER_')),
    isTransaction: /^true$/i.test(last('TRAN_MSG')),
  };
}

function found(sent: SentProperties, text: string): unknown {
  if (sent.read(text === '' ? undefined : Utf8Text.from(text)) !== undefined) return 'refused';
  const { stored, uniqueAt, uniqueEnd, tagsCode, waitForFlush, delayLevel, isTimed, isTransaction } = sent;
  return {
    stored: String(stored),
    uniqueKey: stored.bytes.toString('utf8', uniqueAt, uniqueEnd),
    tagsCode,
    waitForFlush,
    delayLevel,
    isTimed,
    isTransaction,
  };
}

// prettier-ignore
const names = [
  'TAGS', 'KEYS', 'UNIQ_KEY', 'WAIT', 'CLUSTER', 'MSG_REGION', 'TRACE_ON', 'REAL_TOPIC', 'REAL_QID', 'POP_CK',
  'TRAN_MSG', 'DELAY', 'TIMER_DELAY_MS', 'INNER_NUM', 'TAGS2', 'WAI', 'T', 'mine', '',
];
const name = fc.constantFrom(...names);
const value = fc.oneof(
  fc.constantFrom('', 'true', 'TRUE', 'false', '0', '-1', '3', 'TagA', 'größe', '漢字', 'a"b', 'x'.repeat(70)),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
);
const pair = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(name, value).map(([key, text]) => `${key}\u0001${text}`) },
  { weight: 1, arbitrary: fc.constantFrom('', 'TAGS', '\u0001', 'WAIT', 'UNIQ_KEY') },
);
const text = fc
  .tuple(fc.array(pair, { maxLength: 8 }), fc.constantFrom('', '\u0002'))
  .map(([pairs, end]) => pairs.join('\u0002') + (pairs.length > 0 ? end : ''));

describe.each(versions)('the properties of a message, as %s stores them', (brokerVersion) => {
  const sent = new SentProperties(resolveBrokerConfig({ brokerVersion }), () => madeId);

  it('are those the plain reading gives', () => {
    fc.assert(
      fc.property(text, (properties) => expect(found(sent, properties)).toEqual(expected(properties, brokerVersion))),
      { numRuns: 3000 },
    );
  });

  it('may be long', () => {
    const properties = `KEYS\u0001${'k'.repeat(40_000)}\u0002TAGS\u0001t\u0002`;
    expect(found(sent, properties)).toEqual(expected(properties, brokerVersion));
  });
});
