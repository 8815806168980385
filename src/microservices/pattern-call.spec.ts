import { describe, expect, it } from '@jest/globals';
import type { MessageHandler } from '@nestjs/microservices';
import { EventEmitter, once } from 'node:events';
import { from, of, throwError } from 'rxjs';
import { ack, toDlq } from '../listener/outcome.js';
import { RocketMQContext } from '../listener/rocketmq-context.js';
import { eventCall, requestCall } from './pattern-call.js';

const around = (_context: RocketMQContext, handle: () => Promise<unknown>): Promise<unknown> => handle();
const asked = { CORRELATION_ID: 'c', REPLY_TO_CLIENT: 'r' };

function contextOf(properties: Readonly<Record<string, string>> = {}): RocketMQContext {
  const message = { properties: new Map(Object.entries(properties)) };
  return new RocketMQContext(message as never, 'group', {} as never);
}

function ran(handlers: readonly MessageHandler[], context = contextOf()): unknown {
  return eventCall(handlers, around)('payload', context);
}

describe('handlers of an event', () => {
  it('are all waited for, though one has failed, and streams to their end', async () => {
    const doors = new EventEmitter();
    const done: string[] = [];
    const slow: MessageHandler = async (payload: string) => {
      await once(doors, 'open');
      done.push(payload);
    };
    const failing: MessageHandler = async () => throwError(() => new Error('no'));
    const streaming: MessageHandler = async () => from(['a', 'b'].map((word) => (done.push(word), word)));
    const call = ran([failing, slow, streaming]) as Promise<unknown>;
    const failure = call.catch((error: unknown) => [error, ...done]);
    await new Promise(setImmediate);
    doors.emit('open');
    expect(await failure).toEqual([new Error('no'), 'a', 'b', 'payload']);
  });

  it('are consumed, unless one of them wants something else', async () => {
    const nothing: MessageHandler = async () => of(1);
    expect(await ran([nothing, async () => 'ack' as never])).toBeUndefined();
    expect(await ran([nothing, async () => toDlq('bad') as never, nothing])).toEqual(toDlq('bad'));
  });
});

describe('the handler of a request', () => {
  const words: MessageHandler = async () => of('first', 'retry');

  it('answers with its last value whatever that is, and to nobody when nobody asked', async () => {
    expect(await requestCall(words, around)('payload', contextOf(asked))).toBe('retry');
    expect(await requestCall(async () => from([]), around)('payload', contextOf(asked))).toBeUndefined();
    expect(await requestCall(words, around)('payload', contextOf())).toBe(ack());
    const context = contextOf();
    const giveUp: MessageHandler = async () => context.toDlq() as never;
    expect(await requestCall(giveUp, around)('payload', context)).toEqual(toDlq());
  });
});
