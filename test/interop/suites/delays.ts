import { describe, expect } from '@jest/globals';
import { systemClock } from '../../../libs/common/src/index.js';
import { createProducer, type DelayedMessage, type Producer } from '../../../libs/client/src/index.js';
import {
  freeBrokerPort,
  javaClient,
  startJavaBroker,
  startOurBroker,
  type BrokerOptions,
  type Received,
  type Sent,
  type TestBroker,
  type TestClient,
  type TestProducer,
} from '../../../libs/testkit/src/index.js';
import { ourClient } from '../../../libs/testkit/src/our-client.js';
import { freshName, reportingIt, reportingTogether, until, type Arena, type Cluster, type Maker } from './arena.js';

/** Java works in whole seconds, and looks ten times a second. */
const lateness = { java: 3000, ours: 1500 };

/** Apache's 4.9 has levels only: what asks for an instant is delivered at once. */
export function describeDelaysBefore5(
  title: string,
  servers: { readonly arena: () => Arena; readonly cluster: () => Promise<Cluster> },
): void {
  describe(title, () => {
    reportingIt(servers.arena, 'a level is waited for, an instant is not', async () => {
      const [arena, cluster] = [servers.arena(), await servers.cluster()];
      const [queue, producer] = await queueAndProducer(arena, cluster, ourClient());
      const sent = await Promise.all([
        producer.send({ topic: queue.topic, body: 'level', delayLevel: 2 }),
        producer.send({ topic: queue.topic, body: 'instant', deliverTimeMs: systemClock.now() + 3_600_000 }),
      ]);
      expect(sent.map(({ recallHandle }) => recallHandle)).toEqual([undefined, undefined]);
      const received = await pullUntil(arena, cluster, queue.topic, 2);
      const [level, instant] = sent.map(({ msgId }) => received.find((message) => message.msgId === msgId) as Received);
      expect(waited(level)).toBeGreaterThanOrEqual(1000);
      expect(waited(instant)).toBeLessThan(1000);
      arena.retire(producer);
    });
  });
}

/** Both makers' brokers, each with both makers' clients; then each broker on the store of the other. */
export function describeDelays(title: string, { arena }: { readonly arena: () => Arena }): void {
  describe(title, () => {
    const brokers = new Map<Maker, Promise<Home>>();
    const home = (maker: Maker): Promise<Home> => {
      const known = brokers.get(maker) ?? openHome(arena(), maker);
      brokers.set(maker, known);
      return known;
    };
    reportingTogether(arena, checksOf(arena, home));
    reportingIt(
      arena,
      'what waits in the wheel of one broker is delivered by the other, once and in time',
      async () => {
        const [ours, java] = await Promise.all([home('ours'), home('java')]);
        await Promise.all([handOver(arena(), ours, 'java'), handOver(arena(), java, 'ours')]);
      },
    );
  });
}

function checksOf(arena: () => Arena, home: (maker: Maker) => Promise<Home>): Map<string, () => Promise<void>> {
  const kept = (client: Maker, broker: Maker) => async (): Promise<void> =>
    timesAreKept(arena(), await home(broker), client);
  return new Map([
    ['a Java client on our broker: levels and instants are kept, a recall is obeyed', kept('java', 'ours')],
    ['our client on a Java broker: levels and instants are kept, a recall is obeyed', kept('ours', 'java')],
    ['our client on our broker: levels and instants are kept, a recall is obeyed', kept('ours', 'ours')],
    ['a Java client on a Java broker: the same', kept('java', 'java')],
    [
      'our client cancels what waits at a Java broker, and at ours',
      async () => {
        await Promise.all([cancels(arena(), await home('java')), cancels(arena(), await home('ours'))]);
      },
    ],
    [
      'both brokers deliver the same',
      async () => {
        const [byJava, byOurs] = await Promise.all([
          delivered(arena(), await home('java')),
          delivered(arena(), await home('ours')),
        ]);
        expect(byOurs).toEqual(byJava);
      },
    ],
  ]);
}

/** A broker and what it takes to start another one in its place. */
interface Home {
  readonly maker: Maker;
  readonly cluster: Cluster;
  readonly options: BrokerOptions;
}

async function openHome(arena: Arena, maker: Maker): Promise<Home> {
  const nameServer = await arena.nameServer('ours');
  const options = {
    nameServer: nameServer.address,
    brokerName: freshName('timer'),
    clusterName: freshName('timer'),
    directory: await arena.testbed.subdirectory(freshName('timer')),
    port: await freeBrokerPort(),
  };
  return { maker, options, cluster: { nameServer, broker: await startBroker(arena, maker, options) } };
}

function startBroker(arena: Arena, maker: Maker, options: BrokerOptions): Promise<TestBroker> {
  const config = { recallMessageEnable: true, messageDelayLevel: '1s 2s' };
  if (maker === 'java') return startJavaBroker(arena.testbed, arena.version, { ...options, config });
  return startOurBroker(arena.testbed, { ...options, config: { ...config, brokerVersion: arena.brokerVersion } });
}

async function clientOf(arena: Arena, maker: Maker): Promise<TestClient> {
  return maker === 'java' ? javaClient(await arena.peer()) : ourClient();
}

async function queueAndProducer(
  arena: Arena,
  cluster: Cluster,
  client: TestClient,
): Promise<[queue: { topic: string }, producer: TestProducer]> {
  const topic = await arena.createTopic(cluster, 1);
  const producer = await client.producer({ nameServer: cluster.nameServer.address, group: freshName('producers') });
  return [{ topic }, producer];
}

async function pullUntil(arena: Arena, cluster: Cluster, topic: string, count: number): Promise<readonly Received[]> {
  const pull = await ourClient().pullConsumer({ nameServer: cluster.nameServer.address, group: freshName('group') });
  const queue = { topic, brokerName: cluster.broker.brokerName, queueId: 0 };
  let messages: readonly Received[] = [];
  await until(`${count} messages of ${topic}`, async () => {
    messages = await pull.pull(queue, 0).then(
      (pulled) => pulled.messages,
      () => [],
    );
    return messages.length >= count;
  });
  arena.retire(pull);
  return messages;
}

/** Milliseconds from its birth to its copy for readers. */
function waited(message: Received | undefined): number {
  if (message === undefined) throw new Error('a message is missing');
  return message.storeTimestamp - message.bornTimestamp;
}

async function timesAreKept(arena: Arena, { cluster, maker }: Home, clientMaker: Maker): Promise<void> {
  const client = await clientOf(arena, clientMaker);
  const [{ topic }, producer] = await queueAndProducer(arena, cluster, client);
  const deliverTimeMs = systemClock.now() + 2345;
  const [level, delay, instant, recalled] = await Promise.all([
    producer.send({ topic, body: 'level', delayLevel: 1 }),
    producer.send({ topic, body: 'delay', delayTimeMs: 1500 }),
    producer.send({ topic, body: 'instant', deliverTimeMs }),
    producer.send({ topic, body: 'recalled', deliverTimeMs }),
    producer.send({ topic, body: 'past', deliverTimeMs: 1 }),
  ]);
  expect(level.recallHandle ?? undefined).toBeUndefined();
  for (const { recallHandle } of [delay, instant]) expect(typeof recallHandle).toBe('string');
  expect(await producer.recall(topic, recalled.recallHandle ?? '')).toBe(recalled.msgId);
  const received = await pullUntil(arena, cluster, topic, 4);
  const of = ({ msgId }: Sent): Received => received.find((message) => message.msgId === msgId) as Received;
  expect(waited(of(level))).toBeGreaterThanOrEqual(1000);
  expect(waited(of(delay))).toBeGreaterThanOrEqual(1500);
  expect(of(instant).storeTimestamp).toBeGreaterThanOrEqual(deliverTimeMs);
  for (const [message, due] of [
    [delay, of(delay).bornTimestamp + 1500],
    [instant, deliverTimeMs],
  ] as const) {
    expect(of(message).storeTimestamp - due).toBeLessThan(lateness[maker]);
  }
  expect(received.map(({ msgId }) => msgId)).not.toContain(recalled.msgId);
  arena.retire(producer);
}

async function cancels(arena: Arena, { cluster }: Home): Promise<void> {
  const topic = await arena.createTopic(cluster, 1);
  const producer: Producer = createProducer({
    nameServer: cluster.nameServer.address,
    producerGroup: freshName('producers'),
    instanceName: freshName('timer'),
  });
  await producer.start();
  arena.retireLater(producer);
  const deliverTimeMs = systemClock.now() + 2500;
  const [absolute, relative, kept] = await Promise.all([
    producer.send({ topic, body: 'absolute', deliverTimeMs }),
    producer.send({ topic, body: 'relative', delayTimeMs: 2500 }),
    producer.send({ topic, body: 'kept', deliverTimeMs: deliverTimeMs + 1500 }),
  ]);
  for (const { delayed } of [absolute, relative]) await producer.cancelDelayed(delayed as DelayedMessage);
  const received = await pullUntil(arena, cluster, topic, 1);
  expect(received.map(({ msgId }) => msgId)).toEqual([kept.msgId]);
}

/** A message as it is delivered, without what tells messages and moments apart. */
async function delivered(arena: Arena, { cluster }: Home): Promise<object> {
  const [{ topic }, producer] = await queueAndProducer(arena, cluster, javaClient(await arena.peer()));
  await producer.send({ topic, body: 'x', tags: 'later', keys: 'k', flag: 3, delayTimeMs: 1200 });
  const [message] = (await pullUntil(arena, cluster, topic, 1)) as [Received];
  const { properties, tags, flag, reconsumeTimes, queueId, sysFlag } = message;
  const moments = ['UNIQ_KEY', 'CLUSTER', 'REAL_TOPIC', 'TIMER_OUT_MS', 'TIMER_ENQUEUE_MS', 'TIMER_DEQUEUE_MS'];
  const values = Object.entries(properties).map(([name, value]) => [name, moments.includes(name) ? '' : value]);
  arena.retire(producer);
  return { properties: Object.fromEntries(values) as object, tags, flag, reconsumeTimes, queueId, sysFlag };
}

/** Some come due while no broker runs, some later, and one of them is cancelled. */
async function handOver(arena: Arena, { cluster, options, maker }: Home, reader: Maker): Promise<void> {
  const { nameServer } = cluster;
  const [{ topic }, producer] = await queueAndProducer(arena, cluster, ourClient());
  const now = systemClock.now();
  const send = (body: string, delay: number): Promise<Sent> =>
    producer.send({ topic, body, deliverTimeMs: now + delay });
  const sent = await Promise.all([
    send('before', 500),
    ...Array.from({ length: 10 }, (_, i) => send(`while ${i}`, 3000 + i * 100)),
    send('after', 9_000),
    send('recalled', 9_000),
  ]);
  await producer.recall(topic, sent.at(-1)?.recallHandle ?? '');
  await pullUntil(arena, cluster, topic, 1);
  // Java knows of whole slots only: the second under way would come again.
  await until('the end of its second', () => Promise.resolve(systemClock.now() > now + 2000));
  const { code } = await cluster.broker.program.stop(60_000);
  if (maker === 'ours') expect(code).toBe(0);
  await until('their instants', () => Promise.resolve(systemClock.now() > now + 4000));
  const second = { nameServer, broker: await startBroker(arena, reader, options) };
  const received = await pullUntil(arena, second, topic, 12);
  expect(received.map(({ msgId }) => msgId).sort()).toEqual(
    sent
      .slice(0, -1)
      .map(({ msgId }) => msgId)
      .sort(),
  );
  const last = received.find(({ msgId }) => msgId === sent.at(-2)?.msgId);
  expect(last?.storeTimestamp).toBeGreaterThanOrEqual(now + 9_000);
  arena.retire(producer);
  if (reader === 'java') await second.broker.program.kill();
  else await second.broker.program.stop();
}
