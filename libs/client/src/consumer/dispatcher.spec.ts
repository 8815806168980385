import { describe, expect, it } from '@jest/globals';
import { createManualClock } from '../../../testkit/src/manual-clock.js';
import { pulledMessage } from '../../../testkit/src/pulled-message.js';
import type { MessageHandler } from '../contract/index.js';
import { Dispatcher } from './dispatcher.js';
import { HeldQueue } from './held-queue.js';

interface Call {
  readonly queueId: number;
  readonly offsets: number[];
  readonly reconsumeTimes: number[];
  end(error?: unknown): void;
}

function setUp(options: { concurrency?: number; batchSize?: number; handler?: MessageHandler } = {}) {
  const clock = createManualClock();
  const calls: Call[] = [];
  const record: MessageHandler = (messages, { messageQueue }) =>
    new Promise((resolve, reject) => {
      calls.push({
        queueId: messageQueue.queueId,
        offsets: messages.map((m) => m.queueOffset),
        reconsumeTimes: messages.map((m) => m.reconsumeTimes),
        end: (error) => (error === undefined ? resolve() : reject(error)),
      });
    });
  const handled: { failed: boolean }[] = [];
  const dispatcher = new Dispatcher({
    clock,
    handler: options.handler ?? record,
    concurrency: options.concurrency ?? 2,
    batchSize: options.batchSize ?? 1,
    redeliveryDelay: 5000,
    onHandled: (_held, _batch, _duration, failure) => handled.push({ failed: failure !== undefined }),
  });
  const hold = (queueId: number, count: number): HeldQueue => {
    const held = new HeldQueue({ topic: 'T', brokerName: 'b', queueId }, 0, 0);
    held.messages.add(Array.from({ length: count }, (_, queueOffset) => pulledMessage({ queueId, queueOffset })));
    return held;
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { clock, calls, handled, dispatcher, hold, settled };
}

describe('Dispatcher', () => {
  it('runs no more handlers at once than allowed, and takes turns between queues', async () => {
    const { calls, dispatcher, hold, settled } = setUp();
    const [first, second] = [hold(0, 3), hold(1, 3)];
    dispatcher.offer(first);
    dispatcher.offer(second);
    expect(calls.map((call) => call.queueId)).toEqual([0, 0]);
    for (let i = 0; i < 6; i++) {
      calls[i]?.end();
      await settled();
      expect(dispatcher.running).toBeLessThanOrEqual(2);
    }
    expect(calls.map((call) => `${call.queueId}:${call.offsets.join()}`)).toEqual([
      '0:0',
      '0:1',
      '0:2',
      '1:0',
      '1:1',
      '1:2',
    ]);
    expect([first.messages.commitOffset, second.messages.commitOffset]).toEqual([3, 3]);
  });

  it('hands out batches', () => {
    const { calls, dispatcher, hold } = setUp({ batchSize: 4 });
    dispatcher.offer(hold(0, 6));
    expect(calls.map((call) => call.offsets)).toEqual([
      [0, 1, 2, 3],
      [4, 5],
    ]);
  });

  it('brings a failed batch again after the delay, counts it, and does not commit past it', async () => {
    const { clock, calls, handled, dispatcher, hold, settled } = setUp();
    const held = hold(0, 2);
    dispatcher.offer(held);
    calls[0]?.end(new Error('no'));
    calls[1]?.end();
    await settled();
    expect(handled.map((h) => h.failed)).toEqual([true, false]);
    expect(held.messages.commitOffset).toBe(0);
    clock.advance(4999);
    expect(calls).toHaveLength(2);
    clock.advance(1);
    expect(calls[2]).toMatchObject({ offsets: [0], reconsumeTimes: [1] });
    calls[2]?.end(new Error('no'));
    await settled();
    clock.advance(5000);
    expect(calls[3]).toMatchObject({ offsets: [0], reconsumeTimes: [2] });
    calls[3]?.end();
    await settled();
    expect(held.messages.commitOffset).toBe(2);
    expect(clock.timers).toBe(0);
  });

  it('survives handlers that throw, and rejections that are no errors', async () => {
    let calls = 0;
    const { dispatcher, hold, handled, settled } = setUp({
      handler: () => {
        calls++;
        if (calls === 1) throw new Error('thrown');
        if (calls === 2) return Promise.reject(undefined);
        return undefined;
      },
    });
    dispatcher.offer(hold(0, 3));
    await settled();
    expect(handled.map((h) => h.failed)).toEqual([true, false, true]);
  });

  it('drops what waits and what is to come again when a queue is lost, and ignores what its handlers still do', async () => {
    const { clock, calls, dispatcher, hold, settled } = setUp();
    const held = hold(0, 4);
    dispatcher.offer(held);
    calls[0]?.end(new Error('no'));
    await settled();
    held.release();
    calls[1]?.end();
    calls[2]?.end();
    await settled();
    clock.advance(5000);
    expect(calls).toHaveLength(3);
    expect(held.messages.commitOffset).toBe(0);
  });

  it('starts nothing after stop, and tells when the last handler has ended', async () => {
    const { clock, calls, dispatcher, hold, settled } = setUp();
    const held = hold(0, 4);
    dispatcher.offer(held);
    dispatcher.stop();
    let idle = false;
    void dispatcher.idle().then(() => (idle = true));
    calls[0]?.end();
    await settled();
    expect(idle).toBe(false);
    calls[1]?.end(new Error('no'));
    await settled();
    expect(idle).toBe(true);
    expect(calls).toHaveLength(2);
    expect([held.messages.commitOffset, clock.timers]).toEqual([1, 0]);
  });

  it('lets sockets have their turn between handlers that return at once', async () => {
    let count = 0;
    const { dispatcher, hold, settled } = setUp({ handler: () => void count++ });
    dispatcher.offer(hold(0, 200));
    expect(count).toBe(64);
    await settled();
    expect(count).toBe(128);
    await settled();
    await settled();
    expect(count).toBe(200);
  });
});
