import { describe, expect } from '@jest/globals';
import { sha1, type TestClient } from '../../../libs/testkit/src/index.js';
import { freshName, reportingIt, type Arena, type Cluster } from './arena.js';

interface Packed {
  readonly arena: () => Arena;
  readonly cluster: () => Promise<Cluster>;
  readonly java: () => Promise<TestClient>;
  readonly ours: () => Promise<TestClient>;
}

/** Bytes of each flag: see MessageSysFlag. */
const kinds = [
  ['ZLIB', 0x301],
  ['LZ4', 0x101],
  ['ZSTD', 0x201],
] as const;

/** More than a block of LZ4 frames holds. */
const large = 'a body that shrinks well. '.repeat(250_000).slice(0, 4 * 1024 * 1024);
const bodies = ['short '.repeat(1_000), large];

/** Each way of packing, written by one client and read by the other. */
export function describeCompression(title: string, packed: Packed): void {
  describe(title, () => {
    for (const [compressType, sysFlag] of kinds) {
      reportingIt(packed.arena, `${compressType}: what one client packs, the other one reads`, async () => {
        const [arena, cluster] = [packed.arena(), await packed.cluster()];
        const clients = await Promise.all([packed.java(), packed.ours()]);
        const nameServer = cluster.nameServer.address;
        for (const [sender, receiver] of [clients, clients.toReversed()] as [TestClient, TestClient][]) {
          const topic = await arena.createTopic(cluster, 1);
          const producer = await sender.producer({
            nameServer,
            group: freshName('producers'),
            compressOver: 4096,
            compressType,
          });
          for (const body of bodies) await producer.send({ topic, body });
          const consumer = await receiver.pullConsumer({ nameServer, group: freshName('group') });
          const [queue] = await consumer.queues(topic);
          if (queue === undefined) throw new Error(`${topic} has no queue`);
          const { messages: read } = await consumer.pull(queue, 0);
          expect(read.map(({ bodySha1 }) => bodySha1)).toEqual(bodies.map(sha1));
          for (const message of read) expect(message.storeSize).toBeLessThan(1024 * 1024);
          // Java's consumers take the first bit away once they have inflated a body.
          expect(read.map((message) => message.sysFlag | 1)).toEqual(bodies.map(() => sysFlag));
          arena.retire(producer, consumer);
        }
      });
    }
  });
}
