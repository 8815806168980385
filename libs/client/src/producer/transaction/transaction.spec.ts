import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Logger } from '../../../../common/src/index.js';
import { ResponseCode, checkTransactionState } from '../../../../protocol/src/index.js';
import {
  MessageSysFlag,
  decodeProperties,
  encodeMessage,
  encodeProperties,
} from '../../../../protocol/src/message/index.js';
import { fail, ok } from '../../../../remoting/src/index.js';
import { eventually } from '../../../../testkit/src/eventually.js';
import { FakeCluster } from '../../../../testkit/src/fake-cluster.js';
import { recordInput } from '../../../../testkit/src/pulled-message.js';
import { createClient } from '../../client.js';
import type {
  ClientConfig,
  LocalTransactionState,
  Producer,
  ProducerConfig,
  ReceivedMessage,
  RocketMQClient,
} from '../../contract/index.js';

/** Physical offset 0x1F4. */
const offsetMsgId = '7F00000100002A9F00000000000001F4';
const stored = { msgId: offsetMsgId, queueId: 1, queueOffset: 42, transactionId: 'T1' };

let cluster: FakeCluster;
let client: RocketMQClient;
let warnings: string[];
const log: Logger = {
  debug() {},
  info() {},
  warn: (message) => void warnings.push(message),
  error: (message) => void warnings.push(message),
};

const connect = (config: ClientConfig = {}): void => {
  client = createClient({ nameServer: cluster.nameServer, clientIP: '127.0.0.1', log, ...config });
};

beforeEach(async () => {
  warnings = [];
  cluster = new FakeCluster();
  cluster.topics.set('T', 2);
  cluster.broker.intercept('SEND_MESSAGE_V2', ({ header, bytes }) => {
    cluster.broker.sends.push({ header, batch: false });
    cluster.broker.store('T', 0, { body: Buffer.from(bytes) });
    return ok(stored as never);
  });
  await cluster.start();
  connect();
});

afterEach(async () => {
  await client.close();
  await cluster.close();
});

const start = async (config: ProducerConfig = {}): Promise<Producer> => {
  const producer = client.createProducer({ producerGroup: 'p', ...config });
  await producer.start();
  return producer;
};
/** With the broker knowing it. */
const join = async (config: ProducerConfig = {}): Promise<Producer> => {
  const producer = await start(config);
  await producer.fetchPublishMessageQueues('T');
  const isKnown = (): boolean =>
    cluster.broker.heartbeats.some(({ producerDataSet }) =>
      producerDataSet.some(({ groupName }) => groupName === producer.producerGroup),
    );
  await eventually(isKnown);
  return producer;
};
const sent = () => cluster.broker.sends.map(({ header }) => header);
const propertiesOf = (index = 0) => Object.fromEntries(decodeProperties(String(sent()[index]?.properties ?? '')));
const ended = async (count = 1) => {
  await eventually(() => cluster.broker.ends.length >= count);
  return cluster.broker.ends;
};

interface Asked {
  readonly group?: string;
  readonly topic?: string;
  readonly times?: number;
}

/** The broker asks, as 5.x does. */
const ask = (number: number, { group = 'p', topic = 'T', times = 1 }: Asked = {}): void => {
  const properties = encodeProperties([
    ['PGROUP', group],
    ['UNIQ_KEY', `U${number}`],
    ['TRANSACTION_CHECK_TIMES', String(times)],
  ]);
  const record = recordInput({ topic, queueId: 3, queueOffset: number, body: Buffer.from(`m${number}`), properties });
  const header = {
    topic: 'RMQ_SYS_TRANS_HALF_TOPIC',
    tranStateTableOffset: number,
    commitLogOffset: 1000 + number,
    msgId: `U${number}`,
    transactionId: `U${number}`,
    bname: 'broker-a',
  };
  const [connection] = cluster.broker.connections;
  connection?.oneWay(checkTransactionState, header, { body: encodeMessage(record) });
};

describe('sendMessageInTransaction', () => {
  it('sends a half message, runs the transaction, and says what it came to', async () => {
    const producer = await start();
    const seen: unknown[] = [];
    const message = { topic: 'T', body: 'hello', tags: 'a' };
    const result = await producer.sendMessageInTransaction(message, async (given, transactionId) => {
      seen.push(given, transactionId, cluster.broker.sends.length);
      return 'COMMIT';
    });
    expect(result).toMatchObject({ sendStatus: 'SEND_OK', localTransactionState: 'COMMIT', localError: undefined });
    expect(seen).toEqual([message, result.msgId, 1]);
    expect(sent()[0]?.sysFlag).toBe(MessageSysFlag.TRANSACTION_PREPARED);
    expect(propertiesOf()).toMatchObject({ TRAN_MSG: 'true', PGROUP: 'p', TAGS: 'a', UNIQ_KEY: result.msgId });
    expect(await ended()).toEqual([
      {
        topic: 'T',
        producerGroup: 'p',
        tranStateTableOffset: 42,
        commitLogOffset: 0x1f4,
        commitOrRollback: 8,
        fromTransactionCheck: false,
        msgId: result.msgId,
        transactionId: 'T1',
        bname: 'broker-a',
      },
    ]);
  });

  it.each<[string, LocalTransactionState, number]>([
    ['rolled back', 'ROLLBACK', 12],
    ['not known', 'UNKNOWN', 0],
  ])('tells of one %s', async (_title, state, commitOrRollback) => {
    const producer = await start();
    const result = await producer.sendMessageInTransaction({ topic: 'T', body: 'x' }, () => Promise.resolve(state));
    expect(result.localTransactionState).toBe(state);
    expect((await ended())[0]).toMatchObject({ commitOrRollback });
  });

  it('takes an answer that is no promise', async () => {
    const producer = await start();
    const local = (() => 'COMMIT') as never;
    const result = await producer.sendMessageInTransaction({ topic: 'T', body: 'x' }, local);
    expect(result).toMatchObject({ localTransactionState: 'COMMIT', localError: undefined });
  });

  it('gives back what the transaction threw, and does not know then', async () => {
    const producer = await start();
    const error = new Error('no such account');
    const result = await producer.sendMessageInTransaction({ topic: 'T', body: 'x' }, async () => {
      throw error;
    });
    expect(result).toMatchObject({ sendStatus: 'SEND_OK', localTransactionState: 'UNKNOWN' });
    expect(result.localError).toBe(error);
    expect((await ended())[0]).toMatchObject({ commitOrRollback: 0 });
    expect(warnings).toEqual(['a local transaction failed']);
  });

  it('does not know either when it comes to something else', async () => {
    const producer = await start();
    const result = await producer.sendMessageInTransaction({ topic: 'T', body: 'x' }, async () => 'committed' as never);
    expect(result.localTransactionState).toBe('UNKNOWN');
    expect(result.localError).toMatchObject({ code: 'ARGUMENT_INVALID', message: expect.stringContaining("'COMMIT'") });
  });

  it('runs nothing when the message is not stored safely, and rolls back', async () => {
    cluster.broker.intercept('SEND_MESSAGE_V2', () => fail(ResponseCode.FLUSH_DISK_TIMEOUT, 'slow', stored as never));
    const producer = await start();
    const result = await producer.sendMessageInTransaction({ topic: 'T', body: 'x' }, async () => {
      throw new Error('it ran');
    });
    expect(result).toMatchObject({
      sendStatus: 'FLUSH_DISK_TIMEOUT',
      localTransactionState: 'ROLLBACK',
      localError: undefined,
    });
    expect((await ended())[0]).toMatchObject({ commitOrRollback: 12 });
  });

  it('runs nothing when the message cannot be sent', async () => {
    cluster.broker.intercept('SEND_MESSAGE_V2', () => fail(ResponseCode.NO_PERMISSION, 'forbidden'));
    const producer = await start({ retryResponseCodes: [17] });
    let ran = false;
    const sending = producer.sendMessageInTransaction({ topic: 'T', body: 'x' }, async () => {
      ran = true;
      return 'COMMIT';
    });
    await expect(sending).rejects.toMatchObject({ code: 'REQUEST_REFUSED' });
    expect([ran, cluster.broker.ends]).toEqual([false, []]);
  });

  it('runs the listener with the argument of the send', async () => {
    const seen: unknown[] = [];
    const producer = await start({
      transactionListener: {
        async executeLocalTransaction(message, _id, arg) {
          seen.push(message.body, arg);
          return 'COMMIT';
        },
        checkLocalTransaction: async () => 'UNKNOWN',
      },
    });
    await producer.sendMessageInTransaction({ topic: 'T', body: 'x' }, undefined, { arg: 7 });
    expect(seen).toEqual(['x', 7]);
  });

  it('asks for patience in whole seconds', async () => {
    const producer = await start();
    const send = (checkImmunityTimeInSeconds: number) =>
      producer.sendMessageInTransaction({ topic: 'T', body: 'x' }, async () => 'COMMIT', {
        checkImmunityTimeInSeconds,
      });
    await send(30);
    expect(propertiesOf()).toMatchObject({ CHECK_IMMUNITY_TIME_IN_SECONDS: '30' });
    for (const wrong of [0, -1, 1.5, NaN])
      await expect(send(wrong)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
    expect(sent()).toHaveLength(1);
  });

  it('compresses and names as any send, in the namespace too', async () => {
    await client.close();
    connect({ namespace: 'shop' });
    cluster.topics.set('shop%T', 2);
    const producer = await start({ compressMsgBodyOverHowmuch: 10 });
    await producer.sendMessageInTransaction({ topic: 'T', body: 'x'.repeat(1000) }, async () => 'COMMIT');
    const { TRANSACTION_PREPARED, COMPRESSED } = MessageSysFlag;
    expect((sent()[0]?.sysFlag ?? 0) & (TRANSACTION_PREPARED | COMPRESSED)).toBe(TRANSACTION_PREPARED | COMPRESSED);
    expect(sent()[0]).toMatchObject({ topic: 'shop%T', producerGroup: 'shop%p' });
    expect(propertiesOf()).toMatchObject({ PGROUP: 'shop%p' });
    expect((await ended())[0]).toMatchObject({ topic: 'shop%T', producerGroup: 'shop%p' });
  });

  it.each<[string, () => unknown[]]>([
    ['a batch', () => [[{ topic: 'T', body: 'x' }], async () => 'COMMIT']],
    ['nothing to run', () => [{ topic: 'T', body: 'x' }]],
    ['a reserved property', () => [{ topic: 'T', body: 'x', properties: { TRAN_MSG: 'true' } }, async () => 'COMMIT']],
  ])('refuses %s', async (_title, given) => {
    const producer = await start();
    const sending = producer.sendMessageInTransaction(...(given() as [never]));
    await expect(sending).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
    expect(sent()).toEqual([]);
  });

  it('rejects before the start and after the end', async () => {
    const producer = client.createProducer({ producerGroup: 'p' });
    const send = () => producer.sendMessageInTransaction({ topic: 'T', body: 'x' }, async () => 'COMMIT');
    await expect(send()).rejects.toMatchObject({ code: 'CLOSED' });
    await producer.close();
    await expect(send()).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('is waited for by close, its end included', async () => {
    const producer = await start();
    let finish = (_state: LocalTransactionState): void => undefined;
    const local = new Promise<LocalTransactionState>((resolve) => (finish = resolve));
    const sending = producer.sendMessageInTransaction({ topic: 'T', body: 'x' }, () => local);
    await eventually(() => cluster.broker.sends.length > 0);
    let isClosed = false;
    const closing = producer.close().then(() => (isClosed = true));
    await new Promise(setImmediate);
    expect(isClosed).toBe(false);
    finish('COMMIT');
    expect((await sending).localTransactionState).toBe('COMMIT');
    await closing;
    expect((await ended())[0]).toMatchObject({ commitOrRollback: 8 });
  });

  it('says so when the broker could not be told', async () => {
    cluster.broker.intercept('SEND_MESSAGE_V2', () => ok({ ...stored, msgId: 'no place' } as never));
    const producer = await start();
    await producer.sendMessageInTransaction({ topic: 'T', body: 'x' }, async () => 'COMMIT');
    expect(warnings).toContain('a broker was not told how a transaction ended, it will ask');
  });
});

describe('a broker that asks', () => {
  it('gets the answer of the group’s checker, about the message as it asked', async () => {
    const seen: ReceivedMessage[] = [];
    await join({
      checkLocalTransaction: async (message) => {
        seen.push(message);
        return 'COMMIT';
      },
    });
    ask(7, { times: 3 });
    expect(await ended()).toEqual([
      {
        topic: 'RMQ_SYS_TRANS_HALF_TOPIC',
        producerGroup: 'p',
        tranStateTableOffset: 7,
        commitLogOffset: 1007,
        commitOrRollback: 8,
        fromTransactionCheck: true,
        msgId: 'U7',
        transactionId: 'U7',
        bname: 'broker-a',
      },
    ]);
    expect(seen[0]).toMatchObject({ topic: 'T', queueId: 3, queueOffset: 7, msgId: 'U7', brokerName: 'broker-a' });
    expect(String(seen[0]?.body)).toBe('m7');
    expect(seen[0]?.properties.get('TRANSACTION_CHECK_TIMES')).toBe('3');
  });

  it('hears UNKNOWN when the checker throws or says something else', async () => {
    const answers = [() => Promise.reject(new Error('no database')), () => 'yes' as never];
    await join({ checkLocalTransaction: () => (answers.shift() as () => Promise<never>)() });
    ask(1);
    ask(2);
    expect((await ended(2)).map(({ commitOrRollback }) => commitOrRollback)).toEqual([0, 0]);
    expect(warnings).toEqual(['a transaction could not be checked', 'a transaction could not be checked']);
  });

  it('is answered by the checker rather than the listener, else by the listener', async () => {
    const transactionListener = {
      executeLocalTransaction: async () => 'UNKNOWN' as const,
      checkLocalTransaction: async () => 'ROLLBACK' as const,
    };
    await join({ transactionListener });
    await join({ producerGroup: 'q', transactionListener, checkLocalTransaction: async () => 'COMMIT' });
    ask(1);
    ask(2, { group: 'q' });
    const states = (await ended(2)).map(({ producerGroup, commitOrRollback }) => [producerGroup, commitOrRollback]);
    expect(new Map(states as [string, number][])).toEqual(
      new Map([
        ['p', 12],
        ['q', 8],
      ]),
    );
  });

  it('hears nothing when nobody of the group can say, and somebody reads of it', async () => {
    await join();
    const other = await join({ producerGroup: 'q', checkLocalTransaction: async () => 'COMMIT' });
    ask(1);
    ask(2, { group: 'q' });
    await ended();
    await other.close();
    ask(3, { group: 'q' });
    await eventually(() => warnings.length >= 2);
    expect(cluster.broker.ends).toHaveLength(1);
  });

  it('sees names as the application does, and is told as brokers know them', async () => {
    await client.close();
    connect({ namespace: 'shop' });
    cluster.topics.set('shop%T', 2);
    const seen: string[] = [];
    await join({
      checkLocalTransaction: async ({ topic }) => {
        seen.push(topic);
        return 'COMMIT';
      },
    });
    ask(1, { group: 'shop%p', topic: 'shop%T' });
    expect((await ended())[0]).toMatchObject({ producerGroup: 'shop%p' });
    expect(seen).toEqual(['T']);
  });

  it('asks so many at once, lets so many wait, and no more', async () => {
    const running: ((state: LocalTransactionState) => void)[] = [];
    await join({
      checkThreadPoolMaxSize: 2,
      checkRequestHoldMax: 3,
      checkLocalTransaction: () => new Promise((resolve) => running.push(resolve)),
    });
    for (let i = 0; i < 8; i++) ask(i);
    await eventually(() => warnings.length > 0);
    expect(running).toHaveLength(2);
    for (let i = 0; i < 5; i++) {
      await eventually(() => running.length > i);
      running[i]?.('COMMIT');
    }
    expect((await ended(5)).map(({ tranStateTableOffset }) => tranStateTableOffset)).toEqual([0, 1, 2, 3, 4]);
  });

  it('with bytes that are no message is not answered, and does not matter', async () => {
    await join({ checkLocalTransaction: async () => 'COMMIT' });
    const header = { tranStateTableOffset: 1, commitLogOffset: 1 };
    const [connection] = cluster.broker.connections;
    connection?.oneWay(checkTransactionState, header, { body: Buffer.from('hello') });
    ask(2);
    expect((await ended()).map(({ tranStateTableOffset }) => tranStateTableOffset)).toEqual([2]);
  });
});

it('options that are no functions stop the producer, all named at once', () => {
  const config = {
    checkLocalTransaction: 'yes',
    transactionListener: { executeLocalTransaction: async () => 'COMMIT' },
  };
  expect(() => client.createProducer(config as never)).toThrow(
    /transactionListener must have the functions[^]*checkLocalTransaction must be a function/,
  );
});
