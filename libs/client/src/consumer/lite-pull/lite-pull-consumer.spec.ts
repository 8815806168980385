import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ResponseCode } from '../../../../protocol/src/index.js';
import { PullSysFlag, encodeProperties } from '../../../../protocol/src/message/index.js';
import { fail } from '../../../../remoting/src/index.js';
import { eventually } from '../../../../testkit/src/eventually.js';
import { FakeCluster } from '../../../../testkit/src/fake-cluster.js';
import { createManualClock, type ManualClock } from '../../../../testkit/src/manual-clock.js';
import { createClient } from '../../client.js';
import type {
  ClientConfig,
  LitePullConsumer,
  LitePullConsumerConfig,
  MessageQueue,
  ReceivedMessage,
  RocketMQClient,
} from '../../contract/index.js';

const queue = (queueId: number, topic = 'T'): MessageQueue => ({ topic, brokerName: 'broker-a', queueId });
const bodies = (messages: readonly ReceivedMessage[]): string[] => messages.map(({ body }) => body.toString());

describe('PollingConsumer', () => {
  let cluster: FakeCluster;
  let clock: ManualClock;
  const clients: RocketMQClient[] = [];

  beforeEach(async () => {
    clock = createManualClock();
    cluster = new FakeCluster();
    cluster.topics.set('T', 2);
    await cluster.start();
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
    await cluster.close();
  });

  const create = (config: Partial<LitePullConsumerConfig> = {}, client: ClientConfig = {}): LitePullConsumer => {
    const created = createClient({ nameServer: cluster.nameServer, clock, ...client });
    clients.push(created);
    return created.createLitePullConsumer({
      consumerGroup: 'g',
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      ...config,
    });
  };

  const store = (queueId: number, ...texts: string[]): void => {
    for (const text of texts) {
      const properties = encodeProperties([['TAGS', text.startsWith('skip') ? 'skip' : 'keep']]);
      cluster.broker.store('T', queueId, { body: Buffer.from(text), properties });
    }
  };

  /** Polls until so many messages came, in the order in which they came. */
  const pollUntil = async (consumer: LitePullConsumer, count: number): Promise<string[]> => {
    const got: string[] = [];
    while (got.length < count) got.push(...bodies(await consumer.poll(60_000)));
    return got;
  };

  it('hands out messages of the topics it subscribes to, and commits what it handed out', async () => {
    store(0, 'a', 'skip', 'b');
    store(1, 'c');
    const consumer = create({ autoCommit: false });
    consumer.subscribe('T', 'keep');
    await consumer.start();
    expect(consumer.assignment).toEqual([queue(0), queue(1)]);
    expect((await pollUntil(consumer, 3)).toSorted()).toEqual(['a', 'b', 'c']);
    expect(cluster.broker.offsets.size).toBe(0);
    await consumer.commitSync();
    expect([cluster.broker.offsets.get('g/T/0'), cluster.broker.offsets.get('g/T/1')]).toEqual([3, 1]);
    expect([await consumer.committed(queue(0)), await consumer.committed(queue(7))]).toEqual([3, -1]);
    const [pull] = cluster.broker.pulls;
    // What Java's lite pull sends.
    expect(pull).toMatchObject({ subscription: 'keep', subVersion: 0, maxMsgNums: 10, suspendTimeoutMillis: 20_000 });
    expect(pull?.sysFlag).toBe(PullSysFlag.SUSPEND | PullSysFlag.SUBSCRIPTION | PullSysFlag.LITE_PULL);
    expect(cluster.broker.heartbeats.at(-1)?.consumerDataSet[0]).toMatchObject({ consumeType: 'CONSUME_ACTIVELY' });
  });

  it('stores no offset once it has left the group: whoever has the queue then may be further', async () => {
    store(0, 'a');
    const consumer = create({ autoCommit: false });
    consumer.subscribe('T');
    await consumer.start();
    await pollUntil(consumer, 1);
    await consumer.commitSync();
    const told: string[] = [];
    for (const name of ['UPDATE_CONSUMER_OFFSET', 'UNREGISTER_CLIENT']) {
      cluster.broker.intercept(name, () => {
        told.push(name);
        return undefined;
      });
    }
    await consumer.close();
    // On the same connection, so behind whatever was still under way.
    await clients[0]?.admin.maxOffset(queue(0));
    expect(new Set(told.slice(0, -1))).toEqual(new Set(['UPDATE_CONSUMER_OFFSET']));
    expect(told.at(-1)).toBe('UNREGISTER_CLIENT');
  });

  it('waits for a message as long as it is told, and no longer than it lives', async () => {
    const consumer = create();
    consumer.subscribe('T');
    await consumer.start();
    const early = consumer.poll(5_000);
    clock.advance(5_000);
    expect(await early).toEqual([]);
    expect(await consumer.poll(0)).toEqual([]);
    const [first, second] = [consumer.poll(5_000), consumer.poll(5_000)];
    store(0, 'a');
    expect(bodies(await first)).toEqual(['a']);
    await consumer.close();
    expect(await second).toEqual([]);
    await expect(consumer.poll(0)).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(create().poll()).rejects.toThrow(/is not started/);
  });

  it('reads the queues it is assigned and nothing else, by their expression', async () => {
    store(0, 'a', 'skip', 'b');
    store(1, 'c');
    const consumer = create();
    consumer.setSubExpressionForAssign('T', 'keep');
    consumer.assign([queue(0)]);
    await consumer.start();
    expect(await pollUntil(consumer, 2)).toEqual(['a', 'b']);
    consumer.assign([queue(1)]);
    expect(await pollUntil(consumer, 1)).toEqual(['c']);
    expect(consumer.assignment).toEqual([queue(1)]);
    // It is no member that others share queues with.
    expect(cluster.broker.heartbeats.at(-1)?.consumerDataSet[0]?.subscriptionDataSet).toEqual([]);
    expect(() => consumer.subscribe('T')).toThrow(/mutually exclusive/);
    expect(() => consumer.assign([])).toThrow(/at least one queue/);
  });

  it('refuses to be assigned when it subscribes', () => {
    const consumer = create();
    consumer.subscribe('T');
    expect(() => consumer.assign([queue(0)])).toThrow(/Subscribe and assign are mutually exclusive/);
  });

  it.each(['subscribe', 'assign'] as const)('goes on where it is told: %s', async (mode) => {
    store(0, 'a', 'b', 'c', 'd');
    const consumer = create({ pullBatchSize: 1, autoCommit: false });
    if (mode === 'subscribe') consumer.subscribe('T');
    else consumer.assign([queue(0)]);
    await consumer.start();
    expect(await pollUntil(consumer, 2)).toEqual(['a', 'b']);
    await consumer.seek(queue(0), 1);
    // What was pulled before is not handed out any more.
    expect(await pollUntil(consumer, 2)).toEqual(['b', 'c']);
    await consumer.seekToBegin(queue(0));
    await consumer.commitSync([queue(0)]);
    expect(cluster.broker.offsets.get('g/T/0')).toBe(0);
    expect(await pollUntil(consumer, 1)).toEqual(['a']);
    await consumer.seekToEnd(queue(0));
    store(0, 'e');
    expect(await pollUntil(consumer, 1)).toEqual(['e']);
    await expect(consumer.seek(queue(0), 6)).rejects.toThrow(
      'Seek offset illegal, seek offset = 6, min offset = 0, max offset = 5',
    );
    await expect(consumer.seek(queue(9), 0)).rejects.toThrow(/not in assigned list/);
  });

  it('pulls nothing of a paused queue, and goes on when it is resumed', async () => {
    const consumer = create();
    consumer.assign([queue(0), queue(1)]);
    await consumer.start();
    await eventually(() => cluster.broker.pulls.length === 2);
    consumer.pause([queue(0)]);
    store(1, 'c');
    store(0, 'a');
    expect(await pollUntil(consumer, 1)).toEqual(['c']);
    const pulls = cluster.broker.pulls.filter(({ queueId }) => queueId === 0).length;
    store(1, 'd');
    expect(await pollUntil(consumer, 1)).toEqual(['d']);
    expect(cluster.broker.pulls.filter(({ queueId }) => queueId === 0)).toHaveLength(pulls);
    consumer.resume([queue(0)]);
    expect(await pollUntil(consumer, 1)).toEqual(['a']);
  });

  it('does not count what it passed over when it seeks', async () => {
    store(0, ...Array.from({ length: 6 }, (_, i) => `m${i}`));
    const consumer = create({ pullBatchSize: 2, pullThresholdForAll: 3 });
    consumer.assign([queue(0)]);
    await consumer.start();
    await eventually(() => cluster.broker.pulls.length === 2);
    await consumer.seek(queue(0), 5);
    expect(await pollUntil(consumer, 1)).toEqual(['m5']);
  });

  it.each([
    ['pullThresholdForQueue', { pullThresholdForQueue: 4 }],
    ['pullThresholdForAll', { pullThresholdForAll: 4 }],
    ['consumeMaxSpan', { consumeMaxSpan: 4 }],
  ])('pulls ahead as far as %s allows, and on when messages are taken', async (_name, thresholds) => {
    store(0, ...Array.from({ length: 30 }, (_, i) => `m${i}`));
    const consumer = create({ pullBatchSize: 2, ...thresholds });
    consumer.assign([queue(0)]);
    await consumer.start();
    await eventually(() => cluster.broker.pulls.length === 3);
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(cluster.broker.pulls).toHaveLength(3);
    expect(await pollUntil(consumer, 30)).toEqual(Array.from({ length: 30 }, (_, i) => `m${i}`));
  });

  it('commits by itself what earlier polls handed out, every so often', async () => {
    store(0, 'a', 'b', 'c');
    const consumer = create({ pullBatchSize: 1 }, { persistConsumerOffsetInterval: 10 });
    consumer.assign([queue(0)]);
    await consumer.start();
    await pollUntil(consumer, 1);
    await pollUntil(consumer, 1);
    clock.advance(4_999);
    expect(cluster.broker.offsets.get('g/T/0')).toBeUndefined();
    clock.advance(1);
    // Its message is not known to be done: only those before.
    await pollUntil(consumer, 1);
    clock.advance(10);
    await eventually(() => cluster.broker.offsets.get('g/T/0') === 2);
  });

  it('commits the offsets it is given, of queues it holds', async () => {
    store(0, 'a', 'b', 'c');
    const consumer = create({ autoCommit: false });
    consumer.assign([queue(0)]);
    await consumer.start();
    await consumer.commitOffsets([
      [queue(0), 2],
      [queue(1), 5],
    ]);
    expect([...cluster.broker.offsets]).toEqual([['g/T/0', 2]]);
    await consumer.commitOffsets(new Map([[queue(0), 1]]), false);
    expect(await consumer.committed(queue(0))).toBe(1);
    await expect(consumer.commitOffsets([[queue(0), -1]])).rejects.toThrow(/must be a whole number from 0 on/);
    expect(await consumer.offsetForTimestamp(queue(0), 0)).toBe(1);
  });

  it('shares queues with other members, tells its listener, and hands out nothing of a queue it lost', async () => {
    store(0, 'a');
    store(1, 'b');
    const told: [string, number[], number[]][] = [];
    const ids = (queues: readonly MessageQueue[]): number[] => queues.map(({ queueId }) => queueId);
    const first = create({}, { clientIP: '10.0.0.1', instanceName: 'one' });
    first.subscribe('T', '*', (topic, all, own) => told.push([topic, ids(all), ids(own)]));
    await first.start();
    await eventually(() => cluster.broker.pulls.length >= 4);
    const second = create({}, { clientIP: '10.0.0.2', instanceName: 'two' });
    second.subscribe('T');
    await second.start();
    cluster.broker.notify('g');
    await eventually(() => {
      clock.advance(1_000);
      return first.assignment.length === 1;
    });
    clock.advance(0);
    expect(told.at(-1)).toEqual(['T', [0, 1], [0]]);
    // It had pulled from both.
    expect(await pollUntil(first, 1)).toEqual(['a']);
    expect(await first.poll(0)).toEqual([]);
    expect(await pollUntil(second, 1)).toEqual(['b']);
    first.unsubscribe('T');
    await eventually(() => first.assignment.length === 0);
  });

  it('tells when the queues of a topic change', async () => {
    const consumer = create({ topicMetadataCheckIntervalMillis: 1_000 });
    const told: number[] = [];
    await consumer.registerTopicMessageQueueChangeListener('T', (_topic, queues) => told.push(queues.length));
    await consumer.start();
    clock.advance(1_000);
    cluster.topics.set('T', 3);
    await eventually(() => {
      clock.advance(1_000);
      return told.length > 0;
    });
    expect(told).toEqual([3]);
    expect(await consumer.fetchMessageQueues('T')).toHaveLength(3);
  });

  it('goes on where the broker says when an offset is none', async () => {
    store(0, 'a');
    cluster.broker.offsets.set('g/T/0', 7);
    const asked: unknown[] = [];
    cluster.broker.intercept('PULL_MESSAGE', ({ header }) => {
      const { queueOffset } = header as { queueOffset: number };
      asked.push(queueOffset);
      const reply = { suggestWhichBrokerId: 0, nextBeginOffset: 0, minOffset: 0, maxOffset: 1 };
      return queueOffset === 7 ? fail(ResponseCode.PULL_OFFSET_MOVED, 'moved', reply as never) : undefined;
    });
    const consumer = create();
    consumer.assign([queue(0)]);
    await consumer.start();
    await eventually(() => {
      clock.advance(1_000);
      return asked.length > 1;
    });
    expect(asked.slice(0, 2)).toEqual([7, 0]);
    expect(await pollUntil(consumer, 1)).toEqual(['a']);
  });

  it('puts a broadcasting offset right that lies before everything the broker still has', async () => {
    const localOffsetStoreDir = await mkdtemp(join(tmpdir(), 'lite-pull-'));
    const directory = join(localOffsetStoreDir, '10.0.0.1@one', 'g');
    await mkdir(directory, { recursive: true });
    const file = join(directory, 'offsets.json');
    const written = (offset: number): string =>
      `{"offsetTable":{{"brokerName":"broker-a","queueId":0,"topic":"T"}:${offset}}}`;
    await writeFile(file, written(3));
    cluster.topics.set('T', 1);
    store(0, ...Array.from({ length: 6 }, (_, i) => `m${i}`));
    const reply = { suggestWhichBrokerId: 0, nextBeginOffset: 6, minOffset: 6, maxOffset: 6 };
    cluster.broker.intercept('PULL_MESSAGE', ({ header }) =>
      (header as { queueOffset: number }).queueOffset < 6
        ? fail(ResponseCode.PULL_OFFSET_MOVED, 'moved', reply as never)
        : undefined,
    );
    const consumer = create(
      { messageModel: 'BROADCASTING' },
      { localOffsetStoreDir, clientIP: '10.0.0.1', instanceName: 'one' },
    );
    consumer.subscribe('T');
    await consumer.start();
    await eventually(() => {
      clock.advance(1_000);
      return cluster.broker.pulls.length > 0;
    });
    consumer.commit();
    await consumer.close();
    expect((await readFile(file, 'utf8')).replaceAll(/\s/g, '')).toBe(written(6));
    await rm(localOffsetStoreDir, { recursive: true });
  });

  it('tries again after a pull that failed', async () => {
    let asked = 0;
    cluster.broker.intercept('PULL_MESSAGE', () =>
      asked++ === 0 ? fail(ResponseCode.SYSTEM_ERROR, 'as the test says') : undefined,
    );
    store(0, 'a');
    const consumer = create();
    consumer.assign([queue(0)]);
    await consumer.start();
    await eventually(() => {
      clock.advance(1_000);
      return asked > 1;
    });
    expect(await pollUntil(consumer, 1)).toEqual(['a']);
  });

  it('reads everything when it broadcasts, and keeps offsets in a file', async () => {
    const localOffsetStoreDir = await mkdtemp(join(tmpdir(), 'lite-pull-'));
    store(0, 'a');
    const consumer = create(
      { messageModel: 'BROADCASTING' },
      { localOffsetStoreDir, clientIP: '10.0.0.1', instanceName: 'one' },
    );
    consumer.subscribe('T');
    await consumer.start();
    await pollUntil(consumer, 1);
    consumer.commit();
    await consumer.close();
    const file = await readFile(join(localOffsetStoreDir, '10.0.0.1@one', 'g', 'offsets.json'), 'utf8');
    expect(file.replaceAll(/\s/g, '')).toContain('{"brokerName":"broker-a","queueId":0,"topic":"T"}:1');
    expect(cluster.broker.offsets.size).toBe(0);
    await rm(localOffsetStoreDir, { recursive: true });
  });

  it('refuses options that do not fit', () => {
    expect(() => create({ autoCommitIntervalMillis: 999 })).toThrow(/autoCommitIntervalMillis must be .* from 1000/);
    expect(() => create({ brokerSuspendMaxTimeMillis: 40_000 })).toThrow(
      /must not be below brokerSuspendMaxTimeMillis/,
    );
    expect(() => create({ allocateMessageQueueStrategy: 'X' as never })).toThrow(/must be one of AVG/);
  });
});
