import { describe, expect, it } from '@jest/globals';
import { createManualClock } from '../../libs/testkit/src/manual-clock.js';
import { PendingSends } from './pending-sends.js';

describe('sends under way', () => {
  it('are waited for, failures too', async () => {
    const pending = new PendingSends();
    let reject = (_error: Error): void => undefined;
    const promise = new Promise<void>((_resolve, refuse) => (reject = refuse));
    const send = pending.track(promise);
    let settled = false;
    const wait = pending.settled(createManualClock(), 1000).then(() => (settled = true));
    await Promise.resolve();
    expect(settled).toBe(false);
    reject(new Error('refused'));
    await expect(send).rejects.toThrow('refused');
    await wait;
    expect(pending.count).toBe(0);
  });

  it('are given up at the deadline', async () => {
    const clock = createManualClock();
    const pending = new PendingSends();
    pending.begin();
    const wait = pending.settled(clock, 1000);
    clock.advance(1000);
    await wait;
    expect(pending.count).toBe(1);
  });
});
