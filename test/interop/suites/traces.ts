import { describe, expect } from '@jest/globals';
import { createClient, type Admin } from '../../../libs/client/src/index.js';
import type { TestClient } from '../../../libs/testkit/src/index.js';
import { freshName, reportingIt, until, type Arena, type Cluster } from './arena.js';

interface Traced {
  readonly arena: () => Arena;
  readonly cluster: () => Promise<Cluster>;
  readonly java: () => Promise<TestClient>;
  readonly ours: () => Promise<TestClient>;
}

const traceTopic = 'RMQ_SYS_TRACE_TOPIC';
/** Traces are sent together, after five seconds at the latest; then the broker has to index them. */
const patience = 30_000;

/** What a client traces, and what becomes of a message, as Apache's tool tells it and as ours does. */
export function describeTraces(title: string, { arena, cluster, java, ours }: Traced): void {
  describe(title, () => {
    for (const [name, client] of [
      ['java', java],
      ['ours', ours],
    ] as const) {
      reportingIt(arena, `traces of ${name} are read by mqadmin and by us`, async () => {
        await readTraces(arena(), await cluster(), await client());
      });
    }
  });
}

async function readTraces(arena: Arena, cluster: Cluster, client: TestClient): Promise<void> {
  const nameServer = cluster.nameServer.address;
  const topic = await arena.createTopic(cluster, 1);
  const [producers, group] = [freshName('producers'), freshName('group')];
  const producer = await client.producer({ nameServer, group: producers, traceTopic });
  const consumer = await client.pushConsumer({ nameServer, group, subscriptions: [[topic, 'a']], traceTopic });
  const sent = await producer.send({ topic, body: 'traced', tags: 'a', keys: `key-of-${topic}` });
  const passedOver = await producer.send({ topic, body: 'filtered', tags: 'b' });
  await consumer.waitUntil((received) => received.length === 1);
  // The offset passes what was filtered with the next message, or when the pull that waits for it ends after 15 s.
  await producer.send({ topic, body: 'the next', tags: 'a' });
  await consumer.waitUntil((received) => received.length === 2);
  const ourTools = createClient({ nameServer, instanceName: freshName('tools') });
  await ourTools.start();
  const { admin } = ourTools;
  await expectTracks(admin, topic, group, [sent.msgId, passedOver.msgId]);
  const close = (): Promise<unknown> => Promise.all([producer.close(), consumer.close()]);
  // What waits to be traced goes with them, but Java's 4.9 gives up after half a second.
  const loses = client.kind === 'java' && arena.version === '4.9.7';
  if (!loses) await close();
  await expectOurReading(admin, sent.msgId, { producers, group });
  if (loses) await close();
  await expectMqadmin(arena, nameServer, sent.msgId, { producers, group });
  await ourTools.close();
}

interface Who {
  readonly producers: string;
  readonly group: string;
}

async function expectOurReading(admin: Admin, msgId: string, { producers, group }: Who): Promise<void> {
  const expected = [`Pub ${producers}`, `SubBefore ${group}`, `SubAfter ${group}`];
  const hasAll = async (): Promise<boolean> => {
    const seen = (await admin.queryMessageTrace(msgId)).map(({ kind, group: who }) => `${kind} ${who}`);
    return expected.every((trace) => seen.includes(trace));
  };
  await until('all traces', hasAll, patience);
  const traces = await admin.queryMessageTrace(msgId);
  expect(traces.filter(({ success }) => success === false)).toEqual([]);
  const [before, after] = ['SubBefore', 'SubAfter'].map((kind) => traces.find((trace) => trace.kind === kind));
  expect(before?.requestId).toBe(after?.requestId);
}

/** Its rows: who sent or handled, when, how long it took, and how it ended. */
async function expectMqadmin(
  arena: Arena,
  nameServer: string,
  msgId: string,
  { producers, group }: Who,
): Promise<void> {
  const peer = await arena.peer();
  const printed = await peer.mqadmin('queryMsgTraceById', '-i', msgId, '-n', nameServer);
  expect(printed).toMatch(new RegExp(`^Pub +${producers} .*success *$`, 'm'));
  expect(printed).toMatch(new RegExp(`^Sub +${group} .*success *$`, 'm'));
}

async function expectTracks(admin: Admin, topic: string, group: string, msgIds: readonly string[]): Promise<void> {
  const trackOf = async (msgId: string): Promise<string | undefined> => {
    const message = await admin.queryMessageByUniqKey(topic, msgId);
    const tracks = message === undefined ? [] : await admin.messageTrack(message);
    return tracks.find(({ consumerGroup }) => consumerGroup === group)?.trackType;
  };
  const [consumed = '', filtered = ''] = msgIds;
  await until('a committed offset', async () => (await trackOf(consumed)) === 'CONSUMED', patience);
  await until('a filtered one', async () => (await trackOf(filtered)) === 'CONSUMED_BUT_FILTERED', patience);
}
