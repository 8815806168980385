import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { encodeProperties, MessageSysFlag, SystemGroup, SystemTopic } from '../../../protocol/src/index.js';
import type { AppendResult, MessageStore } from '../../../store/src/index.js';
import { appendOne, readQueue, StoreDirectory } from '../../../testkit/src/index.js';
import {
  placeOf,
  propertiesWith,
  recordProperties,
  TransactionStage,
  type AskedTransaction,
} from '../../../testkit/src/transaction-stage.js';
import { resumeCheckHalfMessage } from '../handlers/resume-check-half-message.js';

const { TRANSACTION_COMMIT: commit, TRANSACTION_ROLLBACK: rollback } = MessageSysFlag;
const { TRANS_HALF: half, TRANS_OP_HALF: op, TRANS_CHECK_MAX_TIME: givenUp } = SystemTopic;
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

let stage: TransactionStage;
beforeEach(() => {
  stage = new TransactionStage();
});
afterEach(() => stage.close());

describe('a check', () => {
  it('asks nobody about what has ended, and moves on behind it', async () => {
    await stage.start();
    stage.connectProducer();
    await stage.end(await stage.sendHalf('a'), commit);
    await stage.end(await stage.sendHalf('b'), rollback);
    await stage.checks(3);
    expect(stage.asked).toEqual([]);
    expect(stage.positions()).toEqual([2, 1]);
  });

  it('asks about what has no end, of a new copy, and takes the answer', async () => {
    await stage.start();
    stage.connectProducer();
    await stage.sendHalf('a', { flag: 7 });
    await stage.checks();
    const [question] = stage.asked;
    expect(question?.header).toMatchObject({
      msgId: 'a',
      transactionId: 'a',
      topic: half,
      bname: stage.config.brokerName,
    });
    expect(question?.record).toMatchObject({ topic: 'TopicTest', queueId: 3, flag: 7, queueOffset: 1 });
    expect(recordProperties(question?.record)).toMatchObject({ TRANSACTION_CHECK_TIMES: '1' });
    await stage.end(placeOf(question as AskedTransaction), commit, { fromTransactionCheck: true });
    await stage.checks(2);
    expect(await stage.bodies()).toEqual(['a']);
    expect(stage.asked).toHaveLength(1);
    expect(stage.positions()).toEqual([2, 1]);
  });

  it('asks nobody before transactionTimeOut, and 4.9 does not name topic and broker', async () => {
    await stage.start({ config: { brokerVersion: 'V4_9_7', transactionTimeOut: 10_001 } });
    stage.connectProducer();
    await stage.sendHalf('a');
    await stage.checks();
    expect([stage.asked, await stage.bodies(half)]).toEqual([[], ['a']]);
    await stage.checks();
    expect(stage.asked).toHaveLength(1);
    expect(Object.keys(stage.asked[0]?.header ?? {})).not.toContain('topic');
  });

  it('asks transactionCheckMax times, each count once, and then gives it up', async () => {
    await stage.start({ config: { transactionCheckMax: 3 } });
    stage.connectProducer();
    await stage.sendHalf('a');
    await stage.checks(5);
    expect(stage.questions()).toEqual([
      ['a', 1],
      ['a', 2],
      ['a', 3],
    ]);
    expect(await stage.bodies(givenUp)).toEqual(['a']);
    expect(stage.errors).toEqual([`a half message was given up, it lies in ${givenUp} now`]);
  });

  it('gives up what is older than fileReservedTime', async () => {
    await stage.start({ config: { fileReservedTime: 1, timerWheelEnable: false } });
    stage.connectProducer();
    await stage.sendHalf('a', { bornTimestamp: stage.clock.now() - 3_600_001 });
    await stage.checks();
    expect([stage.asked, await stage.bodies(givenUp)]).toEqual([[], ['a']]);
  });

  it('brings what was given up back when an operator says so', async () => {
    await stage.start({ config: { transactionCheckMax: 1 } });
    stage.connectProducer();
    const sent = await stage.sendHalf('a');
    await stage.checks(2);
    const [lying] = await readQueue(stage.store, givenUp);
    const resume = (physicalOffset: number) => {
      const at = physicalOffset.toString(16).toUpperCase().padStart(16, '0');
      return resumeCheckHalfMessage(stage).run({ header: { msgId: `7F00000100002A9F${at}` } } as never);
    };
    expect(await resume(sent.physicalOffset)).toMatchObject({ kind: 'fail', code: 1 });
    expect(await resume(lying?.physicalOffset ?? -1)).toMatchObject({ kind: 'ok' });
    await stage.checks();
    expect(stage.asked).toHaveLength(2);
    await stage.end(placeOf(stage.asked[1] as AskedTransaction), commit, { fromTransactionCheck: true });
    expect(await stage.bodies()).toEqual(['a']);
  });

  it('goes on with another producer of the group when one does not take the question', async () => {
    await stage.start();
    stage.connectProducer(false);
    const takes = stage.connectProducer();
    const alsoTakes = stage.connectProducer();
    for (let i = 0; i < 6; i++) await stage.sendHalf(`m${i}`);
    await stage.checks();
    expect(stage.asked).toHaveLength(6);
    expect(Math.min(takes.length, alsoTakes.length)).toBeGreaterThan(0);
  });

  it('loses nothing while nobody of the group is there', async () => {
    await stage.start();
    await stage.sendHalf('a');
    await stage.checks(2);
    stage.connectProducer();
    await stage.checks();
    expect(stage.questions()).toEqual([['a', 3]]);
  });

  it('waits as long as the sender asked for, which does not count, and knows an end that came meanwhile', async () => {
    await stage.start({ config: { transactionCheckMax: 3 } });
    stage.connectProducer();
    const patience = (body: string, seconds: number): Promise<AppendResult> => {
      const properties = propertiesWith(body, [['CHECK_IMMUNITY_TIME_IN_SECONDS', String(seconds)]]);
      return stage.sendHalf(body, { properties });
    };
    const first = await patience('a', 65);
    await patience('b', 65);
    await stage.checks(3);
    await stage.end(first, commit);
    await stage.checks(3);
    expect(stage.asked).toEqual([]);
    await stage.checks();
    expect(stage.questions()).toEqual([['b', 1]]);
    expect([await stage.bodies(), await stage.bodies(givenUp)]).toEqual([['a'], []]);
  });

  it('knows an end that its producer said of the first copy, when there is another already', async () => {
    await stage.start();
    stage.connectProducer();
    const place = await stage.sendHalf('a');
    await stage.checks();
    await stage.end(place, rollback);
    await stage.checks(3);
    expect(stage.asked).toHaveLength(1);
    expect([await stage.bodies(), await stage.bodies(givenUp)]).toEqual([[], []]);
  });

  it('reads ends as both releases write them', async () => {
    await stage.start();
    stage.connectProducer();
    for (let i = 0; i < 4; i++) await stage.sendHalf(`m${i}`);
    const write = (body: string, tag = 'd') =>
      appendOne(stage.store, { topic: op, body: Buffer.from(body), properties: encodeProperties([['TAGS', tag]]) });
    await write('2');
    await write('x,99999999999999999999,');
    await write('3', 'e');
    await write('1,0,');
    await stage.checks(2);
    expect(stage.asked.map(({ record }) => String(record.body))).toEqual(['m3', 'm3']);
    expect(stage.errors).toEqual(['an op message is passed over']);
  });

  it('is not kept from the others by one that cannot be read', async () => {
    let offset = -1;
    const read: MessageStore['read'] = (at, size) => (at === offset ? undefined : stage.behind.read(at, size));
    await stage.start({ seen: { read } });
    stage.connectProducer();
    offset = (await stage.sendHalf('a')).physicalOffset;
    await stage.sendHalf('b');
    // No group, and no topic.
    await appendOne(stage.store, { topic: half, properties: '', bornTimestamp: stage.clock.now() });
    await stage.sendHalf('c');
    await stage.checks();
    expect(stage.asked.map(({ record }) => String(record.body))).toEqual(['b', 'c']);
    expect(stage.errors).toEqual(['a half message is passed over']);
  });

  it('is not kept from the others by one that cannot be asked about', async () => {
    await stage.start();
    stage.connectProducer();
    // Left by a store of other making: the question is longer than a record may be.
    const properties = propertiesWith('a', [
      ['PGROUP', 'producers'],
      ['x', 'y'.repeat(32_690)],
    ]);
    await appendOne(stage.store, { topic: half, properties, bornTimestamp: stage.clock.now() });
    await stage.sendHalf('b');
    await stage.checks();
    expect(stage.questions()).toEqual([['b', 1]]);
  });

  it('goes on after an error of the disk, where it was', async () => {
    let failures = 2;
    const read: MessageStore['read'] = (at, size) => {
      if (failures-- > 0) return Promise.reject(new Error('EIO'));
      return stage.behind.read(at, size);
    };
    await stage.start({ seen: { read } });
    stage.connectProducer();
    await stage.sendHalf('a');
    await stage.checks(3);
    expect(stage.asked).toHaveLength(1);
    expect(stage.errors).toEqual(['transactions could not be checked', 'transactions could not be checked']);
  });

  it('asks nobody about an end that the store has not taken yet', async () => {
    const append: MessageStore['append'] = (message, done) =>
      message.topic === op ? done({ ...nothingStored, status: 'SYSTEM_ERROR' }) : stage.behind.append(message, done);
    await stage.start({ seen: { append } });
    stage.connectProducer();
    await stage.end(await stage.sendHalf('a'), rollback);
    await stage.sendHalf('b');
    await stage.checks();
    expect(stage.questions()).toEqual([['b', 1]]);
  });

  it('passes nothing whose copy is not stored', async () => {
    let failures = 2;
    const append: MessageStore['append'] = (message, done) => {
      if (message.topic !== half || message.waitForFlush || failures-- <= 0) return stage.behind.append(message, done);
      done({ ...nothingStored, status: 'SERVICE_NOT_AVAILABLE' });
    };
    await stage.start({ seen: { append } });
    stage.connectProducer();
    await stage.sendHalf('a');
    await stage.checks(2);
    expect(stage.asked).toEqual([]);
    await stage.checks();
    expect(stage.asked).toHaveLength(1);
  });

  it('gives up what is too large to be stored again', async () => {
    await stage.start();
    stage.connectProducer();
    await stage.sendHalf('a');
    const append: MessageStore['append'] = (message, done) => {
      if (message.topic !== half) return stage.behind.append(message, done);
      done({ ...nothingStored, status: 'MESSAGE_ILLEGAL' });
    };
    await stage.stop();
    await stage.start({ seen: { append } });
    stage.connectProducer();
    await stage.checks(2);
    expect([stage.asked, await stage.bodies(givenUp)]).toEqual([[], ['a']]);
  });

  it('comes to an end when the clock goes back, and asks then', async () => {
    await stage.start();
    stage.connectProducer();
    await stage.sendHalf('a');
    stage.clock.jump(-3_600_000);
    await stage.checks();
    expect(stage.asked).toHaveLength(1);
  });

  it('takes hundreds in one go', async () => {
    await stage.start();
    stage.connectProducer();
    for (let i = 0; i < 300; i++) {
      const place = await stage.sendHalf(`m${i}`);
      if (i % 3 !== 0) await stage.end(place, i % 2 === 0 ? commit : rollback);
    }
    await stage.checks();
    expect(stage.asked.map(({ record }) => String(record.body))).toEqual(
      Array.from({ length: 100 }, (_, i) => `m${i * 3}`),
    );
  });
});

describe('a restart', () => {
  it('goes on where it was, from the file Apache has them in', async () => {
    await stage.start();
    stage.connectProducer();
    await stage.end(await stage.sendHalf('a'), commit);
    await stage.sendHalf('b');
    await stage.checks(2);
    await stage.stop();
    const text = readFileSync(join(stage.directory.path, 'config', 'consumerOffset.json'), 'utf8').replaceAll(
      /\s/g,
      '',
    );
    expect(text).toContain(`"${half}@CID_RMQ_SYS_TRANS":{0:3}`);
    expect(text).toContain(`"${op}@CID_RMQ_SYS_TRANS":{0:1}`);
    stage.asked.length = 0;
    await stage.start();
    stage.connectProducer();
    await stage.checks();
    expect(stage.questions()).toEqual([['b', 3]]);
  });

  it('still knows the ends of those behind one that has none', async () => {
    const config = { transactionTimeOut: 15_000 };
    await stage.start({ config });
    await stage.sendHalf('a');
    await stage.end(await stage.sendHalf('b'), rollback);
    await stage.end(await stage.sendHalf('c'), rollback);
    await stage.checks();
    await stage.stop();
    await stage.start({ config });
    stage.connectProducer();
    await stage.checks(3);
    expect(new Set(stage.questions().map(([body]) => body))).toEqual(new Set(['a']));
  });

  it('writes down what had ended, on its way out', async () => {
    await stage.start();
    stage.connectProducer();
    await stage.end(await stage.sendHalf('a'), rollback);
    await stage.stop();
    await stage.start();
    stage.connectProducer();
    await stage.checks(2);
    expect(stage.asked).toEqual([]);
  });

  it('after a kill asks again about what it had not written down, and loses nothing', async () => {
    await stage.start();
    await stage.end(await stage.sendHalf('a'), commit);
    await stage.sendHalf('b');
    const left = new StoreDirectory();
    cpSync(stage.directory.path, left.path, { recursive: true });
    await stage.stop();
    await stage.directory.remove();
    stage.directory = left;
    await stage.start();
    stage.connectProducer();
    await stage.checks();
    expect(stage.asked.map(({ record }) => String(record.body))).toEqual(['a', 'b']);
    for (const question of stage.asked) await stage.end(placeOf(question), commit, { fromTransactionCheck: true });
    expect(await stage.bodies()).toEqual(['a', 'a', 'b']);
  });

  it('after a kill knows copies of one message, and asks about the last of them', async () => {
    await stage.start();
    stage.connectProducer();
    await stage.sendHalf('a');
    await stage.sendHalf('b');
    await stage.checks(3);
    const answered = stage.asked.findLast(({ record }) => String(record.body) === 'b');
    await stage.end(placeOf(answered as AskedTransaction), commit, { fromTransactionCheck: true });
    await stage.transactions.ops.flush();
    await stage.stop();
    // As if the positions were never written.
    rmSync(join(stage.directory.path, 'config', 'consumerOffset.json'));
    stage.asked.length = 0;
    await stage.start();
    stage.connectProducer();
    await stage.checks(2);
    expect(stage.questions()).toEqual([
      ['a', 4],
      ['a', 5],
    ]);
    expect(await stage.bodies()).toEqual(['b']);
  });

  it('keeps no position that the disk does not have the log for', async () => {
    let flushedOffset = 0;
    const figures: MessageStore['figures'] = () => ({ ...stage.behind.figures(), flushedOffset });
    await stage.start({ seen: { figures } });
    await stage.end(await stage.sendHalf('a'), commit);
    await stage.checks(2);
    expect(stage.positions()).toEqual([undefined, undefined]);
    flushedOffset = Infinity;
    await stage.checks();
    expect(stage.positions()).toEqual([1, 1]);
  });

  it('begins where an operator set the offsets', async () => {
    await stage.start();
    stage.connectProducer();
    await stage.end(await stage.sendHalf('a'), rollback);
    await stage.checks(2);
    stage.offsets.commit(SystemGroup.TRANS, half, 0, 0);
    await stage.checks();
    expect(stage.asked).toHaveLength(1);
  });
});
