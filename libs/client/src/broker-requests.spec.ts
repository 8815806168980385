import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  consumeMessageDirectly,
  getConsumerRunningInfo,
  getConsumerStatusFromClient,
  resetConsumerClientOffset,
} from '../../protocol/src/index.js';
import { encodeMessage, encodeProperties } from '../../protocol/src/message/index.js';
import type { Connection } from '../../remoting/src/index.js';
import { recordInput } from '../../testkit/src/pulled-message.js';
import { SimulatedClients } from '../../testkit/src/simulated-clients.js';
import type { MessageHandler, PushConsumer, PushConsumerConfig, RocketMQClient } from './contract/index.js';

const queue = { topic: 'T', brokerName: 'broker-a', queueId: 0 };

describe('A broker', () => {
  let stage: SimulatedClients;
  let client: RocketMQClient;
  let seen: number[];

  beforeEach(async () => {
    stage = await SimulatedClients.open({ queues: 1 });
    client = stage.client();
    seen = [];
  });

  afterEach(() => stage.close());

  const record: MessageHandler = (messages) => void seen.push(...messages.map((m) => m.queueOffset));
  const consume = async (config: Partial<PushConsumerConfig> = {}): Promise<PushConsumer> => {
    const consumeFromWhere = 'CONSUME_FROM_FIRST_OFFSET';
    const consumer = client.createPushConsumer({ consumerGroup: 'g', handler: record, consumeFromWhere, ...config });
    consumer.subscribe('T');
    await consumer.start();
    return consumer;
  };
  const store = (): void => stage.cluster.broker.store('T', 0, { body: Buffer.from('body') });
  const connection = (): Connection => {
    const [open] = stage.cluster.broker.connections;
    if (open === undefined) throw new Error('no client is connected');
    return open;
  };
  const reset = (offset: number, topic = 'T'): void => {
    const header = { topic, group: 'g', timestamp: 0, isForce: true };
    connection().oneWay(resetConsumerClientOffset, header, { body: { offsetTable: [[queue, offset]] } });
  };

  describe('that resets offsets', () => {
    it.each(['CONCURRENTLY', 'ORDERLY'] as const)('has the messages consumed again, %s', async (consumeMode) => {
      const consumer = await consume({ consumeMode });
      for (let i = 0; i < 4; i++) store();
      await stage.until(() => seen.length === 4);
      reset(2);
      await stage.until(() => seen.length === 6);
      expect(seen).toEqual([0, 1, 2, 3, 2, 3]);
      await consumer.close();
      expect(stage.cluster.broker.offsets.get('g/T/0')).toBe(4);
    });

    it('waits up to 10 s for handlers under way, whose messages do not count any more', async () => {
      const ends: (() => void)[] = [];
      await consume({ handler: ([m]) => new Promise((end) => void (seen.push(m?.queueOffset ?? -1), ends.push(end))) });
      store();
      store();
      await stage.until(() => seen.length === 2);
      reset(1);
      await stage.pass(9_000);
      expect([seen, stage.cluster.broker.offsets.get('g/T/0')]).toEqual([[0, 1], 1]);
      await stage.until(() => seen.length === 3);
      for (const end of ends) end();
      await stage.pass(6_000);
      expect([seen, stage.cluster.broker.offsets.get('g/T/0')]).toEqual([[0, 1, 1], 2]);
    });

    it('changes nothing in other topics or at queues that are not held', async () => {
      await consume();
      store();
      await stage.until(() => seen.length === 1);
      reset(0, 'U');
      const elsewhere = { ...queue, queueId: 7 };
      const header = { topic: 'T', group: 'g', timestamp: 0, isForce: true };
      connection().oneWay(resetConsumerClientOffset, header, { body: { offsetTable: [[elsewhere, 0]] } });
      await stage.pass(15_000);
      expect(seen).toEqual([0]);
    });
  });

  it('is told how far a consumer came', async () => {
    await consume();
    store();
    store();
    await stage.until(() => seen.length === 2);
    const ask = (group: string) => connection().call(getConsumerStatusFromClient, { topic: 'T', group });
    expect((await ask('g')).body.messageQueueTable).toEqual([[queue, 2]]);
    expect((await ask('nobody')).body.messageQueueTable).toEqual([]);
  });

  it('is told of handlers at work, and of what keeps a consumer from consuming', async () => {
    const unfinished: (() => void)[] = [];
    let over = false;
    const handler = () => (over ? undefined : new Promise<void>((end) => void unfinished.push(end)));
    await consume({ concurrency: 1, handler });
    store();
    store();
    await stage.until(() => unfinished.length === 1);
    await stage.pass(2_000);
    const ask = async (jstackEnable: boolean) => {
      const header = { consumerGroup: 'g', clientId: client.clientId, jstackEnable };
      return (await connection().call(getConsumerRunningInfo, header)).body;
    };
    expect((await ask(true)).jstack).toMatch(/^handler running for \d\.\d s: T\/broker-a\/0, offset 0, 1 message/);
    const quiet = await ask(false);
    expect([quiet.jstack, quiet.properties.has('problem')]).toEqual([undefined, false]);
    await stage.pass(16 * 60_000);
    const later = await ask(true);
    expect(later.properties.get('problem')).toMatch(/^1 handlers have not ended within consumeTimeout/);
    expect(later.jstack).toMatch(/^handler abandoned for/);
    over = true;
    for (const end of unfinished) end();
  });

  describe('that hands over a message', () => {
    const topic = '%RETRY%g';
    const body = encodeMessage(recordInput({ topic, properties: encodeProperties([['RETRY_TOPIC', 'T']]) }));
    const hand = async (consumerGroup = 'g') => {
      const header = { consumerGroup, clientId: client.clientId, msgId: 'x', brokerName: 'broker-a' };
      const answer = connection().call(consumeMessageDirectly, header, { body, timeout: 60_000 });
      return (await answer).body;
    };

    it.each([
      ['CR_SUCCESS', undefined, () => {}],
      ['CR_SUCCESS', undefined, () => Promise.resolve()],
      ['CR_THROW_EXCEPTION', 'no', () => Promise.reject(new Error('no'))],
      ['CR_LATER', undefined, (_: unknown, context: { ackIndex: number }) => void (context.ackIndex = -1)],
    ] as const)('is answered %s, %s', async (consumeResult, remark, handler) => {
      const topics: string[] = [];
      const consumer = await consume({
        handler: (messages, context) => {
          topics.push(...messages.map((message) => message.topic));
          return handler(messages, context);
        },
      });
      expect(await hand()).toMatchObject({ consumeResult, order: false, autoCommit: true, ...(remark && { remark }) });
      expect(topics).toEqual(['T']);
      await consumer.close();
      expect(stage.cluster.broker.sentBack).toEqual([]);
      expect(stage.cluster.broker.offsets.get('g/T/0') ?? 0).toBe(0);
    });

    it('does not wait for ever, nor is asked for more than handlers may run', async () => {
      let aborted = 0;
      await consume({
        concurrency: 1,
        consumeMode: 'ORDERLY',
        handler: (_messages, { signal }) => {
          signal.addEventListener('abort', () => aborted++);
          return new Promise(() => {});
        },
      });
      const first = hand();
      await expect(hand()).rejects.toThrow(/1 messages are being handed to consumer group g directly; try again later/);
      await stage.pass(10_000);
      expect(await first).toMatchObject({ consumeResult: 'CR_THROW_EXCEPTION', order: true, remark: /10000 ms/ });
      expect(aborted).toBe(1);
      await expect(hand('nobody')).rejects.toThrow(/The Consumer Group <nobody> not exist in this consumer/);
    });
  });
});
