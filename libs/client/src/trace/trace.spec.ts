import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ResponseCode } from '../../../protocol/src/index.js';
import { decodeProperties } from '../../../protocol/src/message/index.js';
import { fail } from '../../../remoting/src/index.js';
import { eventually } from '../../../testkit/src/eventually.js';
import { FakeCluster } from '../../../testkit/src/fake-cluster.js';
import { createClient } from '../client.js';
import type { MessageTrace, RocketMQClient } from '../contract/index.js';
import { decodeTraces } from './trace-reading.js';
import { encodeTrace, traceKeys, type TraceRecord } from './trace-record.js';

const traceTopic = 'RMQ_SYS_TRACE_TOPIC';

describe('a trace', () => {
  const pub: TraceRecord = {
    kind: 'Pub',
    timeStamp: 1_700_000_000_000,
    regionId: 'DefaultRegion',
    group: 'g',
    topic: 'T',
    msgId: 'ID',
    tags: undefined,
    keys: 'k1 k2',
    storeHost: '127.0.0.1:10911',
    bodyLength: 5,
    costTime: 3,
    msgType: 0,
    offsetMsgId: 'OFFSET',
    success: true,
  };

  it('is written with the separators of Apache, and "null" for what is not there', () => {
    expect(encodeTrace(pub).split('\u0001')).toEqual(
      'Pub 1700000000000 DefaultRegion g T ID null k1~k2 127.0.0.1:10911 5 3 0 OFFSET true\u0002'
        .split(' ')
        .map((field) => field.replace('~', ' ')),
    );
    expect(traceKeys(pub)).toEqual(['ID', 'k1', 'k2']);
  });

  it('of a handler has a record for each message', () => {
    const messages = [
      { msgId: '1', keys: undefined, retryTimes: 0 },
      { msgId: '2', keys: 'k', retryTimes: 3 },
    ];
    const before: TraceRecord = {
      kind: 'SubBefore',
      timeStamp: 1,
      regionId: 'r',
      group: 'g',
      topic: 'T',
      requestId: 'R',
      messages,
    };
    const after: TraceRecord = {
      kind: 'SubAfter',
      timeStamp: 2,
      group: 'g',
      topic: 'T',
      requestId: 'R',
      messages,
      costTime: 4,
      success: false,
      contextCode: 2,
    };
    expect(encodeTrace(before)).toBe(
      'SubBefore\u00011\u0001r\u0001g\u0001R\u00011\u00010\u0001null\u0002SubBefore\u00011\u0001r\u0001g\u0001R\u00012\u00013\u0001k\u0002',
    );
    expect(encodeTrace(after)).toBe(
      'SubAfter\u0001R\u00011\u00014\u0001false\u0001null\u00012\u00012\u0001g\u0002SubAfter\u0001R\u00012\u00014\u0001false\u0001k\u00012\u00012\u0001g\u0002',
    );
    const read = decodeTraces(encodeTrace(before) + encodeTrace(after), 'host');
    expect(read.map(({ kind, msgId, requestId, success }) => [kind, msgId, requestId, success])).toEqual([
      ['SubBefore', '1', 'R', undefined],
      ['SubBefore', '2', 'R', undefined],
      ['SubAfter', '1', 'R', false],
      ['SubAfter', '2', 'R', false],
    ]);
  });

  it('is read back, of older clients too, and what is no trace is left out', () => {
    const [read] = decodeTraces(encodeTrace(pub), '127.0.0.1:1');
    expect(read).toMatchObject({ kind: 'Pub', clientHost: '127.0.0.1:1', msgId: 'ID', keys: 'k1 k2', costTime: 3 });
    expect(read).toMatchObject({ offsetMsgId: 'OFFSET', success: true, tags: undefined, timeStamp: 1_700_000_000_000 });
    const old = encodeTrace(pub).replace('OFFSET\u0001', '');
    expect(decodeTraces(old, '')[0]).toMatchObject({ offsetMsgId: undefined, success: true });
    expect(decodeTraces('Nothing\u0001x\u0002__proto__\u0001x\u0002\u0002', '')).toEqual([]);
    expect(decodeTraces('Pub\u0001soon\u0002', '')[0]).toMatchObject({ timeStamp: undefined, msgId: '' });
  });

  it('of the end of a transaction and of a recall has the fields of Apache', () => {
    const { timeStamp, regionId, group, topic, msgId, tags, keys, storeHost } = pub;
    const about = { timeStamp, regionId, group, topic, msgId };
    const ended: TraceRecord = {
      ...about,
      kind: 'EndTransaction',
      tags,
      keys,
      storeHost,
      msgType: 2,
      transactionId: 'X',
      transactionState: 'COMMIT_MESSAGE',
      fromTransactionCheck: true,
    };
    expect(encodeTrace(ended).split('\u0001')).toHaveLength(13);
    expect(decodeTraces(encodeTrace(ended), '')[0]).toMatchObject({ msgId: 'ID', transactionState: 'COMMIT_MESSAGE' });
    const recalled: TraceRecord = { ...about, kind: 'Recall', success: true };
    expect(encodeTrace(recalled).split('\u0001')).toHaveLength(7);
    expect(decodeTraces(encodeTrace(recalled), '')[0]).toMatchObject({ kind: 'Recall', msgId: 'ID', success: true });
  });
});

describe('tracing', () => {
  let cluster: FakeCluster;
  let client: RocketMQClient;

  beforeEach(async () => {
    cluster = new FakeCluster(['a']);
    cluster.topics.set('T', 1).set(traceTopic, 1);
    await cluster.start();
    client = createClient({ nameServer: cluster.nameServer, clientIP: '127.0.0.1' });
  });

  afterEach(async () => {
    await client.close();
    await cluster.close();
  });

  const traceMessages = () => cluster.broker.messagesIn(traceTopic, 0);
  const traces = (): MessageTrace[] => traceMessages().flatMap(({ body }) => decodeTraces(body.toString(), ''));

  it('tells of every send, in messages that are found by ids and keys', async () => {
    const producer = client.createProducer({ producerGroup: 'p', enableMsgTrace: true });
    await producer.start();
    const result = await producer.send({ topic: 'T', body: 'hello', tags: 'a', keys: ['k1', 'k2'] });
    await producer.close();
    expect(traces()).toEqual([
      expect.objectContaining({
        kind: 'Pub',
        msgId: result.msgId,
        group: 'p',
        tags: 'a',
        keys: 'k1 k2',
        success: true,
      }),
    ]);
    const [message] = traceMessages();
    const keys = decodeProperties(message?.properties ?? '').get('KEYS');
    expect(keys).toBe(`${result.msgId} k1 k2`);
    expect(traces()[0]).toMatchObject({ storeHost: cluster.broker.address, offsetMsgId: 'OFFSET-ID' });
  });

  it('tells of a transaction that its message is half of one, and how it ended', async () => {
    const producer = client.createProducer({ producerGroup: 'p', enableMsgTrace: true });
    await producer.start();
    const message = { topic: 'T', body: 'hello', tags: 'a', keys: ['k1', 'k2'] };
    const { msgId } = await producer.sendMessageInTransaction(message, async () => 'ROLLBACK');
    await producer.close();
    const ended = { msgId, group: 'p', topic: 'T', tags: 'a', keys: 'k1 k2', transactionState: 'ROLLBACK_MESSAGE' };
    expect(traces()).toMatchObject([
      { kind: 'Pub', msgId },
      { kind: 'EndTransaction', ...ended },
    ]);
    const fields = traceMessages().flatMap(({ body }) =>
      String(body)
        .split('\u0002')
        .map((line) => line.split('\u0001')),
    );
    const [half, end] = fields as [string[], string[]];
    // Ordinals of Java's MessageType.
    expect([half[11], end[9]]).toEqual(['1', '2']);
    expect(end.slice(10)).toEqual([msgId, 'ROLLBACK_MESSAGE', 'false']);
  });

  it('sends twenty at once, without being asked', async () => {
    const producer = client.createProducer({ producerGroup: 'p', enableMsgTrace: true });
    await producer.start();
    for (let i = 0; i < 20; i++) await producer.send({ topic: 'T', body: 'x' });
    await eventually(() => traces().length === 20);
    expect(traceMessages()).toHaveLength(1);
  });

  it('neither delays nor fails a send when traces cannot be stored', async () => {
    cluster.topics.delete(traceTopic);
    const producer = client.createProducer({ producerGroup: 'p', enableMsgTrace: true });
    await producer.start();
    const results = await Promise.all(Array.from({ length: 50 }, () => producer.send({ topic: 'T', body: 'x' })));
    expect(results).toHaveLength(50);
  });

  it('says nothing of failed attempts, and nothing when the broker wants no traces', async () => {
    const producer = client.createProducer({ producerGroup: 'p', enableMsgTrace: true, retryTimesWhenSendFailed: 0 });
    await producer.start();
    cluster.broker.intercept('SEND_MESSAGE_V2', () => fail(ResponseCode.NO_PERMISSION, 'no'));
    await producer.send({ topic: 'T', body: 'x' }).catch(() => undefined);
    cluster.broker.intercept('SEND_MESSAGE_V2', undefined);
    await producer.close();
    expect(traces()).toEqual([]);
  });

  it('tells of every handler call, before and after, how it ended', async () => {
    const consumer = client.createPushConsumer({
      consumerGroup: 'c',
      enableMsgTrace: true,
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      handler: ([message]) => {
        if (message?.body.toString() === 'bad') throw new Error('as the test says');
      },
    });
    consumer.subscribe('T');
    cluster.broker.store('T', 0, {
      body: Buffer.from('good'),
      properties: 'UNIQ_KEY\u0001GOOD\u0002KEYS\u0001k\u0002',
    });
    cluster.broker.store('T', 0, { body: Buffer.from('bad'), properties: 'UNIQ_KEY\u0001BAD\u0002' });
    cluster.broker.store('T', 0, {
      body: Buffer.from('quiet'),
      properties: 'UNIQ_KEY\u0001QUIET\u0002TRACE_ON\u0001false\u0002',
    });
    await consumer.start();
    await eventually(() => cluster.broker.sentBack.length === 1);
    await consumer.close();
    const seen = traces().map(({ kind, msgId, success, group }) => [kind, msgId, success, group]);
    expect(seen).toHaveLength(4);
    expect(seen).toEqual(
      expect.arrayContaining([
        ['SubBefore', 'GOOD', undefined, 'c'],
        ['SubAfter', 'GOOD', true, 'c'],
        ['SubBefore', 'BAD', undefined, 'c'],
        ['SubAfter', 'BAD', false, 'c'],
      ]),
    );
    const [before, after] = traces().filter(({ msgId }) => msgId === 'GOOD');
    expect(before?.requestId).toBe(after?.requestId);
  });

  it('is asked for by an unknown option: says so', () => {
    expect(() => client.createProducer({ customizedTraceTopic: 'a b' })).toThrow(/customizedTraceTopic/);
  });

  it('calls hooks around each attempt, and logs what they throw', async () => {
    const calls: string[] = [];
    const producer = client.createProducer({
      producerGroup: 'p',
      retryTimesWhenSendFailed: 1,
      hooks: [
        {
          before: ({ messageQueue, isBatch }) => void calls.push(`before ${messageQueue.topic} ${isBatch}`),
          after: ({ result, error }) => void calls.push(`after ${result?.sendStatus ?? (error as Error).name}`),
        },
        {
          before: () => {
            throw new Error('bad hook');
          },
        },
      ],
    });
    await producer.start();
    let refusals = 1;
    cluster.broker.intercept('SEND_MESSAGE_V2', () =>
      refusals-- > 0 ? fail(ResponseCode.SYSTEM_BUSY, 'busy') : undefined,
    );
    await producer.send({ topic: 'T', body: 'x' });
    expect(calls).toEqual(['before T false', 'after ResponseError', 'before T false', 'after SEND_OK']);
  });
});
