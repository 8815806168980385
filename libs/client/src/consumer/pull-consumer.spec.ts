import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../../testkit/src/eventually.js';
import { FakeCluster } from '../../../testkit/src/fake-cluster.js';
import { createManualClock, type ManualClock } from '../../../testkit/src/manual-clock.js';
import { createClient } from '../client.js';
import type { ClientConfig, MessageQueue, RocketMQClient } from '../contract/index.js';

const queue = (queueId: number): MessageQueue => ({ topic: 'T', brokerName: 'broker-a', queueId });
const ids = (queues: readonly MessageQueue[]): number[] => queues.map(({ queueId }) => queueId);

let cluster: FakeCluster;
let clock: ManualClock;
const clients: RocketMQClient[] = [];

beforeEach(async () => {
  clock = createManualClock();
  cluster = new FakeCluster();
  cluster.topics.set('T', 4);
  await cluster.start();
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  await cluster.close();
});

function connect(config: ClientConfig = {}): RocketMQClient {
  const client = createClient({ nameServer: cluster.nameServer, clock, ...config });
  clients.push(client);
  return client;
}

describe('QueuePullConsumer', () => {
  it('is told its share of registered topics, and of changes', async () => {
    const first = connect({ clientIP: '10.0.0.1', instanceName: 'one' }).createPullConsumer({
      consumerGroup: 'g',
      registerTopics: ['T'],
      allocateMessageQueueStrategy: 'AVG_BY_CIRCLE',
    });
    await first.start();
    expect(ids(first.fetchMessageQueuesInBalance('T'))).toEqual([0, 1, 2, 3]);
    const told: unknown[] = [];
    first.registerMessageQueueListener('T', (topic, all, own) => told.push([topic, all.length, ids(own)]));
    const second = connect({ clientIP: '10.0.0.2', instanceName: 'two' }).createPullConsumer({
      consumerGroup: 'g',
      registerTopics: ['T'],
      allocateMessageQueueStrategy: 'AVG_BY_CIRCLE',
    });
    await second.start();
    cluster.broker.notify('g');
    await eventually(() => {
      clock.advance(1000);
      return told.length > 0;
    });
    expect(told.at(-1)).toEqual(['T', 4, [0, 2]]);
    expect(ids(second.fetchMessageQueuesInBalance('T'))).toEqual([1, 3]);
    expect(first.fetchMessageQueuesInBalance('other')).toEqual([]);
  });

  it('asks nobody for members while nothing is registered', async () => {
    cluster.broker.intercept('GET_CONSUMER_LIST_BY_GROUP', () => {
      throw new Error('asked');
    });
    const consumer = connect().createPullConsumer({ consumerGroup: 'g' });
    await consumer.start();
    await consumer.pull(queue(0), 0);
    clock.advance(60_000);
    expect(consumer.fetchMessageQueuesInBalance('T')).toEqual([]);
  });

  it('parks at the broker until there is something', async () => {
    const consumer = connect().createPullConsumer({ consumerGroup: 'g', brokerSuspendMaxTimeMillis: 7_000 });
    await consumer.start();
    const parked = consumer.pullBlockIfNotFound(queue(0), 0);
    await eventually(() => cluster.broker.pulls.length === 1);
    expect(cluster.broker.pulls[0]).toMatchObject({ suspendTimeoutMillis: 7_000 });
    cluster.broker.store('T', 0, { body: Buffer.from('a') });
    expect((await parked).messages.map(({ body }) => body.toString())).toEqual(['a']);
  });

  it('gives a message back, to come again or for good', async () => {
    cluster.broker.store('T', 0, { body: Buffer.from('a') });
    const consumer = connect().createPullConsumer({ consumerGroup: 'g', maxReconsumeTimes: 3 });
    await consumer.start();
    const [message] = (await consumer.pull(queue(0), 0)).messages;
    if (message === undefined) throw new Error('no message');
    await consumer.sendMessageBack(message, 2);
    expect(cluster.broker.sentBack).toEqual([
      expect.objectContaining({
        offset: message.physicalOffset,
        group: 'g',
        delayLevel: 2,
        originMsgId: message.msgId,
        originTopic: 'T',
        maxReconsumeTimes: 3,
        bname: 'broker-a',
      }),
    ]);
    await expect(consumer.sendMessageBack(message, -2)).rejects.toThrow(/delayLevel must be a whole number from -1/);
  });

  it('works in a namespace', async () => {
    cluster.topics.set('shop%T', 1);
    cluster.broker.store('shop%T', 0, { body: Buffer.from('a') });
    const consumer = connect({ namespace: 'shop' }).createPullConsumer({ consumerGroup: 'g' });
    await consumer.start();
    const [own] = await consumer.fetchSubscribeMessageQueues('T');
    expect(own).toEqual(queue(0));
    const { messages } = await consumer.pull(own as MessageQueue, 0);
    expect(messages.map(({ topic }) => topic)).toEqual(['T']);
    consumer.updateConsumeOffset(own as MessageQueue, 1);
    await consumer.persistConsumeOffset();
    expect([...cluster.broker.offsets]).toEqual([['shop%g/shop%T/0', 1]]);
    expect(await consumer.fetchConsumeOffset(own as MessageQueue, true)).toBe(1);
  });
});

describe('QueuePullSchedule', () => {
  it('calls the function for each queue it holds, again after the delay it asks for', async () => {
    const schedule = connect().createPullSchedule({ consumerGroup: 'g' });
    const calls: number[] = [];
    schedule.registerPullTaskCallback('T', async ({ queueId, ...rest }, context) => {
      await context.pullConsumer.pull({ queueId, ...rest }, 0);
      calls.push(queueId);
      if (queueId === 1) context.setPullNextDelayTimeMillis(1_000);
    });
    await schedule.start();
    await eventually(() => {
      clock.advance(0);
      return calls.length === 4;
    });
    expect(calls.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
    await eventually(() => clock.timers >= 4);
    const again = async (millis: number): Promise<number[]> => {
      const before = calls.length;
      clock.advance(millis);
      await eventually(() => calls.length >= before + 3);
      return calls.slice(before).toSorted((a, b) => a - b);
    };
    expect(await again(200)).toEqual([0, 2, 3]);
    await schedule.close();
  });

  it('goes on after a second when the function fails', async () => {
    const schedule = connect().createPullSchedule({ consumerGroup: 'g' });
    let calls = 0;
    schedule.registerPullTaskCallback('T', ({ queueId }) => {
      if (queueId === 0) calls++;
      throw new Error('as the test says');
    });
    await schedule.start();
    await eventually(() => {
      clock.advance(0);
      return calls === 1;
    });
    for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(999);
    expect(calls).toBe(1);
    clock.advance(1);
    expect(calls).toBe(2);
  });

  it('runs no more at once than it may, and waits for those that run when it closes', async () => {
    const schedule = connect().createPullSchedule({ consumerGroup: 'g', pullThreadNums: 2 });
    let running = 0;
    let most = 0;
    const release: (() => void)[] = [];
    const signals: AbortSignal[] = [];
    schedule.registerPullTaskCallback('T', async (_queue, { signal }) => {
      most = Math.max(most, ++running);
      signals.push(signal);
      await new Promise<void>((resolve) => release.push(resolve));
      running--;
    });
    await schedule.start();
    await eventually(() => {
      clock.advance(0);
      return release.length === 2;
    });
    const closing = schedule.close();
    await eventually(() => signals.every(({ aborted }) => aborted));
    for (const end of release) end();
    await closing;
    expect([most, running, release.length]).toEqual([2, 0, 2]);
    expect(cluster.broker.unregistered.at(-1)).toMatchObject({ consumerGroup: 'g' });
  });

  it('says which options are wrong', () => {
    expect(() => connect().createPullSchedule({ consumerGroup: 'g', pullThreadNums: 0 })).toThrow(
      /PullScheduleConfig.pullThreadNums must be/,
    );
  });
});
