import { describe, expect } from '@jest/globals';
import {
  freeBrokerPort,
  startJavaBroker,
  startOurBroker,
  type BrokerOptions,
  type Received,
  type Sent,
  type TestBroker,
  type TestClient,
  type TestMessage,
  type TestQueue,
} from '../../../libs/testkit/src/index.js';
import { ourClient } from '../../../libs/testkit/src/our-client.js';
import { freshName, reportingTogether, shortChecks, until, type Arena, type Cluster, type Maker } from './arena.js';

export interface Transactions {
  readonly arena: () => Arena;
  readonly clusters: Readonly<Record<Maker, () => Promise<Cluster>>>;
  readonly java: () => Promise<TestClient>;
  readonly ours: () => Promise<TestClient>;
}

type State = 'COMMIT' | 'ROLLBACK' | 'UNKNOWN';

interface Outcome {
  readonly sent: ReadonlyMap<string, Sent>;
  readonly received: ReadonlyMap<string, Received>;
  readonly checked: ReadonlyMap<string, readonly number[]>;
}

/** What is one run's own, or goes by the clock. */
const unequal = new Set([
  'UNIQ_KEY',
  '__transactionId__',
  'CLUSTER',
  'REAL_TOPIC',
  'PGROUP',
  'MIN_OFFSET',
  'MAX_OFFSET',
]);

/** Producers and brokers of both makers in all pairs: what is committed comes, what is not never does, and what nobody said is asked about. */
export function describeTransactions(title: string, { arena, clusters, java, ours }: Transactions): void {
  describe(title, () => {
    const pairs: readonly (readonly [string, Maker, () => Promise<TestClient>, () => Promise<TestClient>])[] = [
      ['Java’s producer on our broker', 'ours', java, ours],
      ['our producer on Java’s broker', 'java', ours, java],
      ['our producer on our broker', 'ours', ours, java],
    ];
    const checks = new Map<string, () => Promise<void>>();
    checks.set('end as their producers say, and look as with Apache alone', async () => {
      const model = play(arena(), await clusters.java(), await java(), await java());
      const others = pairs.map(async ([name, broker, sender, receiver]) => {
        const outcome = await play(arena(), await clusters[broker](), await sender(), await receiver());
        return [name, outcome] as const;
      });
      const expected = await model;
      // Apache itself does what the test is about.
      expectSound('Java alone', expected);
      for (const [name, outcome] of await Promise.all(others)) {
        expectSound(name, outcome);
        const committed = outcome.received.get('commit');
        expect([name, looks(committed)]).toEqual([name, looks(expected.received.get('commit'))]);
      }
    });
    checks.set('go on when a broker of the other maker takes the store over', async () => {
      await Promise.all([handOver(arena(), 'ours', 'java'), handOver(arena(), 'java', 'ours')]);
    });
    reportingTogether(arena, checks);
  });
}

function startBroker(arena: Arena, maker: Maker, options: BrokerOptions): Promise<TestBroker> {
  // A stop may take as long as fifteen checks do.
  const config = { ...shortChecks, transactionCheckMax: 1000 };
  if (maker === 'java') return startJavaBroker(arena.testbed, arena.version, { ...options, config });
  return startOurBroker(arena.testbed, { ...options, config: { ...config, brokerVersion: arena.brokerVersion } });
}

/** Two that have ended, one that has been asked about, and one that has not, when the other maker's broker takes over. */
async function handOver(arena: Arena, writer: Maker, reader: Maker): Promise<void> {
  const name = await arena.nameServer('ours');
  const nameServer = name.address;
  const options = {
    nameServer,
    brokerName: freshName('transactions'),
    clusterName: freshName('transactions'),
    directory: await arena.testbed.subdirectory(freshName('transactions')),
    port: await freeBrokerPort(),
  };
  const first = await startBroker(arena, writer, options);
  const topic = await arena.createTopic({ nameServer: name, broker: first }, 1);
  const client = ourClient({ heartbeatBrokerInterval: 500, pollNameServerInterval: 1000 });
  const producer = await client.transactionProducer({ nameServer, group: freshName('transactions') });
  const pull = await client.pullConsumer({ nameServer, group: freshName('group') });
  const send = (keys: string, local: State, check: State) =>
    producer.send({ topic, body: keys, keys, properties: { local, check } });
  const timesOf = async (keys: string): Promise<number[]> =>
    (await producer.checks()).filter((check) => check.keys === keys).map(({ times }) => times);
  await send('commit', 'COMMIT', 'UNKNOWN');
  await send('rollback', 'ROLLBACK', 'UNKNOWN');
  await send('never', 'UNKNOWN', 'UNKNOWN');
  // By the fourth check 5.x has written down what it gathers for three seconds.
  await until('four checks', async () => (await timesOf('never')).length >= 4);
  await send('late', 'UNKNOWN', 'COMMIT');
  await first.program.stop(60_000);
  const before = (await timesOf('never')).length;

  const second = await startBroker(arena, reader, options);
  const queue: TestQueue = { topic, brokerName: options.brokerName, queueId: 0 };
  const delivered = async () => (await pull.pull(queue, 0).catch(() => ({ messages: [] }))).messages;
  await until('the late one', async () => (await delivered()).length >= 2, 60_000);
  await until('two more checks', async () => (await timesOf('never')).length >= before + 2);
  const times = await timesOf('never');
  // Those in between count although nobody was there to be asked; none comes twice.
  expect([writer, times]).toEqual([writer, [...new Set(times)].toSorted((a, b) => a - b)]);
  // 5.3.3 goes on to ask about what ended while a copy of it was made.
  if (writer === 'ours') expect([await timesOf('commit'), await timesOf('rollback')]).toEqual([[], []]);
  const keys = (await delivered()).map((message) => message.keys);
  // 5.3.3 asks once more, and delivers once more, while it gathers what it has been told.
  if (reader === 'java') expect(new Set(keys)).toEqual(new Set(['commit', 'late']));
  else expect([keys, (await timesOf('late')).length]).toEqual([['commit', 'late'], 1]);
  arena.retire(producer, pull);
  if (reader === 'java') await second.program.kill();
  else await second.program.stop();
}

async function play(arena: Arena, cluster: Cluster, sender: TestClient, receiver: TestClient): Promise<Outcome> {
  const nameServer = cluster.nameServer.address;
  const topic = await arena.createTopic(cluster, 1);
  const consumer = await receiver.pushConsumer({
    nameServer,
    group: freshName('group'),
    subscriptions: [[topic, 'a']],
  });
  const producer = await sender.transactionProducer({ nameServer, group: freshName('transactions') });
  const message = (keys: string, local: State, check: State): TestMessage => ({
    topic,
    body: `body of ${keys}`,
    tags: 'a',
    keys,
    flag: 7,
    properties: { local, check },
  });
  const sent = new Map<string, Sent>();
  for (const [keys, local, check] of [
    ['commit', 'COMMIT', 'UNKNOWN'],
    ['rollback', 'ROLLBACK', 'UNKNOWN'],
    ['asked-commit', 'UNKNOWN', 'COMMIT'],
    ['asked-rollback', 'UNKNOWN', 'ROLLBACK'],
    ['never', 'UNKNOWN', 'UNKNOWN'],
  ] as const)
    sent.set(keys, await producer.send(message(keys, local, check)));
  await consumer.waitUntil((received) => received.length >= 2);
  // Twice about the one that nobody knows of: by then each of the others was asked about and has its answer.
  await until('a second check', async () => (await producer.checks()).filter((c) => c.keys === 'never').length >= 2);
  const checks = await producer.checks();
  const timesOf = (of: string): number[] => checks.filter(({ keys }) => keys === of).map(({ times }) => times);
  const checked = new Map(checks.map(({ keys }) => [keys, timesOf(keys)]));
  expect(new Set(checks.map((check) => check.topic))).toEqual(new Set([topic]));
  const received = new Map(consumer.received.map((one) => [one.keys ?? '', one]));
  arena.retire(producer, consumer);
  return { sent, received, checked };
}

function expectSound(name: string, { sent, received, checked }: Outcome): void {
  expect([name, [...received.keys()].toSorted()]).toEqual([name, ['asked-commit', 'commit']]);
  for (const [keys, message] of received) {
    expect([name, message.msgId]).toEqual([name, sent.get(keys)?.msgId]);
    expect(message).toMatchObject({ queueId: 0, tags: 'a', reconsumeTimes: 0 });
  }
  // Apache forgets the flag of a message that was asked about.
  expect([name, received.get('commit')?.flag]).toEqual([name, 7]);
  expect([name, checked.get('asked-commit')?.[0], checked.get('asked-rollback')?.[0]]).toEqual([name, 1, 1]);
  expect([name, checked.get('never')?.slice(0, 2)]).toEqual([name, [1, 2]]);
}

/** What a consumer sees of a message, but for what differs from run to run. */
function looks(message: Received | undefined) {
  if (message === undefined) return undefined;
  const { tags, keys, flag, sysFlag, bodySha1, reconsumeTimes, properties } = message;
  // What Java's consumer adds.
  const { CONSUME_START_TIME: _added, ...kept } = properties;
  const shown = Object.entries(kept).map(([name, value]) => [name, unequal.has(name) ? 'any' : value] as const);
  return { tags, keys, flag, sysFlag, bodySha1, reconsumeTimes, properties: Object.fromEntries(shown) };
}
