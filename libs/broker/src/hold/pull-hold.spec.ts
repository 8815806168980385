import { describe, expect, it } from '@jest/globals';
import type { Connection } from '../../../remoting/src/index.js';
import type { ArrivalListener } from '../../../store/src/index.js';
import { createManualClock } from '../../../testkit/src/index.js';
import { PullHold, type ParkedPull } from './pull-hold.js';

/** The part of a store that the hold looks at, with the queue ends a test sets. */
class Queues {
  readonly ends = new Map<string, number>();
  arrival: ArrivalListener = () => undefined;

  maxOffset(topic: string, queueId: number): number {
    return this.ends.get(`${topic}@${queueId}`) ?? 0;
  }

  onArrival(listener: ArrivalListener): void {
    this.arrival = listener;
  }
}

function connection(): Connection & { end(): void } {
  const listeners: ((reason: string) => void)[] = [];
  const parts = { closed: false, onClose: (listener: (reason: string) => void) => void listeners.push(listener) };
  return Object.assign(parts as unknown as Connection, {
    end: () => listeners.forEach((listener) => listener('gone')),
  });
}

function setUp(limit?: number) {
  const clock = createManualClock();
  const queues = new Queues();
  const hold = new PullHold(clock, { longPollingEnable: true }, queues, limit);
  const woken: string[] = [];
  const park = (name: string, given: Partial<ParkedPull> = {}): boolean =>
    hold.park({
      connection: connection(),
      topic: 'T',
      queueId: 0,
      offset: 5,
      matches: undefined,
      timeout: 10_000,
      wake: () => woken.push(name),
      ...given,
    });
  return { clock, queues, hold, woken, park };
}

describe('PullHold', () => {
  it('wakes once those a message may match, and only in its queue', () => {
    const { queues, hold, woken, park } = setUp();
    park('all');
    park('red', { matches: (code) => code === 1 });
    park('blue', { matches: (code) => code === 2 });
    park('further on', { offset: 6 });
    park('other queue', { queueId: 1 });
    queues.arrival('T', 0, 6, [3, 1]);
    queues.arrival('T', 0, 6, [3, 1]);
    expect(woken).toEqual(['all', 'red']);
    expect(hold.size).toBe(3);
  });

  it('wakes each when its own time is up', () => {
    const { clock, woken, park } = setUp();
    park('late', { timeout: 3000 });
    park('soon', { timeout: 1000 });
    clock.advance(1100);
    expect(woken).toEqual(['soon']);
    clock.advance(2000);
    expect(woken).toEqual(['soon', 'late']);
  });

  it('finds every 5 s what an arrival did not tell', () => {
    const { clock, queues, woken, park } = setUp();
    park('a', { timeout: 60_000 });
    queues.ends.set('T@0', 6);
    clock.advance(4900);
    expect(woken).toEqual([]);
    clock.advance(200);
    expect(woken).toEqual(['a']);
  });

  it('forgets what waits on a connection that ends', () => {
    const { clock, queues, hold, woken, park } = setUp();
    const ending = connection();
    park('a', { connection: ending });
    park('b', { connection: ending, queueId: 1 });
    ending.end();
    expect(hold.size).toBe(0);
    queues.arrival('T', 0, 9, [0]);
    clock.advance(60_000);
    expect(woken).toEqual([]);
  });

  it('takes no more than its limit', () => {
    const { park, queues } = setUp(2);
    expect([park('a'), park('b'), park('c')]).toEqual([true, true, false]);
    queues.arrival('T', 0, 9, [0]);
    expect(park('d')).toBe(true);
  });

  it('leaves no timer behind', () => {
    const { clock, hold, park } = setUp();
    park('a', { timeout: 500 });
    clock.advance(1000);
    hold.close();
    expect(clock.timers).toBe(0);
  });
});
