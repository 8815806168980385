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
      async () => {
        const arena = shared.arena();
        const topic = await arena.createTopic(cluster, queueCount);
        const group = freshName('shared');
        const options = { nameServer: cluster.nameServer.address, group, subscriptions: [[topic, '*']] } as const;
        const producer = await java.producer({ nameServer: options.nameServer, group: freshName('producers') });
        const load = steadyLoad((index) => producer.send({ topic, body: `m-${index}`, keys: `m-${index}` }));

        const all: TestConsumer[] = [];
        const join = async (client: TestClient): Promise<TestConsumer> => {
          const member = await client.pushConsumer(options);
          all.push(member);
          return member;
        };
        const first = await join(java);
        await oneOwnerEach(topic, [first], queueCount);
        await load.more(messagesBetweenMoves);
        const second = await join(ours);
        await oneOwnerEach(topic, [first, second], queueCount / 2);
        await load.more(messagesBetweenMoves);
        const third = await join(java);
        const fourth = await join(ours);
        await oneOwnerEach(topic, [first, second, third, fourth], queueCount / 4);
        await load.more(messagesBetweenMoves);
        await first.close();
        await oneOwnerEach(topic, [second, third, fourth], 3);
        await load.more(messagesBetweenMoves);
        await second.close();
        await oneOwnerEach(topic, [third, fourth], queueCount / 2);
        await load.more(messagesBetweenMoves);

        const sent = await load.stop();
        const distinct = (): Set<string> => new Set(all.flatMap(({ received }) => received.map(placeOf)));
        await until(`all of ${sent} messages`, () => Promise.resolve(distinct().size >= sent), 30_000);
        arena.retire(producer, third, fourth);

        const total = all.reduce((sum, { received }) => sum + received.length, 0);
        // Joining takes a queue from a consumer that may have messages of it under way: those come twice, no others.
        expect({ lost: sent - distinct().size, twice: total - distinct().size }).toEqual({
          lost: 0,
          twice: expect.any(Number),
        });
        expect(total - distinct().size).toBeLessThan(sent / 10);
        expect(new Set(all.flatMap(({ received }) => received.map(({ keys }) => keys))).size).toBe(sent);
      },
      180_000,
    );
  });
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
