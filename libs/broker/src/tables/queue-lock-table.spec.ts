import { beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../../common/src/index.js';
import { createManualClock, type ManualClock } from '../../../testkit/src/index.js';
import { lockLease, QueueLockTable } from './queue-lock-table.js';

const queue = { group: 'g', topic: 'TopicTest', queueId: 0 };
let clock: ManualClock;
let locks: QueueLockTable;
beforeEach(() => {
  clock = createManualClock();
  locks = new QueueLockTable(clock, silentLogger);
});

describe('a queue lock', () => {
  it('is one client’s at a time, by group and queue', () => {
    expect(locks.lock(queue, 'a')).toBeUndefined();
    expect(locks.lock(queue, 'b')).toBe('a');
    expect(locks.lock({ ...queue, queueId: 1 }, 'b')).toBeUndefined();
    expect(locks.lock({ ...queue, topic: 'Other' }, 'b')).toBeUndefined();
    expect(locks.lock({ ...queue, group: 'h' }, 'b')).toBeUndefined();
  });

  it('is renewed by its holder, and ends without that', () => {
    locks.lock(queue, 'a');
    clock.advance(lockLease);
    expect(locks.lock(queue, 'b')).toBe('a');
    expect(locks.lock(queue, 'a')).toBeUndefined();
    clock.advance(lockLease);
    expect(locks.lock(queue, 'b')).toBe('a');
    clock.advance(1);
    expect(locks.lock(queue, 'b')).toBeUndefined();
    expect(locks.lock(queue, 'a')).toBe('b');
  });

  it('does not notice a wall clock that jumps', () => {
    locks.lock(queue, 'a');
    clock.jump(24 * 3600 * 1000);
    expect(locks.lock(queue, 'b')).toBe('a');
    clock.jump(-48 * 3600 * 1000);
    clock.advance(lockLease + 1);
    expect(locks.lock(queue, 'b')).toBeUndefined();
  });

  it('is given back by its holder only', () => {
    locks.lock(queue, 'a');
    locks.unlock(queue, 'b');
    expect(locks.lock(queue, 'b')).toBe('a');
    locks.unlock(queue, 'a');
    expect(locks.lock(queue, 'b')).toBeUndefined();
    locks.unlock({ ...queue, group: 'unknown' }, 'a');
  });

  it('tells that its group consumes in order for as long as it lives', () => {
    expect(locks.isHeld('g')).toBe(false);
    locks.lock(queue, 'a');
    clock.advance(lockLease);
    expect(locks.isHeld('g')).toBe(true);
    expect(locks.isHeld('h')).toBe(false);
    clock.advance(1);
    expect(locks.isHeld('g')).toBe(false);
  });
});

it('has room for so many locks, and forgets those that nobody renews', () => {
  const small = new QueueLockTable(clock, silentLogger, 2);
  const lock = (queueId: number): string | undefined => small.lock({ ...queue, queueId }, 'a');
  lock(0);
  clock.advance(1);
  lock(1);
  expect(lock(2)).toBe('nobody');
  expect(lock(1)).toBeUndefined();
  clock.advance(lockLease);
  small.expire();
  expect(lock(2)).toBeUndefined();
  expect(lock(3)).toBe('nobody');
});
