import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../libs/common/src/index.js';
import type { ConsumeContext, ReceivedMessage } from '../../libs/client/src/index.js';
import type { DeliveryObserver } from './delivery-observer.js';
import { groupHandler } from './group-handler.js';
import { planGroups } from './group-plan.js';
import { HandledMessages } from './idempotency.js';
import type { ListenerDefinition } from './listener-explorer.js';
import type { ListenerCall } from './listener-invoker.js';
import type { RocketMQListenerOptions } from './listener-options.js';
import { MemoryIdempotencyStore } from './memory-idempotency-store.js';
import { MessageDelivery } from './message-delivery.js';
import { retryAfter, toDlq } from './outcome.js';

interface Consumer {
  readonly listeners: readonly [Partial<RocketMQListenerOptions>, ListenerCall][];
  readonly common?: Partial<RocketMQListenerOptions>;
  readonly isReply?: boolean;
  readonly observers?: readonly DeliveryObserver[];
}

/** A group whose payloads are texts, of which 'broken' cannot be read. */
function setUp({ listeners, common = {}, isReply = false, observers = [] }: Consumer) {
  const store = new MemoryIdempotencyStore();
  const replies: unknown[] = [];
  const definitions = listeners.map(
    ([options], i) =>
      ({
        place: `L${i}`,
        kind: 'message',
        options: { topic: 't', consumerGroup: 'g', ...common, ...options },
      }) as unknown as ListenerDefinition,
  );
  const [plan] = planGroups(definitions);
  if (plan === undefined) throw new Error('no plan');
  const deliveries = definitions.map((listener, i) => {
    const delivery = new MessageDelivery({
      listener,
      call: listeners[i]?.[1] ?? (() => undefined),
      decode: ({ body }) => {
        if (String(body) === 'broken') throw new Error('it is broken');
        return String(body);
      },
      handled: listener.options.idempotency && new HandledMessages(store, listener.place, undefined),
      reply: isReply ? async (_request, value) => void replies.push(value) : undefined,
      isBroadcasting: common.messageModel === 'BROADCASTING',
      isOrderly: common.consumeMode === 'ORDERLY',
      log: silentLogger,
      connection: 'default',
      observers,
    });
    return [listener, delivery] as const;
  });
  const handler = groupHandler(plan, new Map(deliveries));
  const figures = deliveries.map(([, delivery]) => delivery.figures);
  /** 'tag:text' each. What the handler said, and what it threw. */
  const consume = async (...texts: string[]) => {
    const context = {
      delayLevelWhenNextConsume: 0,
      suspendCurrentQueueTimeMillis: -1,
      messageDelayLevels: undefined,
    } as ConsumeContext;
    let error: unknown;
    try {
      await handler(
        texts.map((text) => messageOf(text)),
        context,
      );
    } catch (thrown) {
      error = thrown;
    }
    const { delayLevelWhenNextConsume: level, suspendCurrentQueueTimeMillis: pause, messageDelayLevels } = context;
    return {
      error: error === undefined ? undefined : (error as Error).message,
      level,
      pause,
      levels: messageDelayLevels,
    };
  };
  return { consume, figures, replies };
}

function messageOf(text: string): ReceivedMessage {
  const [tags, body = ''] = text.split(':');
  const message = { topic: 't', tags, body: Buffer.from(body), msgId: text, properties: new Map(), keys: [] };
  return message as unknown as ReceivedMessage;
}

const single = (call: ListenerCall, common: Partial<RocketMQListenerOptions> = {}) =>
  setUp({ listeners: [[{}, call]], common });

describe('what becomes of a message', () => {
  it.each<[string, ListenerCall, object]>([
    ['nothing', () => undefined, { error: undefined }],
    ['something of its own', () => 'saved', { error: undefined }],
    ["'ack'", () => 'ack', { error: undefined }],
    ["'retry'", () => 'retry', { error: 'L0 wants the message again', level: 0 }],
    ['a time', () => retryAfter('31 s'), { error: 'L0 wants the message again', level: 5 }],
    ['a time, later', async () => retryAfter('2 h'), { level: 18 }],
    ["'dlq'", async () => 'dlq', { error: 'L0 gives the message up', level: -1 }],
    ['a reason', () => toDlq('no such order'), { error: 'L0 gives the message up: no such order', level: -1 }],
    ['nothing, having asked for a time', (_p, context) => void context.retryAfter(1000), { level: 1 }],
    ['nothing, having given it up', async (_p, context) => void context.toDlq('why'), { level: -1 }],
  ])('when its handler returns %s', async (_what, call, expected) => {
    expect(await single(call).consume('a:x')).toMatchObject(expected);
  });

  it('when its handler throws: what it asked for, else what the error says, else it comes again', async () => {
    class Invalid extends Error {}
    const { consume, figures } = single(
      (payload, context) => {
        if (payload === 'asked') context.retryAfter('10 s');
        if (payload === 'acked') context.ack();
        if (payload === 'known') throw new RangeError('known');
        throw payload === 'other' ? new Error('other') : new Invalid(String(payload));
      },
      {
        onError: [
          { error: Invalid, outcome: toDlq('invalid order') },
          { error: (error) => error instanceof RangeError, outcome: 'ack' },
        ],
      },
    );
    expect(await consume('a:asked')).toMatchObject({ error: 'asked', level: 3 });
    expect(await consume('a:acked')).toMatchObject({
      error: 'L0 gives the message up: invalid order (acked)',
      level: -1,
    });
    expect(await consume('a:known')).toMatchObject({ error: undefined, level: 0 });
    expect(await consume('a:other')).toMatchObject({ error: 'other', level: 0 });
    expect(figures).toEqual([{ acked: 1, retried: 2, deadLettered: 1, dropped: 0, repeated: 0 }]);
  });

  it.each([
    [undefined, { level: 0, error: 'L0: it is broken' }],
    ['ack' as const, { level: 0, error: undefined }],
    [toDlq('unreadable'), { level: -1, error: 'L0 gives the message up: unreadable (L0: it is broken)' }],
  ])('when it cannot be read, and onPoison is %j', async (onPoison, expected) => {
    const onError = [{ error: Error, outcome: retryAfter(0) }];
    const { consume } = single(() => undefined, { onError, ...(onPoison && { onPoison }) });
    expect(await consume('a:broken')).toMatchObject(expected);
  });

  it('when the queue is in order: the queue waits', async () => {
    const { consume } = single(() => retryAfter(250), { consumeMode: 'ORDERLY' });
    expect(await consume('a:x')).toMatchObject({ level: 0, pause: 250 });
  });

  it('when everybody has a copy: it is dropped, and the error says so', async () => {
    const { consume, figures } = single((payload) => (payload === 'x' ? 'dlq' : retryAfter('1 s')), {
      messageModel: 'BROADCASTING',
    });
    expect((await consume('a:x')).error).toMatch(/^L0 wants to give the message up, but in BROADCASTING .* dropped$/);
    expect((await consume('a:y')).error).toMatch(/^L0 wants to have the message again, but in BROADCASTING/);
    expect(figures).toMatchObject([{ dropped: 2, deadLettered: 0, retried: 0 }]);
  });

  it('when it was handled before: nothing, unless that had failed', async () => {
    const seen: unknown[] = [];
    let fails = true;
    const { consume, figures } = single(
      (payload) => {
        seen.push(payload);
        if (fails) throw new Error('no');
      },
      { idempotency: { store: 'here' } },
    );
    await consume('a:x');
    fails = false;
    await consume('a:x');
    await consume('a:x');
    await consume('a:y');
    expect(seen).toEqual(['x', 'x', 'y']);
    expect(figures).toMatchObject([{ acked: 2, retried: 1, repeated: 1 }]);
  });

  it('is for the listener of its tag, and fails when there is none', async () => {
    const seen: unknown[] = [];
    const note =
      (name: string): ListenerCall =>
      (payload) =>
        void seen.push([name, payload]);
    const { consume } = setUp({
      listeners: [
        [{ selectorExpression: 'a' }, note('first')],
        [{ selectorExpression: 'b || c' }, note('second')],
      ],
    });
    for (const text of ['a:1', 'c:2']) await consume(text);
    expect(seen).toEqual([
      ['first', '1'],
      ['second', '2'],
    ]);
    expect((await consume('z:3')).error).toBe("no listener of group 'g' takes 't:z'; they are L0, L1");
  });
});

describe('a request', () => {
  it('is answered with what the handler returns, words too, but not when it is not consumed', async () => {
    const { consume, replies } = setUp({
      isReply: true,
      listeners: [[{}, (payload) => (payload === 'late' ? retryAfter(1) : payload === 'void' ? undefined : payload)]],
    });
    for (const text of ['a:retry', 'a:void', 'a:late']) await consume(text);
    expect(replies).toEqual(['retry', undefined]);
  });
});

describe('a batch', () => {
  const outcomes: ListenerCall = (messages) =>
    (messages as { payload: string }[]).map(({ payload }) => (payload === 'none' ? undefined : payload));

  it('has an outcome for each message, whatever the others have', async () => {
    const { consume, figures } = setUp({ listeners: [[{ batch: 9 }, outcomes]] });
    const result = await consume('a:ack', 'a:retry', 'a:none', 'a:dlq', 'a:ack');
    expect(result).toMatchObject({
      levels: [undefined, 0, undefined, -1, undefined],
      error: 'L0 wants the message again',
    });
    expect(figures).toMatchObject([{ acked: 3, retried: 1, deadLettered: 1 }]);
    expect(await consume('a:ack', 'a:none')).toMatchObject({ levels: undefined, error: undefined });
  });

  it('is not lost by a message that cannot be read', async () => {
    const { consume } = setUp({ listeners: [[{ batch: 9, onPoison: 'dlq' }, outcomes]] });
    expect(await consume('a:ack', 'a:broken', 'a:ack')).toMatchObject({ levels: [undefined, -1, undefined] });
  });

  it('fails as a whole when the handler throws, or returns another number of outcomes, or something else', async () => {
    const failing = setUp({ listeners: [[{ batch: 9 }, () => Promise.reject(new Error('no'))]] });
    expect(await failing.consume('a:1', 'a:2')).toMatchObject({ levels: [0, 0], error: 'no' });
    const short = setUp({ listeners: [[{ batch: 9 }, () => ['ack']]] });
    expect(await short.consume('a:1', 'a:2')).toMatchObject({
      levels: [0, 0],
      error: 'L0 returned 1 outcomes for 2 messages',
    });
    const wrong = setUp({ listeners: [[{ batch: 9 }, outcomes]] });
    expect((await wrong.consume('a:acked')).error).toMatch(/something else than outcomes/);
  });

  it('is split among the listeners of its tags', async () => {
    const parts: unknown[] = [];
    const note: ListenerCall = (messages) => void parts.push((messages as { payload: string }[]).map((m) => m.payload));
    const { consume } = setUp({
      common: { batch: 9 },
      listeners: [
        [{ selectorExpression: 'a' }, note],
        [{ selectorExpression: 'b' }, note],
      ],
    });
    expect(await consume('a:1', 'b:2', 'a:3', 'z:4')).toMatchObject({ levels: [undefined, undefined, undefined, 0] });
    expect(parts).toEqual([['1', '3'], ['2']]);
  });

  describe('in order', () => {
    const common = { batch: 9, consumeMode: 'ORDERLY' } as const;
    it('goes on up to the first message that comes again, and no handler sees what is behind it', async () => {
      const parts: string[][] = [];
      const note: ListenerCall = (messages, context) => {
        parts.push((messages as { payload: string }[]).map((m) => m.payload));
        return outcomes(messages, context);
      };
      const { consume, figures } = setUp({
        common,
        listeners: [
          [{ selectorExpression: 'a' }, note],
          [{ selectorExpression: 'b' }, note],
        ],
      });
      const result = await consume('a:ack', 'a:ack', 'b:dlq', 'a:ack', 'a:retry', 'a:ack', 'b:ack');
      expect(parts).toEqual([['ack', 'ack'], ['dlq'], ['ack', 'retry', 'ack']]);
      expect(result.levels).toEqual([undefined, undefined, -1, undefined, 0, 0, 0]);
      expect(figures).toMatchObject([{ acked: 3, retried: 1 }, { deadLettered: 1 }]);
    });

    /** What its handler saw, and then answers with. */
    const watched = (more: Partial<RocketMQListenerOptions>, answers: (payloads: string[]) => unknown) => {
      const parts: string[][] = [];
      const call: ListenerCall = (messages) => {
        const payloads = (messages as { payload: string }[]).map(({ payload }) => payload);
        parts.push(payloads);
        return answers(payloads);
      };
      return { ...setUp({ common: { ...common, ...more }, listeners: [[{}, call]] }), parts };
    };

    it('stops before a message that cannot be read', async () => {
      const { consume, parts } = watched({}, () => undefined);
      expect((await consume('a:1', 'a:broken', 'a:2')).levels).toEqual([undefined, 0, 0]);
      expect(parts).toEqual([['1']]);
    });

    it('does not remember what it will handle again', async () => {
      const { consume, parts } = watched({ idempotency: { store: 'here' } }, ([first]) =>
        first === '1' ? ['ack', 'retry', 'ack'] : undefined,
      );
      await consume('a:1', 'b:2', 'c:3');
      expect(await consume('b:2', 'c:3')).toMatchObject({ levels: undefined });
      expect(parts).toEqual([
        ['1', '2', '3'],
        ['2', '3'],
      ]);
    });
  });
});

describe('observers', () => {
  function noting(name: string, lines: string[]): DeliveryObserver {
    return {
      async around({ listener, messages, isBatch }, handle) {
        lines.push(`${name} ${listener.place} ${isBatch ? 'batch of ' : ''}${messages.length}`);
        const verdicts = await handle();
        lines.push(`${name} ${verdicts.map(({ outcome, error }) => `${outcome.kind} ${String(error)}`).join()}`);
        return verdicts;
      },
      concluded: ({ place }, fate, reason) => void lines.push(`${name} ${place} ${fate} ${reason ?? ''}`),
    };
  }

  it('stand around each handler, the first outermost, and hear what became of the message', async () => {
    const lines: string[] = [];
    const onlyFates: DeliveryObserver = { concluded: (_listener, fate) => void lines.push(`c ${fate}`) };
    const observers = [noting('a', lines), noting('b', lines), onlyFates];
    const call: ListenerCall = (payload) => {
      lines.push(`handler ${String(payload)}`);
      if (payload === 'bad') throw new Error('bad');
      return payload === 'dead' ? toDlq('why') : undefined;
    };
    const { consume } = setUp({ listeners: [[{}, call]], observers });
    expect(await consume('t:good')).toMatchObject({ error: undefined });
    const good = ['handler good', 'b ack undefined', 'a ack undefined', 'a L0 acked ', 'b L0 acked ', 'c acked'];
    expect(lines.splice(0)).toEqual(['a L0 1', 'b L0 1', ...good]);
    expect(await consume('t:bad')).toMatchObject({ error: 'bad', level: 0 });
    expect(lines.splice(0)).toContain('b retry Error: bad');
    expect(await consume('t:dead')).toMatchObject({ level: -1 });
    expect(lines.splice(0)).toContain('a L0 deadLettered why');
    expect(await consume('t:broken')).toMatchObject({ level: 0 });
    expect(lines.splice(0)).toEqual(expect.arrayContaining(['a L0 1', 'a L0 retried ']));
  });

  it('see a batch as one call, without the messages that do not reach the handler', async () => {
    const lines: string[] = [];
    const call: ListenerCall = () => ['ack', toDlq('late')];
    const { consume } = setUp({ listeners: [[{ batch: 8 }, call]], observers: [noting('a', lines)] });
    await consume('t:one', 't:broken', 't:two');
    expect(lines).toEqual([
      'a L0 batch of 2',
      'a ack undefined,dlq undefined',
      'a L0 acked ',
      'a L0 retried ',
      'a L0 deadLettered late',
    ]);
  });
});
