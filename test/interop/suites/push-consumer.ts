import { beforeAll, describe, expect } from '@jest/globals';
import {
  createClient,
  type ConsumeMode,
  type PushConsumerConfig,
  type ReceivedMessage,
} from '../../../libs/client/src/index.js';
import type { Received, TestClient, TestConsumer, TestConsumerOptions } from '../../../libs/testkit/src/index.js';
import { freshName, reportingIt, until, type Arena, type Cluster } from './arena.js';

export interface PushConsumerSuite {
  readonly arena: () => Arena;
  readonly cluster: () => Promise<Cluster>;
  readonly java: () => Promise<TestClient>;
  readonly ours: () => Promise<TestClient>;
}

/** What becomes of messages that are not consumed, and what operators may ask of a consumer. */
export function describePushConsumer(title: string, suite: PushConsumerSuite): void {
  describe(title, () => {
    let stage: Stage;
    beforeAll(async () => {
      const arena = suite.arena();
      const [cluster, java, ours] = await Promise.all([suite.cluster(), suite.java(), suite.ours()]);
      stage = { arena, cluster, java, ours, nameServer: cluster.nameServer.address };
    });
    const ask = (question: string, body: (stage: Stage) => Promise<void>): void =>
      reportingIt(suite.arena, question, () => body(stage));

    ask('messages that fail come again and end as dead letters, as they do for Java', failUntilDead);
    ask(
      'an orderly queue waits for a message that fails, and passes it only as a dead letter, as for Java',
      waitUntilDead,
    );
    ask('two orderly members of ours and one of Java keep the order while members leave', keepOrder);
    ask('each message of a batch comes again or dies as its handler says of it', async (at) => {
      const tags = ['good', 'bad', 'good', 'again', 'good'];
      expect(await judgeBatch(at, tags, 'CONCURRENTLY')).toEqual([tags.join(' '), 'again']);
      expect(await judgeBatch(at, tags, 'ORDERLY')).toEqual([tags.join(' '), 'again good']);
    });
    ask('a handler that does not end loses its message to a retry', timeOut);
    ask('mqadmin resets offsets, shows queues and handlers, and hands over a message', operate);
  });
}

interface Stage {
  readonly arena: Arena;
  readonly cluster: Cluster;
  readonly java: TestClient;
  readonly ours: TestClient;
  readonly nameServer: string;
}

async function send(stage: Stage, topic: string, tags: readonly string[]): Promise<string[]> {
  const producer = await stage.ours.producer({ nameServer: stage.nameServer, group: freshName('producers') });
  const [queue] = await producer.queues(topic);
  if (queue === undefined) throw new Error('no queue');
  const ids: string[] = [];
  for (const [i, tag] of tags.entries()) {
    ids.push((await producer.sendToQueue({ topic, body: `body ${i}`, tags: tag, keys: `key-${i}` }, queue)).msgId);
  }
  await producer.close();
  return ids;
}

/** What a consumer of either make saw of two bad messages among good ones, and what lies in the dead-letter topic then. */
async function watchFailures(stage: Stage, client: TestClient, options: Partial<TestConsumerOptions>) {
  const { arena, cluster, nameServer } = stage;
  const topic = await arena.createTopic(cluster, 1);
  const group = freshName('group');
  const ids = await send(stage, topic, ['good', 'bad', 'good', 'bad']);
  const consumer = await client.pushConsumer({
    nameServer,
    group,
    subscriptions: [[topic, '*']],
    maxReconsumeTimes: 2,
    refusals: 99,
    ...options,
  });
  const deadLetters = await readDeadLetters(stage, group, 2);
  arena.retire(consumer);
  const name = (msgId: string): string => `message ${ids.indexOf(msgId)}`;
  const seen = consumer.received.map((m) => [name(m.msgId), m.reconsumeTimes, m.topic === topic, m.tags]);
  const letters = deadLetters.map((m) => ({
    name: name(m.msgId),
    topic: m.topic === `%DLQ%${group}`,
    reconsumeTimes: m.reconsumeTimes,
    origin: m.properties['ORIGIN_MESSAGE_ID'] === m.msgId || name(m.properties['ORIGIN_MESSAGE_ID'] ?? ''),
    retryTopic: m.properties['RETRY_TOPIC'] === topic,
    keys: m.keys,
    sha: m.bodySha1,
    // Written by Java's consumers into the message itself, or of the place where it was read.
    properties: Object.keys(m.properties).filter((key) => !/^(CONSUME_START_TIME|M(IN|AX)_OFFSET|CLUSTER)$/.test(key)),
  }));
  return { seen, letters };
}

async function readDeadLetters({ ours, nameServer }: Stage, group: string, count: number): Promise<Received[]> {
  const reader = await ours.pullConsumer({ nameServer, group: freshName('group') });
  let messages: readonly Received[] = [];
  await until(
    `${count} dead letters of ${group}`,
    async () => {
      const queues = await reader.queues(`%DLQ%${group}`).catch(() => []);
      // Other suites' brokers may be there, too: a consumer that sends itself may choose any of them.
      const pulled = await Promise.all(queues.map((queue) => reader.pull(queue, 0)));
      messages = pulled.flatMap((each) => each.messages).toSorted((a, b) => a.storeTimestamp - b.storeTimestamp);
      return messages.length >= count;
    },
    60_000,
  );
  await reader.close();
  return [...messages];
}

async function failUntilDead(stage: Stage): Promise<void> {
  const [expected, ours] = await Promise.all([
    watchFailures(stage, stage.java, {}),
    watchFailures(stage, stage.ours, {}),
  ]);
  const byName = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  expect(ours.seen.toSorted(byName)).toEqual(expected.seen.toSorted(byName));
  expect(ours.letters.toSorted(byName)).toEqual(expected.letters.toSorted(byName));
  expect(ours.seen.filter(([name]) => name === 'message 1').map(([, times]) => times)).toEqual([0, 1, 2]);
}

async function waitUntilDead(stage: Stage): Promise<void> {
  const [expected, ours] = await Promise.all([
    watchFailures(stage, stage.java, { consumeMode: 'ORDERLY' }),
    watchFailures(stage, stage.ours, { consumeMode: 'ORDERLY' }),
  ]);
  expect(ours.seen).toEqual(expected.seen);
  // Java 4.9.7 counts one less than 5.x, whose brokers would not take that for too often.
  const counted = (letters: typeof ours.letters) =>
    stage.arena.version === '4.9.7' ? letters.map((letter) => ({ ...letter, reconsumeTimes: 3 })) : letters;
  expect(ours.letters).toEqual(counted(expected.letters));
}

const orderedQueues = 6;

async function keepOrder(stage: Stage): Promise<void> {
  const { arena, cluster, java, ours, nameServer } = stage;
  const topic = await arena.createTopic(cluster, orderedQueues);
  const options = {
    nameServer,
    group: freshName('ordered'),
    subscriptions: [[topic, '*']],
    consumeMode: 'ORDERLY',
    refusals: 1,
  } as const;
  const members: TestConsumer[] = [];
  const join = async (client: TestClient): Promise<void> => void members.push(await client.pushConsumer(options));
  const producer = await ours.producer({ nameServer, group: freshName('producers') });
  const queues = await producer.queues(topic);
  let sent = 0;
  const sendSome = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++, sent++) {
      const queue = queues[sent % queues.length];
      if (queue === undefined) throw new Error('no queue');
      await producer.sendToQueue({ topic, body: `${sent}`, tags: sent % 50 === 0 ? 'bad' : 'good' }, queue);
    }
  };
  const shared = async (...present: readonly (TestConsumer | undefined)[]): Promise<void> => {
    const held = (): Promise<number[]> =>
      Promise.all(
        present.map(async (m) => (await m?.assignment())?.filter((queue) => queue.topic === topic).length ?? 0),
      );
    // While queues change hands, messages flow.
    await until(
      'an equal share for each',
      async () => {
        await sendSome(12);
        return (await held()).every((count) => count === orderedQueues / present.length);
      },
      60_000,
    );
    await sendSome(60);
  };
  await join(ours);
  await shared(members[0]);
  await join(java);
  await shared(members[0], members[1]);
  await join(ours);
  await shared(members[0], members[1], members[2]);
  await members[0]?.close();
  await shared(members[1], members[2]);
  await members[1]?.close();
  await shared(members[2]);
  const all = (): readonly Received[] => members.flatMap(({ received }) => received);
  const places = (): number => new Set(all().map((m) => `${m.queueId}@${m.queueOffset}`)).size;
  await until(`all of ${sent} messages`, () => Promise.resolve(places() >= sent), 90_000).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${places()} came`, { cause: error });
  });
  for (let queueId = 0; queueId < orderedQueues; queueId++) {
    const ofQueue = all()
      .filter((m) => m.queueId === queueId)
      .toSorted((a, b) => a.arrivedAt - b.arrivedAt)
      .map((m) => m.queueOffset);
    const firsts = ofQueue.filter((offset, i) => ofQueue.indexOf(offset) === i);
    expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
  }
  arena.retire(producer, ...members.slice(2));
}

/** A consumer of ours with all its options. */
async function startOurs(stage: Stage, topic: string, config: Omit<PushConsumerConfig, 'consumerGroup'>) {
  const client = createClient({ nameServer: stage.nameServer, instanceName: freshName('push') });
  const consumer = client.createPushConsumer({
    consumerGroup: freshName('group'),
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    ...config,
  });
  consumer.subscribe(topic);
  await client.start();
  await consumer.start();
  stage.arena.retireLater(client);
  return { client, consumer };
}

/** The tags of each batch of a handler that gives up what is bad, and wants again once what is to come again. */
async function judgeBatch(stage: Stage, tags: string[], consumeMode: ConsumeMode): Promise<string[]> {
  const topic = await stage.arena.createTopic(stage.cluster, 1);
  const ids = await send(stage, topic, tags);
  const batches: (readonly ReceivedMessage[])[] = [];
  const { consumer } = await startOurs(stage, topic, {
    consumeMode,
    consumeMessageBatchMaxSize: 16,
    suspendCurrentQueueTimeMillis: 10,
    handler: (messages, context) => {
      batches.push(messages);
      context.messageDelayLevels = messages.map(({ tags: tag, reconsumeTimes }) => {
        if (tag === 'bad') return -1;
        return tag === 'again' && reconsumeTimes === 0 ? 0 : undefined;
      });
    },
  });
  const letters = await readDeadLetters(stage, consumer.consumerGroup, 1);
  expect(letters.map((letter) => [letter.tags, letter.keys, letter.reconsumeTimes])).toEqual([['bad', 'key-1', 1]]);
  expect(ids).toContain(letters[0]?.msgId);
  await until('the message again', () => Promise.resolve(batches.length >= 2), 60_000);
  return batches.map((batch) => batch.map((message) => message.tags).join(' '));
}

async function timeOut(stage: Stage): Promise<void> {
  const topic = await stage.arena.createTopic(stage.cluster, 1);
  await send(stage, topic, ['slow']);
  const times: number[] = [];
  let aborted = false;
  await startOurs(stage, topic, {
    consumeTimeout: 0.02,
    handler: ([message], { signal }) => {
      times.push(message?.reconsumeTimes ?? -1);
      if (times.length > 1) return undefined;
      signal.addEventListener('abort', () => (aborted = true));
      return new Promise(() => {});
    },
  });
  await until('the message again', () => Promise.resolve(times.length >= 2), 30_000);
  expect([times, aborted]).toEqual([[0, 1], true]);
}

async function operate(stage: Stage): Promise<void> {
  const { arena, cluster, nameServer } = stage;
  const peer = await arena.peer();
  const mqadmin = (...command: string[]): Promise<string> => peer.mqadmin(...command, '-n', nameServer);
  const topic = await arena.createTopic(cluster, 1);
  await send(stage, topic, ['a', 'b', 'c']);
  const seen: ReceivedMessage[] = [];
  const { client, consumer } = await startOurs(stage, topic, { handler: (batch) => void seen.push(...batch) });
  const group = consumer.consumerGroup;
  await until('the first round', () => Promise.resolve(seen.length >= 3));

  const status = await mqadmin('consumerStatus', '-g', group, '-i', client.clientId, '-s', 'true');
  expect(status).toContain(topic);
  expect(status).toContain('no handler is running');

  await mqadmin('resetOffsetByTime', '-g', group, '-t', topic, '-s', '0');
  await until('all messages again', () => Promise.resolve(seen.length >= 6), 40_000);
  expect(seen.slice(3, 6).map(({ queueOffset }) => queueOffset)).toEqual([0, 1, 2]);

  const offsetId = seen[1]?.offsetMsgId ?? '';
  const ofTopic = arena.version === '4.9.7' ? [] : ['-t', topic];
  const direct = await mqadmin('queryMsgById', ...ofTopic, '-i', offsetId, '-g', group, '-d', client.clientId);
  expect(direct).toContain('CR_SUCCESS');
  expect(seen.at(-1)?.offsetMsgId).toBe(offsetId);
}
