import { beforeAll, describe, expect } from '@jest/globals';
import { systemClock } from '../../../libs/common/src/index.js';
import {
  javaClient,
  type JavaPeer,
  type Sent,
  type TestConsumer,
  type TestProducer,
} from '../../../libs/testkit/src/index.js';
import { reportingIt, until, type Arena, type Cluster, type Maker } from './arena.js';
import { rowsOf, trouble } from './mqadmin-rows.js';
import type { Mqadmin } from './mqadmin.js';

const topic = 'GroupTraffic';
const group = 'OnlineGroup';
const copy = 'CopyGroup';
const producers = 'GroupProducers';
const queueCount = 4;
const perQueue = 5;

/** What mqadmin says of a group with a member of Apache's, and does to it, on Apache's broker and on ours. */
export function describeMqadminGroups(title: string, mqadmin: Mqadmin): void {
  describe(title, () => {
    let model: Scene;
    let subject: Scene;
    beforeAll(async () => {
      const arena = mqadmin.arena();
      const clusters = [await mqadmin.model(), await mqadmin.subject()] as const;
      [model, subject] = await Promise.all([stage(arena, clusters[0], 'java'), stage(arena, clusters[1], 'ours')]);
      await Promise.all([model, subject].map(counted));
    }, 120_000);

    const both = <T>(ask: (scene: Scene) => Promise<T>): Promise<[T, T]> => Promise.all([ask(model), ask(subject)]);
    const alike = (name: string, command: Command, select = (printed: string) => printed): void =>
      reportingIt(mqadmin.arena, name, async () => {
        const [expected, printed] = await both((scene) => scene.print(command));
        expect(expected).not.toMatch(trouble);
        expect(printed).not.toMatch(trouble);
        expect(rowsOf(select(printed), subject)).toEqual(rowsOf(select(expected), model));
      });

    for (const [name, command] of Object.entries(questions)) alike(name, command);
    alike('statsAll', () => ['statsAll', '-t', topic], withoutOwnName);
    alike(
      'consumerStatus of one member, with its stacks',
      ({ clientId }) => ['consumerStatus', '-g', group, '-i', clientId, '-s'],
      headingsOf,
    );
    reportingIt(mqadmin.arena, 'queryMsgById hands the message to the member', async () => {
      await both(expectHandedOver);
    });
    reportingIt(mqadmin.arena, 'the members tell their offsets', async () => {
      const [expected, told] = await both((scene) => scene.status());
      expect(expected).toHaveLength(queueCount);
      expect(told).toEqual(expected);
    });
    reportingIt(mqadmin.arena, 'the time span of the group is that of its messages', async () => {
      await both(expectTimeSpan);
    });
    alike('updateSubGroup', ({ broker }) => ['updateSubGroup', '-b', broker, '-g', copy]);
    alike('cloneGroupOffset', () => ['cloneGroupOffset', '-s', group, '-d', copy, '-t', topic, '-o', 'true']);
    alike('brokerConsumeStats after that', ({ broker }) => ['brokerConsumeStats', '-b', broker]);

    reportingIt(mqadmin.arena, 'resetOffsetByTime, and the member consumes again', async () => {
      const command: Command = ({ begun }) => resetTo(String(begun));
      const before = new Map([model, subject].map((scene) => [scene, scene.consumer.received.length]));
      const [expected, printed] = await both((scene) => scene.print(command));
      expect(rowsOf(printed, subject)).toEqual(rowsOf(expected, model));
      const again = queueCount * perQueue;
      for (const [{ consumer }, count] of before) await consumer.waitUntil((seen) => seen.length >= count + again);
    });
    reportingIt(mqadmin.arena, 'resetOffsetByTime of a group that is away', async () => {
      await both(({ committed }) => committed());
      await both(({ consumer }) => consumer.close());
      const command: Command = ({ begun }) => resetTo(String(begun), 'true');
      const [expected, printed] = await both((scene) => scene.print(command));
      expect(rowsOf(printed, subject)).toEqual(rowsOf(expected, model));
    });
    alike('consumerProgress after that', () => ['consumerProgress', '-g', group]);
    alike('skipAccumulatedMessage', () => ['skipAccumulatedMessage', '-g', group, '-t', topic, '-f', 'true']);
    alike('consumerProgress with nothing left', () => ['consumerProgress', '-g', group]);
    alike('deleteSubGroup', ({ broker }) => ['deleteSubGroup', '-b', broker, '-g', copy, '-r', 'true']);
    alike('brokerConsumeStats without it', ({ broker }) => ['brokerConsumeStats', '-b', broker]);
  });
}

type Command = (scene: Pick<Scene, 'broker' | 'clientId' | 'begun' | 'offsetMsgId' | 'topicOption'>) => string[];

const questions: Record<string, Command> = {
  'consumerProgress of a group that is online': () => ['consumerProgress', '-g', group],
  'consumerProgress with client addresses': () => ['consumerProgress', '-g', group, '-s', 'true'],
  consumerConnection: () => ['consumerConnection', '-g', group],
  'consumerConnection of a group that is away': () => ['consumerConnection', '-g', 'no-such-group'],
  producerConnection: () => ['producerConnection', '-g', producers, '-t', topic],
  'consumerStatus with stacks': () => ['consumerStatus', '-g', group, '-s'],
  brokerConsumeStats: ({ broker }) => ['brokerConsumeStats', '-b', broker],
  'brokerConsumeStats of ordered topics': ({ broker }) => ['brokerConsumeStats', '-b', broker, '-o', 'true'],
  'topicStatus with its rate': () => ['topicStatus', '-t', topic],
};

async function expectHandedOver({ print, consumer }: Scene): Promise<void> {
  const before = consumer.received.length;
  const printed = await print(({ clientId, offsetMsgId, topicOption }) =>
    ['queryMsgById', '-i', offsetMsgId, '-g', group, '-d', clientId].concat(topicOption),
  );
  expect(printed).toContain('consumeResult=CR_SUCCESS');
  await consumer.waitUntil((seen) => seen.length > before);
}

async function expectTimeSpan({ timeSpan, begun }: Scene): Promise<void> {
  const rows = await timeSpan();
  expect(rows).toHaveLength(queueCount);
  for (const { min, max, consumed, delay } of rows) {
    expect([min >= begun, max >= min, consumed === max, delay]).toEqual([true, true, true, 0]);
  }
}

function resetTo(timestamp: string, force = 'true'): string[] {
  return ['resetOffsetByTime', '-g', group, '-t', topic, '-s', timestamp, '-f', force];
}

/** 5.x takes a topic's own name for a group that subscribes to it. */
function withoutOwnName(printed: string): string {
  return printed.replace(new RegExp(`^${topic} +${topic} .*$`, 'gm'), '');
}

/** Between them are the stacks of another process. */
function headingsOf(printed: string): string {
  return printed
    .split('\n')
    .filter((line) => line.startsWith('#'))
    .join('\n');
}

interface TimeSpan {
  readonly min: number;
  readonly max: number;
  readonly consumed: number;
  readonly delay: number;
}

interface Scene {
  readonly cluster: string;
  readonly broker: string;
  readonly brokerName: string;
  readonly clientId: string;
  readonly consumer: TestConsumer;
  /** Of the last message. */
  readonly offsetMsgId: string;
  /** 5.x asks for the topic when it is given an id. */
  readonly topicOption: readonly string[];
  /** Milliseconds since the epoch, before the first message. */
  readonly begun: number;
  /** Resolves when the group committed all. */
  readonly committed: () => Promise<void>;
  /** Offsets of the one member, by queue. */
  readonly status: () => Promise<readonly number[]>;
  readonly timeSpan: () => Promise<readonly TimeSpan[]>;
  readonly print: (command: Command) => Promise<string>;
}

/** Five messages in each of four queues, consumed by a member that stays. */
async function stage(arena: Arena, cluster: Cluster, maker: Maker): Promise<Scene> {
  const [peer, mqadmin] = await Promise.all([arena.peer(), arena.mqadmin(maker)]);
  const client = javaClient(peer);
  const nameServer = cluster.nameServer.address;
  await arena.createTopic(cluster, queueCount, topic);
  const begun = systemClock.now();
  const producer = await client.producer({ nameServer, group: producers });
  const { offsetMsgId } = await sendAll(producer);
  const consumer = await client.pushConsumer({ nameServer, group, subscriptions: [[topic, '*']] });
  await consumer.waitUntil((received) => received.length >= queueCount * perQueue);
  arena.retire(producer);
  const [clientId = ''] = (await peer.call('admin.consumers', { nameServer, group })) as string[];
  const { brokerName, address: broker } = cluster.broker;
  const committed = (): Promise<void> => until('all is committed', () => isConsumed(peer, nameServer), 60_000);
  await committed();
  const scene = {
    cluster: brokerName.replace(/-broker-of-.*/, '-cluster'),
    broker,
    brokerName,
    clientId,
    begun,
    offsetMsgId,
    topicOption: arena.version === '4.9.7' ? [] : ['-t', topic],
  };
  const about = { nameServer, topic, group };
  return {
    ...scene,
    consumer,
    committed,
    print: (command) => mqadmin.mqadmin(...command(scene), '-n', nameServer),
    status: async () => statusOf((await peer.call('admin.consumerStatus', about)) as StatusRows),
    timeSpan: async () => (await peer.call('admin.consumeTimeSpan', about)) as TimeSpan[],
  };
}

type StatusRows = Readonly<Record<string, readonly { readonly queueId: number; readonly offset: number }[]>>;

function statusOf(members: StatusRows): number[] {
  const [rows = []] = Object.values(members);
  return rows.toSorted((a, b) => a.queueId - b.queueId).map(({ offset }) => offset);
}

/** The rates were sampled once. */
function counted({ print }: Scene): Promise<void> {
  const all = queueCount * perQueue;
  const row = new RegExp(` ${all} +${all}\\s*$`, 'm');
  return until(
    'sends and pulls are counted',
    async () => row.test(await print(() => ['statsAll', '-t', topic])),
    60_000,
  );
}

async function sendAll(producer: TestProducer): Promise<Sent> {
  let last: Sent | undefined;
  for (const queue of await producer.queues(topic))
    for (let i = 0; i < perQueue; i++)
      last = await producer.sendToQueue({ topic, body: `message ${i}`, tags: 'all' }, queue);
  if (!last) throw new Error('no queue to send to');
  return last;
}

async function isConsumed(peer: JavaPeer, nameServer: string): Promise<boolean> {
  const rows = (await peer.call('admin.consumeStats', { nameServer, group })) as {
    readonly topic: string;
    readonly brokerOffset: number;
    readonly consumerOffset: number;
  }[];
  const own = rows.filter((row) => row.topic === topic);
  return own.length === queueCount && own.every(({ brokerOffset, consumerOffset }) => brokerOffset === consumerOffset);
}
