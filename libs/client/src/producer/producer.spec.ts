import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../common/src/index.js';
import { ResponseCode } from '../../../protocol/src/index.js';
import { decodeProperties } from '../../../protocol/src/message/index.js';
import { fail, hold, ok, type Exchange } from '../../../remoting/src/index.js';
import { eventually } from '../../../testkit/src/eventually.js';
import { FakeCluster } from '../../../testkit/src/fake-cluster.js';
import { createClient } from '../client.js';
import type {
  MessageQueue,
  Producer,
  ProducerConfig,
  QueueSelector,
  RocketMQClient,
  SendResult,
} from '../contract/index.js';

describe('MessageProducer', () => {
  let cluster: FakeCluster;
  let client: RocketMQClient;

  beforeEach(async () => {
    cluster = new FakeCluster(['a', 'b']);
    cluster.topics.set('T', 2);
    await cluster.start();
    client = createClient({ nameServer: cluster.nameServer, clientIP: '127.0.0.1' });
  });

  afterEach(async () => {
    await client.close();
    await cluster.close();
  });

  const start = async (config: ProducerConfig = {}): Promise<Producer> => {
    const producer = client.createProducer({ producerGroup: 'p', ...config });
    await producer.start();
    return producer;
  };
  const sendsTo = (index: number) => cluster.brokers[index]?.sends ?? [];
  const intercept = (name: string, code: number, index = 0): void =>
    cluster.brokers[index]?.intercept(name, () => fail(code, 'as the test says'));

  it('says when a broker last took a message', async () => {
    const producer = await start({ retryTimesWhenSendFailed: 0 });
    expect(producer.lastSent).toBeUndefined();
    for (const index of [0, 1]) intercept('SEND_MESSAGE_V2', ResponseCode.SYSTEM_ERROR, index);
    await expect(producer.send({ topic: 'T', body: 'x' })).rejects.toThrow();
    expect(producer.lastSent).toBeUndefined();
    const other = await start({ producerGroup: 'q' });
    for (const broker of cluster.brokers) broker.intercept('SEND_MESSAGE_V2', undefined);
    const before = systemClock.now();
    await other.send({ topic: 'T', body: 'x' });
    expect(other.lastSent).toBeGreaterThanOrEqual(before);
    expect(producer.lastSent).toBeUndefined();
  });

  it('goes round the queues of all brokers, and says where the message is', async () => {
    const producer = await start();
    const results = await Promise.all(
      Array.from({ length: 8 }, () => producer.send({ topic: 'T', body: 'x', flag: 3 })),
    );
    const counts = new Map<string, number>();
    for (const { messageQueue: q } of results) {
      counts.set(`${q.brokerName}${q.queueId}`, (counts.get(`${q.brokerName}${q.queueId}`) ?? 0) + 1);
    }
    expect([...counts.values()]).toEqual([2, 2, 2, 2]);
    expect(results[0]).toMatchObject({
      sendStatus: 'SEND_OK',
      offsetMsgId: 'OFFSET-ID',
      regionId: 'DefaultRegion',
      traceOn: true,
    });
    const { header } = sendsTo(0)[0] ?? {};
    expect(header).toMatchObject({
      producerGroup: 'p',
      topic: 'T',
      defaultTopic: 'TBW102',
      flag: 3,
      bname: 'a',
      batch: false,
    });
    const ids = [...sendsTo(0), ...sendsTo(1)].map((send) =>
      decodeProperties(String(send.header.properties ?? '')).get('UNIQ_KEY'),
    );
    expect(new Set(ids)).toEqual(new Set(results.map((result) => result.msgId)));
  });

  it('tries another broker when one refuses in a way that may pass', async () => {
    const producer = await start();
    intercept('SEND_MESSAGE_V2', ResponseCode.SYSTEM_BUSY);
    const results = await Promise.all(Array.from({ length: 4 }, () => producer.send({ topic: 'T', body: 'x' })));
    expect(results.map((result) => result.messageQueue.brokerName)).toEqual(['b', 'b', 'b', 'b']);
  });

  it('tries another broker when one is gone', async () => {
    const producer = await start();
    await cluster.brokers[0]?.close();
    const results = await Promise.all(Array.from({ length: 4 }, () => producer.send({ topic: 'T', body: 'x' })));
    expect(results.every((result) => result.messageQueue.brokerName === 'b')).toBe(true);
  });

  it('does not repeat what is refused for good', async () => {
    const producer = await start();
    for (const index of [0, 1]) intercept('SEND_MESSAGE_V2', ResponseCode.MESSAGE_ILLEGAL, index);
    await expect(producer.send({ topic: 'T', body: 'x' })).rejects.toMatchObject({
      code: 'REQUEST_REFUSED',
      responseCode: ResponseCode.MESSAGE_ILLEGAL,
    });
  });

  it('tells how often and where it tried', async () => {
    const producer = await start({ retryTimesWhenSendFailed: 2 });
    for (const index of [0, 1]) intercept('SEND_MESSAGE_V2', ResponseCode.SYSTEM_ERROR, index);
    await expect(producer.send({ topic: 'T', body: 'x' })).rejects.toMatchObject({
      code: 'BROKER_UNAVAILABLE',
      message: expect.stringMatching(
        /^Send \[3\] times, still failed, cost \[\d+\]ms, topic T, brokers sent: (a, b, a|b, a, b); /,
      ),
      cause: { responseCode: ResponseCode.SYSTEM_ERROR },
    });
  });

  it('keeps one budget of time over all attempts', async () => {
    const producer = await start();
    let asked = 0;
    for (const broker of cluster.brokers) {
      broker.intercept('SEND_MESSAGE_V2', () => {
        asked++;
        return hold;
      });
    }
    await expect(producer.send({ topic: 'T', body: 'x' }, { timeout: 50 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(asked).toBe(1);
    await expect(producer.send({ topic: 'T', body: 'x' }, { timeout: 0 })).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
    });
  });

  it.each([
    [ResponseCode.FLUSH_DISK_TIMEOUT, 'FLUSH_DISK_TIMEOUT'],
    [ResponseCode.SLAVE_NOT_AVAILABLE, 'SLAVE_NOT_AVAILABLE'],
    [ResponseCode.FLUSH_SLAVE_TIMEOUT, 'FLUSH_SLAVE_TIMEOUT'],
  ])('takes code %i for stored, and shows it as %s', async (code, status) => {
    const header = { msgId: 'M', queueId: 0, queueOffset: 5 };
    cluster.brokers[0]?.intercept('SEND_MESSAGE_V2', () => fail(code, 'slow', header as never));
    const queue = { topic: 'T', brokerName: 'a', queueId: 0 };
    const producer = await start();
    expect(await producer.send({ topic: 'T', body: 'x' }, { queue })).toMatchObject({
      sendStatus: status,
      queueOffset: 5,
    });
    // Only when asked to, another broker gets the message as well.
    const careful = await start({ retryAnotherBrokerWhenNotStoreOK: true });
    const results = await Promise.all([1, 2].map(() => careful.send({ topic: 'T', body: 'x' })));
    expect(results.map((result) => [result.messageQueue.brokerName, result.sendStatus])).toEqual([
      ['b', 'SEND_OK'],
      ['b', 'SEND_OK'],
    ]);
  });

  it.each([
    [undefined, ResponseCode.SYSTEM_BUSY, 'b'],
    [undefined, ResponseCode.GO_AWAY, 'b'],
    // Of 4.9.7, which takes a broker that is too busy at its word.
    [[17, 14, 1, 16, 204, 205], ResponseCode.SYSTEM_BUSY, undefined],
    [[17, 14, 1, 16, 204, 205], ResponseCode.NO_PERMISSION, 'b'],
    [[ResponseCode.MESSAGE_ILLEGAL], ResponseCode.MESSAGE_ILLEGAL, 'b'],
  ])('retries after the codes it is told: of %p, %i', async (retryResponseCodes, code, broker) => {
    const producer = await start({ ...(retryResponseCodes && { retryResponseCodes }) });
    intercept('SEND_MESSAGE_V2', code);
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => producer.send({ topic: 'T', body: 'x' })));
    const brokers = outcomes.map((outcome) =>
      outcome.status === 'fulfilled' ? outcome.value.messageQueue.brokerName : undefined,
    );
    expect(new Set(brokers)).toEqual(new Set(['b', broker]));
  });

  it('gives up an attempt early when another can follow', async () => {
    const producer = await start({ sendMsgMaxTimeoutPerRequest: 50, sendMsgTimeout: 20_000 });
    cluster.broker.intercept('SEND_MESSAGE_V2', () => hold);
    const results = await Promise.all([1, 2].map(() => producer.send({ topic: 'T', body: 'x' })));
    expect(results.map(({ messageQueue }) => messageQueue.brokerName)).toEqual(['b', 'b']);
  });

  it('leaves a broker alone that failed, when it watches brokers', async () => {
    const producer = await start({ sendLatencyFaultEnable: true });
    intercept('SEND_MESSAGE_V2', ResponseCode.SYSTEM_ERROR);
    for (let i = 0; i < 8; i++) await producer.send({ topic: 'T', body: 'x' });
    // One queue of it was tried once; the next sends went past it.
    let tried = 0;
    cluster.broker.intercept('SEND_MESSAGE_V2', () => (tried++, undefined));
    for (let i = 0; i < 8; i++) await producer.send({ topic: 'T', body: 'x' });
    expect(tried).toBe(0);
  });

  it('lets asynchronous sends wait their turn, and says so when it does not come', async () => {
    const producer = await start({ enableBackpressureForAsyncMode: true, backPressureForAsyncSendNum: 10 });
    const parked: Exchange[] = [];
    for (const broker of cluster.brokers)
      broker.intercept('SEND_MESSAGE_V2', (exchange) => (parked.push(exchange), hold));
    const outcomes: string[] = [];
    const sendAsync = (body: string, timeout: number): void =>
      producer.sendAsync(
        { topic: 'T', body },
        {
          onSuccess: () => outcomes.push(body),
          onException: (error) => outcomes.push(`${body} ${(error as { code: string }).code}`),
        },
        { timeout },
      );
    for (let i = 0; i < 10; i++) sendAsync(`m${i}`, 10_000);
    await eventually(() => parked.length === 10);
    sendAsync('late', 300);
    sendAsync('patient', 10_000);
    await eventually(() => outcomes.join() === 'late TOO_MANY_REQUESTS');
    expect(parked).toHaveLength(10);
    for (const broker of cluster.brokers) broker.intercept('SEND_MESSAGE_V2', undefined);
    const header = { msgId: 'M', queueId: 0, queueOffset: 0 };
    for (const exchange of parked) exchange.reply(ok(header as never) as never);
    await producer.flush();
    await eventually(() => outcomes.includes('patient'));
    expect(outcomes).toHaveLength(12);
  });

  it('packs bodies as it is told, and says at its start when the library is missing', async () => {
    for (const [compressType, sysFlag] of [
      ['LZ4', 0x101],
      ['ZSTD', 0x201],
    ] as const) {
      const producer = await start({ compressType });
      await producer.send(
        { topic: 'T', body: 'x'.repeat(5_000) },
        { queue: { topic: 'T', brokerName: 'a', queueId: 0 } },
      );
      expect(sendsTo(0).at(-1)?.header.sysFlag).toBe(sysFlag);
      await producer.close();
    }
  });

  it('puts the same key into the same queue, and goes nowhere else with it', async () => {
    const producer = await start();
    const send = () => producer.send({ topic: 'T', body: 'x' }, { hashKey: 'customer-42' });
    const results = await Promise.all([1, 2, 3].map(send));
    expect(new Set(results.map(({ messageQueue: q }) => `${q.brokerName}${q.queueId}`)).size).toBe(1);
    const index = results[0]?.messageQueue.brokerName === 'a' ? 0 : 1;
    intercept('SEND_MESSAGE_V2', ResponseCode.SYSTEM_BUSY, index);
    await expect(send()).rejects.toMatchObject({ responseCode: ResponseCode.SYSTEM_BUSY });
    expect(sendsTo(1 - index)).toHaveLength(0);
  });

  it('lets a selector choose', async () => {
    const producer = await start();
    const options = {
      selector: (queues: readonly SendResult['messageQueue'][]) => queues[3] as SendResult['messageQueue'],
    };
    expect((await producer.send({ topic: 'T', body: 'x' }, options)).messageQueue).toEqual({
      topic: 'T',
      brokerName: 'b',
      queueId: 1,
    });
    const queue = { topic: 'other', brokerName: 'a', queueId: 0 };
    await expect(producer.send({ topic: 'T', body: 'x' }, { queue })).rejects.toThrow(
      /is not of the message's topic T/,
    );
  });

  it('sends a batch as one request', async () => {
    const producer = await start();
    const result = await producer.send([1, 2, 3].map((n) => ({ topic: 'T', body: `b${n}` })));
    expect([...sendsTo(0), ...sendsTo(1)]).toMatchObject([{ batch: true, header: { batch: true } }]);
    expect(result.msgId.split(',')).toHaveLength(3);
  });

  it('calls back, also with what is wrong with the message, and never throws', async () => {
    const producer = await start();
    const outcome = (body: string) =>
      new Promise((resolve) => producer.sendAsync({ topic: 'T', body }, { onSuccess: resolve, onException: resolve }));
    expect(await outcome('x')).toMatchObject({ sendStatus: 'SEND_OK' });
    expect(await outcome('')).toMatchObject({ code: 'ARGUMENT_INVALID' });
    for (const index of [0, 1]) intercept('SEND_MESSAGE_V2', ResponseCode.SYSTEM_BUSY, index);
    expect(await outcome('x')).toMatchObject({ message: expect.stringContaining('Send [3] times') });
  });

  it('hands a one-way message over and does not wait', async () => {
    const producer = await start();
    const queue = { topic: 'T', brokerName: 'a', queueId: 1 };
    await producer.sendOneWay({ topic: 'T', body: 'x' }, { queue });
    await eventually(() => sendsTo(0).length === 1);
  });

  it('takes the queues that the default topic promises for a topic that does not exist', async () => {
    cluster.topics.set('TBW102', 8);
    const producer = await start({ defaultTopicQueueNums: 3 });
    expect(await producer.fetchPublishMessageQueues('new')).toHaveLength(6);
    await producer.send({ topic: 'new', body: 'x' });
    expect([...sendsTo(0), ...sendsTo(1)][0]?.header).toMatchObject({ topic: 'new', defaultTopicQueueNums: 3 });
  });

  it('says what to do about a topic that neither exists nor will', async () => {
    const producer = await start();
    await expect(producer.send({ topic: 'nowhere', body: 'x' })).rejects.toMatchObject({
      code: 'TOPIC_NOT_FOUND',
      message: expect.stringMatching(/^No route info of this topic: nowhere\. .*mqadmin updateTopic .* -t nowhere$/),
    });
    for (const index of [0, 1]) intercept('SEND_MESSAGE_V2', ResponseCode.TOPIC_NOT_EXIST, index);
    const queue = { topic: 'T', brokerName: 'a', queueId: 0 };
    await expect(producer.send({ topic: 'T', body: 'x' }, { queue })).rejects.toMatchObject({
      code: 'TOPIC_NOT_FOUND',
      message: expect.stringContaining("Topic 'T' does not exist and the broker does not create topics"),
    });
  });

  it('connects anew to a broker that was restarted', async () => {
    const single = new FakeCluster(['a']);
    single.topics.set('T', 1);
    await single.start();
    const own = createClient({ nameServer: single.nameServer });
    const producer = own.createProducer();
    await producer.start();
    await producer.send({ topic: 'T', body: 'x' });
    await single.broker.restart();
    await expect(producer.send({ topic: 'T', body: 'x' })).resolves.toMatchObject({ sendStatus: 'SEND_OK' });
    await own.close();
    await single.close();
  });

  it('sends only between start and close, and close waits for what is under way', async () => {
    const producer = client.createProducer({ producerGroup: 'p' });
    await expect(producer.send({ topic: 'T', body: 'x' })).rejects.toThrow(
      'The producer of group p is not started: call start() first',
    );
    await producer.start();
    const arrived = new Promise<Exchange>((resolve) => {
      cluster.broker.intercept('SEND_MESSAGE_V2', (exchange) => {
        resolve(exchange);
        return hold;
      });
    });
    const sending = producer.send({ topic: 'T', body: 'x' }, { queue: { topic: 'T', brokerName: 'a', queueId: 0 } });
    const order: string[] = [];
    void sending.then(() => order.push('sent'));
    const exchange = await arrived;
    void producer.flush().then(() => order.push('flushed'));
    const closing = producer.close().then(() => order.push('closed'));
    exchange.reply(ok<unknown>({ msgId: 'M', queueId: 0, queueOffset: 0 } as never));
    await closing;
    expect(order).toEqual(['flushed', 'sent', 'closed']);
    await producer.flush();
    await expect(producer.send({ topic: 'T', body: 'x' })).rejects.toThrow('The producer of group p is closed');
  });

  it('tells brokers of its group, and that it leaves', async () => {
    const producer = await start();
    await producer.send({ topic: 'T', body: 'x' }, { queue: { topic: 'T', brokerName: 'a', queueId: 0 } });
    await eventually(() => cluster.broker.heartbeats.length > 0);
    expect(cluster.broker.heartbeats.at(-1)).toMatchObject({
      clientID: client.clientId,
      producerDataSet: [{ groupName: 'p' }],
      consumerDataSet: [],
    });
    await producer.close();
    expect(cluster.broker.unregistered).toEqual([{ producerGroup: 'p', consumerGroup: undefined }]);
  });

  it('works in a namespace: brokers see full names, the application bare ones', async () => {
    const inShop = createClient({
      nameServer: cluster.nameServer,
      namespace: 'shop',
      namespaceV2: 'v2',
      unitMode: true,
    });
    cluster.topics.set('shop%T', 2);
    const extra: unknown[] = [];
    cluster.broker.intercept('SEND_MESSAGE_V2', (exchange) => (extra.push(exchange.ext), undefined));
    const producer = inShop.createProducer({ producerGroup: 'p' });
    await producer.start();
    const seen: string[] = [];
    const selector: QueueSelector = (queues) => {
      seen.push(...queues.map(({ topic }) => topic));
      return queues[0] as MessageQueue;
    };
    const result = await producer.send({ topic: 'T', body: 'x' }, { selector });
    expect(result.messageQueue).toEqual({ topic: 'T', brokerName: 'a', queueId: 0 });
    expect(new Set(seen)).toEqual(new Set(['T']));
    const { header } = sendsTo(0)[0] ?? {};
    expect(header).toMatchObject({ topic: 'shop%T', producerGroup: 'shop%p', unitMode: true });
    expect(decodeProperties(String(header?.properties)).get('INSTANCE_ID')).toBe('shop');
    expect(extra).toEqual([expect.objectContaining({ nsd: 'true', ns: 'v2' })]);
    expect((await producer.fetchPublishMessageQueues('T')).map(({ topic }) => topic)).toEqual(['T', 'T', 'T', 'T']);
    await inShop.close();
  });
});
