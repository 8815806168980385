import { describe, expect, it } from '@jest/globals';
import { compareQueues, queueKey } from './message-queue.js';

const queue = (topic: string, brokerName: string, queueId: number) => ({ topic, brokerName, queueId });

describe('compareQueues', () => {
  it('goes by topic, broker and number, texts by UTF-16 unit and not by locale', () => {
    const sorted = [
      queue('T', 'Zebra', 0),
      queue('T', 'a', 2),
      queue('T', 'a', 10),
      queue('T', 'broker-a', 0),
      queue('T', 'é', 0),
      queue('a', 'a', 0),
    ];
    expect(sorted.toReversed().toSorted(compareQueues)).toEqual(sorted);
  });
});

describe('queueKey', () => {
  it('tells queues apart whose parts run together', () => {
    expect(queueKey(queue('t', 'b1', 1))).not.toBe(queueKey(queue('t', 'b', 11)));
    expect(queueKey(queue('t', 'b', 1))).toBe(queueKey({ ...queue('t', 'b', 1) }));
  });
});
