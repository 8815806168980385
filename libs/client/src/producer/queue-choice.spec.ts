import { describe, expect, it } from '@jest/globals';
import { QueueRotation, queueByHash, queueBySelector } from './queue-choice.js';

const queue = (brokerName: string, queueId: number) => ({ topic: 'T', brokerName, queueId });
const queues = [queue('a', 0), queue('a', 1), queue('b', 0), queue('b', 1)];

describe('QueueRotation', () => {
  it('goes round', () => {
    const rotation = new QueueRotation(3);
    expect(Array.from({ length: 5 }, () => rotation.next(queues))).toEqual([...queues, queues[0]]);
  });

  it('avoids the broker that failed, unless there is no other', () => {
    const rotation = new QueueRotation(3);
    expect(rotation.next(queues, 'a').brokerName).toBe('b');
    expect(rotation.next(queues.slice(0, 2), 'a').brokerName).toBe('a');
  });
});

describe('queueByHash', () => {
  it.each([
    // "customer-42".hashCode() etc. as Java computes them; SelectMessageQueueByHash with 8 queues.
    ['', 0],
    ['a', 97 % 8],
    ['customer-42', 3],
    ['订单-7', 5],
    ['x\u{1F600}', 3],
    // hashCode Integer.MIN_VALUE: its remainder is 0, its absolute value would overflow in Java.
    ['polygenelubricants', 0],
  ])('puts %p where Java puts it', (key, position) => {
    const eight = Array.from({ length: 8 }, (_, id) => queue('a', id));
    expect(queueByHash(eight, key).queueId).toBe(position);
  });
});

describe('queueByHash with a key that is no text', () => {
  it('is refused', () => {
    expect(() => queueByHash(queues, 42 as never)).toThrow('SendOptions.hashKey must be a text');
  });
});

describe('queueBySelector', () => {
  const message = { topic: 'T', body: 'x' };

  it('takes what the selector chooses', () => {
    expect(queueBySelector(queues, message, (all) => all[2] ?? queue('a', 0))).toBe(queues[2]);
  });

  it('refuses what is none of the queues', () => {
    expect(() => queueBySelector(queues, message, () => queue('a', 9))).toThrow(
      'the selector chose T/a/9, which is none of the queues it was given',
    );
    expect(() => queueBySelector(queues, message, () => undefined as never)).toThrow(/the selector chose nothing/);
  });
});
