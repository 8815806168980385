import { afterEach, beforeEach, expect, it } from '@jest/globals';
import {
  checkTransactionState,
  decodeMessage,
  decodeMessages,
  encodeProperties,
  endTransaction,
  parseOffsetMessageId,
  type RequestHeader,
} from '../../../protocol/src/index.js';
import { handle, ok, type RemotingClient } from '../../../remoting/src/index.js';
import { beat, BrokerFixture, pull, send } from '../../../testkit/src/broker-fixture.js';
import { createManualClock, type ManualClock } from '../../../testkit/src/index.js';
import { eventually } from '../../../testkit/src/eventually.js';

type Question = RequestHeader<typeof checkTransactionState>;

let clock: ManualClock;
let fixture: BrokerFixture;
let producer: RemotingClient;
let questions: { header: Question; topic: string }[];

beforeEach(async () => {
  questions = [];
  clock = createManualClock();
  fixture = await BrokerFixture.open({ clock, config: { transactionCheckInterval: 1000, transactionTimeOut: 1000 } });
  producer = fixture.client([
    handle(checkTransactionState, [], ({ header, bytes }) => {
      questions.push({ header, topic: decodeMessage(bytes).topic });
      return ok({});
    }),
  ]);
});
afterEach(() => fixture.close());

const stored = async () => {
  const { body } = await pull(fixture.client(), fixture.address, { suspendTimeoutMillis: 0, sysFlag: 4 });
  return decodeMessages(Buffer.concat([body].flat())).map((message) => String(message.body));
};

it('a producer ends a transaction by itself, or when the broker asks it on its own connection', async () => {
  await beat(producer, fixture.address, 'client', [], ['producers']);
  const properties = encodeProperties([
    ['TRAN_MSG', 'true'],
    ['UNIQ_KEY', 'U1'],
  ]);
  const given = { properties, bornTimestamp: clock.now() };
  const { header } = await send(producer, fixture.address, given, 'told');
  await send(producer, fixture.address, given, 'asked');
  const end = {
    producerGroup: 'producers',
    tranStateTableOffset: header.queueOffset,
    commitLogOffset: parseOffsetMessageId(header.msgId).offset,
    commitOrRollback: 8,
    fromTransactionCheck: false,
    msgId: 'U1',
  };
  // One-way, so the answer to a call behind it says that it was handled.
  await producer.oneWay(fixture.address, endTransaction, end);
  await producer.call(fixture.address, endTransaction, { ...end, commitOrRollback: 0 });
  while ((await stored()).length === 0) await new Promise(setImmediate);
  expect(await stored()).toEqual(['told']);

  clock.advance(1000);
  await eventually(() => questions.length > 0);
  expect(questions).toMatchObject([{ header: { tranStateTableOffset: 2, msgId: 'U1' }, topic: 'TopicTest' }]);
  const { tranStateTableOffset = 0, commitLogOffset = 0 } = questions[0]?.header ?? {};
  const answer = { ...end, tranStateTableOffset, commitLogOffset, fromTransactionCheck: true };
  await producer.call(fixture.address, endTransaction, answer);
  expect(await stored()).toEqual(['told', 'asked']);
});

it('nobody else of another group can end it', async () => {
  const { header } = await send(producer, fixture.address, { properties: encodeProperties([['TRAN_MSG', 'true']]) });
  const end = {
    producerGroup: 'others',
    tranStateTableOffset: header.queueOffset,
    commitLogOffset: parseOffsetMessageId(header.msgId).offset,
    commitOrRollback: 8,
    fromTransactionCheck: false,
    msgId: 'id',
  };
  const ending = producer.call(fixture.address, endTransaction, end);
  await expect(ending).rejects.toMatchObject({ responseCode: 1, remark: 'The producer group wrong' });
});
