import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../common/src/index.js';
import { ResponseCode, getConsumerRunningInfo } from '../../../protocol/src/index.js';
import { encodeProperties } from '../../../protocol/src/message/index.js';
import { fail } from '../../../remoting/src/index.js';
import { eventually } from '../../../testkit/src/eventually.js';
import { FakeBroker, FakeCluster } from '../../../testkit/src/fake-cluster.js';
import { createClient, createPushConsumer } from '../client.js';
import type {
  ClientConfig,
  PushConsumer,
  PushConsumerConfig,
  ReceivedMessage,
  RocketMQClient,
} from '../contract/index.js';

/** Messages in the order they came, and promises for those that are to come. */
function inbox() {
  const messages: ReceivedMessage[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  return {
    messages,
    bodies: () => messages.map((message) => message.body.toString()),
    handler: (batch: readonly ReceivedMessage[]): void => {
      messages.push(...batch);
      for (const { count, resolve } of waiting) if (messages.length >= count) resolve();
    },
    has: (count: number): Promise<void> =>
      messages.length >= count ? Promise.resolve() : new Promise((resolve) => waiting.push({ count, resolve })),
  };
}

describe('GroupPushConsumer', () => {
  let cluster: FakeCluster;
  let client: RocketMQClient;
  let dir: string;
  let open: { close(): Promise<void> }[];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'client-'));
    cluster = new FakeCluster();
    cluster.topics.set('T', 2);
    await cluster.start();
    open = [];
    client = another();
  });

  afterEach(async () => {
    for (const closeable of open.toReversed()) await closeable.close();
    await cluster.close();
    await rm(dir, { recursive: true });
  });

  const config = (): ClientConfig => ({
    nameServer: cluster.nameServer,
    clientIP: '127.0.0.1',
    localOffsetStoreDir: dir,
  });
  const another = (): RocketMQClient => {
    const made = createClient(config());
    open.push(made);
    return made;
  };
  const start = async (
    options: Partial<PushConsumerConfig> & Pick<PushConsumerConfig, 'handler'>,
    { on = client, expression }: { on?: RocketMQClient; expression?: string } = {},
  ): Promise<PushConsumer> => {
    const consumer = on.createPushConsumer({ consumerGroup: 'g', ...options });
    consumer.subscribe('T', expression);
    await consumer.start();
    return consumer;
  };
  const store = (body: string, queueId = 0, tags?: string): void =>
    cluster.broker.store('T', queueId, { body: Buffer.from(body), properties: encodeProperties([['TAGS', tags]]) });
  const queueIds = (consumer: PushConsumer) =>
    consumer.assignment.filter((queue) => queue.topic === 'T').map((queue) => queue.queueId);
  const { bodies, messages, handler, has } = { ...inbox() };
  const fresh = (): void => void messages.splice(0);
  beforeEach(fresh);

  it('has the messages of its queues brought to its handler, and tells how far it came when it closes', async () => {
    store('m1', 0);
    store('m2', 1);
    const consumer = await start({ handler, consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' });
    await has(2);
    store('m3', 1);
    await has(3);
    expect(bodies().toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['m1', 'm2', 'm3']);
    await consumer.close();
    expect(cluster.broker.offsets).toEqual(
      new Map([
        ['g/T/0', 1],
        ['g/T/1', 2],
      ]),
    );
    expect(cluster.broker.unregistered).toEqual([{ producerGroup: undefined, consumerGroup: 'g' }]);
  });

  it('says how far it is with each queue, and when it last consumed', async () => {
    store('good', 0);
    store('stuck', 1);
    let release = (): void => undefined;
    const stuck = new Promise<void>((resolve) => (release = resolve));
    const consumer = await start({
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      handler: ([message]) => (message?.body.toString() === 'stuck' ? stuck : undefined),
    });
    expect(consumer.lastConsumed).toBeUndefined();
    const ofTopic = () =>
      consumer.progress.flatMap(({ messageQueue: { topic, queueId }, consumerOffset, cached }) =>
        topic === 'T' ? [[queueId, consumerOffset, cached]] : [],
      );
    await eventually(() => JSON.stringify(ofTopic()) === '[[0,1,0],[1,0,1]]');
    expect(consumer.lastConsumed).toBeLessThanOrEqual(systemClock.now());
    release();
    await eventually(() => JSON.stringify(ofTopic()) === '[[0,1,0],[1,1,0]]');
  });

  it('speaks to brokers in its namespace, and to its handler without it', async () => {
    cluster.topics.set('shop%T', 1);
    cluster.broker.store('shop%T', 0, { body: Buffer.from('m1'), properties: '' });
    const inShop = createClient({ ...config(), namespace: 'shop' });
    open.push(inShop);
    const seen: unknown[] = [];
    const consumer = await start(
      {
        consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
        handler: ([message], { messageQueue }) => {
          seen.push([message?.topic, messageQueue.topic]);
          throw new Error('not now');
        },
      },
      { on: inShop },
    );
    await eventually(() => cluster.broker.sentBack.length === 1);
    expect(seen).toEqual([['T', 'T']]);
    expect(cluster.broker.sentBack[0]).toMatchObject({ group: 'shop%g', originTopic: 'shop%T' });
    expect(consumer.assignment.some(({ topic }) => topic === 'T')).toBe(true);
    await consumer.close();
    expect(cluster.broker.offsets.get('shop%g/shop%T/0')).toBe(1);
    expect(cluster.broker.unregistered).toEqual([{ producerGroup: undefined, consumerGroup: 'shop%g' }]);
  });

  it('tells brokers what Java tells them', async () => {
    await start({ handler }, { expression: 'a || b' });
    expect(cluster.broker.heartbeats.at(-1)).toEqual({
      clientID: client.clientId,
      producerDataSet: [],
      consumerDataSet: [
        {
          groupName: 'g',
          consumeType: 'CONSUME_PASSIVELY',
          messageModel: 'CLUSTERING',
          consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
          unitMode: false,
          subscriptionDataSet: [
            expect.objectContaining({ topic: '%RETRY%g', subString: '*', tagsSet: [], codeSet: [] }),
            {
              topic: 'T',
              subString: 'a || b',
              tagsSet: ['a', 'b'],
              codeSet: [97, 98],
              subVersion: expect.any(Number),
              expressionType: 'TAG',
              classFilterMode: false,
            },
          ],
        },
      ],
    });
    await eventually(() => cluster.broker.pulls.length >= 2);
    expect(cluster.broker.pulls[0]).toMatchObject({
      consumerGroup: 'g',
      topic: 'T',
      maxMsgNums: 32,
      sysFlag: 2,
      commitOffset: 0,
      suspendTimeoutMillis: 15_000,
      expressionType: 'TAG',
    });
  });

  it.each([
    ['CONSUME_FROM_LAST_OFFSET', undefined, ['new']],
    ['CONSUME_FROM_FIRST_OFFSET', undefined, ['m1', 'm2', 'new']],
    // The broker of this test finds offset 1 for any time.
    ['CONSUME_FROM_TIMESTAMP', undefined, ['m2', 'new']],
    ['CONSUME_FROM_FIRST_OFFSET', 1, ['m2', 'new']],
  ] as const)('begins with %s, stored offset %p', async (consumeFromWhere, stored, expected) => {
    store('m1');
    store('m2');
    if (stored !== undefined) cluster.broker.offsets.set('g/T/0', stored);
    await start({ handler, consumeFromWhere });
    store('new');
    await has(expected.length);
    expect(bodies()).toEqual(expected);
  });

  it('does not begin with a queue while its offset cannot be told, and begins as soon as it can', async () => {
    store('m1');
    let refused = 0;
    cluster.broker.intercept('QUERY_CONSUMER_OFFSET', () =>
      refused++ < 2 ? fail(ResponseCode.SYSTEM_BUSY, 'busy') : undefined,
    );
    await start({ handler, consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' });
    await has(1);
    expect(refused).toBeGreaterThan(2);
  });

  it('drops messages whose tag only has the hash code that was asked for', async () => {
    await start({ handler, consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' }, { expression: 'Aa' });
    store('wrong', 0, 'BB');
    store('right', 0, 'Aa');
    await has(1);
    expect(bodies()).toEqual(['right']);
  });

  it('shares queues with another member, and takes them over when it leaves, without loss', async () => {
    const mine = await start({ handler });
    const other = inbox();
    const guest = another();
    const theirs = await start({ handler: other.handler }, { on: guest });
    cluster.broker.notify('g');
    await eventually(() => queueIds(mine).length === 1);
    expect([...queueIds(mine), ...queueIds(theirs)].toSorted((a, b) => a - b)).toEqual([0, 1]);
    store('m1', 0);
    store('m2', 1);
    await Promise.all([has(1), other.has(1)]);
    await guest.close();
    cluster.broker.notify('g');
    store('m3', queueIds(mine)[0] === 0 ? 1 : 0);
    await has(2);
    expect(bodies()).toContain('m3');
    expect(queueIds(mine)).toEqual([0, 1]);
  });

  it('handles nothing of a queue after it lost it, and leaves its offset alone', async () => {
    const begun: { signal: AbortSignal; end: () => void }[] = [];
    const consumer = await start({
      handler: (_messages, { signal }) => new Promise((end) => void begun.push({ signal, end })),
      concurrency: 1,
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    });
    store('m1', 1);
    store('m2', 1);
    await eventually(() => begun.length === 1);
    const offsetOnLoss = cluster.broker.offsets.get('g/T/1');
    // Ids are sorted: this one comes first and takes queue 0, the second one queue 1.
    cluster.broker.members.set('g', new Set([client.clientId, '~another']));
    cluster.broker.notify('g');
    await eventually(() => queueIds(consumer).length === 1);
    expect(begun[0]?.signal.aborted).toBe(true);
    begun[0]?.end();
    await consumer.close();
    expect(begun).toHaveLength(1);
    expect(cluster.broker.offsets.get('g/T/1') ?? 0).toBe(offsetOnLoss ?? 0);
  });

  it('goes on where the broker says when an offset is none, and handles nothing twice', async () => {
    store('m1');
    cluster.broker.offsets.set('g/T/0', 99);
    let moved = false;
    cluster.broker.intercept('PULL_MESSAGE', (exchange) => {
      const { queueOffset, queueId } = exchange.header as { queueOffset: number; queueId: number };
      if (queueId !== 0 || queueOffset !== 99) return undefined;
      moved = true;
      const header = { suggestWhichBrokerId: 0, nextBeginOffset: 0, minOffset: 0, maxOffset: 1 };
      return fail(ResponseCode.PULL_OFFSET_MOVED, 'moved', header as never);
    });
    const consumer = await start({ handler });
    await has(1);
    expect([moved, bodies()]).toEqual([true, ['m1']]);
    await consumer.close();
    expect(cluster.broker.offsets.get('g/T/0')).toBe(1);
  });

  it('lets no handler of before move an offset that was put right', async () => {
    const begun: { offset: number; end: () => void }[] = [];
    for (let i = 0; i < 6; i++) store(`m${i}`);
    cluster.broker.offsets.set('g/T/0', 5);
    cluster.broker.intercept('PULL_MESSAGE', (exchange) => {
      const { queueOffset, queueId } = exchange.header as { queueOffset: number; queueId: number };
      if (queueId !== 0 || queueOffset !== 6) return undefined;
      const header = { suggestWhichBrokerId: 0, nextBeginOffset: 2, minOffset: 0, maxOffset: 6 };
      return fail(ResponseCode.PULL_OFFSET_MOVED, 'moved', header as never);
    });
    const consumer = await start({
      handler: ([message]) => new Promise((end) => void begun.push({ offset: message?.queueOffset ?? -1, end })),
      concurrency: 2,
      awaitTerminationMillis: 0,
    });
    await eventually(() => begun.some(({ offset }) => offset === 2));
    begun.find(({ offset }) => offset === 5)?.end();
    await consumer.close();
    expect(cluster.broker.offsets.get('g/T/0')).toBe(2);
  });

  it('does not pull further than its thresholds while handlers are busy, and goes on when they are done', async () => {
    const ends: (() => void)[] = [];
    for (let i = 0; i < 40; i++) store(`m${i}`);
    await start({
      handler: () => new Promise((end) => void ends.push(end)),
      concurrency: 1,
      pullBatchSize: 2,
      pullThresholdForQueue: 5,
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    });
    const pulled = () => cluster.broker.pulls.filter((pull) => pull.topic === 'T' && pull.queueId === 0).length;
    await eventually(() => pulled() === 3);
    // Whatever was under way has come to an end when a later call is answered.
    await client.admin.minOffset({ topic: 'T', brokerName: 'broker-a', queueId: 0 });
    expect(pulled()).toBe(3);
    for (let handled = 0; handled < 40; handled++) {
      await eventually(() => ends.length > handled);
      ends[handled]?.();
    }
    await eventually(() => pulled() > 20);
  });

  it('gives a message back whose handler fails, be it for a body that cannot be read', async () => {
    const read: string[] = [];
    cluster.broker.store('T', 0, { body: Buffer.from('no zlib'), sysFlag: 1 });
    store('m2');
    const consumer = await start({
      handler: (batch) => void read.push(batch[0]?.body.toString() ?? ''),
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    });
    await eventually(() => read.length === 1);
    await consumer.close();
    expect(read).toEqual(['m2']);
    expect(cluster.broker.sentBack.map(({ offset }) => offset)).toEqual([0]);
    expect(cluster.broker.offsets.get('g/T/0')).toBe(2);
  });

  it('reads from the slave that a busy master names, and commits at the master', async () => {
    const slave = new FakeBroker('broker-a');
    await slave.start();
    open.unshift(slave);
    cluster.slaves.set('broker-a', slave);
    slave.store('T', 0, { body: Buffer.from('at the slave') });
    cluster.broker.intercept('PULL_MESSAGE', () => {
      const header = { suggestWhichBrokerId: 1, nextBeginOffset: 0, minOffset: 0, maxOffset: 1 };
      return fail(ResponseCode.PULL_RETRY_IMMEDIATELY, 'ask the slave', header as never);
    });
    const consumer = await start({ handler, consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' });
    await has(1);
    expect(bodies()).toEqual(['at the slave']);
    await consumer.close();
    expect([cluster.broker.offsets.get('g/T/0'), slave.offsets.size]).toEqual([1, 0]);
  });

  it('makes itself known again to a broker that has forgotten it', async () => {
    await start({ handler });
    const { length } = cluster.broker.heartbeats;
    await cluster.broker.restart();
    await eventually(() => cluster.broker.heartbeats.length > length);
    store('after');
    await has(1);
  });

  it('stops pulling when it is suspended, also pulls that are parked, and goes on', async () => {
    const consumer = await start({ handler });
    await eventually(() => cluster.broker.pulls.length === 2);
    consumer.suspend();
    // Answers the pull that is still parked; nobody listens any more.
    store('m1', 0);
    const pulls = cluster.broker.pulls.length;
    await client.admin.minOffset({ topic: 'T', brokerName: 'broker-a', queueId: 0 });
    expect([cluster.broker.pulls.length, messages.length]).toEqual([pulls, 0]);
    consumer.resume();
    await has(1);
  });

  it('takes up and gives up topics while it runs', async () => {
    cluster.topics.set('U', 1);
    const consumer = await start({ handler });
    consumer.subscribe('U');
    await eventually(() => consumer.assignment.some((queue) => queue.topic === 'U'));
    cluster.broker.store('U', 0, { body: Buffer.from('u') });
    await has(1);
    consumer.unsubscribe('U');
    await eventually(() => {
      const topics = cluster.broker.heartbeats.at(-1)?.consumerDataSet[0]?.subscriptionDataSet.map((s) => s.topic);
      return !topics?.includes('U') && !consumer.assignment.some((queue) => queue.topic === 'U');
    });
    expect(() => consumer.subscribe('no topic')).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }));
  });

  it('drains: handlers under way end and count, nothing new begins', async () => {
    const begun: string[] = [];
    let end = (): void => {};
    const consumer = await start({
      handler: (batch) => {
        begun.push(batch[0]?.body.toString() ?? '');
        return new Promise((resolve) => (end = resolve));
      },
      concurrency: 1,
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    });
    store('m1');
    store('m2');
    await eventually(() => begun.length === 1);
    const draining = consumer.drain();
    end();
    await draining;
    await consumer.close();
    expect(begun).toEqual(['m1']);
    expect(cluster.broker.offsets.get('g/T/0')).toBe(1);
  });

  it('keeps the offsets of a broadcasting group in a file and finds them after a restart', async () => {
    const broadcast = async (): Promise<PushConsumer> => {
      const consumer = createPushConsumer({ ...config(), consumerGroup: 'bc', messageModel: 'BROADCASTING', handler });
      open.push(consumer);
      consumer.subscribe('T');
      await consumer.start();
      return consumer;
    };
    const first = await broadcast();
    expect(first.assignment).toHaveLength(2);
    store('m1', 0);
    store('m2', 1);
    await has(2);
    await first.close();
    expect(cluster.broker.offsets.size).toBe(0);
    store('m3', 0);
    await broadcast();
    await has(3);
    expect(bodies().at(-1)).toBe('m3');
    expect(messages).toHaveLength(3);
  });

  it('shows operators what it is doing', async () => {
    store('m1', 1);
    await start({ handler, consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' });
    await has(1);
    const [connection] = cluster.broker.connections;
    const header = { consumerGroup: 'g', clientId: client.clientId, jstackEnable: false };
    const reply = await connection?.call(getConsumerRunningInfo, header);
    const info = reply?.body;
    expect(Object.fromEntries(info?.properties ?? [])).toMatchObject({
      PROP_CONSUMEORDERLY: 'false',
      PROP_THREADPOOL_CORE_SIZE: '20',
      PROP_CONSUME_TYPE: 'CONSUME_PASSIVELY',
      PROP_CLIENT_VERSION: 'V4_9_7',
      PROP_NAMESERVER_ADDR: `${cluster.nameServer};`,
      messageModel: 'CLUSTERING',
    });
    expect(info?.mqTable).toContainEqual([
      { topic: 'T', brokerName: 'broker-a', queueId: 1 },
      expect.objectContaining({ commitOffset: 1, cachedMsgCount: 0, droped: false }),
    ]);
    expect(info?.statusTable.get('T')).toMatchObject({ consumeOKTPS: 1 / 60, consumeFailedMsgs: 0 });
    await expect(connection?.call(getConsumerRunningInfo, { ...header, consumerGroup: 'x' })).rejects.toThrow(
      /The Consumer Group <x> not exist in this consumer/,
    );
  });

  it('is the only consumer of its group in a client', async () => {
    const consumer = client.createPushConsumer({ consumerGroup: 'g', handler });
    expect(() => client.createPullConsumer({ consumerGroup: 'g' })).toThrow(/The consumer group\[g\] is used already/);
    await consumer.close();
    expect(() => client.createPullConsumer({ consumerGroup: 'g' })).not.toThrow();
  });
});
