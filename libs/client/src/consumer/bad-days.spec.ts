import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FakeCluster } from '../../../testkit/src/fake-cluster.js';
import { SimulatedClients } from '../../../testkit/src/simulated-clients.js';
import type { ConsumeMode, MessageHandler, PushConsumerConfig } from '../contract/index.js';

const minute = 60_000;
const modes: readonly ConsumeMode[] = ['CONCURRENTLY', 'ORDERLY'];

describe('Consumption', () => {
  let stage: SimulatedClients;
  let cluster: FakeCluster;
  let seen: number[];
  let stored: number;
  let unfinished: (() => void)[];
  let over: boolean;

  beforeEach(async () => {
    stage = await SimulatedClients.open({ queues: 1 });
    ({ cluster } = stage);
    seen = [];
    stored = 0;
    unfinished = [];
    over = false;
  });

  afterEach(async () => {
    const closed = stage.close();
    over = true;
    for (const end of unfinished) end();
    await closed;
  });

  const record: MessageHandler = (messages) => void seen.push(...messages.map((m) => Number(m.body.toString())));
  const stick: MessageHandler = () => (over ? undefined : new Promise((resolve) => void unfinished.push(resolve)));
  const consume = async (config: Partial<PushConsumerConfig> = {}) => {
    const consumeFromWhere = 'CONSUME_FROM_FIRST_OFFSET';
    const client = stage.client();
    const consumer = client.createPushConsumer({ consumerGroup: 'g', consumeFromWhere, handler: record, ...config });
    consumer.subscribe('T');
    await consumer.start();
    return consumer;
  };
  const store = (count: number): void => {
    for (let i = 0; i < count; i++) cluster.broker.store('T', 0, { body: Buffer.from(String(stored++)) });
  };
  const allSeen = (): boolean => new Set(seen).size === stored;
  const duplicates = (): number => seen.length - new Set(seen).size;
  const inOrder = (): boolean => {
    const firsts = [...new Set(seen)];
    return firsts.every((value, i) => i === 0 || value > (firsts[i - 1] ?? -1));
  };

  it.each(modes)('resumes by itself after a broker was restarted, %s', async (consumeMode) => {
    await consume({ consumeMode });
    store(50);
    await stage.until(allSeen);
    await cluster.broker.close();
    await stage.pass(minute);
    store(20);
    await cluster.broker.restart();
    cluster.broker.locks.clear();
    await stage.until(allSeen);
    expect([duplicates(), inOrder()]).toEqual([0, true]);
  });

  it('goes on while no name server answers for minutes, and finds new topics when one does again', async () => {
    const consumer = await consume();
    cluster.silent = true;
    store(10);
    await stage.until(allSeen);
    await stage.pass(5 * minute);
    store(10);
    await stage.until(allSeen);
    cluster.topics.set('U', 1);
    consumer.subscribe('U');
    await stage.pass(minute);
    cluster.silent = false;
    await stage.until(() => consumer.assignment.some(({ topic }) => topic === 'U'));
    expect(duplicates()).toBe(0);
  });

  it.each(modes)('resumes by itself after the network was cut for two minutes, %s', async (consumeMode) => {
    const consumer = await consume({ consumeMode });
    store(30);
    await stage.until(allSeen);
    cluster.silent = true;
    cluster.broker.silent = true;
    await stage.pass(2 * minute);
    store(30);
    cluster.silent = false;
    cluster.broker.silent = false;
    // Brokers forget whom they do not hear of.
    cluster.broker.members.clear();
    cluster.broker.locks.clear();
    await stage.until(allSeen);
    expect([duplicates(), inOrder()]).toEqual([0, true]);
    store(1);
    await stage.until(allSeen);
    expect(consumer.assignment).toHaveLength(1);
  });

  it.each(modes)('does not care for a wall clock that jumps, %s', async (consumeMode) => {
    await consume({ consumeMode });
    for (const jump of [3_600_000, -7_200_000]) {
      stage.clock.jump(jump);
      store(10);
      await stage.until(allSeen);
      await stage.pass(minute);
    }
    expect(duplicates()).toBe(0);
  });

  it.each(modes)('resumes by itself after the process stood still for 90 s, %s', async (consumeMode) => {
    await consume({ consumeMode });
    store(10);
    await stage.until(allSeen);
    // Time passes at once, and nothing was answered meanwhile.
    stage.clock.advance(90_000);
    store(10);
    cluster.broker.locks.clear();
    await stage.until(allSeen);
    expect([duplicates(), inOrder()]).toEqual([0, true]);
  });

  it('holds no more of a queue than its threshold while handlers are stuck, whatever the broker has', async () => {
    await consume({ handler: stick, concurrency: 2, pullThresholdForQueue: 100, consumeConcurrentlyMaxSpan: 60_000 });
    store(5000);
    await stage.pass(minute);
    const furthest = Math.max(...cluster.broker.pulls.map(({ queueOffset }) => queueOffset));
    expect(furthest).toBeLessThanOrEqual(100 + 32);
    expect(unfinished).toHaveLength(2);
  });

  it('divides the threshold of a topic by the queues held', async () => {
    cluster.topics.set('T', 4);
    await consume({ handler: stick, pullThresholdForTopic: 80, pullThresholdSizeForTopic: 4, pullBatchSize: 1 });
    store(200);
    await stage.pass(minute);
    const ofQueue = cluster.broker.pulls.filter(({ topic, queueId }) => topic === 'T' && queueId === 0);
    // The first offset at which 80 / 4 messages are more than allowed.
    expect(Math.max(...ofQueue.map(({ queueOffset }) => queueOffset))).toBe(20);
  });

  it('is not held up in other queues by one whose handler is slow', async () => {
    cluster.topics.set('T', 2);
    cluster.broker.store('T', 1, { body: Buffer.from('-1') });
    await consume({
      concurrency: 2,
      handler: (messages, context) =>
        context.messageQueue.queueId === 1 ? stick(messages, context) : record(messages, context),
    });
    store(100);
    await stage.until(allSeen);
  });

  it('begins where the broker ends, when it lost messages that were consumed: none that comes later is passed over', async () => {
    await consume();
    store(6);
    await stage.until(allSeen);
    await stage.pass(6_000);
    expect(cluster.broker.offsets.get('g/T/0')).toBe(6);
    cluster.broker.messagesIn('T', 0).splice(3);
    await cluster.broker.restart();
    await stage.pass(10_000);
    store(2);
    await stage.until(allSeen);
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('repairs an offset that a broadcasting member has and the broker has not', async () => {
    const consumer = await consume({ messageModel: 'BROADCASTING', consumerGroup: 'bc' });
    store(6);
    await stage.until(allSeen);
    await consumer.close();
    cluster.broker.messagesIn('T', 0).splice(2);
    await consume({ messageModel: 'BROADCASTING', consumerGroup: 'bc' });
    await stage.pass(10_000);
    store(2);
    await stage.until(allSeen);
    expect(seen.slice(6)).toEqual([6, 7]);
  });

  it('leaves nothing behind of calls that failed because no connection was made', async () => {
    await consume();
    store(1);
    await stage.until(allSeen);
    await stage.pass(minute);
    const before = stage.clock.timers;
    await cluster.broker.close();
    await stage.pass(3 * minute);
    await cluster.broker.restart();
    store(1);
    await stage.until(allSeen);
    await stage.pass(minute);
    expect(stage.clock.timers).toBeLessThanOrEqual(before);
  });
});
