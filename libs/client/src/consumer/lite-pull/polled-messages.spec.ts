import { describe, expect, it } from '@jest/globals';
import { createManualClock } from '../../../../testkit/src/manual-clock.js';
import { HeldQueue } from '../held-queue.js';
import { PolledMessages } from './polled-messages.js';

const held = (queueId: number): HeldQueue => new HeldQueue({ topic: 'T', brokerName: 'b', queueId }, 0, 0);

describe('PolledMessages', () => {
  it('gives what came first to who came first', async () => {
    const polled = new PolledMessages(createManualClock());
    const [one, two] = [held(1), held(2)];
    polled.add({ held: one, count: 2 });
    polled.add({ held: two, count: 3 });
    expect(polled.count).toBe(5);
    expect(await polled.poll(0)).toEqual({ held: one, count: 2 });
    expect(await polled.poll(0)).toEqual({ held: two, count: 3 });
    expect([await polled.poll(0), polled.count]).toEqual([undefined, 0]);
    const [first, second] = [polled.poll(100), polled.poll(100)];
    polled.add({ held: two, count: 1 });
    polled.add({ held: one, count: 1 });
    expect(await Promise.all([first, second])).toEqual([
      { held: two, count: 1 },
      { held: one, count: 1 },
    ]);
  });

  it('keeps and counts nothing of a queue that is lost', async () => {
    const polled = new PolledMessages(createManualClock());
    const [one, two] = [held(1), held(2)];
    for (const queue of [one, two, one]) polled.add({ held: queue, count: 1 });
    polled.drop(one);
    expect(polled.count).toBe(1);
    expect(await polled.poll(0)).toEqual({ held: two, count: 1 });
    expect(await polled.poll(0)).toBeUndefined();
  });

  it('lets nobody wait beyond his time, or its own end, and leaves no timer', async () => {
    const clock = createManualClock();
    const polled = new PolledMessages(clock);
    const [short, long] = [polled.poll(10), polled.poll(100)];
    clock.advance(10);
    expect(await short).toBeUndefined();
    polled.close();
    expect(await long).toBeUndefined();
    expect(clock.timers).toBe(0);
  });
});
