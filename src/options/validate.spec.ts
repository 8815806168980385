import { describe, expect, it } from '@jest/globals';
import {
  type ClientConfig,
  createClient,
  type ProducerConfig,
  type PushConsumerConfig,
} from '../../libs/client/src/index.js';
import { RocketMQListenerOptions } from '../listener/listener-options.js';
import { ConsumerOptions } from './consumer-options.js';
import { ConnectionOptions, ProducerOptions, RocketMQModuleOptions } from './module-options.js';
import { validateOptions } from './validate.js';

function problemsOf(options: unknown, optionsClass: new () => object = RocketMQModuleOptions): string[] {
  try {
    validateOptions(optionsClass, options, 'RocketMQModule');
  } catch (error) {
    return (error as Error).message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
  return [];
}

describe('module options', () => {
  it.each([
    [{ nameServer: 'mq1:9876;mq2:9876' }],
    [{ nameServer: ['[::1]:9876', 'mq2:9876'] }],
    [{ embedded: { port: 0, broker: { autoCreateTopicEnable: false } } }],
    [{ onConnectFailure: 'lazy', producer: { sendMsgTimeout: 100 }, consumer: { concurrency: 4 } }],
    [{ enabled: undefined, client: { serializer: 'ROCKETMQ' } }],
    [{ producer: { compressType: 'ZSTD', compressLevel: 20, hooks: [{}], checkLocalTransaction: () => undefined } }],
    [{ template: { defaultDestination: 'orders:placed', requireStoreOk: true }, codecs: [{}] }],
  ])('accepts %j', (options) => expect(problemsOf(options)).toEqual([]));

  it.each([
    [{ nameServer: 'mq1' }, "nameServer must be 'host:port;host:port' or a list of 'host:port'; it is \"mq1\""],
    [
      { nameServer: 'mq1:99999' },
      "nameServer must be 'host:port;host:port' or a list of 'host:port'; it is \"mq1:99999\"",
    ],
    [{ nameServer: '' }, "nameServer must be 'host:port;host:port' or a list of 'host:port'; it is \"\""],
    [{ nameServer: 9876 }, "nameServer must be 'host:port;host:port' or a list of 'host:port'; it is 9876"],
    [{ nameserver: 'mq1:9876' }, 'nameserver is unknown; did you mean nameServer?'],
    [{ onConnectFailure: 'never' }, 'onConnectFailure must be one of fail, retry, lazy; it is "never"'],
    [{ embedded: 'yes' }, 'embedded must be true, false, or an object of options; it is "yes"'],
    [{ embedded: { port: 70000 } }, 'embedded.port must be a port from 1 to 65535, or 0 for a free one; it is 70000'],
    [{ embedded: { prot: 1 } }, 'embedded.prot is unknown; did you mean embedded.port?'],
    [
      { producer: { sendMsgTimeout: 'fast' } },
      'producer.sendMsgTimeout must be a whole number from 1 to 600000 (ms); it is "fast"',
    ],
    [{ producer: [] }, 'producer must be an object of options; it is []'],
    [{ producer: { compressLevel: 20 } }, 'producer.compressLevel must be a whole number from 0 to 9; it is 20'],
    [
      { producer: { retryResponseCodes: [0] } },
      'producer.retryResponseCodes must be a list of whole numbers from 1 on; it is [0]',
    ],
    [{ producer: { checkLocalTransaction: 1 } }, 'producer.checkLocalTransaction must be a function; it is 1'],
    [
      { template: { defaultDestination: 'a:' } },
      `template.defaultDestination must be 'topic' or 'topic:tag'; it is "a:"`,
    ],
    [{ codecs: ['json'] }, 'codecs must be a list of objects; it is ["json"]'],
    [{ enabled: 'no' }, 'enabled must be true or false; it is "no"'],
    [null, 'options must be an object; it is null'],
  ])('refuses %j', (options, problem) => expect(problemsOf(options)).toEqual([problem]));

  it('names every mistake in one error', () => {
    const problems = problemsOf({
      onConnectFailure: 1,
      autoStart: 1,
      consumer: { concurrency: 0 },
      producer: { x: 1 },
    });
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual(
      expect.arrayContaining(['onConnectFailure', 'autoStart', 'consumer.concurrency', 'producer.x']),
    );
    expect(problems).toHaveLength(4);
  });

  it('counts them in its first line and carries a stable code', () => {
    const attempt = (): unknown =>
      validateOptions(RocketMQModuleOptions, { enabled: 1, autoStart: 1 }, 'RocketMQModule');
    expect(attempt).toThrow(expect.objectContaining({ name: 'RocketMQOptionsError', code: 'CONFIG_INVALID' }));
    expect(attempt).toThrow(/^RocketMQModule: 2 options are wrong:/);
  });
});

describe('listener options', () => {
  it('says what is missing', () => {
    expect(problemsOf({ topic: 'orders' }, RocketMQListenerOptions)).toEqual([
      expect.stringMatching(/^consumerGroup is missing: it must be the name of a group/),
    ]);
  });

  it.each([
    ['topic', 'a b'],
    ['topic', 'x'.repeat(128)],
    ['consumerGroup', 'a.b'],
    ['consumerGroup', 'DEFAULT_CONSUMER'],
    ['consumeTimestamp', '20240231000000'],
    ['consumeTimestamp', '20240101240000'],
  ])('refuses %s %j', (name, value) => {
    const options = { topic: 'orders', consumerGroup: 'g', [name]: value };
    expect(problemsOf(options, RocketMQListenerOptions)).toEqual([expect.stringMatching(`^${name} must be `)]);
  });

  it('takes a leap day', () => {
    const options = { topic: 'orders', consumerGroup: 'g', consumeTimestamp: '20240229235959' };
    expect(problemsOf(options, RocketMQListenerOptions)).toEqual([]);
  });

  it.each([
    [
      { onError: [{ error: 'RangeError', outcome: 'ack' }] },
      'onError must be a list of { error: <class or arrow function>',
    ],
    [{ onError: [{ error: RangeError, outcome: 'acked' }] }, 'onError must be a list of'],
    [{ onError: [{ error: RangeError, outcome: 'ack', when: 1 }] }, 'onError must be a list of'],
    [{ onPoison: 'drop' }, "onPoison must be 'ack', 'retry', 'dlq', retryAfter(...) or toDlq(...); it is \"drop\""],
    [{ idempotency: { store: { has: () => true } } }, 'idempotency must be { store: <object with has and add'],
    [{ idempotency: { store: 'STORE', keys: 1 } }, 'idempotency must be { store:'],
    [{ batch: 0 }, 'batch must be a whole number from 1 to 1024'],
    [{ allocateMessageQueueStrategy: 'ROUND' }, 'allocateMessageQueueStrategy must be one of AVG, AVG_BY_CIRCLE'],
  ])('says what it allows instead of %j', (wrong, words) => {
    const [problem, ...more] = problemsOf({ topic: 'orders', consumerGroup: 'g', ...wrong }, RocketMQListenerOptions);
    expect(problem).toMatch(words);
    expect(more).toEqual([]);
  });

  it('takes a class as payload type without calling it', () => {
    class Order {
      constructor() {
        throw new Error('called');
      }
    }
    expect(problemsOf({ topic: 'orders', consumerGroup: 'g', payloadType: Order }, RocketMQListenerOptions)).toEqual(
      [],
    );
  });
});

/** Option name to what a complaint says it may be. */
function allowedIn(problems: readonly string[]): Map<string, string> {
  const found = problems.map((problem) => /(\w+) must be a whole number from (\d+ to \d+)/.exec(problem));
  return new Map(found.flatMap((match) => (match ? [[match[1] ?? '', match[2] ?? '']] : [])));
}

function clientProblems(make: () => unknown): string[] {
  try {
    make();
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
}

/** An object whose every option is -1. */
function allWrong(optionsClass: new () => object): Record<string, number> {
  return Object.fromEntries(Object.getOwnPropertyNames(new optionsClass()).map((name) => [name, -1]));
}

/** Nothing of `Theirs` but `Left` is missing in `Ours`. */
type Complete<Ours, Theirs, Left> = [Exclude<keyof Theirs, keyof Ours | Left>] extends [never] ? true : never;

it('are all that the client has', () => {
  const producer: Complete<ProducerOptions, ProducerConfig, never> = true;
  // `batch` of a listener is consumeMessageBatchMaxSize.
  type OfListeners = 'handler' | 'consumerGroup' | 'consumeMessageBatchMaxSize';
  const consumer: Complete<ConsumerOptions, PushConsumerConfig, OfListeners> = true;
  const client: Complete<ConnectionOptions, ClientConfig, 'nameServer' | 'onConnectFailure' | 'clock' | 'log'> = true;
  expect([producer, consumer, client]).toEqual([true, true, true]);
});

describe('numbers that the client takes, too', () => {
  const nameServer = '127.0.0.1:9876';
  const client = createClient({ nameServer });
  const group = { consumerGroup: 'g', handler: () => undefined };
  it.each([
    ['producer', ProducerOptions, (wrong: object) => client.createProducer(wrong)],
    ['consumer', ConsumerOptions, (wrong: object) => client.createPushConsumer({ ...wrong, ...group })],
    ['listener', RocketMQListenerOptions, (wrong: object) => client.createPushConsumer({ ...wrong, ...group })],
    ['client', ConnectionOptions, (wrong: object) => createClient({ ...wrong, nameServer })],
  ])('have the same bounds: %s', (_name, optionsClass, make) => {
    const wrong = allWrong(optionsClass);
    const ours = allowedIn(problemsOf(wrong, optionsClass));
    const clients = allowedIn(clientProblems(() => make({ ...wrong, consumeMessageBatchMaxSize: -1 })));
    clients.set('batch', clients.get('consumeMessageBatchMaxSize') ?? '');
    expect(ours.size).toBeGreaterThan(2);
    for (const [name, allowed] of ours) expect([name, allowed]).toEqual([name, clients.get(name)]);
  });
});
