import { describe, expect } from '@jest/globals';
import type { TestClient } from '../../../libs/testkit/src/index.js';
import { freshName, reportingIt, until, type Arena, type Cluster } from './arena.js';

export interface Restart {
  readonly arena: () => Arena;
  readonly cluster: () => Promise<Cluster>;
  readonly client: () => Promise<TestClient>;
}

/** What a broker must still know after a clean stop: topics, messages, and how far each group came. */
export function describeRestart(title: string, restart: Restart): void {
  describe(title, () => {
    reportingIt(restart.arena, 'consumer offsets, topics and messages survive a restart of the broker', async () => {
      const arena = restart.arena();
      const [cluster, client] = await Promise.all([restart.cluster(), restart.client()]);
      const nameServer = cluster.nameServer.address;
      const topic = await arena.createTopic(cluster, 2);
      const group = freshName('group');
      const options = { nameServer, group, subscriptions: [[topic, '*']] } as const;

      const producer = await client.producer({ nameServer, group: freshName('producers') });
      for (let i = 0; i < 20; i++) await producer.send({ topic, body: `before ${i}`, tags: 'before' });
      const consumer = await client.pushConsumer(options);
      await consumer.waitUntil((received) => received.length >= 20);
      await consumer.close();
      arena.retire(producer);

      await cluster.broker.restart();
      const peer = await arena.peer();
      await until('the route after the restart', () =>
        peer.call('admin.route', { nameServer, topic }).then(Boolean, () => false),
      );
      const later = await client.producer({ nameServer, group: freshName('producers') });
      const again = await client.pushConsumer(options);
      for (let i = 0; i < 4; i++) await later.send({ topic, body: `after ${i}`, tags: 'after' });
      await again.waitUntil((received) => received.filter(({ tags }) => tags === 'after').length >= 4);
      expect(again.received.map(({ tags }) => tags)).toEqual(['after', 'after', 'after', 'after']);

      const pull = await client.pullConsumer({ nameServer, group: freshName('group') });
      const queues = await pull.queues(topic);
      const pulled = await Promise.all(queues.map((queue) => pull.pull(queue, 0)));
      expect(pulled.flatMap(({ messages }) => messages)).toHaveLength(24);
      expect(pulled.map(({ minOffset }) => minOffset)).toEqual([0, 0]);
      arena.retire(later, again, pull);
    });
  });
}
