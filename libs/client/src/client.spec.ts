import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Logger } from '../../common/src/index.js';
import { ResponseCode } from '../../protocol/src/index.js';
import { fail } from '../../remoting/src/index.js';
import { eventually } from '../../testkit/src/eventually.js';
import { FakeCluster } from '../../testkit/src/fake-cluster.js';
import { createManualClock } from '../../testkit/src/manual-clock.js';
import { createClient, createProducer, createPullConsumer, createPushConsumer } from './client.js';
import type { ClientConfig, RocketMQClient } from './contract/index.js';

/** A port nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function recorder(): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  return { lines, log: { debug() {}, info: write, warn: write, error: write } };
}

describe('createClient', () => {
  let cluster: FakeCluster;
  let open: { close(): Promise<void> }[];

  beforeEach(async () => {
    open = [];
    cluster = new FakeCluster();
    cluster.topics.set('T', 1);
    await cluster.start();
  });
  afterEach(async () => {
    for (const closeable of open.toReversed()) await closeable.close();
    await cluster.close();
  });

  const client = (config: ClientConfig = {}): RocketMQClient => {
    const made = createClient({ nameServer: cluster.nameServer, ...config });
    open.push(made);
    return made;
  };
  const noNameServer = async (): Promise<string> => `127.0.0.1:${await closedPort()}`;

  it('rejects at once, naming every address and why, when no name server answers', async () => {
    const [one, two] = [await noNameServer(), await noNameServer()];
    const failing = client({ nameServer: [one, two] });
    const error = await failing.start().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'NAME_SERVER_UNAVAILABLE', retryable: true });
    for (const address of [one, two]) {
      expect((error as Error).message).toMatch(new RegExp(`ame server ${address} does not answer \\(ECONNREFUSED\\)`));
    }
    // Producers made with it fail the same way, and everything still closes.
    await expect(failing.createProducer().start()).rejects.toMatchObject({ code: 'NAME_SERVER_UNAVAILABLE' });
    await failing.close();
  });

  it('asks again every 3 s, saying so, until one answers', async () => {
    const clock = createManualClock();
    const { log, lines } = recorder();
    const address = await noNameServer();
    const waiting = client({ nameServer: address, onConnectFailure: 'retry', clock, log });
    let started = false;
    const starting = waiting.start().then(() => (started = true));
    await eventually(() => lines.length === 1);
    expect(lines[0]).toBe(
      `Name server ${address} does not answer (ECONNREFUSED); still trying every 3 s (onConnectFailure: 'retry').`,
    );
    clock.advance(3000);
    await eventually(() => lines.length === 2);
    expect(started).toBe(false);
    const late = new FakeCluster([], Number(address.split(':')[1]));
    open.push(late);
    await late.start();
    await eventually(() => clock.timers > 0);
    clock.advance(3000);
    await starting;
  });

  it('can be closed while it waits for a name server', async () => {
    const waiting = createClient({ nameServer: await noNameServer(), onConnectFailure: 'retry' });
    const producer = waiting.createProducer();
    const starting = producer.start();
    starting.catch(() => undefined);
    await waiting.close();
    await expect(starting).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('does not ask at all when lazy: calls fail until there is a name server', async () => {
    const lazy = client({ nameServer: await noNameServer(), onConnectFailure: 'lazy' });
    const producer = lazy.createProducer();
    const consumer = lazy.createPushConsumer({ consumerGroup: 'g', handler() {} });
    consumer.subscribe('T');
    await Promise.all([producer.start(), consumer.start()]);
    await expect(producer.send({ topic: 'T', body: 'x' })).rejects.toMatchObject({ code: 'NAME_SERVER_UNAVAILABLE' });
    await lazy.close();
  });

  it('goes on with the next name server when one is gone, and stays with it', async () => {
    const gone = await noNameServer();
    const both = client({ nameServer: [gone, cluster.nameServer] });
    await both.start();
    for (let i = 0; i < 3; i++) expect(await both.admin.topicExists('T')).toBe(true);
  });

  it('closes what it made, and makes nothing more', async () => {
    const made = client();
    const producer = made.createProducer();
    const consumer = made.createPushConsumer({ consumerGroup: 'g', handler() {} });
    consumer.subscribe('T');
    await Promise.all([producer.start(), consumer.start()]);
    await made.close();
    expect(() => made.createProducer()).toThrow(expect.objectContaining({ code: 'CLOSED' }));
    await expect(producer.send({ topic: 'T', body: 'x' })).rejects.toMatchObject({ code: 'CLOSED' });
    expect(cluster.broker.unregistered).toHaveLength(2);
    await eventually(() => cluster.broker.connections.length === 0);
  });

  it('leaves no timer behind', async () => {
    const clock = createManualClock();
    const made = client({ clock });
    const consumer = made.createPushConsumer({ consumerGroup: 'g', handler() {} });
    consumer.subscribe('T');
    await consumer.start();
    expect(clock.timers).toBeGreaterThan(0);
    await made.close();
    expect(clock.timers).toBe(0);
  });

  it('renews routes and heartbeats by the clock, and sees queues that were added', async () => {
    const clock = createManualClock();
    const made = client({ clock });
    const consumer = made.createPushConsumer({ consumerGroup: 'g', handler() {} });
    consumer.subscribe('T');
    await consumer.start();
    const queues = () => consumer.assignment.filter((queue) => queue.topic === 'T').length;
    expect(queues()).toBe(1);
    const { length } = cluster.broker.heartbeats;
    cluster.topics.set('T', 3);
    clock.advance(30_000);
    await eventually(() => queues() === 3 && cluster.broker.heartbeats.length > length);
  });

  it('finds a subscribed topic within seconds of its creation', async () => {
    const clock = createManualClock();
    const made = client({ clock });
    const consumer = made.createPushConsumer({ consumerGroup: 'g', handler() {} });
    consumer.subscribe('later');
    await consumer.start();
    cluster.topics.set('later', 2);
    clock.advance(5000);
    await eventually(() => consumer.assignment.length === 2);
    // Its broker had to be told first who belongs to the group.
    expect(cluster.broker.heartbeats.at(-1)?.consumerDataSet[0]?.groupName).toBe('g');
  });

  it('makes producers and consumers with a client of their own', async () => {
    const { nameServer } = cluster;
    const received: string[] = [];
    const consumer = createPushConsumer({
      nameServer,
      consumerGroup: 'g',
      handler: (messages) => void received.push(...messages.map((message) => message.body.toString())),
    });
    consumer.subscribe('T');
    const producer = createProducer({ nameServer, producerGroup: 'p' });
    const puller = createPullConsumer({ nameServer, consumerGroup: 'pull' });
    const all = [consumer, producer, puller];
    for (const each of all) await each.start();
    await producer.send({ topic: 'T', body: 'x' });
    await eventually(() => received.length === 1);
    for (const each of all) await each.close();
    await eventually(() => cluster.broker.connections.length === 0);
    expect(() => createProducer({ nameServer, producerGrup: 'p' } as never)).toThrow(/did you mean producerGroup\?/);
  });
});

describe('pull consumer and admin', () => {
  let cluster: FakeCluster;
  let client: RocketMQClient;
  const queue = { topic: 'T', brokerName: 'broker-a', queueId: 0 };

  beforeEach(async () => {
    cluster = new FakeCluster();
    cluster.topics.set('T', 2);
    await cluster.start();
    client = createClient({ nameServer: cluster.nameServer });
  });
  afterEach(async () => {
    await client.close();
    await cluster.close();
  });

  it('pulls, filters by tag, waits for what is to come, and keeps offsets at the broker', async () => {
    const consumer = client.createPullConsumer({ consumerGroup: 'pull' });
    await consumer.start();
    expect(await consumer.fetchSubscribeMessageQueues('T')).toEqual([queue, { ...queue, queueId: 1 }]);
    expect(cluster.broker.heartbeats.at(-1)?.consumerDataSet[0]).toMatchObject({ consumeType: 'CONSUME_ACTIVELY' });
    expect(await consumer.pull(queue, 0)).toMatchObject({ status: 'NO_NEW_MSG', nextBeginOffset: 0, messages: [] });
    const waiting = consumer.pull(queue, 0, { suspendTimeout: 10_000, expression: 'a' });
    await eventually(() => cluster.broker.pulls.length === 2);
    cluster.broker.store('T', 0, { body: Buffer.from('b'), properties: 'TAGS\u0001a\u0002' });
    const found = await waiting;
    expect(found).toMatchObject({ status: 'FOUND', nextBeginOffset: 1 });
    expect(found.messages.map((message) => message.body.toString())).toEqual(['b']);
    expect((await consumer.pull(queue, 0, { expression: 'b' })).messages).toEqual([]);
    expect(cluster.broker.pulls.map(({ sysFlag, subscription }) => [sysFlag, subscription])).toEqual([
      [4, '*'],
      [6, 'a'],
      [4, 'b'],
    ]);

    expect(await consumer.fetchConsumeOffset(queue, true)).toBe(-1);
    consumer.updateConsumeOffset(queue, 1);
    expect([await consumer.fetchConsumeOffset(queue), await consumer.fetchConsumeOffset(queue, true)]).toEqual([1, -1]);
    consumer.updateConsumeOffset(queue, 1);
    await consumer.persistConsumeOffset();
    expect(await consumer.fetchConsumeOffset(queue, true)).toBe(1);
    await expect(consumer.pull(queue, -1)).rejects.toThrow(/offset must be a whole number from 0/);
    await expect(consumer.fetchSubscribeMessageQueues('nowhere')).rejects.toMatchObject({ code: 'TOPIC_NOT_FOUND' });
  });

  it('makes topics on every master, and waits until they can be found', async () => {
    let header: object = {};
    cluster.broker.intercept('UPDATE_AND_CREATE_TOPIC', (exchange) => {
      header = exchange.header;
      cluster.topics.set('new', 3);
      return undefined;
    });
    expect(await client.admin.topicExists('new')).toBe(false);
    await client.admin.createTopic('new', { readQueues: 3, writeQueues: 3 });
    expect(header).toMatchObject({
      topic: 'new',
      readQueueNums: 3,
      writeQueueNums: 3,
      perm: 6,
      topicFilterType: 'SINGLE_TAG',
    });
    expect(await client.admin.topicExists('new')).toBe(true);
  });

  it.each<[string, object, RegExp]>([
    ['../x', {}, /illegal characters/],
    ['TBW102', {}, /is conflict with system topic/],
    ['T', { perm: 9 }, /createTopic options.perm must be a whole number from 0 to 7, not 9/],
    ['T', { queues: 3 }, /createTopic options.queues is not known/],
  ])('refuses createTopic(%p, %p)', async (name, options, reason) => {
    await expect(client.admin.createTopic(name, options)).rejects.toThrow(reason);
  });

  it('passes on what a broker refuses', async () => {
    cluster.broker.intercept('UPDATE_AND_CREATE_TOPIC', () => fail(ResponseCode.NO_PERMISSION, 'no'));
    await expect(client.admin.createTopic('new')).rejects.toMatchObject({ responseCode: ResponseCode.NO_PERMISSION });
  });

  it('tells the cluster as every name server sees it, and why one does not answer', async () => {
    const asking = createClient({ nameServer: `127.0.0.1:1;${cluster.nameServer}` });
    const { nameServers, brokers } = await asking.admin.examineCluster();
    await asking.close();
    expect(nameServers).toMatchObject([
      { address: '127.0.0.1:1', error: { code: 'CONNECTION_FAILED' } },
      { address: cluster.nameServer, error: undefined },
    ]);
    const { cluster: name, brokerName, addresses } = brokers[0] ?? {};
    expect({ name, brokerName, master: addresses?.get(0), count: brokers.length }).toEqual({
      name: 'c',
      brokerName: 'broker-a',
      master: cluster.broker.address,
      count: 1,
    });
  });

  it('asks for offsets', async () => {
    cluster.broker.store('T', 0, { body: Buffer.from('x') });
    const { admin } = client;
    expect([await admin.maxOffset(queue), await admin.minOffset(queue), await admin.searchOffset(queue, 5)]).toEqual([
      1, 0, 1,
    ]);
    await expect(admin.maxOffset({ ...queue, brokerName: 'gone' })).rejects.toMatchObject({
      code: 'BROKER_UNAVAILABLE',
      message: 'The broker[gone] has no master that is registered now',
    });
  });
});
