import { describe, expect, it } from '@jest/globals';
import { createManualClock } from '../../../testkit/src/manual-clock.js';
import { pulledMessage } from '../../../testkit/src/pulled-message.js';
import type { ConsumeContext, MessageHandler } from '../contract/index.js';
import { Dispatcher } from './dispatcher.js';
import { giveBack, waitAndRepeat, type FailureRule } from './failure-rule.js';
import { HeldQueue } from './held-queue.js';

interface Call {
  readonly queueId: number;
  readonly offsets: number[];
  readonly reconsumeTimes: number[];
  readonly context: ConsumeContext;
  end(error?: unknown): void;
}

interface Options {
  readonly concurrency?: number;
  readonly concurrencyPerQueue?: number;
  readonly batchSize?: number;
  readonly orderly?: boolean;
  readonly handler?: MessageHandler;
  readonly onFailure?: FailureRule;
}

/** A broker that takes messages back as long as `taking` says so. */
function sendBack() {
  const given: { offset: number; level: number }[] = [];
  const state = { taking: true };
  return {
    given,
    state,
    give: ({ queueOffset: offset }: { queueOffset: number }, level: number): Promise<boolean> => {
      given.push({ offset, level });
      return Promise.resolve(state.taking);
    },
    send: ({ queueOffset: offset }: { queueOffset: number }, isDead = false): Promise<boolean> => {
      given.push({ offset, level: isDead ? -1 : 0 });
      return Promise.resolve(state.taking);
    },
  };
}

const orderlyOptions = { maxReconsumeTimes: 2, suspendCurrentQueueTimeMillis: 1000 };

function setUp(options: Options = {}) {
  const clock = createManualClock();
  const calls: Call[] = [];
  const broker = sendBack();
  const record: MessageHandler = (messages, context) =>
    new Promise((resolve, reject) => {
      calls.push({
        queueId: context.messageQueue.queueId,
        offsets: messages.map((m) => m.queueOffset),
        reconsumeTimes: messages.map((m) => m.reconsumeTimes),
        context,
        end: (error) => (error === undefined ? resolve() : reject(error)),
      });
    });
  const handled: { consumed: number; failed: boolean }[] = [];
  const problems: string[] = [];
  const unlocked = new Set<HeldQueue>();
  const { orderly = false } = options;
  const dispatcher = new Dispatcher({
    clock,
    handler: record,
    concurrency: 2,
    concurrencyPerQueue: orderly ? 1 : 1000,
    batchSize: 1,
    orderly,
    consumeTimeout: 60_000,
    mayRun: (held) => !unlocked.has(held),
    onFailure: orderly ? waitAndRepeat(broker, orderlyOptions) : giveBack(broker),
    hooks: undefined,
    onHandled: (_call, consumed, _duration, failure) => handled.push({ consumed, failed: failure !== undefined }),
    onDone: () => {},
    onProblem: (problem) => problems.push(problem),
    ...options,
  });
  dispatcher.start();
  const hold = (queueId: number, count: number): HeldQueue => {
    const held = new HeldQueue({ topic: 'T', brokerName: 'b', queueId }, 0, 0);
    held.messages.add(Array.from({ length: count }, (_, queueOffset) => pulledMessage({ queueId, queueOffset })));
    return held;
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { clock, calls, handled, problems, unlocked, broker, dispatcher, hold, settled };
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

  it('leaves room for other queues when one may have so many handlers only', async () => {
    const { calls, dispatcher, hold, settled } = setUp({ concurrency: 3, concurrencyPerQueue: 2 });
    dispatcher.offer(hold(0, 4));
    dispatcher.offer(hold(1, 4));
    expect(calls.map((call) => call.queueId)).toEqual([0, 0, 1]);
    calls[2]?.end();
    await settled();
    expect(calls.map((call) => call.queueId)).toEqual([0, 0, 1, 1]);
    calls[0]?.end();
    await settled();
    expect(calls).toHaveLength(5);
  });

  it('takes another number of handlers while it runs', async () => {
    const { calls, dispatcher, hold, settled } = setUp({ concurrency: 1 });
    dispatcher.offer(hold(0, 9));
    expect(calls).toHaveLength(1);
    dispatcher.concurrency = 4;
    expect(calls).toHaveLength(4);
    dispatcher.concurrency = 1;
    for (const call of calls.slice(0, 3)) call.end();
    await settled();
    expect(calls).toHaveLength(4);
    calls[3]?.end();
    await settled();
    expect(calls).toHaveLength(5);
  });

  it('hands out batches', () => {
    const { calls, dispatcher, hold } = setUp({ batchSize: 4 });
    dispatcher.offer(hold(0, 6));
    expect(calls.map((call) => call.offsets)).toEqual([
      [0, 1, 2, 3],
      [4, 5],
    ]);
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
    const held = hold(0, 3);
    dispatcher.offer(held);
    await settled();
    expect(handled.map((h) => h.failed)).toEqual([true, true, false]);
    expect(held.messages.commitOffset).toBe(3);
  });

  it('starts nothing after stop, and tells when the last handler has ended', async () => {
    const { calls, dispatcher, hold, broker, settled } = setUp();
    broker.state.taking = false;
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
    expect(held.messages.commitOffset).toBe(1);
  });

  it('leaves no timer behind', async () => {
    const { clock, calls, dispatcher, hold, broker, settled } = setUp();
    broker.state.taking = false;
    dispatcher.offer(hold(0, 1));
    calls[0]?.end(new Error('no'));
    await settled();
    expect(clock.timers).toBe(2);
    dispatcher.close();
    expect(clock.timers).toBe(0);
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

describe('A concurrent dispatcher', () => {
  it('gives what failed back to the broker, and is then done with it', async () => {
    const { calls, broker, handled, dispatcher, hold, settled } = setUp();
    const held = hold(0, 2);
    dispatcher.offer(held);
    (calls[0] as Call).context.delayLevelWhenNextConsume = 7;
    calls[0]?.end(new Error('no'));
    calls[1]?.end(new Error('no'));
    expect(held.messages.commitOffset).toBe(0);
    await settled();
    expect(broker.given).toEqual([
      { offset: 0, level: 7 },
      { offset: 1, level: 0 },
    ]);
    expect(held.messages.commitOffset).toBe(2);
    expect(handled).toEqual([
      { consumed: 0, failed: true },
      { consumed: 0, failed: true },
    ]);
  });

  it.each([
    [1, [2, 3], 2],
    [-1, [0, 1, 2, 3], 0],
    [99, [], 4],
    [Number.NaN, [], 4],
  ])('with ackIndex %d gives back %j of a batch of four', async (ackIndex, given, consumed) => {
    const { calls, broker, handled, dispatcher, hold, settled } = setUp({ batchSize: 4 });
    const held = hold(0, 4);
    dispatcher.offer(held);
    (calls[0] as Call).context.ackIndex = ackIndex;
    calls[0]?.end();
    await settled();
    expect(broker.given.map(({ offset }) => offset)).toEqual(given);
    expect(handled).toEqual([{ consumed, failed: false }]);
    expect(held.messages.commitOffset).toBe(4);
  });

  it.each([undefined, new Error('some are wrong')])(
    'gives back what the handler says of each, failed or not',
    async (error) => {
      const { calls, broker, handled, dispatcher, hold, settled } = setUp({ batchSize: 4 });
      const held = hold(0, 4);
      dispatcher.offer(held);
      (calls[0] as Call).context.messageDelayLevels = [4, undefined, -1, undefined];
      calls[0]?.end(error);
      await settled();
      expect(broker.given).toEqual([
        { offset: 0, level: 4 },
        { offset: 2, level: -1 },
      ]);
      expect(handled).toEqual([{ consumed: 2, failed: error !== undefined }]);
      expect(held.messages.commitOffset).toBe(4);
    },
  );

  it('brings what no broker takes back again here, after 5 s, and does not commit past it', async () => {
    const { clock, calls, broker, dispatcher, hold, settled } = setUp();
    broker.state.taking = false;
    const held = hold(0, 2);
    dispatcher.offer(held);
    calls[0]?.end(new Error('no'));
    calls[1]?.end();
    await settled();
    expect(held.messages.commitOffset).toBe(0);
    clock.advance(4999);
    expect(calls).toHaveLength(2);
    clock.advance(1);
    expect(calls[2]).toMatchObject({ offsets: [0], reconsumeTimes: [1] });
    broker.state.taking = true;
    calls[2]?.end(new Error('no'));
    await settled();
    expect(held.messages.commitOffset).toBe(2);
  });

  it('keeps the slot of a failed handler until its messages are given back', async () => {
    let take = (_taken: boolean): void => {};
    const slow = { give: () => new Promise<boolean>((resolve) => (take = resolve)) };
    const { calls, dispatcher, hold, settled } = setUp({ concurrency: 1, onFailure: giveBack(slow) });
    dispatcher.offer(hold(0, 2));
    calls[0]?.end(new Error('no'));
    await settled();
    expect([calls.length, dispatcher.running]).toEqual([1, 1]);
    take(true);
    await settled();
    expect(calls).toHaveLength(2);
  });

  it('drops what waits and what is to come again when a queue is lost, and ignores what its handlers still do', async () => {
    const { clock, calls, broker, dispatcher, hold, settled } = setUp();
    broker.state.taking = false;
    const held = hold(0, 4);
    dispatcher.offer(held);
    calls[0]?.end(new Error('no'));
    await settled();
    held.disown();
    calls[1]?.end();
    calls[2]?.end(new Error('no'));
    await settled();
    clock.advance(5000);
    expect(calls).toHaveLength(3);
    expect(held.messages.commitOffset).toBe(0);
    expect(broker.given.map(({ offset }) => offset)).toEqual([0]);
  });

  it('gives up a handler that does not end: message back at level 3, signal, slot free, late result ignored', async () => {
    const { clock, calls, broker, problems, handled, dispatcher, hold, settled } = setUp({ concurrency: 2 });
    const held = hold(0, 4);
    dispatcher.offer(held);
    const [stuck, good] = calls as [Call, Call];
    good.end();
    await settled();
    clock.advance(59_000);
    expect(stuck.context.signal.aborted).toBe(false);
    clock.advance(1_000);
    // Both that began with the clock at 0.
    await settled();
    expect(broker.given).toEqual([
      { offset: 0, level: 3 },
      { offset: 2, level: 3 },
    ]);
    expect(stuck.context.signal.reason).toMatchObject({ code: 'TIMEOUT', message: /consumeTimeout \(1 minutes\)/ });
    expect(problems[0]).toMatch(/has not ended within consumeTimeout; its messages come again/);
    expect(dispatcher.describe()).toMatch(/handler abandoned for 60.0 s: T\/b\/0, offset 0, 1 message\(s\), msgId/);
    const before = handled.length;
    stuck.end(new Error('much too late'));
    await settled();
    expect(handled).toHaveLength(before);
    expect(broker.given).toHaveLength(2);
  });

  it('pauses, and says why, when as many handlers as may run at once are stuck; and goes on when one ends', async () => {
    const { clock, calls, problems, dispatcher, hold, settled } = setUp({ concurrency: 2 });
    dispatcher.offer(hold(0, 9));
    clock.advance(60_000);
    await settled();
    expect(calls).toHaveLength(2);
    expect(dispatcher.problem).toMatchObject({ code: 'HANDLERS_STUCK' });
    expect(problems.at(-1)).toMatch(/^2 handlers have not ended within consumeTimeout, as many as may run at once/);
    calls[0]?.end();
    await settled();
    expect(dispatcher.problem).toBeUndefined();
    expect(calls).toHaveLength(4);
  });
});

describe('An orderly dispatcher', () => {
  it('has one batch of a queue under way at a time, and several queues', async () => {
    const { calls, dispatcher, hold, settled } = setUp({ orderly: true, batchSize: 2 });
    const [first, second] = [hold(0, 5), hold(1, 1)];
    dispatcher.offer(first);
    dispatcher.offer(second);
    dispatcher.offer(first);
    expect(calls.map((call) => call.offsets)).toEqual([[0, 1], [0]]);
    for (let i = 0; i < 4; i++) {
      calls[i]?.end();
      await settled();
    }
    expect(calls.filter((call) => call.queueId === 0).map((call) => call.offsets)).toEqual([[0, 1], [2, 3], [4]]);
    expect(first.messages.commitOffset).toBe(5);
  });

  it('waits after a failure, and goes on with the same message before any other', async () => {
    const { clock, calls, dispatcher, hold, settled } = setUp({ orderly: true });
    dispatcher.offer(hold(0, 2));
    calls[0]?.end(new Error('no'));
    await settled();
    clock.advance(999);
    expect(calls).toHaveLength(1);
    clock.advance(1);
    expect(calls[1]).toMatchObject({ offsets: [0], reconsumeTimes: [1] });
    (calls[1] as Call).context.suspendCurrentQueueTimeMillis = 20;
    calls[1]?.end(new Error('no'));
    await settled();
    clock.advance(20);
    expect(calls[2]).toMatchObject({ offsets: [0], reconsumeTimes: [2] });
    calls[2]?.end();
    await settled();
    expect(calls[3]?.offsets).toEqual([1]);
  });

  it.each([
    [5, 10],
    [99_999, 30_000],
  ])('waits between 10 ms and 30 s, whatever the handler says: %d', async (wanted, waits) => {
    const { clock, calls, dispatcher, hold, settled } = setUp({ orderly: true });
    dispatcher.offer(hold(0, 1));
    (calls[0] as Call).context.suspendCurrentQueueTimeMillis = wanted;
    calls[0]?.end(new Error('no'));
    await settled();
    clock.advance(waits - 1);
    expect(calls).toHaveLength(1);
    clock.advance(1);
    expect(calls).toHaveLength(2);
  });

  it('sends a message that came too often to the dead letters, and goes on behind it', async () => {
    const { clock, calls, broker, dispatcher, hold, settled } = setUp({ orderly: true });
    const held = hold(0, 2);
    dispatcher.offer(held);
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(calls[attempt]?.offsets).toEqual([0]);
      expect(broker.given).toHaveLength(0);
      calls[attempt]?.end(new Error('no'));
      await settled();
      clock.advance(1000);
    }
    expect(broker.given).toEqual([{ offset: 0, level: 0 }]);
    expect(calls[3]?.offsets).toEqual([1]);
    expect(held.messages.commitOffset).toBe(1);
  });

  it('sends a message to the dead letters at once when its handler gives it up', async () => {
    const { calls, broker, dispatcher, hold, settled } = setUp({ orderly: true });
    dispatcher.offer(hold(0, 2));
    (calls[0] as Call).context.delayLevelWhenNextConsume = -1;
    calls[0]?.end(new Error('never'));
    await settled();
    expect(broker.given).toEqual([{ offset: 0, level: -1 }]);
    expect(calls[1]?.offsets).toEqual([1]);
  });

  it('commits what the handler consumed up to the first message that waits, and nothing behind it', async () => {
    const { clock, calls, broker, dispatcher, hold, settled } = setUp({ orderly: true, batchSize: 5 });
    const held = hold(0, 5);
    dispatcher.offer(held);
    (calls[0] as Call).context.messageDelayLevels = [undefined, -1, undefined, 0, undefined];
    calls[0]?.end();
    await settled();
    expect(broker.given).toEqual([{ offset: 1, level: -1 }]);
    expect(held.messages.commitOffset).toBe(3);
    clock.advance(1000);
    expect(calls[1]).toMatchObject({ offsets: [3, 4], reconsumeTimes: [1, 1] });
  });

  it('keeps trying while no broker takes the dead letter: order is never given up', async () => {
    const { clock, calls, broker, dispatcher, hold, settled } = setUp({ orderly: true });
    broker.state.taking = false;
    dispatcher.offer(hold(0, 2));
    for (let attempt = 0; attempt < 6; attempt++) {
      expect(calls[attempt]?.offsets).toEqual([0]);
      calls[attempt]?.end(new Error('no'));
      await settled();
      clock.advance(1000);
    }
    expect(calls[6]?.offsets).toEqual([0]);
  });

  it('hands out nothing of a queue that is not locked', () => {
    const { calls, unlocked, dispatcher, hold } = setUp({ orderly: true });
    const held = hold(0, 2);
    unlocked.add(held);
    dispatcher.offer(held);
    expect(calls).toHaveLength(0);
    unlocked.clear();
    dispatcher.offer(held);
    expect(calls).toHaveLength(1);
  });

  it('lets a handler that does not end keep its queue, names it, and counts what it does in the end', async () => {
    const { clock, calls, broker, problems, dispatcher, hold, settled } = setUp({ orderly: true });
    const held = hold(0, 2);
    dispatcher.offer(held);
    clock.advance(10 * 60_000);
    await settled();
    expect([calls.length, broker.given.length]).toEqual([1, 0]);
    expect(problems).toEqual(['handler has not ended within consumeTimeout; it keeps its queue']);
    expect(dispatcher.describe()).toMatch(/handler overdue for 600.0 s: T\/b\/0/);
    calls[0]?.end();
    await settled();
    expect(held.messages.commitOffset).toBe(1);
    expect(calls).toHaveLength(2);
  });

  it('counts what a handler finishes after its queue was released, until it is somebody else’s', async () => {
    const { calls, dispatcher, hold, settled } = setUp({ orderly: true });
    const [leaving, lost] = [hold(0, 2), hold(1, 2)];
    dispatcher.offer(leaving);
    dispatcher.offer(lost);
    leaving.release();
    lost.disown();
    let quiet = false;
    void leaving.quiet().then(() => (quiet = true));
    await settled();
    expect(quiet).toBe(false);
    calls[0]?.end();
    calls[1]?.end();
    await settled();
    expect([quiet, leaving.messages.commitOffset, lost.messages.commitOffset]).toEqual([true, 1, 0]);
    expect(calls).toHaveLength(2);
  });
});
