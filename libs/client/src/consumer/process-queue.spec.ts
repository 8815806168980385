import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { pulledMessage } from '../../../testkit/src/pulled-message.js';
import type { PulledMessage } from './pulled-message.js';
import { ProcessQueue } from './process-queue.js';

type Batch = readonly PulledMessage[];

const messages = (...offsets: number[]) => offsets.map((queueOffset) => pulledMessage({ queueOffset }));

function filled(...offsets: number[]): ProcessQueue {
  const queue = new ProcessQueue();
  queue.add(messages(...offsets));
  return queue;
}

const take = (queue: ProcessQueue, max = 1): Batch => {
  const batch = queue.take(max);
  if (batch === undefined) throw new Error('nothing waits');
  return batch;
};

const offsetsOf = (batch: Batch | undefined): number[] | undefined => batch?.map((m) => m.queueOffset);

describe('ProcessQueue', () => {
  it('hands messages out in order, and each once', () => {
    const queue = filled(5, 6, 9);
    expect([offsetsOf(queue.take(2)), offsetsOf(queue.take(2)), queue.take(2)]).toEqual([[5, 6], [9], undefined]);
    expect(queue).toMatchObject({ count: 3, waiting: 0, minOffset: 5, maxOffset: 9, span: 4 });
  });

  it('commits up to the lowest message that is not done', () => {
    const queue = filled(5, 6, 9);
    const [first, second, third] = [take(queue), take(queue), take(queue)];
    queue.finish(second);
    expect(queue.commitOffset).toBe(5);
    queue.finish(first);
    expect(queue.commitOffset).toBe(9);
    queue.finish(third);
    expect(queue.commitOffset).toBe(10);
    expect(queue).toMatchObject({ count: 0, bytes: 0, span: 0, minOffset: undefined, maxOffset: undefined });
  });

  it('knows nothing to commit before the first message', () => {
    expect(new ProcessQueue().commitOffset).toBeUndefined();
  });

  it('takes a message in once, when a broker sends it again', () => {
    const queue = filled(5, 6);
    queue.add(messages(5, 6, 7));
    expect(offsetsOf(queue.take(10))).toEqual([5, 6, 7]);
    expect(queue.count).toBe(3);
  });

  it('hands out what was put back before anything else, in the same order, and holds back the offset until then', () => {
    const queue = filled(5, 6, 7, 8);
    const [first, second] = [take(queue, 2), take(queue)];
    queue.finish(second);
    queue.putBack(first);
    expect([queue.waiting, offsetsOf(queue.take(1)), queue.waiting]).toEqual([3, [5], 2]);
    expect([offsetsOf(queue.take(9)), offsetsOf(queue.take(9)), queue.take(9)]).toEqual([[6], [8], undefined]);
    queue.finish(first.slice(1));
    expect(queue.commitOffset).toBe(5);
    queue.finish(first);
    expect(queue.commitOffset).toBe(8);
  });

  it('is not disturbed by messages that are done with already, or were never its own', () => {
    const queue = filled(5, 6);
    const first = take(queue);
    queue.finish(first);
    queue.finish([...first, pulledMessage({ queueOffset: 6 })]);
    expect(queue).toMatchObject({ count: 1, minOffset: 6 });
  });

  it('weighs messages by their stored size', () => {
    const queue = new ProcessQueue();
    const [small, large] = [
      pulledMessage({ queueOffset: 0 }),
      pulledMessage({ queueOffset: 1, body: Buffer.alloc(1000, 'x') }),
    ];
    queue.add([small, large]);
    expect(queue.bytes).toBe(small.storeSize + large.storeSize);
    queue.finish(take(queue));
    expect(queue.bytes).toBe(large.storeSize);
  });

  it('agrees with a plain list in any order of events, and over many turns of its ring', () => {
    const steps = fc.array(fc.record({ add: fc.nat(90), take: fc.nat(40), finish: fc.nat(1000) }), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (events) => {
        const queue = new ProcessQueue();
        const open = new Map<number, Batch>();
        const pending: number[] = [];
        let next = 0;
        for (const event of events) {
          const added = Array.from({ length: event.add }, () => next++);
          queue.add(messages(...added));
          pending.push(...added);
          const batch = queue.take(event.take);
          if (batch !== undefined) open.set(batch[0]?.position ?? -1, batch);
          const done = [...open.values()][event.finish % Math.max(1, open.size)];
          if (done !== undefined) {
            open.delete(done[0]?.position ?? -1);
            queue.finish(done);
            for (const offset of offsetsOf(done) ?? []) pending.splice(pending.indexOf(offset), 1);
          }
          expect(queue.count).toBe(pending.length);
          expect(queue.minOffset).toBe(pending[0]);
          if (next > 0) expect(queue.commitOffset).toBe(pending[0] ?? next);
        }
      }),
      { numRuns: 30 },
    );
  });
});
