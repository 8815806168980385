import { describe, expect, it } from '@jest/globals';
import type { MessageHandler } from '@nestjs/microservices';
import { ModulesContainer } from '@nestjs/core';
import { RocketMQConnections } from '../connection/rocketmq-connections.js';
import { messageOf } from '../../libs/common/src/index.js';
import { planGroups } from '../listener/group-plan.js';
import type { ListenerDefinition } from '../listener/listener-explorer.js';
import type { ListenerCall } from '../listener/listener-invoker.js';
import { PatternHandlers } from './pattern-handlers.js';

const handler: MessageHandler = async () => undefined;

interface Added {
  readonly pattern: string;
  readonly extras?: Record<string, unknown>;
  readonly isEvent?: boolean;
}

function listenersOf(...added: readonly Added[]): [ListenerDefinition, ListenerCall][] {
  const handlers = new PatternHandlers({ consumerGroup: 'shop' }, new RocketMQConnections(new ModulesContainer()));
  for (const { pattern, extras = {}, isEvent = true } of added) handlers.add(pattern, handler, isEvent, extras);
  return handlers.listeners((_context, handle) => handle());
}

function failureOf(...added: readonly Added[]): string {
  try {
    return `${listenersOf(...added).length} listeners`;
  } catch (error) {
    return messageOf(error);
  }
}

describe('patterns and their options', () => {
  it('become listeners: one for each pattern of a group', () => {
    const found = listenersOf(
      { pattern: 'orders:paid', extras: { concurrency: 4 } },
      { pattern: 'orders:paid', extras: { payloadType: String } },
      { pattern: 'orders:paid', extras: { consumerGroup: 'audit' } },
      {
        pattern: 'orders',
        extras: { selectorType: 'SQL92', selectorExpression: 'amount > 1', consumerGroup: undefined },
      },
      { pattern: 'quotes', isEvent: false },
      { pattern: 'off', extras: { enabled: false } },
    ).map(([{ place, kind, options, payloadType }]) => ({ place, kind, payloadType, options }));
    expect(found).toMatchObject([
      {
        place: "@EventPattern('orders:paid')",
        kind: 'message',
        payloadType: String,
        options: {
          topic: 'orders',
          selectorExpression: 'paid',
          consumerGroup: 'shop',
          concurrency: 4,
          payloadType: String,
        },
      },
      {
        place: "@EventPattern('orders:paid')",
        kind: 'message',
        payloadType: undefined,
        options: { topic: 'orders', selectorExpression: 'paid', consumerGroup: 'audit' },
      },
      {
        place: "@EventPattern('orders')",
        kind: 'message',
        payloadType: undefined,
        options: { topic: 'orders', selectorType: 'SQL92', selectorExpression: 'amount > 1', consumerGroup: 'shop' },
      },
      {
        place: "@MessagePattern('quotes')",
        kind: 'rpc',
        payloadType: undefined,
        options: { topic: 'quotes', consumerGroup: 'shop' },
      },
    ]);
  });

  it.each<[Added, string]>([
    [{ pattern: 'a', extras: { consumerGrup: 'x' } }, 'consumerGrup is unknown; did you mean consumerGroup?'],
    [{ pattern: 'a', extras: { batch: 3 } }, 'batch cannot be given here: a handler takes one message'],
    [{ pattern: 'a', extras: { onError: [] } }, 'onError cannot be given here: Nest turns errors into'],
    [{ pattern: 'a', extras: { enhancers: false } }, 'enhancers cannot be given here'],
    [{ pattern: 'a', extras: { topic: 'b' } }, 'topic is in the pattern already'],
    [{ pattern: 'a', extras: { concurrency: 0 } }, 'concurrency must be a whole number from 1 to 1000; it is 0'],
    [{ pattern: 'a:b', extras: { selectorExpression: 'c' } }, 'selectorExpression cannot be combined with the tag'],
    [{ pattern: 'a:b', extras: { filterClass: 'c' } }, 'filterClass cannot be combined with the tag'],
    [{ pattern: ':b' }, "destination must be 'topic' or 'topic:tag'; it is ':b'"],
    [{ pattern: 'not a topic' }, 'topic must be the name of a topic'],
  ])('%j is refused by name', (added, reason) => {
    const place = `${added.isEvent === false ? '@MessagePattern' : '@EventPattern'}('${added.pattern}')`;
    expect(failureOf(added)).toMatch(`RocketMQServer: an option is wrong:\n  ${place}: ${reason}`);
  });

  it('that contradict each other in one group are refused, all of them at once', () => {
    const failure = failureOf(
      { pattern: 'a', isEvent: false },
      { pattern: 'a' },
      { pattern: 'b', isEvent: false },
      { pattern: 'b', isEvent: false },
      { pattern: 'c', extras: { concurrency: 1 } },
      { pattern: 'c', extras: { concurrency: 2 } },
    );
    expect(failure).toContain("@EventPattern('a'): group 'shop' handles @MessagePattern('a') already");
    expect(failure).toContain("@MessagePattern('b'): group 'shop' handles @MessagePattern('b') already");
    expect(failure).toContain("@EventPattern('c'): two handlers in group 'shop' have different concurrency");
    expect(failureOf({ pattern: 'd' }, { pattern: 'd' })).toBe('1 listeners');
    const toAll = listenersOf({ pattern: 'e', isEvent: false, extras: { messageModel: 'BROADCASTING' } });
    expect(() => planGroups(toAll.map(([listener]) => listener))).toThrow(
      /BROADCASTING .*cannot be combined with a reply/,
    );
  });
});
