import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { MessageQueue } from '../contract/index.js';
import { queueKey } from '../message-queue.js';
import { allocateAveragely } from './allocation.js';

const queues = (count: number, brokerName = 'b'): MessageQueue[] =>
  Array.from({ length: count }, (_, queueId) => ({ topic: 'T', brokerName, queueId }));

const ids = (client: string, count: number, members: string[]): number[] =>
  allocateAveragely(client, queues(count), members).map((queue) => queue.queueId);

describe('allocateAveragely', () => {
  it.each([
    // What Java's AllocateMessageQueueAveragely gives.
    [8, ['c1'], { c1: [0, 1, 2, 3, 4, 5, 6, 7] }],
    [8, ['c1', 'c2', 'c3'], { c1: [0, 1, 2], c2: [3, 4, 5], c3: [6, 7] }],
    [4, ['c1', 'c2'], { c1: [0, 1], c2: [2, 3] }],
    [2, ['c1', 'c2', 'c3'], { c1: [0], c2: [1], c3: [] }],
    [0, ['c1'], { c1: [] }],
  ])('shares %i queues among %p', (count, members, expected) => {
    for (const [client, wanted] of Object.entries(expected)) expect(ids(client, count, members)).toEqual(wanted);
  });

  it('sorts both sides itself, by UTF-16 unit: 10 before 2, Z before a', () => {
    expect(ids('h@10', 4, ['h@2', 'h@10'])).toEqual([0, 1]);
    expect(ids('Z', 4, ['a', 'Z'])).toEqual([0, 1]);
    const mixed = [...queues(2, 'broker-b'), ...queues(2, 'broker-a')];
    expect(allocateAveragely('c1', mixed, ['c1', 'c2']).map((queue) => queue.brokerName)).toEqual([
      'broker-a',
      'broker-a',
    ]);
  });

  it('gives nothing to who is not a member', () => {
    expect(ids('stranger', 4, ['c1'])).toEqual([]);
    expect(ids('c1', 4, [])).toEqual([]);
  });

  it('gives each queue to exactly one member, whatever the numbers', () => {
    fc.assert(
      fc.property(
        fc.nat(40),
        fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 12 }),
        (count, members) => {
          const given = members.flatMap((member) => allocateAveragely(member, queues(count), members)).map(queueKey);
          expect(given.toSorted()).toEqual(queues(count).map(queueKey).toSorted());
        },
      ),
    );
  });
});
