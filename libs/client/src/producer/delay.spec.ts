import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeProperties, encodeRecallHandle, ResponseCode } from '../../../protocol/src/index.js';
import { fail, ok } from '../../../remoting/src/index.js';
import { FakeCluster } from '../../../testkit/src/fake-cluster.js';
import { createClient } from '../client.js';
import type { DelayedMessage, OutgoingMessage, Producer, RocketMQClient } from '../contract/index.js';
import { delayProperty } from './delay-property.js';

const instant = 1_700_000_005_432;

describe('what a message asks for', () => {
  it.each([
    [{ delayTimeLevel: 3 }, 'DELAY\u00013\u0002'],
    [{ delayTimeLevel: 99 }, 'DELAY\u000199\u0002'],
    [{ delayTimeMs: 0 }, 'TIMER_DELAY_MS\u00010\u0002'],
    [{ delayTimeMs: 1500 }, 'TIMER_DELAY_MS\u00011500\u0002'],
    [{ deliverTimeMs: instant }, `TIMER_DELIVER_MS\u0001${instant}\u0002`],
    [{}, ''],
  ])('%j is written as Java writes it', (delay, text) => {
    expect(delayProperty(delay)).toBe(text);
  });

  it.each([
    [{ delayTimeLevel: 1, delayTimeMs: 5 }, 'delayTimeLevel and delayTimeMs exclude each other'],
    [{ delayTimeMs: 5, deliverTimeMs: instant }, 'delayTimeMs and deliverTimeMs exclude each other'],
    [{ delayTimeLevel: 0 }, 'delayTimeLevel must be a level'],
    [{ delayTimeMs: -1 }, 'delayTimeMs must be milliseconds'],
    [{ delayTimeMs: 1.5 }, 'delayTimeMs must be milliseconds'],
    [{ deliverTimeMs: new Date(instant) as unknown as number }, 'deliverTimeMs must be milliseconds since the epoch'],
    [{ deliverTimeMs: NaN }, 'deliverTimeMs must be'],
  ])('%j is refused by name', (delay, text) => {
    expect(() => delayProperty(delay)).toThrow(text);
  });
});

describe('a producer', () => {
  let cluster: FakeCluster;
  let client: RocketMQClient;
  let producer: Producer;
  beforeEach(async () => {
    cluster = new FakeCluster(['a', 'b']);
    cluster.topics.set('T', 2).set('ns%T', 2);
    await cluster.start();
    client = createClient({ nameServer: cluster.nameServer, clientIP: '127.0.0.1' });
    producer = client.createProducer({ producerGroup: 'p' });
    await producer.start();
  });
  afterEach(async () => {
    await client.close();
    await cluster.close();
  });

  /** As a broker since 5.3.2 answers, whose slot of the message begins at `outTime`. */
  const answerWithHandle = (outTime: number): void => {
    for (const broker of cluster.brokers) {
      broker.intercept('SEND_MESSAGE_V2', (exchange) => {
        const header = exchange.header as { topic: string; queueId: number; properties: unknown };
        broker.sends.push({ header: header as never, batch: false });
        const messageId = decodeProperties(String(header.properties)).get('UNIQ_KEY') ?? '';
        const handle = { topic: header.topic, brokerName: broker.name, timestamp: String(outTime + 1), messageId };
        const reply = { msgId: 'OFFSET-ID', queueId: header.queueId, queueOffset: 0 };
        return ok({ ...reply, recallHandle: encodeRecallHandle(handle) } as never);
      });
    }
  };
  const send = (delay: Partial<OutgoingMessage>) => producer.send({ topic: 'T', body: 'x', ...delay });
  const lastProperties = (brokerName: string) => {
    const sent = cluster.brokers.find(({ name }) => name === brokerName)?.sends.at(-1)?.header;
    return { queueId: sent?.queueId, ...Object.fromEntries(decodeProperties(String(sent?.properties))) };
  };

  it('sends no delay in a batch', async () => {
    const batch = [
      { topic: 'T', body: 'x' },
      { topic: 'T', body: 'y', delayTimeMs: 1 },
    ];
    await expect(producer.send(batch)).rejects.toThrow('message 1 of the batch asks for a delay');
  });

  it('has nothing to cancel where the broker gives no handle', async () => {
    expect(await send({ deliverTimeMs: instant })).toMatchObject({ recallHandle: undefined, delayed: undefined });
  });

  it.each([
    ['by its own instant', { deliverTimeMs: instant }, instant],
    ['of a delay by the slot that the broker told', { delayTimeMs: 60_000 }, 1_700_000_005_001],
  ])('cancels %s, at the broker and in the queue of the message', async (_title, delay, deliverTimeMs) => {
    answerWithHandle(1_700_000_005_000);
    for (let i = 0; i < 4; i++) {
      const { delayed, msgId, messageQueue } = await send(delay);
      expect(delayed).toEqual({ ...messageQueue, uniqKey: msgId, deliverTimeMs });
      const cancelled = await producer.cancelDelayed(delayed as DelayedMessage);
      expect(cancelled.messageQueue).toEqual(messageQueue);
      expect(lastProperties(messageQueue.brokerName)).toEqual({
        queueId: messageQueue.queueId,
        UNIQ_KEY: cancelled.msgId,
        WAIT: 'true',
        TIMER_DELIVER_MS: String(deliverTimeMs),
        TIMER_DEL_UNIQKEY: `T+${msgId}`,
      });
    }
  });

  it('cancels nothing that is no handle of a send', async () => {
    for (const wrong of [
      undefined,
      {},
      { topic: 'T', brokerName: 'a', queueId: 0, uniqKey: 'a\u0002b', deliverTimeMs: 1 },
    ]) {
      const promise = producer.cancelDelayed(wrong as DelayedMessage);
      await expect(promise).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
    }
  });

  it('calls a message back at the broker that its handle names', async () => {
    answerWithHandle(1_700_000_005_000);
    const { recallHandle = '', msgId, messageQueue } = await send({ deliverTimeMs: instant });
    const other = cluster.brokers.find(({ name }) => name !== messageQueue.brokerName);
    other?.intercept('RECALL_MESSAGE', () => fail(ResponseCode.SYSTEM_ERROR, 'wrong broker'));
    expect(await producer.recall('T', recallHandle)).toBe(msgId);
  });

  it('says what to do when the broker refuses', async () => {
    const handle = encodeRecallHandle({ topic: 'T', brokerName: 'a', timestamp: '1', messageId: 'K' });
    const refuse = (code: number) => cluster.brokers[0]?.intercept('RECALL_MESSAGE', () => fail(code, 'no'));
    refuse(ResponseCode.NO_PERMISSION);
    await expect(producer.recall('T', handle)).rejects.toThrow('set recallMessageEnable=true');
    refuse(ResponseCode.REQUEST_CODE_NOT_SUPPORTED);
    await expect(producer.recall('T', handle)).rejects.toThrow('5.3.2 or later');
    refuse(ResponseCode.ILLEGAL_OPERATION);
    await expect(producer.recall('T', handle)).rejects.toMatchObject({ responseCode: 604 });
    await expect(producer.recall('T', 'x')).rejects.toThrow('recall handle is invalid');
    await expect(producer.recall('%RETRY%g', handle)).rejects.toThrow('cannot be called back');
  });

  it('in a namespace names topics as the brokers know them', async () => {
    await client.close();
    client = createClient({ nameServer: cluster.nameServer, clientIP: '127.0.0.1', namespace: 'ns' });
    producer = client.createProducer({ producerGroup: 'p' });
    await producer.start();
    answerWithHandle(1_700_000_005_000);
    const { delayed, recallHandle = '', msgId } = await send({ deliverTimeMs: instant });
    expect(delayed?.topic).toBe('T');
    await producer.cancelDelayed(delayed as DelayedMessage);
    expect(lastProperties(delayed?.brokerName ?? '')).toMatchObject({ TIMER_DEL_UNIQKEY: `ns%T+${msgId}` });
    expect(await producer.recall('T', recallHandle)).toBe(msgId);
  });
});
