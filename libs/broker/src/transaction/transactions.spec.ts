import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Logger } from '../../../common/src/index.js';
import {
  decodeMessage,
  decodeProperties,
  encodeProperties,
  MessageSysFlag,
  SystemGroup,
  SystemTopic,
  type MessageRecord,
} from '../../../protocol/src/index.js';
import type { Connection } from '../../../remoting/src/index.js';
import { DelayLevels, type AppendMessage, type AppendResult, type MessageStore } from '../../../store/src/index.js';
import {
  appendOne,
  createManualClock,
  readQueue,
  StoreDirectory,
  storeMessage,
  type ManualClock,
} from '../../../testkit/src/index.js';
import { eventually } from '../../../testkit/src/eventually.js';
import { resolveBrokerConfig, type BrokerConfig } from '../broker-config.js';
import { BrokerIdentity } from '../broker-identity.js';
import { endTransaction } from '../handlers/end-transaction.js';
import { resumeCheckHalfMessage } from '../handlers/resume-check-half-message.js';
import { BrokerStats } from '../stats/broker-stats.js';
import { ConsumerOffsetTable } from '../tables/consumer-offset-table.js';
import { ProducerTable } from '../tables/producer-table.js';
import { TopicTable } from '../tables/topic-table.js';
import { halfMessage } from './half-message.js';
import { Transactions } from './transactions.js';

const { TRANSACTION_COMMIT: commit, TRANSACTION_ROLLBACK: rollback } = MessageSysFlag;
const half = SystemTopic.TRANS_HALF;
const op = SystemTopic.TRANS_OP_HALF;
const givenUp = SystemTopic.TRANS_CHECK_MAX_TIME;
const group = 'producers';
const interval = 10_000;

interface Asked {
  readonly header: { tranStateTableOffset: number; commitLogOffset: number; msgId?: string; topic?: string };
  readonly record: MessageRecord;
}

let clock: ManualClock;
let directory: StoreDirectory;
let store: MessageStore;
/** Behind what a test made of it. */
let behind: MessageStore;
let config: BrokerConfig;
let offsets: ConsumerOffsetTable;
let producers: ProducerTable;
let transactions: Transactions;
let asked: Asked[];
let errors: string[];
/** Checks that came to an end, well or not. */
let ended: number;
const note = (message: string): void => {
  if (/were checked|could not be checked/.test(message)) ended++;
};
const log: Logger = {
  debug: note,
  info() {},
  warn() {},
  error(message) {
    errors.push(message);
    note(message);
  },
};

interface Running {
  /** The store as transactions see it. */
  readonly seen?: Partial<MessageStore>;
  readonly config?: Partial<BrokerConfig>;
}

function parts() {
  const delayLevels = new DelayLevels(config.messageDelayLevel);
  const stats = new BrokerStats(clock, 'DefaultCluster');
  return { config, clock, log, store, stats, delayLevels, transactions };
}

async function start({ seen = {}, config: changes = {} }: Running = {}): Promise<void> {
  const times = { transactionCheckInterval: interval, brokerVersion: 'V5_3_3' as const };
  config = resolveBrokerConfig({ ...directory.config(), ...times, ...changes });
  behind = await directory.start({}, { clock });
  store = new Proxy(behind, {
    get: (whole, name) => Reflect.get(seen, name) ?? Reflect.get(whole, name),
  });
  const own = { config, clock, log };
  offsets = new ConsumerOffsetTable(own);
  producers = new ProducerTable(clock, log);
  await offsets.load();
  const stats = new BrokerStats(clock, 'DefaultCluster');
  const topics = new TopicTable(own);
  await topics.load();
  const identity = new BrokerIdentity(config);
  transactions = new Transactions({ ...own, store, stats, topics, offsets, producers, identity });
  await transactions.start();
}

async function stop(): Promise<void> {
  await transactions.close();
  await store.close();
  await transactions.saveLast();
}

/** Somebody of the group is connected. */
function connectProducer(takes = true): Asked[] {
  const seen: Asked[] = [];
  const oneWay: Connection['oneWay'] = (_declaration, header, options) => {
    if (!takes) return false;
    const record = decodeMessage(options?.body as unknown as Buffer);
    const question = { header: header as unknown as Asked['header'], record };
    seen.push(question);
    asked.push(question);
    return true;
  };
  const connection = { oneWay, onClose() {}, remoteAddress: '10.0.0.7:1' } as unknown as Connection;
  producers.register({ connection, clientId: `c${Math.random()}`, language: 0, version: 0, lastHeartbeat: 0 }, group);
  return seen;
}

async function sendHalf(body: string, changes: Partial<AppendMessage> = {}): Promise<AppendResult> {
  const properties = encodeProperties([
    ['TRAN_MSG', 'true'],
    ['UNIQ_KEY', body],
  ]);
  const message = storeMessage({ body: Buffer.from(body), queueId: 3, properties, bornTimestamp: clock.now() });
  const waiting = halfMessage({ ...message, ...changes }, group, config.brokerVersion !== 'V4_9_7');
  if ('problem' in waiting) throw new Error(waiting.problem);
  return appendOne(store, waiting);
}

interface Place {
  readonly queueOffset: number;
  readonly physicalOffset: number;
}

async function end(place: Place, commitOrRollback: number, changes: object = {}) {
  const header = {
    producerGroup: group,
    tranStateTableOffset: place.queueOffset,
    commitLogOffset: place.physicalOffset,
    commitOrRollback,
    fromTransactionCheck: false,
    msgId: 'id',
    ...changes,
  };
  return endTransaction(parts()).run({ header } as never);
}

const placeOf = ({ header }: Asked): Place => ({
  queueOffset: header.tranStateTableOffset,
  physicalOffset: header.commitLogOffset,
});

const bodies = async (topic = 'TopicTest', queueId = 3): Promise<string[]> =>
  (await readQueue(store, topic, queueId)).map(({ body }) => String(body));
const turns = async (count = 40): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
};
/** So many intervals, each with its check. */
async function checks(count = 1): Promise<void> {
  for (let i = 0; i < count; i++) {
    const before = ended;
    clock.advance(interval);
    await eventually(() => ended > before);
    await turns(5);
  }
}
const positions = () => [half, op].map((topic) => offsets.get(SystemGroup.TRANS, topic, 0));
const propertiesOf = ({ properties }: MessageRecord) => Object.fromEntries(decodeProperties(properties));

beforeEach(() => {
  clock = createManualClock();
  directory = new StoreDirectory();
  errors = [];
  asked = [];
  ended = 0;
});
afterEach(async () => {
  await stop();
  await directory.remove();
});

describe('a half message', () => {
  it('waits in the half topic with its place, and nobody reads it', async () => {
    await start();
    await sendHalf('a', { sysFlag: MessageSysFlag.TRANSACTION_PREPARED });
    const [waiting] = await readQueue(store, half);
    expect(waiting).toMatchObject({ sysFlag: 0, queueId: 0, preparedTransactionOffset: 0 });
    expect(propertiesOf(waiting as MessageRecord)).toEqual({
      TRAN_MSG: 'true',
      UNIQ_KEY: 'a',
      PGROUP: group,
      REAL_TOPIC: 'TopicTest',
      REAL_QID: '3',
      __transactionId__: 'a',
    });
    expect(await bodies()).toEqual([]);
  });

  it('of 4.9 has no transaction id, and what only brokers set is dropped', async () => {
    await start({ config: { brokerVersion: 'V4_9_7' } });
    const forged = encodeProperties([
      ['UNIQ_KEY', 'a'],
      ['PGROUP', 'another'],
      ['TRAN_PREPARED_QUEUE_OFFSET', '0'],
      ['TRANSACTION_CHECK_TIMES', '14'],
    ]);
    await sendHalf('a', { properties: forged });
    const [waiting] = await readQueue(store, half);
    expect(propertiesOf(waiting as MessageRecord)).toEqual({
      UNIQ_KEY: 'a',
      PGROUP: group,
      REAL_TOPIC: 'TopicTest',
      REAL_QID: '3',
    });
  });

  it('is refused when a check could not add its count any more', async () => {
    await start();
    const properties = encodeProperties([['x', 'y'.repeat(32_600)]]);
    await expect(sendHalf('a', { properties })).rejects.toThrow(/properties exceed 32639 bytes/);
  });
});

describe('the end of a transaction', () => {
  it('committed brings the message to its place, as it was sent, and marks it', async () => {
    await start();
    const place = await sendHalf('a', { flag: 7, reconsumeTimes: 2, sysFlag: MessageSysFlag.COMPRESSED });
    expect(await end(place, commit)).toMatchObject({ kind: 'ok' });
    const [message] = await readQueue(store, 'TopicTest', 3);
    expect(message).toMatchObject({
      flag: 7,
      reconsumeTimes: 2,
      sysFlag: MessageSysFlag.COMPRESSED | commit,
      preparedTransactionOffset: place.physicalOffset,
      queueOffset: 0,
    });
    // Java leaves the half message's properties as they are.
    expect(propertiesOf(message as MessageRecord)).toMatchObject({ TRAN_MSG: 'true', REAL_TOPIC: 'TopicTest' });
  });

  it('is written down after what was committed, 4.9: one by one, 5.x: gathered', async () => {
    await start({ config: { brokerVersion: 'V4_9_7' } });
    const first = await sendHalf('a');
    await end(first, commit);
    await end(await sendHalf('b'), rollback);
    await turns();
    const [written, ...more] = await readQueue(store, op);
    expect([written, ...more].map((message) => String(message?.body))).toEqual(['0', '1']);
    expect(propertiesOf(written as MessageRecord)).toEqual({ TAGS: 'd', WAIT: 'true' });
    const [committed] = await readQueue(store, 'TopicTest', 3);
    expect(written?.physicalOffset).toBeGreaterThan(committed?.physicalOffset ?? Infinity);
  });

  it('5.x: gathered for a while, or until they are many', async () => {
    await start({ config: { transactionOpMsgMaxSize: 20 } });
    for (let i = 0; i < 3; i++) await end(await sendHalf(`m${i}`), rollback);
    await turns();
    expect(await bodies(op, 0)).toEqual([]);
    clock.advance(2999);
    expect(await bodies(op, 0)).toEqual([]);
    clock.advance(1);
    await turns();
    expect(await bodies(op, 0)).toEqual(['0,1,2,']);
    for (let i = 3; i < 14; i++) await end(await sendHalf(`m${i}`), rollback);
    await turns();
    expect(await bodies(op, 0)).toEqual(['0,1,2,', '3,4,5,6,7,8,9,10,11,']);
    await transactions.ops.flush();
    expect((await bodies(op, 0)).at(-1)).toBe('12,13,');
  });

  it('said twice counts once', async () => {
    await start();
    const place = await sendHalf('a');
    await Promise.all([end(place, commit), end(place, commit, { fromTransactionCheck: true })]);
    expect(await bodies()).toEqual(['a']);
  });

  it('not known changes nothing', async () => {
    await start();
    expect(await end(await sendHalf('a'), 0)).toMatchObject({ kind: 'ok' });
    await checks();
    expect([await bodies(), await bodies(op, 0)]).toEqual([[], []]);
  });

  it.each([
    ['another group', { producerGroup: 'another' }, 1, 'The producer group wrong'],
    ['another queue offset', { tranStateTableOffset: 5 }, 1, 'The transaction state table offset wrong'],
    ['no place of a message', { commitLogOffset: 7 }, 1, 'Find prepared transaction message failed'],
    ['a place before the log', { commitLogOffset: -1 }, 1, 'Find prepared transaction message failed'],
    ['another outcome', { commitOrRollback: 4 }, 1, 'commitOrRollback field wrong'],
  ])('with %s is refused, and nothing is stored', async (_title, changes, code, remark) => {
    await start();
    const place = await sendHalf('a');
    expect(await end(place, commit, changes)).toMatchObject({ kind: 'fail', code, remark });
    expect(await bodies()).toEqual([]);
    await transactions.ops.flush();
    expect(await bodies(op, 0)).toEqual([]);
  });

  it('names half messages only, not whatever lies in the log', async () => {
    await start();
    const properties = encodeProperties([
      ['PGROUP', group],
      ['REAL_TOPIC', 'TopicTest'],
      ['REAL_QID', '3'],
    ]);
    const place = await appendOne(store, { properties });
    expect(await end(place, commit)).toMatchObject({ remark: 'Find prepared transaction message failed' });
  });

  it('that cannot be stored is refused, and may be tried again', async () => {
    let fails = true;
    const append: MessageStore['append'] = (message, done) =>
      behind.append(fails && message.topic === 'TopicTest' ? { ...message, topic: 'a/b' } : message, done);
    await start({ seen: { append } });
    const place = await sendHalf('a');
    expect(await end(place, commit)).toMatchObject({ kind: 'fail', code: 13 });
    await transactions.ops.flush();
    expect(await bodies(op, 0)).toEqual([]);
    fails = false;
    expect(await end(place, commit)).toMatchObject({ kind: 'ok' });
    expect(await bodies()).toEqual(['a']);
  });

  it('is written down later when the store takes nothing now', async () => {
    let failures = 2;
    const append: MessageStore['append'] = (message, done) =>
      behind.append(message.topic === op && failures-- > 0 ? { ...message, topic: 'a/b' } : message, done);
    await start({ seen: { append } });
    await end(await sendHalf('a'), rollback);
    for (let i = 0; i < 6; i++) {
      clock.advance(1000);
      await turns(5);
    }
    expect(await bodies(op, 0)).toEqual(['0,']);
    expect(errors).toHaveLength(2);
  });

  it('of a delayed message, which only another store can hold, delays it', async () => {
    await start();
    const properties = encodeProperties([
      ['UNIQ_KEY', 'a'],
      ['DELAY', '2'],
    ]);
    await end(await sendHalf('a', { properties }), commit);
    expect(await bodies()).toEqual([]);
    expect(await bodies(SystemTopic.SCHEDULE, 1)).toEqual(['a']);
  });

  it('5.x: later than its sender asked for patience only counts as the answer to a check', async () => {
    await start();
    const properties = encodeProperties([
      ['UNIQ_KEY', 'a'],
      ['CHECK_IMMUNITY_TIME_IN_SECONDS', '20'],
    ]);
    const place = await sendHalf('a', { properties });
    clock.advance(20_001);
    expect(await end(place, commit)).toMatchObject({ kind: 'fail', code: 604 });
    expect(await end(place, rollback)).toMatchObject({ kind: 'fail', code: 604 });
    expect(await bodies()).toEqual([]);
    expect(await end(place, commit, { fromTransactionCheck: true })).toMatchObject({ kind: 'ok' });
    expect(await bodies()).toEqual(['a']);
  });
});

describe('a check', () => {
  it('asks nobody about what has ended, and moves on behind it', async () => {
    await start();
    connectProducer();
    await end(await sendHalf('a'), commit);
    await end(await sendHalf('b'), rollback);
    await checks(3);
    expect(asked).toEqual([]);
    expect(positions()).toEqual([2, 1]);
  });

  it('asks about what has no end, of a new copy, and takes the answer', async () => {
    await start();
    connectProducer();
    await sendHalf('a', { flag: 7 });
    await checks();
    const [question] = asked;
    expect(question?.header).toMatchObject({ msgId: 'a', transactionId: 'a', topic: half, bname: config.brokerName });
    expect(question?.record).toMatchObject({ topic: 'TopicTest', queueId: 3, flag: 7, queueOffset: 1 });
    expect(propertiesOf(question?.record as MessageRecord)).toMatchObject({ TRANSACTION_CHECK_TIMES: '1' });
    await end(placeOf(question as Asked), commit, { fromTransactionCheck: true });
    await checks(2);
    expect(await bodies()).toEqual(['a']);
    expect(asked).toHaveLength(1);
    expect(positions()).toEqual([2, 1]);
  });

  it('asks nobody before transactionTimeOut, and 4.9 does not name topic and broker', async () => {
    await start({ config: { brokerVersion: 'V4_9_7', transactionTimeOut: 10_001 } });
    connectProducer();
    await sendHalf('a');
    await checks();
    expect([asked, await bodies(half, 0)]).toEqual([[], ['a']]);
    await checks();
    expect(asked).toHaveLength(1);
    expect(Object.keys(asked[0]?.header ?? {})).not.toContain('topic');
  });

  it('asks transactionCheckMax times, each count once, and then gives it up', async () => {
    await start({ config: { transactionCheckMax: 3 } });
    connectProducer();
    await sendHalf('a');
    await checks(5);
    const times = asked.map(({ record }) => propertiesOf(record)['TRANSACTION_CHECK_TIMES']);
    expect(times).toEqual(['1', '2', '3']);
    expect(await bodies(givenUp, 0)).toEqual(['a']);
    expect(errors).toEqual([`a half message was given up, it lies in ${givenUp} now`]);
  });

  it('gives up what is older than fileReservedTime', async () => {
    await start({ config: { fileReservedTime: 1 } });
    connectProducer();
    await sendHalf('a', { bornTimestamp: clock.now() - 3_600_001 });
    await checks();
    expect([asked, await bodies(givenUp, 0)]).toEqual([[], ['a']]);
  });

  it('brings what was given up back when an operator says so', async () => {
    await start({ config: { transactionCheckMax: 1 } });
    connectProducer();
    const sent = await sendHalf('a');
    await checks(2);
    const [lying] = await readQueue(store, givenUp);
    const resume = (physicalOffset: number) => {
      const at = physicalOffset.toString(16).toUpperCase().padStart(16, '0');
      return resumeCheckHalfMessage({ store, log }).run({ header: { msgId: `7F00000100002A9F${at}` } } as never);
    };
    expect(await resume(sent.physicalOffset)).toMatchObject({ kind: 'fail', code: 1 });
    expect(await resume(lying?.physicalOffset ?? -1)).toMatchObject({ kind: 'ok' });
    await checks();
    expect(asked).toHaveLength(2);
    await end(placeOf(asked[1] as Asked), commit, { fromTransactionCheck: true });
    expect(await bodies()).toEqual(['a']);
  });

  it('goes on with another producer of the group when one does not take the question', async () => {
    await start();
    connectProducer(false);
    const takes = connectProducer();
    const alsoTakes = connectProducer();
    for (let i = 0; i < 6; i++) await sendHalf(`m${i}`);
    await checks();
    expect(asked).toHaveLength(6);
    expect(Math.min(takes.length, alsoTakes.length)).toBeGreaterThan(0);
  });

  it('loses nothing while nobody of the group is there', async () => {
    await start();
    await sendHalf('a');
    await checks(2);
    connectProducer();
    await checks();
    expect(asked.map(({ record }) => propertiesOf(record)['TRANSACTION_CHECK_TIMES'])).toEqual(['3']);
  });

  it('waits as long as the sender asked for, which does not count, and knows an end that came meanwhile', async () => {
    await start({ config: { transactionCheckMax: 3 } });
    connectProducer();
    const patience = (body: string, seconds: number): Promise<AppendResult> => {
      const properties = encodeProperties([
        ['UNIQ_KEY', body],
        ['CHECK_IMMUNITY_TIME_IN_SECONDS', String(seconds)],
      ]);
      return sendHalf(body, { properties });
    };
    const first = await patience('a', 65);
    await patience('b', 65);
    await checks(3);
    await end(first, commit);
    await checks(3);
    expect(asked).toEqual([]);
    await checks();
    expect(asked.map(({ record }) => [String(record.body), propertiesOf(record)['TRANSACTION_CHECK_TIMES']])).toEqual([
      ['b', '1'],
    ]);
    expect([await bodies(), await bodies(givenUp, 0)]).toEqual([['a'], []]);
  });

  it('knows an end that its producer said of the first copy, when there is another already', async () => {
    await start();
    connectProducer();
    const place = await sendHalf('a');
    await checks();
    await end(place, rollback);
    await checks(3);
    expect(asked).toHaveLength(1);
    expect([await bodies(), await bodies(givenUp, 0)]).toEqual([[], []]);
  });

  it('reads ends as both releases write them', async () => {
    await start();
    connectProducer();
    for (let i = 0; i < 4; i++) await sendHalf(`m${i}`);
    const write = (body: string, tag = 'd') =>
      appendOne(store, { topic: op, body: Buffer.from(body), properties: encodeProperties([['TAGS', tag]]) });
    await write('2');
    await write('x,99999999999999999999,');
    await write('3', 'e');
    await write('1,0,');
    await checks(2);
    expect(asked.map(({ record }) => String(record.body))).toEqual(['m3', 'm3']);
    expect(errors).toEqual(['an op message is passed over']);
  });

  it('is not kept from the others by one that cannot be read', async () => {
    let offset = -1;
    const read: MessageStore['read'] = (at, size) => (at === offset ? undefined : behind.read(at, size));
    await start({ seen: { read } });
    connectProducer();
    offset = (await sendHalf('a')).physicalOffset;
    await sendHalf('b');
    // No group, and no topic.
    await appendOne(store, { topic: half, properties: '', bornTimestamp: clock.now() });
    await sendHalf('c');
    await checks();
    expect(asked.map(({ record }) => String(record.body))).toEqual(['b', 'c']);
    expect(errors).toEqual(['a half message is passed over']);
  });

  it('goes on after an error of the disk, where it was', async () => {
    let failures = 2;
    const read: MessageStore['read'] = (at, size) => {
      if (failures-- > 0) return Promise.reject(new Error('EIO'));
      return behind.read(at, size);
    };
    await start({ seen: { read } });
    connectProducer();
    await sendHalf('a');
    await checks(3);
    expect(asked).toHaveLength(1);
    expect(errors).toEqual(['transactions could not be checked', 'transactions could not be checked']);
  });

  it('passes nothing whose copy is not stored', async () => {
    let failures = 2;
    const append: MessageStore['append'] = (message, done) => {
      if (message.topic !== half || message.waitForFlush || failures-- <= 0) return behind.append(message, done);
      done({ ...nothingStored, status: 'SERVICE_NOT_AVAILABLE' });
    };
    await start({ seen: { append } });
    connectProducer();
    await sendHalf('a');
    await checks(2);
    expect(asked).toEqual([]);
    await checks();
    expect(asked).toHaveLength(1);
  });

  it('gives up what is too large to be stored again', async () => {
    await start();
    connectProducer();
    await sendHalf('a');
    const append: MessageStore['append'] = (message, done) => {
      if (message.topic !== half) return behind.append(message, done);
      done({ ...nothingStored, status: 'MESSAGE_ILLEGAL' });
    };
    await stop();
    await start({ seen: { append } });
    connectProducer();
    await checks(2);
    expect([asked, await bodies(givenUp, 0)]).toEqual([[], ['a']]);
  });

  it('comes to an end when the clock goes back, and asks then', async () => {
    await start();
    connectProducer();
    await sendHalf('a');
    clock.jump(-3_600_000);
    await checks();
    expect(asked).toHaveLength(1);
  });

  it('takes hundreds in one go', async () => {
    await start();
    connectProducer();
    for (let i = 0; i < 300; i++) {
      const place = await sendHalf(`m${i}`);
      if (i % 3 !== 0) await end(place, i % 2 === 0 ? commit : rollback);
    }
    await checks();
    expect(asked.map(({ record }) => String(record.body))).toEqual(
      Array.from({ length: 100 }, (_, i) => `m${i * 3}`),
    );
  });
});

const nothingStored: AppendResult = {
  status: 'OK',
  reason: 'as the test says',
  physicalOffset: -1,
  queueOffset: -1,
  storeTimestamp: -1,
  bytes: 0,
  elapsed: 0,
  physicalOffsets: [],
};

describe('a restart', () => {
  it('goes on where it was, from the file Apache has them in', async () => {
    await start();
    connectProducer();
    await end(await sendHalf('a'), commit);
    await sendHalf('b');
    await checks(2);
    await stop();
    const text = readFileSync(join(directory.path, 'config', 'consumerOffset.json'), 'utf8').replaceAll(/\s/g, '');
    expect(text).toContain(`"${half}@CID_RMQ_SYS_TRANS":{0:3}`);
    expect(text).toContain(`"${op}@CID_RMQ_SYS_TRANS":{0:1}`);
    asked = [];
    await start();
    connectProducer();
    await checks();
    expect(asked.map(({ record }) => propertiesOf(record)['TRANSACTION_CHECK_TIMES'])).toEqual(['3']);
  });

  it('writes down what had ended, on its way out', async () => {
    await start();
    connectProducer();
    await end(await sendHalf('a'), rollback);
    await stop();
    await start();
    connectProducer();
    await checks(2);
    expect(asked).toEqual([]);
  });

  it('after a kill asks again about what it had not written down, and loses nothing', async () => {
    await start();
    await end(await sendHalf('a'), commit);
    await sendHalf('b');
    const left = new StoreDirectory();
    cpSync(directory.path, left.path, { recursive: true });
    await stop();
    await directory.remove();
    directory = left;
    await start();
    connectProducer();
    await checks();
    expect(asked.map(({ record }) => String(record.body))).toEqual(['a', 'b']);
    for (const question of asked) await end(placeOf(question), commit, { fromTransactionCheck: true });
    expect(await bodies()).toEqual(['a', 'a', 'b']);
  });

  it('keeps no position that the disk does not have the log for', async () => {
    let flushedOffset = 0;
    const figures: MessageStore['figures'] = () => ({ ...behind.figures(), flushedOffset });
    await start({ seen: { figures } });
    await end(await sendHalf('a'), commit);
    await checks(2);
    expect(positions()).toEqual([undefined, undefined]);
    flushedOffset = Infinity;
    await checks();
    expect(positions()).toEqual([1, 1]);
  });

  it('begins where an operator set the offsets', async () => {
    await start();
    connectProducer();
    await end(await sendHalf('a'), rollback);
    await checks(2);
    offsets.commit(SystemGroup.TRANS, half, 0, 0);
    await checks();
    expect(asked).toHaveLength(1);
  });
});
