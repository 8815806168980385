import { beforeAll, describe, expect } from '@jest/globals';
import {
  javaClient,
  type Sent,
  type TestConsumer,
  type TestProducer,
  type TestQueue,
} from '../../../libs/testkit/src/index.js';
import { freshName, reportingIt, until, type Arena, type Cluster, type Maker } from './arena.js';
import { rowsOf, trouble } from './mqadmin-rows.js';

export interface Mqadmin {
  readonly arena: () => Arena;
  /** Apache's servers, which say what must be printed. */
  readonly model: () => Promise<Cluster>;
  /** Ours. */
  readonly subject: () => Promise<Cluster>;
}

/**
 * Apache's mqadmin against both kinds of servers after the same workload: same rows and cells, with times, addresses,
 * versions and rates masked.
 */
export function describeMqadmin(title: string, mqadmin: Mqadmin): void {
  describe(title, () => {
    let model: Scene;
    let subject: Scene;
    beforeAll(async () => {
      const arena = mqadmin.arena();
      const [java, ours] = [await mqadmin.model(), await mqadmin.subject()];
      [model, subject] = await Promise.all([stage(arena, java, 'java'), stage(arena, ours, 'ours')]);
    }, 120_000);

    for (const [name, command] of Object.entries(commands))
      reportingIt(mqadmin.arena, name, async () => {
        const [expected, printed] = await Promise.all([model.print(command), subject.print(command)]);
        expect(expected).not.toMatch(trouble);
        expect(printed).not.toMatch(trouble);
        const countless = name.includes('message counts');
        expect(rowsOf(printed, subject, countless)).toEqual(rowsOf(expected, model, countless));
      });
  });
}

/** Not among the comparisons: its messages are on our broker only. */
export function describeMqadminUnderLoad(title: string, mqadmin: Mqadmin): void {
  describe(title, () => {
    reportingIt(mqadmin.arena, 'clusterList shows what is sent and fetched a second', () => ratesUnderLoad(mqadmin));
  });
}

type Command = (scene: Omit<Scene, 'print'>) => string[];

const commands: Record<string, Command> = {
  'updateTopic on one broker': ({ broker, topics }) => [
    'updateTopic',
    '-b',
    broker,
    '-t',
    topics.byBroker,
    '-r',
    '5',
    '-w',
    '3',
    '-p',
    '6',
  ],
  'updateTopic on a cluster': ({ cluster, topics }) => [
    'updateTopic',
    '-c',
    cluster,
    '-t',
    topics.byCluster,
    '-r',
    '2',
    '-w',
    '2',
  ],
  'updateTopic of a topic that exists': ({ broker, topics }) => [
    'updateTopic',
    '-b',
    broker,
    '-t',
    topics.byBroker,
    '-r',
    '6',
    '-w',
    '6',
  ],
  topicList: () => ['topicList'],
  'topicList with clusters': () => ['topicList', '-c'],
  topicRoute: ({ topics }) => ['topicRoute', '-t', topics.traffic],
  'topicRoute of an unknown topic': () => ['topicRoute', '-t', 'no-such-topic'],
  clusterList: () => ['clusterList'],
  'clusterList with message counts': () => ['clusterList', '-m'],
  topicStatus: ({ topics }) => ['topicStatus', '-t', topics.traffic],
  printMsg: ({ topics }) => ['printMsg', '-t', topics.traffic, '-d', 'true'],
  'printMsg by tag': ({ topics }) => ['printMsg', '-t', topics.traffic, '-s', 'odd', '-d', 'true'],
  queryCq: ({ broker, topics }) => cqOf(broker, topics.traffic, '0', '1', '-c', '4'),
  'queryCq of a group that is away': ({ broker, topics, group }) =>
    cqOf(broker, topics.traffic, '3', '5', '-c', '9', '-g', group),
  'queryCq of an unknown queue': ({ broker, topics }) => cqOf(broker, topics.traffic, '9', '0'),
  'cleanExpiredCQ of a broker': ({ broker }) => ['cleanExpiredCQ', '-b', broker],
  'cleanExpiredCQ of a cluster': ({ cluster }) => ['cleanExpiredCQ', '-c', cluster],
  'cleanUnusedTopic of a broker': ({ broker }) => ['cleanUnusedTopic', '-b', broker],
  'cleanUnusedTopic of a cluster': ({ cluster }) => ['cleanUnusedTopic', '-c', cluster],
  'deleteExpiredCommitLog of a broker': ({ broker }) => ['deleteExpiredCommitLog', '-b', broker],
  'deleteExpiredCommitLog of a cluster': ({ cluster }) => ['deleteExpiredCommitLog', '-c', cluster],
  'queryCq after all that': ({ broker, topics }) => cqOf(broker, topics.traffic, '2', '0', '-c', '100'),
  consumerProgress: () => ['consumerProgress'],
  'consumerProgress of a group': ({ group }) => ['consumerProgress', '-g', group],
  queryMsgByKey: ({ topics }) => ['queryMsgByKey', '-t', topics.traffic, '-k', 'order-3'],
  'queryMsgByKey with a key nobody has': ({ topics }) => ['queryMsgByKey', '-t', topics.traffic, '-k', 'order'],
  queryMsgByUniqueKey: ({ topics, sent }) => ['queryMsgByUniqueKey', '-t', topics.traffic, '-i', sent.msgId],
  'queryMsgByUniqueKey with all messages': ({ topics, sent }) => [
    'queryMsgByUniqueKey',
    '-t',
    topics.traffic,
    '-i',
    sent.msgId,
    '-a',
  ],
  queryMsgById: ({ topics, sent, hasTopicOption }) => [
    'queryMsgById',
    '-i',
    sent.offsetMsgId,
    ...(hasTopicOption ? ['-t', topics.traffic] : []),
  ],
  'queryMsgById in the middle of a message': ({ topics, sent, hasTopicOption }) => [
    'queryMsgById',
    '-i',
    sent.offsetMsgId.replace(/.$/, (digit) => (digit === '1' ? '2' : '1')),
    ...(hasTopicOption ? ['-t', topics.traffic] : []),
  ],
  queryMsgByOffset: ({ topics, brokerName, sent }) => [
    'queryMsgByOffset',
    '-t',
    topics.traffic,
    '-b',
    brokerName,
    '-i',
    String(sent.queue.queueId),
    '-o',
    String(sent.queueOffset),
  ],
  'consumeMessage from an offset': ({ brokerName, topics }) =>
    words(`consumeMessage -t ${topics.traffic} -b ${brokerName} -i 2 -o 0 -c 3`),
  'printMsgByQueue, counted by tag': ({ brokerName, topics }) =>
    words(`printMsgByQueue -t ${topics.traffic} -a ${brokerName} -i 0 -p true -d true -f true`),
  'sendMessage to a queue': ({ brokerName, topics }) =>
    words(`sendMessage -t ${topics.traffic} -p by-hand -k hand -c hand -b ${brokerName} -i 2`),
  'consumerProgress of an unknown group': () => ['consumerProgress', '-g', 'no-such-group'],
};

const words = (line: string): string[] => line.split(' ');

const cqOf = (broker: string, topic: string, queueId: string, index: string, ...more: string[]): string[] => [
  'queryCq',
  '-b',
  broker,
  '-t',
  topic,
  '-q',
  queueId,
  '-i',
  index,
  ...more,
];

interface Scene {
  readonly cluster: string;
  readonly broker: string;
  readonly brokerName: string;
  readonly group: string;
  readonly topics: { readonly traffic: string; readonly byBroker: string; readonly byCluster: string };
  /** One of the messages, with keys and tag. */
  readonly sent: Sent;
  /** 5.x asks for the topic when it is given an id. */
  readonly hasTopicOption: boolean;
  print(command: Command): Promise<string>;
}

/** The same topics, messages and consumer offsets on a cluster: four queues with five messages each, three consumed of each. */
async function stage(arena: Arena, cluster: Cluster, maker: Maker): Promise<Scene> {
  const [peer, mqadmin] = await Promise.all([arena.peer(), arena.mqadmin(maker)]);
  const client = javaClient(peer);
  const nameServer = cluster.nameServer.address;
  const topics = { traffic: 'AdminTraffic', byBroker: 'AdminByBroker', byCluster: 'AdminByCluster' };
  const group = 'AdminGroup';
  await arena.createTopic(cluster, 4, topics.traffic);
  const producer = await client.producer({ nameServer, group: 'AdminProducers' });
  const queues = (await producer.queues(topics.traffic)).toSorted((a, b) => a.queueId - b.queueId);
  const sent = await sendFive(producer, queues);
  const consumer = await client.pushConsumer({ nameServer, group, subscriptions: [[topics.traffic, '*']] });
  await consumer.waitUntil((received) => received.length >= 20);
  await consumer.close();
  await sendTwo(producer, queues);
  const online = await client.pullConsumer({ nameServer, group: 'AdminPullGroup' });
  await online.queues(topics.traffic);
  arena.retire(producer, online);
  const { brokerName, address: broker } = cluster.broker;
  const scene = {
    cluster: brokerName.replace(/-broker-of-.*/, '-cluster'),
    broker,
    brokerName,
    group,
    topics,
    sent,
    hasTopicOption: arena.version !== '4.9.7',
  };
  return { ...scene, print: (command) => mqadmin.mqadmin(...command(scene), '-n', nameServer) };
}

/** Gives back what was said of the last one. */
async function sendFive(producer: TestProducer, queues: readonly TestQueue[]): Promise<Sent> {
  let last: Sent | undefined;
  for (const queue of queues)
    for (let i = 0; i < 5; i++)
      last = await producer.sendToQueue(
        {
          topic: queue.topic,
          body: `message ${i} for queue ${queue.queueId}`,
          tags: i % 2 ? 'odd' : 'even',
          keys: `order-${i}`,
          properties: { customer: String(i) },
        },
        queue,
      );
  if (!last) throw new Error('no queue to send to');
  return last;
}

async function sendTwo(producer: TestProducer, queues: readonly TestQueue[]): Promise<void> {
  for (const queue of queues)
    for (let i = 0; i < 2; i++)
      await producer.sendToQueue({ topic: queue.topic, body: `later ${i}`, tags: 'later' }, queue);
}

async function ratesUnderLoad({ arena: opened, subject }: Mqadmin): Promise<void> {
  const arena = opened();
  const cluster = await subject();
  const peer = await arena.peer();
  const client = javaClient(peer);
  const nameServer = cluster.nameServer.address;
  const topic = await arena.createTopic(cluster);
  const consumer: TestConsumer = await client.pushConsumer({
    nameServer,
    group: freshName('group'),
    subscriptions: [[topic, '*']],
  });
  const producer = await client.producer({ nameServer, group: freshName('producers') });
  const enough = new AbortController();
  const load = (async () => {
    for (let round = 0; !enough.signal.aborted; round++)
      await producer.flood({ topic, prefix: `round-${round}`, count: 200, size: 100, inFlight: 4 });
  })();
  let seen = '';
  await until(
    'rates of sends and pulls above zero',
    async () => {
      seen = await peer.mqadmin('clusterList', '-n', nameServer);
      const row = seen.split('\n').find((line) => line.includes(cluster.broker.address)) ?? '';
      const [, sends, fetches] = /(\d+\.\d+)\([^)]*\)\s+(\d+\.\d+)\([^)]*\)/.exec(row) ?? [];
      return Number(sends) > 0 && Number(fetches) > 0;
    },
    40_000,
  )
    .catch((error: unknown) => {
      throw new Error(`${String(error)}; clusterList printed\n${seen}`, { cause: error });
    })
    .finally(() => {
      enough.abort();
    });
  await load;
  arena.retire(producer, consumer);
}
