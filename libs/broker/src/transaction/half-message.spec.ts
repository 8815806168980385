import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { encodeProperties, MessageSysFlag, SystemTopic } from '../../../protocol/src/index.js';
import type { MessageStore } from '../../../store/src/index.js';
import { appendOne, readQueue } from '../../../testkit/src/index.js';
import { propertiesWith, recordProperties, TransactionStage } from '../../../testkit/src/transaction-stage.js';

const { TRANSACTION_COMMIT: commit, TRANSACTION_ROLLBACK: rollback } = MessageSysFlag;
const { TRANS_HALF: half, TRANS_OP_HALF: op } = SystemTopic;
const group = 'producers';

let stage: TransactionStage;
beforeEach(() => {
  stage = new TransactionStage();
});
afterEach(() => stage.close());

const turns = async (count = 40): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
};

describe('a half message', () => {
  it('waits in the half topic with its place, and nobody reads it', async () => {
    await stage.start();
    await stage.sendHalf('a', { sysFlag: MessageSysFlag.TRANSACTION_PREPARED });
    const [waiting] = await readQueue(stage.store, half);
    expect(waiting).toMatchObject({ sysFlag: 0, queueId: 0, preparedTransactionOffset: 0 });
    expect(recordProperties(waiting)).toEqual({
      TRAN_MSG: 'true',
      UNIQ_KEY: 'a',
      PGROUP: group,
      REAL_TOPIC: 'TopicTest',
      REAL_QID: '3',
      __transactionId__: 'a',
    });
    expect(await stage.bodies()).toEqual([]);
  });

  it('of 4.9 has no transaction id, and what only brokers set is dropped', async () => {
    await stage.start({ config: { brokerVersion: 'V4_9_7' } });
    const forged = propertiesWith('a', [
      ['PGROUP', 'another'],
      ['TRAN_PREPARED_QUEUE_OFFSET', '0'],
      ['TRANSACTION_CHECK_TIMES', '14'],
    ]);
    await stage.sendHalf('a', { properties: forged });
    const [waiting] = await readQueue(stage.store, half);
    expect(recordProperties(waiting)).toEqual({
      UNIQ_KEY: 'a',
      PGROUP: group,
      REAL_TOPIC: 'TopicTest',
      REAL_QID: '3',
    });
  });

  it('is refused when a check could not add its count any more', async () => {
    await stage.start();
    const properties = propertiesWith('a', [['x', 'y'.repeat(32_600)]]);
    await expect(stage.sendHalf('a', { properties })).rejects.toThrow(/properties exceed 32639 bytes/);
  });
});

describe('the end of a transaction', () => {
  it('committed brings the message to its place, as it was sent, and marks it', async () => {
    await stage.start();
    const place = await stage.sendHalf('a', { flag: 7, reconsumeTimes: 2, sysFlag: MessageSysFlag.COMPRESSED });
    expect(await stage.end(place, commit)).toMatchObject({ kind: 'ok' });
    const [message] = await readQueue(stage.store, 'TopicTest', 3);
    expect(message).toMatchObject({
      flag: 7,
      reconsumeTimes: 2,
      sysFlag: MessageSysFlag.COMPRESSED | commit,
      preparedTransactionOffset: place.physicalOffset,
      queueOffset: 0,
    });
    // Java leaves the half message's properties as they are.
    expect(recordProperties(message)).toMatchObject({ TRAN_MSG: 'true', REAL_TOPIC: 'TopicTest' });
  });

  it('is written down after what was committed, 4.9: one by one, 5.x: gathered', async () => {
    await stage.start({ config: { brokerVersion: 'V4_9_7' } });
    const first = await stage.sendHalf('a');
    await stage.end(first, commit);
    await stage.end(await stage.sendHalf('b'), rollback);
    await turns();
    const [written, ...more] = await readQueue(stage.store, op);
    expect([written, ...more].map((message) => String(message?.body))).toEqual(['0', '1']);
    expect(recordProperties(written)).toEqual({ TAGS: 'd', WAIT: 'true' });
    const [committed] = await readQueue(stage.store, 'TopicTest', 3);
    expect(written?.physicalOffset).toBeGreaterThan(committed?.physicalOffset ?? Infinity);
  });

  it('5.x: gathered for a while, or until they are many', async () => {
    await stage.start({ config: { transactionOpMsgMaxSize: 20 } });
    for (let i = 0; i < 3; i++) await stage.end(await stage.sendHalf(`m${i}`), rollback);
    await turns();
    expect(await stage.bodies(op)).toEqual([]);
    stage.clock.advance(2999);
    expect(await stage.bodies(op)).toEqual([]);
    stage.clock.advance(1);
    await turns();
    expect(await stage.bodies(op)).toEqual(['0,1,2,']);
    for (let i = 3; i < 14; i++) await stage.end(await stage.sendHalf(`m${i}`), rollback);
    await turns();
    expect(await stage.bodies(op)).toEqual(['0,1,2,', '3,4,5,6,7,8,9,10,11,']);
    await stage.transactions.ops.flush();
    expect((await stage.bodies(op)).at(-1)).toBe('12,13,');
  });

  it('said twice counts once', async () => {
    await stage.start();
    const place = await stage.sendHalf('a');
    await Promise.all([stage.end(place, commit), stage.end(place, commit, { fromTransactionCheck: true })]);
    expect(await stage.bodies()).toEqual(['a']);
  });

  it('is what was said first', async () => {
    await stage.start();
    const place = await stage.sendHalf('a');
    await stage.end(place, rollback);
    expect(await stage.end(place, commit)).toMatchObject({ kind: 'ok' });
    expect(await stage.bodies()).toEqual([]);
  });

  it('not known changes nothing', async () => {
    await stage.start();
    expect(await stage.end(await stage.sendHalf('a'), 0)).toMatchObject({ kind: 'ok' });
    await stage.checks();
    expect([await stage.bodies(), await stage.bodies(op)]).toEqual([[], []]);
  });

  it.each([
    ['another group', { producerGroup: 'another' }, 1, 'The producer group wrong'],
    ['another queue offset', { tranStateTableOffset: 5 }, 1, 'The transaction state table offset wrong'],
    ['no place of a message', { commitLogOffset: 7 }, 1, 'Find prepared transaction message failed'],
    ['a place before the log', { commitLogOffset: -1 }, 1, 'Find prepared transaction message failed'],
    ['another outcome', { commitOrRollback: 4 }, 1, 'commitOrRollback field wrong'],
  ])('with %s is refused, and nothing is stored', async (_title, changes, code, remark) => {
    await stage.start();
    const place = await stage.sendHalf('a');
    expect(await stage.end(place, commit, changes)).toMatchObject({ kind: 'fail', code, remark });
    expect(await stage.bodies()).toEqual([]);
    await stage.transactions.ops.flush();
    expect(await stage.bodies(op)).toEqual([]);
  });

  it('names half messages only, not whatever lies in the log', async () => {
    await stage.start();
    const properties = encodeProperties([
      ['PGROUP', group],
      ['REAL_TOPIC', 'TopicTest'],
      ['REAL_QID', '3'],
    ]);
    const place = await appendOne(stage.store, { properties });
    expect(await stage.end(place, commit)).toMatchObject({ remark: 'Find prepared transaction message failed' });
  });

  it('that cannot be stored is refused, and may be tried again', async () => {
    let fails = true;
    const append: MessageStore['append'] = (message, done) =>
      stage.behind.append(fails && message.topic === 'TopicTest' ? { ...message, topic: 'a/b' } : message, done);
    await stage.start({ seen: { append } });
    const place = await stage.sendHalf('a');
    expect(await stage.end(place, commit)).toMatchObject({ kind: 'fail', code: 13 });
    await stage.transactions.ops.flush();
    expect(await stage.bodies(op)).toEqual([]);
    fails = false;
    expect(await stage.end(place, commit)).toMatchObject({ kind: 'ok' });
    expect(await stage.bodies()).toEqual(['a']);
  });

  it('is written down later when the store takes nothing now', async () => {
    let failures = 2;
    const append: MessageStore['append'] = (message, done) =>
      stage.behind.append(message.topic === op && failures-- > 0 ? { ...message, topic: 'a/b' } : message, done);
    await stage.start({ seen: { append } });
    await stage.end(await stage.sendHalf('a'), rollback);
    for (let i = 0; i < 6; i++) {
      stage.clock.advance(1000);
      await turns(5);
    }
    expect(await stage.bodies(op)).toEqual(['0,']);
    expect(stage.errors).toHaveLength(2);
  });

  it('of a delayed message, which only another store can hold, delays it', async () => {
    await stage.start();
    const properties = propertiesWith('a', [['DELAY', '2']]);
    await stage.end(await stage.sendHalf('a', { properties }), commit);
    expect(await stage.bodies()).toEqual([]);
    expect(await stage.bodies(SystemTopic.SCHEDULE, 1)).toEqual(['a']);
  });

  it('5.x: later than its sender asked for patience only counts as the answer to a check', async () => {
    await stage.start();
    const properties = propertiesWith('a', [['CHECK_IMMUNITY_TIME_IN_SECONDS', '20']]);
    const place = await stage.sendHalf('a', { properties });
    stage.clock.advance(20_001);
    expect(await stage.end(place, commit)).toMatchObject({ kind: 'fail', code: 604 });
    expect(await stage.end(place, rollback)).toMatchObject({ kind: 'fail', code: 604 });
    expect(await stage.bodies()).toEqual([]);
    expect(await stage.end(place, commit, { fromTransactionCheck: true })).toMatchObject({ kind: 'ok' });
    expect(await stage.bodies()).toEqual(['a']);
  });
});
