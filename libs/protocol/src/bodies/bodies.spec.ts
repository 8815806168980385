import { describe, expect, it } from '@jest/globals';
import { deflateSync } from 'node:zlib';
import * as fc from 'fast-check';
import { allDeclarations } from '../requests/index.js';
import { plainDialect, type BodyCodec } from './body-codec.js';
import { clusterInfoBody, topicRouteBody } from './route.js';
import { heartbeatBody } from './heartbeat.js';
import { optionalBody } from './json-body.js';
import { compressRegisterBroker, registerBrokerBody, type RegisterBroker } from './register-broker.js';

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

const table: RegisterBroker = {
  filterServerList: [],
  topicConfigSerializeWrapper: {
    dataVersion: { counter: 1, timestamp: 2 },
    topicConfigTable: new Map([
      [
        'T',
        {
          topicName: 'T',
          readQueueNums: 4,
          writeQueueNums: 8,
          perm: 6,
          topicFilterType: 'SINGLE_TAG',
          topicSysFlag: 0,
          order: false,
        },
      ],
    ]),
  },
};

const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

describe('registerBrokerBody', () => {
  it('reads both forms by their first byte', () => {
    const plain = registerBrokerBody.encode(table, plainDialect) as Buffer;
    expect(registerBrokerBody.decode(plain)).toEqual(table);
    expect(registerBrokerBody.decode(compressRegisterBroker(table))).toEqual(table);
  });

  it.each([
    ['an inner length of 2^31-1', deflateSync(int(0x7fffffff))],
    ['a negative length', deflateSync(int(-1))],
    ['a count beyond the body', deflateSync(Buffer.concat([int(2), Buffer.from('{}'), int(1_000_000)]))],
    ['a cut stream', compressRegisterBroker(table).subarray(0, 20)],
    ['a body that inflates without end', deflateSync(Buffer.alloc(65 * 1024 * 1024))],
    [
      'a topic with words missing',
      deflateSync(Buffer.concat([int(2), Buffer.from('{}'), int(1), int(3), Buffer.from('T 4')])),
    ],
  ])('refuses %s', (_name, bytes) => {
    expect(refusal(() => registerBrokerBody.decode(bytes))).toContain('RegisterBrokerBody: ');
  });
});

describe('bodies', () => {
  it('keeps names that objects have of their own apart from them', () => {
    const bytes = Buffer.from('{"brokerAddrTable":{"__proto__":{"brokerAddrs":{0:"a:1"},"brokerName":"constructor"}}}');
    const { brokerAddrTable } = clusterInfoBody.decode(bytes);
    expect([...brokerAddrTable.keys()]).toEqual(['__proto__']);
    expect(brokerAddrTable.get('__proto__')?.brokerAddrs.get(0)).toBe('a:1');
  });

  it('reads a heartbeat as the Go client writes it', () => {
    const text =
      '{"clientID":"c","producerDataSet":[{"groupName":"p"}],"consumerDataSet":[{"groupName":"g","consumeType":"CONSUME_PASSIVELY","messageModel":"CLUSTERING","consumeFromWhere":"CONSUME_FROM_LAST_OFFSET","subscriptionDataSet":[{"classFilterMode":false,"topic":"T","subString":"*","tagsSet":null,"codeSet":null,"subVersion":1,"expressionType":"TAG"}],"unitMode":false}]}';
    const { consumerDataSet } = heartbeatBody.decode(Buffer.from(text));
    expect(consumerDataSet[0]?.subscriptionDataSet[0]).toMatchObject({ topic: 'T', tagsSet: [], codeSet: [] });
  });

  it('names the body and the place', () => {
    const bytes = Buffer.from('{"queueDatas":[{"brokerName":"a"},{"perm":"x"}]}');
    expect(refusal(() => topicRouteBody.decode(bytes))).toBe('TopicRouteData: $.queueDatas[1].brokerName is missing');
    expect(refusal(() => topicRouteBody.decode(Buffer.alloc(0)))).toBe('TopicRouteData: the body is missing');
  });

  it('may be left out where nothing needs them', () => {
    const codec = optionalBody(topicRouteBody);
    expect(codec.decode(Buffer.alloc(0))).toBeUndefined();
    expect(codec.encode(undefined, plainDialect)).toHaveLength(0);
  });

  const codecs = new Map<string, BodyCodec<unknown>>();
  for (const row of allDeclarations) {
    if (row.supported) for (const codec of [row.requestBody, row.replyBody]) codecs.set(codec.label, codec);
  }

  it.each([...codecs])('%s refuses any bytes in one way only', (_label, codec) => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.json({ maxDepth: 4 }).map((text) => Buffer.from(text)),
      fc.constantFrom('{', '{}', '[]', 'null', '{"a":', '{{}:1}', '\u0000').map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(bytes, (body) => void refusal(() => codec.decode(Buffer.from(body)))),
      { numRuns: 100 },
    );
  });
});
