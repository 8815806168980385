import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ResponseCode } from '../../../protocol/src/index.js';
import { fail } from '../../../remoting/src/index.js';
import { eventually } from '../../../testkit/src/eventually.js';
import { FakeCluster } from '../../../testkit/src/fake-cluster.js';
import { createManualClock, type ManualClock } from '../../../testkit/src/manual-clock.js';
import { createClient } from '../client.js';
import type { MessageHandler, PushConsumer, PushConsumerConfig, RocketMQClient } from '../contract/index.js';

const queue = { topic: 'T', brokerName: 'broker-a', queueId: 0 };

describe('An orderly consumer', () => {
  let cluster: FakeCluster;
  let clock: ManualClock;
  let open: RocketMQClient[];
  let dir: string;
  /** Handlers that a test may leave behind. */
  let unfinished: (() => void)[];

  beforeEach(async () => {
    cluster = new FakeCluster();
    cluster.topics.set('T', 2);
    await cluster.start();
    clock = createManualClock();
    open = [];
    unfinished = [];
    dir = await mkdtemp(join(tmpdir(), 'orderly-'));
  });

  afterEach(async () => {
    const closed = open.map((client) => client.close());
    for (const end of unfinished) end();
    await Promise.all(closed);
    await cluster.close();
    await rm(dir, { recursive: true });
  });

  const member = async (handler: MessageHandler, config: Partial<PushConsumerConfig> = {}) => {
    const client = createClient({
      nameServer: cluster.nameServer,
      clientIP: '127.0.0.1',
      clock,
      localOffsetStoreDir: dir,
    });
    open.push(client);
    const consumer = client.createPushConsumer({
      consumerGroup: 'g',
      handler,
      consumeMode: 'ORDERLY',
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      ...config,
    });
    consumer.subscribe('T');
    await consumer.start();
    return { client, consumer };
  };
  const store = (body: string, queueId = 0): void => cluster.broker.store('T', queueId, { body: Buffer.from(body) });
  const queueIds = (consumer: PushConsumer) => consumer.assignment.map(({ queueId }) => queueId);
  /** Moves time in steps that answers of the broker can follow. */
  const pass = async (client: RocketMQClient, ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 500) {
      clock.advance(Math.min(500, left));
      // Answered after whatever was sent before it.
      await client.admin.minOffset(queue).catch(() => undefined);
    }
  };
  const until = async (client: RocketMQClient, condition: () => boolean): Promise<void> => {
    for (let waited = 0; !condition(); waited += 500) {
      if (waited > 300_000) throw new Error('not within 5 simulated minutes');
      await pass(client, 500);
    }
  };

  /** Ends the handler of each message when told to. */
  const recorder = () => {
    const begun: { body: string; end: (error?: Error) => void; signal: AbortSignal }[] = [];
    const handler: MessageHandler = ([message], { signal }) =>
      new Promise((resolve, reject) => {
        const end = (error?: Error): void => (error === undefined ? resolve() : reject(error));
        begun.push({ body: message?.body.toString() ?? '', end, signal });
        unfinished.push(end);
      });
    return { begun, handler };
  };

  it('holds the queues that the broker has locked for it, and asks for the others every second', async () => {
    cluster.broker.locks.set('g/T/1', 'somebody else');
    const { client, consumer } = await member(() => {});
    expect(queueIds(consumer)).toEqual([0]);
    expect(cluster.broker.locks.get('g/T/0')).toBe(client.clientId);
    await pass(client, 1_000);
    cluster.broker.locks.delete('g/T/1');
    expect(queueIds(consumer)).toEqual([0]);
    await pass(client, 1_500);
    expect(queueIds(consumer)).toEqual([0, 1]);
    await consumer.close();
    await eventually(() => cluster.broker.locks.size === 0);
  });

  it('renews its locks every 20 s', async () => {
    const { client } = await member(() => {});
    let renewed = 0;
    cluster.broker.intercept('LOCK_BATCH_MQ', () => void renewed++);
    await pass(client, 61_000);
    expect(renewed).toBe(3);
  });

  it('gives a queue back when the handler at work has ended, with its offset, and not before', async () => {
    const { begun, handler } = recorder();
    const { client, consumer } = await member(handler);
    store('m1', 1);
    store('m2', 1);
    await eventually(() => begun.length === 1);
    // Ids are sorted: this one takes queue 1.
    cluster.broker.members.set('g', new Set([client.clientId, '~another']));
    await pass(client, 1_000);
    cluster.broker.notify('g');
    await until(client, () => queueIds(consumer).length === 1);
    expect(begun[0]?.signal.aborted).toBe(true);
    await pass(client, 70_000);
    expect(cluster.broker.locks.get('g/T/1')).toBe(client.clientId);
    begun[0]?.end();
    await eventually(() => !cluster.broker.locks.has('g/T/1'));
    expect([cluster.broker.offsets.get('g/T/1'), begun.length]).toEqual([1, 1]);
  });

  it('lets the next member go on where the last one stopped, one message after the other', async () => {
    const seen: string[] = [];
    const handler: MessageHandler = ([message]) => void seen.push(message?.body.toString() ?? '');
    const first = await member(handler);
    for (let i = 0; i < 50; i++) store(`a${i}`, 0);
    await until(first.client, () => seen.length === 50);
    const second = await member(handler);
    for (let i = 50; i < 80; i++) store(`a${i}`, 0);
    await first.consumer.close();
    cluster.broker.notify('g');
    for (let i = 80; i < 100; i++) store(`a${i}`, 0);
    await until(second.client, () => seen.length === 100);
    expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => `a${i}`));
  });

  it('starts no handler with a lock that was not renewed for 30 s, and goes on when it is, without a gap', async () => {
    const { begun, handler } = recorder();
    const { client } = await member(handler);
    store('m1');
    store('m2');
    await eventually(() => begun.length === 1);
    cluster.broker.intercept('LOCK_BATCH_MQ', () => fail(ResponseCode.SYSTEM_BUSY, 'busy'));
    await pass(client, 51_000);
    begun[0]?.end();
    await pass(client, 1_000);
    expect(begun).toHaveLength(1);
    cluster.broker.intercept('LOCK_BATCH_MQ', undefined);
    await until(client, () => begun.length === 2);
    expect(begun[1]?.body).toBe('m2');
  });

  it('goes on where another member came to, when a lock came back after it was not to be trusted', async () => {
    const { begun, handler } = recorder();
    const { client } = await member(handler);
    for (const body of ['m1', 'm2', 'm3', 'm4']) store(body);
    await eventually(() => begun.length === 1);
    cluster.broker.intercept('LOCK_BATCH_MQ', () => fail(ResponseCode.SYSTEM_BUSY, 'busy'));
    await pass(client, 51_000);
    begun[0]?.end();
    cluster.broker.offsets.set('g/T/0', 3);
    // What we commit meanwhile is not to hide what the other one did.
    cluster.broker.intercept('UPDATE_CONSUMER_OFFSET', () => fail(ResponseCode.SYSTEM_BUSY, 'busy'));
    cluster.broker.intercept('LOCK_BATCH_MQ', undefined);
    await until(client, () => begun.length === 2);
    expect(begun[1]?.body).toBe('m4');
  });

  it('drops a queue whose lock somebody else has, and does not count what its handler still does', async () => {
    const { begun, handler } = recorder();
    const { client, consumer } = await member(handler);
    store('m1');
    await eventually(() => begun.length === 1);
    cluster.broker.locks.set('g/T/0', 'somebody else');
    await until(client, () => begun[0]?.signal.aborted === true);
    begun[0]?.end();
    await pass(client, 10_000);
    expect(queueIds(consumer)).toEqual([1]);
    expect(cluster.broker.offsets.get('g/T/0') ?? 0).toBe(0);
    cluster.broker.locks.delete('g/T/0');
    await until(client, () => begun.length === 2);
    expect([queueIds(consumer), begun[1]?.body]).toEqual([[0, 1], 'm1']);
  });

  it('begins with no queue at a wrong offset while the offset cannot be told, though it has the lock', async () => {
    cluster.broker.offsets.set('g/T/0', 1);
    store('old');
    store('new');
    cluster.broker.intercept('QUERY_CONSUMER_OFFSET', () => fail(ResponseCode.SYSTEM_BUSY, 'busy'));
    const seen: string[] = [];
    const { client, consumer } = await member(([message]) => void seen.push(message?.body.toString() ?? ''));
    expect(queueIds(consumer)).toEqual([]);
    await eventually(() => cluster.broker.locks.size === 0);
    await pass(client, 3_000);
    cluster.broker.intercept('QUERY_CONSUMER_OFFSET', undefined);
    await until(client, () => seen.length > 0);
    expect(seen).toEqual(['new']);
  });

  it('does not care for a wall clock that jumps', async () => {
    const seen: string[] = [];
    const { client } = await member(([message]) => void seen.push(message?.body.toString() ?? ''));
    clock.jump(3_600_000);
    store('m1');
    await until(client, () => seen.length === 1);
    clock.jump(-7_200_000);
    store('m2');
    await until(client, () => seen.length === 2);
  });

  it('needs no locks to broadcast', async () => {
    const seen: string[] = [];
    const { client } = await member(([message]) => void seen.push(message?.body.toString() ?? ''), {
      messageModel: 'BROADCASTING',
    });
    store('m1');
    await until(client, () => seen.length === 1);
    expect(cluster.broker.locks.size).toBe(0);
  });
});
