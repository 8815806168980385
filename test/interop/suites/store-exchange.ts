import { describe, expect } from '@jest/globals';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import {
  floodBody,
  freeBrokerPort,
  sha1,
  startJavaBroker,
  startOurBroker,
  type BrokerOptions,
  type TestBroker,
  type TestClient,
  type TestProducer,
} from '../../../libs/testkit/src/index.js';
import { freshName, reportingTogether, until, type Arena, type Maker } from './arena.js';

export interface StoreExchange {
  readonly arena: () => Arena;
  readonly java: () => Promise<TestClient>;
  readonly ours: () => Promise<TestClient>;
}

const messageCount = 10_000;
const bodySize = 300;

/** One store directory, served first by one broker and then by the other. */
export function describeStoreExchange(title: string, exchange: StoreExchange): void {
  describe(title, () => {
    const checks = new Map<string, () => Promise<void>>();
    for (const [writer, reader] of [
      ['ours', 'java'],
      ['java', 'ours'],
    ] as const)
      for (const end of ['stopped', 'killed'] as const)
        checks.set(`what ${nameOf(writer)} wrote and was ${end}, ${nameOf(reader)} serves whole`, () =>
          handOver(exchange, writer, reader, end),
        );
    checks.set('neither opens a directory the other one is using', async () => {
      const arena = exchange.arena();
      await Promise.all([lockOut(arena, 'ours', 'java'), lockOut(arena, 'java', 'ours')]);
    });
    reportingTogether(exchange.arena, checks);
  });
}

function nameOf(maker: Maker): string {
  return maker === 'java' ? "Apache's broker" : 'our broker';
}

function startBroker(arena: Arena, maker: Maker, options: BrokerOptions): Promise<TestBroker> {
  return maker === 'java'
    ? startJavaBroker(arena.testbed, arena.version, options)
    : startOurBroker(arena.testbed, { ...options, config: { brokerVersion: arena.brokerVersion, ...options.config } });
}

async function handOver(
  exchange: StoreExchange,
  writer: Maker,
  reader: Maker,
  end: 'stopped' | 'killed',
): Promise<void> {
  const arena = exchange.arena();
  const [{ address: nameServer }, java, ours] = await Promise.all([
    arena.nameServer('java'),
    exchange.java(),
    exchange.ours(),
  ]);
  const options = {
    nameServer,
    brokerName: freshName('store'),
    clusterName: 'exchange',
    directory: await arena.testbed.subdirectory(freshName('store')),
    port: await freeBrokerPort(),
  };
  const first = await startBroker(arena, writer, options);
  const topic = await arena.createTopic({ nameServer: await arena.nameServer('java'), broker: first }, 4);
  const producer = await (writer === 'java' ? java : ours).producer({ nameServer, group: freshName('producers') });
  const prefix = freshName('body');
  const receipts = await producer.flood({ topic, prefix, count: messageCount, size: bodySize, inFlight: 64 });
  arena.retire(producer);
  if (end === 'killed') await first.program.kill();
  else await stopClean(first, writer);

  const second = await startBroker(arena, reader, options);
  const peer = await arena.peer();
  await until('the route after the hand-over', () =>
    peer.call('admin.route', { nameServer, topic }).then(Boolean, () => false),
  );
  const expected = new Map(receipts.map(([queueId, offset], i) => [`${queueId}@${offset}`, i]));
  expect(expected.size).toBe(messageCount);
  const got = await pullAll(reader === 'java' ? java : ours, nameServer, topic);
  expect(got.size).toBe(messageCount);
  for (const [place, { bodySha1, keys, msgId }] of got) {
    const index = expected.get(place);
    if (index === undefined) throw new Error(`nobody sent ${place}`);
    const known = {
      bodySha1: sha1(floodBody(prefix, index, bodySize)),
      keys: `${prefix}-${index}`,
      msgId: receipts[index]?.[2],
    };
    if (bodySha1 !== known.bodySha1 || keys !== known.keys || msgId !== known.msgId)
      expect({ place, bodySha1, keys, msgId }).toEqual({ place, ...known });
  }
  await expectFoundByKey(arena, nameServer, topic, prefix, receipts);
  await goesOn(
    arena,
    await (reader === 'java' ? java : ours).producer({ nameServer, group: freshName('producers') }),
    topic,
    receipts,
  );
  if (reader === 'java') await second.program.kill();
  else await second.program.stop();
}

async function stopClean({ program, storeDirectory }: TestBroker, writer: Maker): Promise<void> {
  const { code } = await program.stop(60_000);
  if (writer === 'ours') expect(code).toBe(0);
  await expect(access(join(storeDirectory, 'abort'))).rejects.toMatchObject({ code: 'ENOENT' });
}

/** By key and by unique key, from the first message to the last. */
async function expectFoundByKey(
  arena: Arena,
  nameServer: string,
  topic: string,
  prefix: string,
  receipts: readonly (readonly [number, number, string])[],
): Promise<void> {
  const peer = await arena.peer();
  for (const i of [0, 1, 2500, 5000, 7499, messageCount - 1]) {
    const [queueId, offset, msgId] = receipts[i] as (typeof receipts)[number];
    const byKey = await peer.mqadmin('queryMsgByKey', '-t', topic, '-k', `${prefix}-${i}`, '-n', nameServer);
    // What else the tool has to say comes before the table.
    const [, row] = byKey.slice(byKey.indexOf('#Message ID')).trim().split('\n');
    expect({ i, row: row?.trim().split(/\s+/) }).toEqual({ i, row: [msgId, String(queueId), String(offset)] });
    const byId = await peer.mqadmin('queryMsgByUniqueKey', '-t', topic, '-i', msgId, '-n', nameServer);
    expect(byId).toMatch(new RegExp(`Queue ID: +${queueId}\n.*Queue Offset: +${offset}\n`));
  }
}

/** A message sent after the hand-over takes the next offset of its queue. */
async function goesOn(
  arena: Arena,
  producer: TestProducer,
  topic: string,
  receipts: readonly (readonly [number, number, string])[],
): Promise<void> {
  const sent = await producer.send({ topic, body: 'one more' });
  const ofQueue = receipts.filter(([queueId]) => queueId === sent.queue.queueId).map(([, offset]) => offset);
  expect(sent.queueOffset).toBe(Math.max(...ofQueue) + 1);
  arena.retire(producer);
}

interface Content {
  readonly bodySha1: string;
  readonly keys: string | undefined;
  readonly msgId: string;
}

async function pullAll(client: TestClient, nameServer: string, topic: string): Promise<Map<string, Content>> {
  const pull = await client.pullConsumer({ nameServer, group: freshName('group') });
  const got = new Map<string, Content>();
  for (const queue of await pull.queues(topic)) {
    for (let offset = 0, more = true; more;) {
      const { status, messages, nextBeginOffset } = await pull.pull(queue, offset);
      for (const message of messages) got.set(`${queue.queueId}@${message.queueOffset}`, message);
      more = status === 'FOUND';
      offset = nextBeginOffset;
    }
  }
  await pull.close();
  return got;
}

async function lockOut(arena: Arena, holder: Maker, intruder: Maker): Promise<void> {
  const { address: nameServer } = await arena.nameServer('java');
  const directory = await arena.testbed.subdirectory(freshName('locked'));
  const options = { nameServer, brokerName: freshName('lock'), clusterName: 'lock' };
  const broker = await startBroker(arena, holder, { ...options, directory });
  const config = {
    storePathRootDir: broker.storeDirectory,
    storePathCommitLog: join(broker.storeDirectory, 'commitlog'),
  };
  const other = await arena.testbed.subdirectory(freshName('intruder'));
  const refusal = startBroker(arena, intruder, { ...options, directory: other, config });
  await expect(refusal).rejects.toThrow(/lock/i);
  expect(broker.program.running).toBe(true);
  await (holder === 'java' ? broker.program.kill() : broker.program.stop());
}
