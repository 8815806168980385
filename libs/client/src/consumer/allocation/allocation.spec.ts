import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { systemClock } from '../../../../common/src/index.js';
import type { AllocateStrategy, MessageQueue } from '../../contract/index.js';
import { queueKey } from '../../message-queue.js';
import {
  allocateByConfig,
  allocateByConsistentHash,
  allocateByMachineRoom,
  allocateFunctionOf,
  allocateMachineRoomNearby,
  allocateQueues,
} from './index.js';

const queues = (count: number, brokerName = 'b'): MessageQueue[] =>
  Array.from({ length: count }, (_, queueId) => ({ topic: 'T', brokerName, queueId }));

const ids = (strategy: AllocateStrategy, client: string, all: MessageQueue[], members: string[]): number[] =>
  allocateQueues(strategy, client, all, members).map((queue) => queue.queueId);

describe('allocateQueues', () => {
  it.each([
    ['AVG', { c1: [0, 1, 2], c2: [3, 4, 5], c3: [6, 7] }],
    ['AVG_BY_CIRCLE', { c1: [0, 3, 6], c2: [1, 4, 7], c3: [2, 5] }],
  ] as const)('shares 8 queues among three members: %s', (strategy, expected) => {
    for (const [client, wanted] of Object.entries(expected))
      expect(ids(strategy, client, queues(8), ['c1', 'c2', 'c3'])).toEqual(wanted);
  });

  it('sorts both sides itself, by UTF-16 unit: 10 before 2, Z before a', () => {
    expect(ids('AVG', 'h@10', queues(4), ['h@2', 'h@10'])).toEqual([0, 1]);
    expect(ids('AVG', 'Z', queues(4), ['a', 'Z'])).toEqual([0, 1]);
    const mixed = [...queues(2, 'broker-b'), ...queues(2, 'broker-a')];
    expect(allocateQueues('AVG', 'c1', mixed, ['c1', 'c2']).map((queue) => queue.brokerName)).toEqual([
      'broker-a',
      'broker-a',
    ]);
  });

  it('gives nothing to who is not a member, and nothing of nothing', () => {
    for (const strategy of ['AVG', 'AVG_BY_CIRCLE', 'CONSISTENT_HASH', allocateByMachineRoom(['r'])] as const) {
      expect(ids(strategy, 'stranger', queues(4, 'r@b'), ['c1'])).toEqual([]);
      expect(ids(strategy, 'c1', queues(4), [])).toEqual([]);
      expect(ids(strategy, 'c1', [], ['c1'])).toEqual([]);
    }
  });

  it('leaves out what the topic does not have, and doubles', () => {
    const [first, second] = queues(2) as [MessageQueue, MessageQueue];
    const strategy = allocateByConfig([second, first, second, { ...first, topic: 'other' }]);
    expect(ids(strategy, 'c1', queues(2), ['c1'])).toEqual([1, 0]);
  });

  it('gives each queue to exactly one member, whatever the numbers', () => {
    const nearby = allocateMachineRoomNearby('CONSISTENT_HASH', {
      brokerDeployIn: ({ queueId }) => `room${queueId % 3}`,
      consumerDeployIn: (client) => `room${client.length % 4}`,
    });
    fc.assert(
      fc.property(
        fc.constantFrom<AllocateStrategy>('AVG', 'AVG_BY_CIRCLE', 'CONSISTENT_HASH', nearby),
        fc.nat(40),
        fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 12 }),
        (strategy, count, members) => {
          const given = members.flatMap((member) => allocateQueues(strategy, member, queues(count), members));
          expect(given.map(queueKey).toSorted()).toEqual(queues(count).map(queueKey).toSorted());
        },
      ),
    );
  });

  it('moves few queues when a member joins: CONSISTENT_HASH', () => {
    const members = ['c1', 'c2', 'c3', 'c4'];
    const before = members.map((member) => new Set(ids('CONSISTENT_HASH', member, queues(64), members)));
    const after = members.map((member) => ids('CONSISTENT_HASH', member, queues(64), [...members, 'c5']));
    // Nobody of before got a queue that was not its own.
    after.forEach((own, i) => expect(own.every((id) => before[i]?.has(id))).toBe(true));
  });

  it('does not hold up the event loop: 10,000 queues, 100 members', () => {
    const members = Array.from({ length: 100 }, (_, i) => `10.0.0.${i}@${i * 7919}`);
    const many = queues(10_000);
    for (const [strategy, limit] of [
      ['AVG', 50],
      ['CONSISTENT_HASH', 150],
    ] as const) {
      const startedAt = systemClock.monotonic();
      expect(ids(strategy, members[41] as string, many, members).length).toBeGreaterThan(0);
      // `npm run bench -- allocate` has the figures; a busy machine may be several times slower.
      expect(systemClock.monotonic() - startedAt).toBeLessThan(limit * 8);
    }
  });
});

describe('strategies that are made', () => {
  it('say what they cannot work with', () => {
    expect(() => allocateFunctionOf('AVERAGE' as never)).toThrow(/must be one of AVG, AVG_BY_CIRCLE, CONSISTENT_HASH/);
    expect(() => allocateByConsistentHash(0)).toThrow(/virtualNodes must be a whole number from 1 on/);
    const nearby = allocateMachineRoomNearby('AVG', { brokerDeployIn: () => '', consumerDeployIn: () => 'r' });
    expect(() => ids(nearby, 'c1', queues(1), ['c1'])).toThrow(/names no room for broker b/);
  });
});
