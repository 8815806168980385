import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeBroker } from '../../../testkit/src/fake-cluster.js';
import { SimulatedClients } from '../../../testkit/src/simulated-clients.js';
import type { ConsumeMode, PushConsumer, RocketMQClient } from '../contract/index.js';

describe('The queues of a group', () => {
  let stage: SimulatedClients;

  beforeEach(async () => {
    stage = await SimulatedClients.open();
  });

  afterEach(() => stage.close());

  const join = async (consumeMode: ConsumeMode = 'CONCURRENTLY', client = stage.client(), consumerGroup = 'g') => {
    const consumer = client.createPushConsumer({ consumerGroup, handler: () => {}, consumeMode });
    consumer.subscribe('T');
    await consumer.start();
    return { client, consumer };
  };
  const held = (consumer: PushConsumer): number => consumer.assignment.filter(({ topic }) => topic === 'T').length;

  it('are looked at every 20 s, at once when members come or go, and never more than once a second', async () => {
    stage.cluster.topics.set('%RETRY%g', 1);
    await join();
    // The routes that came with the start are looked at once more.
    await stage.pass(2_000);
    let looks = 0;
    // Once for each of the two topics.
    stage.cluster.broker.intercept('GET_CONSUMER_LIST_BY_GROUP', () => void (looks += 0.5));
    await stage.pass(60_000);
    expect(looks).toBe(3);
    stage.cluster.broker.notify('g');
    await stage.pass(1);
    expect(looks).toBe(4);
    for (let i = 0; i < 10; i++) {
      stage.cluster.broker.notify('g');
      await stage.pass(100);
    }
    expect(looks).toBe(5);
  });

  it.each<ConsumeMode>(['CONCURRENTLY', 'ORDERLY'])(
    'are settled within two looks and 5 s after one of 64 members joined, 1,024 of them, %s',
    async (consumeMode) => {
      stage.cluster.topics.set('T', 1024);
      const members: Awaited<ReturnType<typeof join>>[] = [];
      for (let i = 0; i < 63; i++) members.push(await join(consumeMode));
      stage.cluster.broker.notify('g');
      const settled = (): boolean =>
        members.every(({ consumer }) => [16, 17].includes(held(consumer))) &&
        new Set(members.flatMap(({ consumer }) => consumer.assignment.map(({ queueId }) => queueId))).size === 1024;
      await stage.until(settled);
      // Far from the next look by itself.
      await stage.pass(2_000);
      let looks = 0;
      stage.cluster.broker.intercept('GET_CONSUMER_LIST_BY_GROUP', () => void looks++);
      members.push(await join(consumeMode));
      const joinedAt = stage.clock.monotonic();
      stage.cluster.broker.notify('g');
      await stage.until(() => members.every(({ consumer }) => held(consumer) === 16) && settled());
      expect(stage.clock.monotonic() - joinedAt).toBeLessThan(5_000);
      expect(looks).toBeLessThanOrEqual(2 * members.length);
    },
    30_000,
  );

  it('of 16 groups in one client come over one connection to each broker', async () => {
    const client = stage.client();
    for (let i = 0; i < 16; i++) await join('CONCURRENTLY', client, `g${i}`);
    await stage.pass(5_000);
    expect(stage.cluster.broker.connections).toHaveLength(1);
  });

  it('are shared with a second member in the same process, which has an id and a connection of its own', async () => {
    const [first, second] = [await join(), await join()];
    stage.cluster.broker.notify('g');
    await stage.until(() => held(first.consumer) === 1 && held(second.consumer) === 1);
    expect(first.client.clientId).not.toBe(second.client.clientId);
    expect(stage.cluster.broker.connections).toHaveLength(2);
  });

  it('are read from a slave while their broker has no master, and from the master when it is back', async () => {
    const { cluster } = stage;
    const slave = new FakeBroker('broker-a');
    await slave.start();
    cluster.slaves.set('broker-a', slave);
    const seen: string[] = [];
    const client: RocketMQClient = stage.client();
    const consumer = client.createPushConsumer({
      consumerGroup: 'g',
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      handler: ([message]) => void seen.push(message?.body.toString() ?? ''),
    });
    consumer.subscribe('T');
    await consumer.start();
    for (const broker of [cluster.broker, slave]) broker.store('T', 0, { body: Buffer.from('m0') });
    await stage.until(() => seen.length === 1);
    cluster.masterless.add('broker-a');
    await cluster.broker.close();
    slave.store('T', 0, { body: Buffer.from('m1') });
    await stage.until(() => seen.length === 2);
    expect(slave.pulls.every(({ commitOffset, sysFlag }) => commitOffset === 0 || (sysFlag & 1) === 0)).toBe(true);
    cluster.masterless.clear();
    await cluster.broker.restart();
    cluster.broker.store('T', 0, { body: Buffer.from('m1') });
    await stage.pass(60_000);
    cluster.broker.store('T', 0, { body: Buffer.from('m2') });
    await stage.until(() => seen.length === 3);
    expect(seen).toEqual(['m0', 'm1', 'm2']);
    await consumer.close();
    expect(cluster.broker.offsets.get('g/T/0')).toBe(3);
    await slave.close();
  });
});
