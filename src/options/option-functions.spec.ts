import { describe, expect, it } from '@jest/globals';
import { allocateByConfig } from '../../libs/client/src/index.js';
import { evaluateOptions, type OptionsOrFunctions } from './option-functions.js';
import { ConsumerOptions } from './consumer-options.js';

class Order {}

describe('functions among options', () => {
  const source = { topics: { orders: 'orders-eu' }, type: Order };
  const evaluate = (options: object) => evaluateOptions(options, source, 'RocketMQModule');

  it('are called once, with the options object', () => {
    let calls = 0;
    const topic = (options: typeof source): string => `${options.topics.orders}${++calls}`;
    expect(evaluate({ topic, concurrency: 3 })).toEqual({
      values: { topic: 'orders-eu1', concurrency: 3 },
      problems: [],
    });
  });

  it('are values where a class is asked for', () => {
    for (const payloadType of [Order, String, Buffer])
      expect(evaluate({ payloadType }).values).toEqual({ payloadType });
    expect(evaluate({ payloadType: (options: typeof source) => options.type }).values).toEqual({ payloadType: Order });
  });

  it('give functions, too', () => {
    const strategy = allocateByConfig([]);
    const options: OptionsOrFunctions<ConsumerOptions, object> = { allocateMessageQueueStrategy: () => strategy };
    expect(evaluate(options).values['allocateMessageQueueStrategy']).toBe(strategy);
    const direct = (_clientId: string, queues: unknown): unknown => queues;
    expect(evaluate({ allocateMessageQueueStrategy: direct }).problems).toEqual([
      'allocateMessageQueueStrategy: a function gets the options here; give a strategy of your own as () => strategy',
    ]);
  });

  it('are no names: these are read before', () => {
    const connection = (): string => 'billing';
    expect(evaluate({ connection, name: connection }).values).toEqual({ connection, name: connection });
  });

  it('that throw are named with what they threw', () => {
    const topic = (): never => {
      throw new Error('no topics');
    };
    expect(evaluate({ topic, batch: 2 })).toEqual({
      values: { batch: 2 },
      problems: ['topic: its function failed with the options of RocketMQModule: no topics'],
    });
  });
});
