import { beforeAll, describe, expect } from '@jest/globals';
import { join } from 'node:path';
import { createBroker, type Broker } from '../../../libs/broker/src/index.js';
import { messageOf } from '../../../libs/common/src/index.js';
import { createClient } from '../../../libs/client/src/index.js';
import type { TestClient, TestConsumer, TestMessage } from '../../../libs/testkit/src/index.js';
import { freshName, reportingIt, until, type Arena, type Cluster } from './arena.js';

export interface FilterSuite {
  readonly arena: () => Arena;
  readonly cluster: () => Promise<Cluster>;
  readonly java: () => Promise<TestClient>;
  readonly ours: () => Promise<TestClient>;
}

interface Stage {
  readonly arena: Arena;
  readonly cluster: Cluster;
  readonly nameServer: string;
  readonly java: TestClient;
  readonly ours: TestClient;
}

const expression = "region = 'eu' AND amount > 5 OR urgent IS NOT NULL AND NOT (region IN ('us', 'cn'))";
/** A body ends in + when the expression takes the message. */
const messages: readonly (readonly [body: string, properties: Readonly<Record<string, string>>])[] = [
  ['a', { region: 'eu', amount: '5' }],
  ['b+', { region: 'eu', amount: '6' }],
  ['c', { region: 'us', amount: '60' }],
  ['d', { amount: '60' }],
  ['e+', { region: 'jp', urgent: 'x' }],
  ['f', { region: 'us', urgent: 'x' }],
  // Neither text is a number: it cannot be worked out, so nobody wants it.
  ['g', { region: 'eu', amount: 'six', urgent: 'x' }],
  ['h+', { region: 'eu', amount: '7' }],
];
const wanted = messages.map(([body]) => body).filter((body) => body.endsWith('+'));

/** SQL92 subscriptions of both makes on one make of broker, whose configuration has enablePropertyFilter=true. */
export function describeSqlFilters(title: string, suite: FilterSuite): void {
  describe(title, () => {
    let stage: Stage;
    beforeAll(async () => void (stage = await stageOf(suite)));
    const ask = (question: string, body: (stage: Stage) => Promise<void>): void =>
      reportingIt(suite.arena, question, () => body(stage));

    ask('consumers of both makes get what the expression takes, when it comes', filterPushed);
    ask('pull consumers of ours give an expression with each pull', filterPulled);
    ask('a consumer with an expression that is none does not start', refuse);
  });
}

async function stageOf({ arena, cluster, java, ours }: FilterSuite): Promise<Stage> {
  const [found, javaPeer, own] = await Promise.all([cluster(), java(), ours()]);
  return { arena: arena(), cluster: found, nameServer: found.nameServer.address, java: javaPeer, ours: own };
}

async function filterPushed(stage: Stage): Promise<void> {
  const { arena, cluster, nameServer, java, ours } = stage;
  const topic = await arena.createTopic(cluster, 1);
  const subscribe = (client: TestClient): Promise<TestConsumer> =>
    client.pushConsumer({ nameServer, group: freshName('group'), subscriptions: [[topic, expression, 'SQL92']] });
  const consumers = await Promise.all([subscribe(java), subscribe(ours)]);
  await Promise.all(consumers.map((consumer) => holdsQueue(consumer, topic)));
  await sendAll(stage, topic, [...messages, ...messages]);
  const expected = [...wanted, ...wanted].toSorted();
  await Promise.all(consumers.map((consumer) => consumer.waitUntil((got) => got.length >= expected.length, 60_000)));
  for (const consumer of consumers) expect(keysOf(consumer)).toEqual(expected);
  arena.retire(...consumers);
}

async function filterPulled({ arena, cluster, nameServer, ...stage }: Stage): Promise<void> {
  const topic = await arena.createTopic(cluster, 1);
  await sendAll({ arena, cluster, nameServer, ...stage }, topic, messages);
  const client = createClient({ nameServer });
  const pull = client.createPullConsumer({ consumerGroup: freshName('group') });
  const lite = client.createLitePullConsumer({
    consumerGroup: freshName('group'),
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
  });
  const selector = { type: 'SQL92', expression } as const;
  lite.subscribe(topic, selector);
  await Promise.all([pull.start(), lite.start()]);
  const [queue] = await pull.fetchSubscribeMessageQueues(topic);
  if (queue === undefined) throw new Error('no queue');
  const pulled = await pull.pull(queue, 0, { expression: selector });
  expect(pulled.messages.map(({ keys }) => keys)).toEqual(wanted.map((key) => [key]));
  expect(pulled.nextBeginOffset).toBe(messages.length);
  const none = await pull.pull(queue, 0, { expression: { type: 'SQL92', expression: "region = 'mars'" } });
  expect(none).toMatchObject({ status: 'NO_MATCHED_MSG', nextBeginOffset: messages.length });
  const polled: string[] = [];
  while (polled.length < wanted.length) {
    for (const message of await lite.poll(10_000)) polled.push(message.body.toString());
  }
  expect(polled).toEqual(wanted);
  await client.close();
}

async function refuse({ arena, cluster, nameServer, java, ours }: Stage): Promise<void> {
  const topic = await arena.createTopic(cluster, 1);
  for (const client of [java, ours]) {
    for (const wrong of ['amount >', "amount > 'x'"]) {
      const group = freshName('group');
      const problem = await client
        .pushConsumer({ nameServer, group, subscriptions: [[topic, wrong, 'SQL92']] })
        .then(() => 'started', messageOf);
      expect(problem).not.toBe('started');
    }
  }
}

/** Filters that the host of our broker registered. */
export function describeFilterClasses(title: string, suite: FilterSuite): void {
  describe(title, () => {
    let stage: Stage;
    beforeAll(async () => void (stage = await stageOf(suite)));
    reportingIt(suite.arena, 'consumers of both makes subscribe to one by its name', () => filterByClass(stage));
  });
}

async function filterByClass(stage: Stage): Promise<void> {
  const { arena, nameServer, java, ours } = stage;
  const broker = await hostBroker(stage);
  arena.retireLater(broker);
  const brokerStage = { ...stage, cluster: { ...stage.cluster, broker: broker as never } };
  const topic = await arena.createTopic(brokerStage.cluster, 1);
  const subscribe = (client: TestClient): Promise<TestConsumer> =>
    client.pushConsumer({ nameServer, group: freshName('group'), subscriptions: [[topic, 'com.shop.Large', 'CLASS']] });
  const consumers = await Promise.all([subscribe(java), subscribe(ours)]);
  await Promise.all(consumers.map((consumer) => holdsQueue(consumer, topic)));
  await sendAll(brokerStage, topic, messages);
  await Promise.all(consumers.map((consumer) => consumer.waitUntil((got) => got.length >= wanted.length)));
  expect(broker.messageFilters.get('com.shop.Large')).toMatchObject({ failed: 0, isOff: false });
  for (const consumer of consumers) expect(keysOf(consumer)).toEqual(wanted);
  await Promise.all(consumers.map((consumer) => consumer.close()));
}

/** In this process: filters are functions. */
async function hostBroker({ arena, nameServer }: Stage): Promise<Broker> {
  const home = await arena.testbed.subdirectory(freshName('filtering-broker'));
  const config = { listenPort: 0, brokerName: freshName('filtering'), namesrvAddr: nameServer };
  const broker = createBroker(
    { ...config, storePathRootDir: join(home, 'store'), mappedFileSizeCommitLog: 16 * 1024 * 1024 },
    {
      messageFilters: {
        'com.shop.Large': (message) => message.keys?.endsWith('+') === true && message.body.length > 0,
      },
    },
  );
  await broker.start();
  return broker;
}

/** Handlers run at once, so the order says nothing. */
function keysOf(consumer: TestConsumer): string[] {
  return consumer.received.map(({ keys }) => keys ?? '').toSorted();
}

/**
 * Members share out queues every 20 s when the first time came to nothing. A Java consumer whose first heartbeat is not
 * answered within 3 s does not pull by SQL92 before the next one, because it does not know the broker's release.
 */
async function holdsQueue(consumer: TestConsumer, topic: string): Promise<void> {
  const isHeld = async (): Promise<boolean> => (await consumer.assignment()).some((queue) => queue.topic === topic);
  await until(`a queue of ${topic}`, isHeld, 45_000);
}

async function sendAll({ ours, nameServer }: Stage, topic: string, all: typeof messages): Promise<void> {
  const producer = await ours.producer({ nameServer, group: freshName('producers') });
  for (const [body, properties] of all) {
    const message: TestMessage = { topic, body, keys: body, properties };
    await producer.send(message);
  }
  await producer.close();
}
