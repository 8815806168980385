import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ResponseCode } from '../../../protocol/src/index.js';
import { decodeProperties, encodeProperties } from '../../../protocol/src/message/index.js';
import { fail } from '../../../remoting/src/index.js';
import { eventually } from '../../../testkit/src/eventually.js';
import { FakeCluster } from '../../../testkit/src/fake-cluster.js';
import { createManualClock, type ManualClock } from '../../../testkit/src/manual-clock.js';
import { createClient } from '../client.js';
import type { PushConsumerConfig, RocketMQClient } from '../contract/index.js';

const refused = () => fail<unknown>(ResponseCode.SYSTEM_ERROR, 'no');

describe('A concurrent consumer whose handler fails', () => {
  let cluster: FakeCluster;
  let client: RocketMQClient;
  let clock: ManualClock;
  let dir: string;

  beforeEach(async () => {
    cluster = new FakeCluster(['broker-a', 'broker-b']);
    cluster.topics.set('T', 1);
    await cluster.start();
    clock = createManualClock();
    dir = await mkdtemp(join(tmpdir(), 'failing-'));
    client = createClient({ nameServer: cluster.nameServer, clientIP: '127.0.0.1', clock, localOffsetStoreDir: dir });
  });

  afterEach(async () => {
    await client.close();
    await cluster.close();
    await rm(dir, { recursive: true });
  });

  const consume = async (config: Omit<PushConsumerConfig, 'consumerGroup'>) => {
    const first = 'CONSUME_FROM_FIRST_OFFSET';
    const consumer = client.createPushConsumer({ consumerGroup: 'g', consumeFromWhere: first, ...config });
    consumer.subscribe('T');
    await consumer.start();
    return consumer;
  };
  const store = (...pairs: [string, string][]): void =>
    cluster.broker.store('T', 0, { body: Buffer.from('body'), properties: encodeProperties(pairs), sysFlag: 0 });

  it('tells the broker what Java tells it, and commits past the message', async () => {
    store(['UNIQ_KEY', 'ID']);
    const consumer = await consume({
      handler: (_messages, context) => {
        context.delayLevelWhenNextConsume = 5;
        throw new Error('no');
      },
      maxReconsumeTimes: 7,
    });
    await eventually(() => cluster.broker.sentBack.length === 1);
    expect(cluster.broker.sentBack[0]).toMatchObject({
      group: 'g',
      offset: 0,
      delayLevel: 5,
      originMsgId: 'ID',
      originTopic: 'T',
      maxReconsumeTimes: 7,
      unitMode: false,
      bname: 'broker-a',
    });
    await consumer.close();
    expect(cluster.broker.offsets.get('g/T/0')).toBe(1);
  });

  it('sends the message to the retry topic itself when the broker does not take it back', async () => {
    cluster.topics.set('%RETRY%g', 1);
    cluster.broker.intercept('CONSUMER_SEND_MSG_BACK', refused);
    cluster.broker.store('T', 0, {
      body: Buffer.from('packed'),
      sysFlag: 0x1 | 0x300 | 0x4,
      properties: encodeProperties([
        ['UNIQ_KEY', 'ID'],
        ['TAGS', 'a'],
        ['TRAN_MSG', 'true'],
        ['user', 'mine'],
      ]),
    });
    await consume({ handler: () => Promise.reject(new Error('no')) });
    const sends = () => cluster.brokers.flatMap((broker) => broker.sends);
    await eventually(() => sends().length === 1);
    const [{ header } = { header: undefined }] = sends();
    expect(header).toMatchObject({
      producerGroup: 'CLIENT_INNER_PRODUCER',
      topic: '%RETRY%g',
      reconsumeTimes: 1,
      maxReconsumeTimes: 16,
      // Still compressed as it was stored, but no transaction any more.
      sysFlag: 0x1 | 0x300,
    });
    expect(Object.fromEntries(decodeProperties(String(header?.properties)))).toEqual({
      UNIQ_KEY: 'ID',
      TAGS: 'a',
      user: 'mine',
      ORIGIN_MESSAGE_ID: 'ID',
      RETRY_TOPIC: 'T',
      DELAY: '3',
      RECONSUME_TIME: '1',
      MAX_RECONSUME_TIMES: '16',
    });
  });

  it('asks the other brokers of the retry topic when one does not take it either', async () => {
    cluster.topics.set('%RETRY%g', 1);
    for (const broker of cluster.brokers) broker.intercept('CONSUMER_SEND_MSG_BACK', refused);
    cluster.broker.intercept('SEND_MESSAGE_V2', refused);
    for (let i = 0; i < 4; i++) store();
    await consume({ handler: () => Promise.reject(new Error('no')) });
    await eventually(() => cluster.brokers[1]?.sends.length === 4);
  });

  it('keeps the message, and has it handled again after 5 s, when nobody takes it', async () => {
    for (const broker of cluster.brokers) broker.intercept('CONSUMER_SEND_MSG_BACK', refused);
    store();
    const seen: number[] = [];
    const consumer = await consume({
      handler: ([message]) => {
        seen.push(message?.reconsumeTimes ?? -1);
        if (seen.length === 1) throw new Error('no');
      },
    });
    await eventually(() => cluster.routesAsked.filter((topic) => topic === 'TBW102').length > 1);
    await eventually(() => clock.timers > 0 && seen.length === 1);
    for (let waited = 0; seen.length === 1; waited += 100) {
      expect(waited).toBeLessThan(10_000);
      clock.advance(100);
      await client.admin.minOffset({ topic: 'T', brokerName: 'broker-a', queueId: 0 });
    }
    expect(seen).toEqual([0, 1]);
    await consumer.close();
    expect(cluster.broker.offsets.get('g/T/0')).toBe(1);
  });

  it('drops it when it broadcasts, as Java does', async () => {
    store();
    const failures: number[] = [];
    await consume({
      messageModel: 'BROADCASTING',
      handler: ([message]) => {
        failures.push(message?.queueOffset ?? -1);
        throw new Error('no');
      },
    });
    await eventually(() => failures.length === 1);
    store();
    await eventually(() => failures.length === 2);
    clock.advance(10_000);
    expect([failures, cluster.broker.sentBack]).toEqual([[0, 1], []]);
  });

  it('tells hooks before and after, whatever they do', async () => {
    store();
    store();
    const told: unknown[] = [];
    let calls = 0;
    await consume({
      concurrency: 1,
      handler: () => {
        if (++calls === 1) throw new Error('no');
      },
      hooks: [
        {
          before: ({ messages, consumerGroup }) => void told.push(['before', consumerGroup, messages[0]?.queueOffset]),
          after: ({ outcome, consumed, error }) =>
            void told.push([outcome, consumed, (error as Error | undefined)?.message]),
        },
        {
          before: () => {
            throw new Error('a bad hook');
          },
        },
      ],
    });
    await eventually(() => told.length === 4);
    expect(told).toEqual([
      ['before', 'g', 0],
      ['EXCEPTION', 0, 'no'],
      ['before', 'g', 1],
      ['SUCCESS', 1, undefined],
    ]);
  });
});
