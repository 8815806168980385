import { beforeAll, describe, expect } from '@jest/globals';
import { pause, systemClock } from '../../../libs/common/src/index.js';
import type { Received, TestClient, TestConsumer } from '../../../libs/testkit/src/index.js';
import { freshName, reportingIt, until, type Arena, type Cluster } from './arena.js';

export interface SharedGroup {
  readonly arena: () => Arena;
  readonly cluster: () => Promise<Cluster>;
  readonly java: () => Promise<TestClient>;
  readonly ours: () => Promise<TestClient>;
}

const queueCount = 8;
const messagesBetweenMoves = 150;

/** Two Java and two of our consumers in one group: they must agree on who owns which queue without talking to each other. */
export function describeSharedGroup(title: string, shared: SharedGroup): void {
  describe(title, () => {
    let cluster: Cluster;
    let java: TestClient;
    let ours: TestClient;
    beforeAll(async () => {
      [cluster, java, ours] = await Promise.all([shared.cluster(), shared.java(), shared.ours()]);
    });
    reportingIt(
      shared.arena,
      'each of 8 queues has one owner while members join and leave, and nothing is lost',
      () => membersComeAndGo({ arena: shared.arena(), cluster, java, ours }),
      180_000,
    );
  });
}

interface Members {
  readonly arena: Arena;
  readonly cluster: Cluster;
  readonly java: TestClient;
  readonly ours: TestClient;
}

async function membersComeAndGo({ arena, cluster, java, ours }: Members): Promise<void> {
  const topic = await arena.createTopic(cluster, queueCount);
  const nameServer = cluster.nameServer.address;
  const options = { nameServer, group: freshName('shared'), subscriptions: [[topic, '*']] } as const;
  const producer = await java.producer({ nameServer, group: freshName('producers') });
  const load = steadyLoad((index) => producer.send({ topic, body: `m-${index}`, keys: `m-${index}` }));
  const all: TestConsumer[] = [];
  const join = async (client: TestClient): Promise<TestConsumer> => {
    const member = await client.pushConsumer(options);
    all.push(member);
    return member;
  };
  const settled = async (members: readonly TestConsumer[], most: number): Promise<void> => {
    await oneOwnerEach(topic, members, most);
    await load.more(messagesBetweenMoves);
  };
  try {
    const first = await join(java);
    await settled([first], queueCount);
    const second = await join(ours);
    await settled([first, second], queueCount / 2);
    const third = await join(java);
    const fourth = await join(ours);
    await settled([first, second, third, fourth], queueCount / 4);
    await first.close();
    await settled([second, third, fourth], 3);
    await second.close();
    await settled([third, fourth], queueCount / 2);
    await nothingLost(all, await load.stop());
    arena.retire(third, fourth);
  } finally {
    await load.stop().catch(() => undefined); // a failure of the load itself was reported above
    arena.retire(producer);
  }
}

async function nothingLost(members: readonly TestConsumer[], sent: number): Promise<void> {
  const distinct = (): number => new Set(members.flatMap(({ received }) => received.map(placeOf))).size;
  await until(`all of ${sent} messages`, () => Promise.resolve(distinct() >= sent), 30_000);
  const keys = new Set(members.flatMap(({ received }) => received.map(({ keys: key }) => key)));
  expect(keys.size).toBe(sent);
  // A queue that changes hands may have messages under way at its old owner: those come twice, no others.
  const total = members.reduce((sum, { received }) => sum + received.length, 0);
  expect(total - distinct()).toBeLessThan(sent / 10);
}

function placeOf(message: Received): string {
  return `${message.brokerName}/${message.queueId}@${message.queueOffset}`;
}

/** All queues are owned, none twice, and nobody holds more than `most`. */
async function oneOwnerEach(topic: string, members: readonly TestConsumer[], most: number): Promise<void> {
  let last: number[][] = [];
  await until(
    `one owner for each of ${queueCount} queues among ${members.length} members`,
    async () => {
      last = await Promise.all(
        members.map(async (member) =>
          (await member.assignment())
            .filter((queue) => queue.topic === topic)
            .map(({ queueId }) => queueId)
            .toSorted((a, b) => a - b),
        ),
      );
      const owned = last.flat().toSorted((a, b) => a - b);
      return owned.join() === '0,1,2,3,4,5,6,7' && last.every((queues) => queues.length > 0 && queues.length <= most);
    },
    60_000,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}; last seen ${JSON.stringify(last)}`, { cause: error });
  });
}

interface SteadyLoad {
  /** Resolves when `count` further messages were sent. */
  more(count: number): Promise<void>;
  /** Resolves with the number of messages sent in all. */
  stop(): Promise<number>;
}

/** Sends one message every few milliseconds until stopped; a send that fails fails the test. */
function steadyLoad(send: (index: number) => Promise<unknown>): SteadyLoad {
  const stopping = new AbortController();
  let sent = 0;
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await send(sent);
      sent++;
      await pause(systemClock, 3);
    }
    return sent;
  })();
  running.catch(() => undefined); // reported by stop()
  return {
    async more(count) {
      const goal = sent + count;
      await until(`${count} more messages`, () => Promise.resolve(sent >= goal));
    },
    stop() {
      stopping.abort();
      return running;
    },
  };
}
