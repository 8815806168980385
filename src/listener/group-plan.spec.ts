import { describe, expect, it } from '@jest/globals';
import type { ReceivedMessage } from '../../libs/client/src/index.js';
import { MessageRoutes, planGroups } from './group-plan.js';
import type { ListenerDefinition } from './listener-explorer.js';
import type { RocketMQListenerOptions } from './listener-options.js';

function listener(place: string, options: Partial<RocketMQListenerOptions>): ListenerDefinition {
  const all = { topic: 'orders', consumerGroup: 'billing', ...options };
  return { place, kind: 'message', options: all, method: '', payloadType: undefined } as unknown as ListenerDefinition;
}

const tagged = (place: string, selectorExpression: string, more: Partial<RocketMQListenerOptions> = {}) =>
  listener(place, { selectorExpression, ...more });

describe('listeners that share a group', () => {
  it('are one consumer with all topics and tags, which says the same in whatever order they are found', () => {
    const listeners = [tagged('A', 'placed'), tagged('B', 'returned || cancelled'), listener('C', { topic: 'mails' })];
    for (const found of [listeners, listeners.toReversed()]) {
      const [plan, ...more] = planGroups(found);
      expect(more).toEqual([]);
      expect(Object.fromEntries(plan?.subscriptions ?? [])).toEqual({
        orders: { type: 'TAG', expression: 'cancelled || placed || returned' },
        mails: { type: 'TAG', expression: '*' },
      });
    }
  });

  it('subscribe to all tags when one of them does', () => {
    const [plan] = planGroups([tagged('A', 'placed'), listener('B', {})]);
    expect(plan?.subscriptions.get('orders')).toEqual({ type: 'TAG', expression: '*' });
  });

  it('say as one what one of them says alone', () => {
    const [plan] = planGroups(
      [tagged('A', 'a', { concurrency: 7, maxReconsumeTimes: 3 }), tagged('B', 'b', { concurrency: 7 })],
      () => [{ from: 'the module', options: { concurrency: 5, pullBatchSize: 9 } }],
    );
    expect(plan?.consumer).toEqual({
      concurrency: 7,
      maxReconsumeTimes: 3,
      pullBatchSize: 9,
      consumeMessageBatchMaxSize: 1,
    });
  });

  it('keep SQL92 and filter classes on topics of their own', () => {
    const sql: Partial<RocketMQListenerOptions> = { topic: 'sql', selectorType: 'SQL92', selectorExpression: 'a > 1' };
    const [plan] = planGroups([listener('A', sql), listener('B', { topic: 'f', filterClass: 'large' })]);
    expect(Object.fromEntries(plan?.subscriptions ?? [])).toEqual({
      sql: { type: 'SQL92', expression: 'a > 1' },
      f: { filterClass: 'large' },
    });
  });
});

describe('listeners that cannot share a group', () => {
  const sql: Partial<RocketMQListenerOptions> = { selectorType: 'SQL92', selectorExpression: 'a > 1' };
  it.each([
    [
      'the same tag',
      [tagged('Billing.onMessage', 'paid || placed'), tagged('Mail.send', 'placed')],
      "Listener Billing.onMessage (group 'billing') and Mail.send (group 'billing') both take 'orders' with overlapping tags ('paid || placed' and 'placed'). Give them different groups or tags.",
    ],
    [
      'all tags twice',
      [listener('Billing.onMessage', {}), tagged('Mail.send', '*')],
      "both take 'orders' with overlapping tags ('*' and '*')",
    ],
    [
      'SQL92 and tags',
      [listener('A', sql), tagged('B', 'placed')],
      `Listener A (group 'billing') and B (group 'billing') both take 'orders' with SQL92 "a > 1" and tags 'placed'`,
    ],
    ['two SQL92', [listener('A', sql), listener('B', sql)], `with SQL92 "a > 1" and SQL92 "a > 1"`],
    [
      'a filter class and tags',
      [listener('A', { filterClass: 'large' }), listener('B', {})],
      "with filter 'large' and tags '*'",
    ],
    [
      'modes, though one says nothing',
      [tagged('A', 'a', { consumeMode: 'ORDERLY' }), tagged('B', 'b')],
      "Listener A (group 'billing') and B (group 'billing') have different consumeMode (ORDERLY and CONCURRENTLY)",
    ],
    [
      'models',
      [tagged('A', 'a', { messageModel: 'BROADCASTING' }), tagged('B', 'b')],
      'have different messageModel (BROADCASTING and CLUSTERING)',
    ],
    [
      'starts',
      [tagged('A', 'a', { consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' }), tagged('B', 'b')],
      'have different consumeFromWhere (CONSUME_FROM_FIRST_OFFSET and CONSUME_FROM_LAST_OFFSET)',
    ],
    ['batches', [tagged('A', 'a', { batch: 8 }), tagged('B', 'b')], 'have different batch (8 and undefined)'],
    [
      'limits',
      [tagged('A', 'a', { concurrency: 8 }), tagged('B', 'b', { concurrency: 9 })],
      'have different concurrency (8 and 9)',
    ],
  ])('for %s', (_what, listeners, words) => {
    expect(() => planGroups(listeners)).toThrow(words);
    const apart = listeners.map((one, i) =>
      listener(one.place, Object.assign({}, one.options, { consumerGroup: `g${i}` })),
    );
    expect(planGroups(apart)).toHaveLength(2);
  });

  it('is not for a start that the module says for all', () => {
    const listeners = [tagged('A', 'a', { consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' }), tagged('B', 'b')];
    const options = { consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' };
    expect(planGroups(listeners, () => [{ from: 'the module', options }])).toHaveLength(1);
  });
});

describe('the way of a message', () => {
  const listeners = [tagged('A', 'placed || paid'), listener('B', {}), tagged('C', 'x', { topic: 'mails' })];
  const routes = new MessageRoutes(listeners, ({ place }) => place);
  it.each([
    ['orders', 'paid', 'A'],
    ['orders', 'returned', 'B'],
    ['orders', undefined, 'B'],
    ['mails', 'x', 'C'],
    ['mails', 'y', undefined],
    ['other', 'paid', undefined],
  ])('of %s with tag %s is to %s', (topic, tags, place) => {
    expect(routes.find({ topic, tags } as ReceivedMessage)).toBe(place);
  });
});
