import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ResponseCode } from '../../../protocol/src/index.js';
import { fail } from '../../../remoting/src/index.js';
import { eventually } from '../../../testkit/src/eventually.js';
import type { FakeCluster } from '../../../testkit/src/fake-cluster.js';
import { SimulatedClients } from '../../../testkit/src/simulated-clients.js';
import type { MessageHandler, PushConsumer, PushConsumerConfig } from '../contract/index.js';

describe('An orderly consumer', () => {
  let stage: SimulatedClients;
  let cluster: FakeCluster;
  /** Handlers that a test may leave behind. */
  let unfinished: (() => void)[];

  beforeEach(async () => {
    stage = await SimulatedClients.open();
    ({ cluster } = stage);
    unfinished = [];
  });

  afterEach(async () => {
    const closed = stage.close();
    for (const end of unfinished) end();
    await closed;
  });

  const member = async (handler: MessageHandler, config: Partial<PushConsumerConfig> = {}) => {
    const client = stage.client();
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
    await stage.pass(1_000);
    cluster.broker.locks.delete('g/T/1');
    expect(queueIds(consumer)).toEqual([0]);
    await stage.pass(1_500);
    expect(queueIds(consumer)).toEqual([0, 1]);
    await consumer.close();
    await eventually(() => cluster.broker.locks.size === 0);
  });

  it('renews its locks every 20 s', async () => {
    await member(() => {});
    let renewed = 0;
    cluster.broker.intercept('LOCK_BATCH_MQ', () => void renewed++);
    await stage.pass(61_000);
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
    await stage.pass(1_000);
    cluster.broker.notify('g');
    await stage.until(() => queueIds(consumer).length === 1);
    expect(begun[0]?.signal.aborted).toBe(true);
    await stage.pass(70_000);
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
    await stage.until(() => seen.length === 50);
    await member(handler);
    for (let i = 50; i < 80; i++) store(`a${i}`, 0);
    await first.consumer.close();
    cluster.broker.notify('g');
    for (let i = 80; i < 100; i++) store(`a${i}`, 0);
    await stage.until(() => seen.length === 100);
    expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => `a${i}`));
  });

  it('starts no handler with a lock that was not renewed for 30 s, and goes on when it is, without a gap', async () => {
    const { begun, handler } = recorder();
    await member(handler);
    store('m1');
    store('m2');
    await eventually(() => begun.length === 1);
    cluster.broker.intercept('LOCK_BATCH_MQ', () => fail(ResponseCode.SYSTEM_BUSY, 'busy'));
    await stage.pass(51_000);
    begun[0]?.end();
    await stage.pass(1_000);
    expect(begun).toHaveLength(1);
    cluster.broker.intercept('LOCK_BATCH_MQ', undefined);
    await stage.until(() => begun.length === 2);
    expect(begun[1]?.body).toBe('m2');
  });

  it('goes on where another member came to, when a lock came back after it was not to be trusted', async () => {
    const { begun, handler } = recorder();
    await member(handler);
    for (const body of ['m1', 'm2', 'm3', 'm4']) store(body);
    await eventually(() => begun.length === 1);
    cluster.broker.intercept('LOCK_BATCH_MQ', () => fail(ResponseCode.SYSTEM_BUSY, 'busy'));
    await stage.pass(51_000);
    begun[0]?.end();
    cluster.broker.offsets.set('g/T/0', 3);
    // What we commit meanwhile is not to hide what the other one did.
    cluster.broker.intercept('UPDATE_CONSUMER_OFFSET', () => fail(ResponseCode.SYSTEM_BUSY, 'busy'));
    cluster.broker.intercept('LOCK_BATCH_MQ', undefined);
    await stage.until(() => begun.length === 2);
    expect(begun[1]?.body).toBe('m4');
  });

  it('drops a queue whose lock somebody else has, and does not count what its handler still does', async () => {
    const { begun, handler } = recorder();
    const { consumer } = await member(handler);
    store('m1');
    await eventually(() => begun.length === 1);
    cluster.broker.locks.set('g/T/0', 'somebody else');
    await stage.until(() => begun[0]?.signal.aborted === true);
    begun[0]?.end();
    await stage.pass(10_000);
    expect(queueIds(consumer)).toEqual([1]);
    expect(cluster.broker.offsets.get('g/T/0') ?? 0).toBe(0);
    cluster.broker.locks.delete('g/T/0');
    await stage.until(() => begun.length === 2);
    expect([queueIds(consumer), begun[1]?.body]).toEqual([[0, 1], 'm1']);
  });

  it('begins with no queue at a wrong offset while the offset cannot be told, though it has the lock', async () => {
    cluster.broker.offsets.set('g/T/0', 1);
    store('old');
    store('new');
    cluster.broker.intercept('QUERY_CONSUMER_OFFSET', () => fail(ResponseCode.SYSTEM_BUSY, 'busy'));
    const seen: string[] = [];
    const { consumer } = await member(([message]) => void seen.push(message?.body.toString() ?? ''));
    expect(queueIds(consumer)).toEqual([]);
    await eventually(() => cluster.broker.locks.size === 0);
    await stage.pass(3_000);
    cluster.broker.intercept('QUERY_CONSUMER_OFFSET', undefined);
    await stage.until(() => seen.length > 0);
    expect(seen).toEqual(['new']);
  });

  it('does not care for a wall clock that jumps', async () => {
    const seen: string[] = [];
    await member(([message]) => void seen.push(message?.body.toString() ?? ''));
    stage.clock.jump(3_600_000);
    store('m1');
    await stage.until(() => seen.length === 1);
    stage.clock.jump(-7_200_000);
    store('m2');
    await stage.until(() => seen.length === 2);
  });

  it('needs no locks to broadcast', async () => {
    const seen: string[] = [];
    await member(([message]) => void seen.push(message?.body.toString() ?? ''), {
      messageModel: 'BROADCASTING',
    });
    store('m1');
    await stage.until(() => seen.length === 1);
    expect(cluster.broker.locks.size).toBe(0);
  });
});
