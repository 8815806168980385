import { describe, expect, it } from '@jest/globals';
import type { OutgoingMessage } from '../../libs/client/src/index.js';
import { AckLedger } from './ack-ledger.js';
import { deliveryDelay } from './delivery-delay.js';
import { parseDestination } from './destination.js';
import { asLocalTransaction } from './local-transaction.js';
import { type AnySendOptions, checkSendOptions, kindOf, type SendKind } from './send-options.js';

describe('a destination', () => {
  it.each([
    ['orders', { topic: 'orders', tags: undefined }],
    ['orders:placed', { topic: 'orders', tags: 'placed' }],
    ['orders:a:b', { topic: 'orders', tags: 'a:b' }],
  ])('%s', (text, expected) => expect(parseDestination(text)).toEqual(expected));

  it.each(['', ':placed', 'orders:', ' '])('refuses %j', (text) => {
    expect(() => parseDestination(text)).toThrow("destination must be 'topic' or 'topic:tag'");
  });
});

describe('send options', () => {
  const queue = { topic: 't', brokerName: 'b', queueId: 0 };
  const transaction = () => Promise.resolve('commit' as const);

  it.each<[object, SendKind, string]>([
    [{ key: 'a' }, 'send', 'options.key is unknown; did you mean keys?'],
    [{ nothingLikeIt: 1 }, 'send', 'options.nothingLikeIt is unknown; known: tag, keys'],
    [{ hashKey: 'a', selector: () => queue }, 'send', 'options.hashKey cannot be combined with options.selector'],
    [{ queue, hashKey: 'a' }, 'send', 'options.hashKey cannot be combined with options.queue'],
    [{ queue, selector: () => queue }, 'send', 'options.queue cannot be combined with options.selector'],
    [{ delay: 1, delayLevel: 1 }, 'send', 'options.delay cannot be combined with options.delayLevel'],
    [{ delayLevel: 1, deliverAt: 1 }, 'async', 'options.delayLevel cannot be combined with options.deliverAt'],
    [{ delay: 1, transaction }, 'transaction', 'options.delay cannot be combined with a transaction'],
    [{ oneWay: true, transaction }, 'transaction', 'options.oneWay cannot be combined with a transaction'],
    [{ transactionArg: 1 }, 'send', 'options.transactionArg cannot be combined with send: only a message of a trans'],
    [{ transaction }, 'async', 'options.transaction cannot be combined with asyncSend'],
    [{ oneWay: true, timeout: 1 }, 'oneWay', 'options.timeout cannot be combined with a one-way send: there is no'],
    [{ requireStoreOk: true }, 'oneWay', 'options.requireStoreOk cannot be combined with a one-way send'],
    [{ oneWay: true }, 'request', 'options.oneWay cannot be combined with sendAndReceive'],
    [{ replyType: String }, 'send', 'options.replyType cannot be combined with send: only sendAndReceive has a reply'],
  ])('refuses %p for %s', (options, kind, reason) => {
    expect(() => checkSendOptions(options, kind, false)).toThrow(reason);
  });

  it.each<[object, SendKind, string]>([
    [{ delay: '15 min' }, 'send', "options.delay cannot be combined with a batch: Apache's brokers refuse it; send"],
    [{ deliverAt: 1 }, 'async', 'options.deliverAt cannot be combined with a batch'],
    [{ oneWay: true }, 'oneWay', 'a one-way send cannot be combined with a batch: its messages are sent one by one'],
    [{ transaction }, 'transaction', 'a transaction cannot be combined with a batch'],
    [{}, 'request', 'sendAndReceive cannot be combined with a batch: it has one reply'],
  ])('refuses %p for %s of a batch', (options, kind, reason) => {
    expect(() => checkSendOptions(options, kind, true)).toThrow(reason);
  });

  it.each([
    [null, 'it is null'],
    ['fast', 'it is string'],
  ])('refuses %p', (options, reason) => {
    expect(() => checkSendOptions(options as AnySendOptions, 'send', false)).toThrow(reason);
  });

  it('says what send does', () => {
    expect(kindOf({})).toBe('send');
    expect(kindOf({ oneWay: false })).toBe('send');
    expect(kindOf({ oneWay: true })).toBe('oneWay');
    expect(kindOf({ transaction })).toBe('transaction');
    expect(() => checkSendOptions({ oneWay: false, transaction: undefined, tag: 't' }, 'send', true)).not.toThrow();
  });
});

describe('a delay', () => {
  it.each([
    [{}, {}],
    [{ delay: 1500 }, { delayTimeMs: 1500 }],
    [{ delay: 0 }, { delayTimeMs: 0 }],
    [{ delay: '15 min' }, { delayTimeMs: 900_000 }],
    [{ delay: '30s' }, { delayTimeMs: 30_000 }],
    [{ delay: '1.5 h' }, { delayTimeMs: 5_400_000 }],
    [{ delay: ' 24 h ' }, { delayTimeMs: 86_400_000 }],
    [{ delay: '250 ms' }, { delayTimeMs: 250 }],
    [{ delayLevel: 3 }, { delayTimeLevel: 3 }],
    [{ deliverAt: 1_700_000_000_000 }, { deliverTimeMs: 1_700_000_000_000 }],
    [{ deliverAt: new Date(1_700_000_000_000) }, { deliverTimeMs: 1_700_000_000_000 }],
  ])('%p', (options, expected) => expect(deliveryDelay(options)).toEqual(expected));

  it.each([
    [{ delay: -1 }, 'options.delay must be whole milliseconds, or a text'],
    [{ delay: 1.5 }, 'it is 1.5'],
    [{ delay: 'soon' }, "it is 'soon'"],
    [{ delay: '5 toString' }, 'options.delay must be'],
    [{ delay: '5 constructor' }, 'options.delay must be'],
    [{ delayLevel: 0 }, 'options.delayLevel must be a level'],
    [{ deliverAt: new Date('never') }, 'options.deliverAt must be a Date'],
    [{ deliverAt: 0 }, 'options.deliverAt must be a Date'],
  ])('refuses %p', (options, reason) => expect(() => deliveryDelay(options)).toThrow(reason));
});

describe('a local transaction', () => {
  const message: OutgoingMessage = { topic: 't', body: 'b' };

  it.each([
    ['commit', 'COMMIT'],
    ['rollback', 'ROLLBACK'],
    ['unknown', 'UNKNOWN'],
    ['COMMIT', 'COMMIT'],
  ] as const)('%s', async (outcome, state) => {
    const seen: unknown[] = [];
    const local = asLocalTransaction(async (half) => {
      seen.push(half);
      return outcome;
    });
    expect(await local(message, 'id', 'arg')).toBe(state);
    expect(seen).toEqual([{ transactionId: 'id', message, arg: 'arg' }]);
  });

  it('fails when it does not say what it came to', async () => {
    const local = asLocalTransaction((async () => undefined) as never);
    await expect(local(message, 'id')).rejects.toThrow("must return 'commit', 'rollback' or 'unknown'");
  });
});

describe('acks of a queue', () => {
  it('move its offset when the oldest is done', () => {
    const ledger = new AckLedger();
    const a = ledger.add(5);
    const b = ledger.add(7);
    const c = ledger.add(8);
    expect(ledger.ack(b)).toBeUndefined();
    expect(ledger.unacked).toBe(2);
    expect(ledger.ack(a)).toBe(8);
    expect(ledger.ack(a)).toBeUndefined();
    expect(ledger.ack(c)).toBe(9);
    expect(ledger.unacked).toBe(0);
    expect(ledger.ack(ledger.add(20))).toBe(21);
  });

  it('know when the queue begins again', () => {
    const ledger = new AckLedger();
    expect(ledger.isFollowedBy(0)).toBe(true);
    ledger.ack(ledger.add(5));
    expect([4, 5, 6].map((offset) => ledger.isFollowedBy(offset))).toEqual([false, false, true]);
  });
});
