import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  decodeMessages,
  decodeProperties,
  decodeRecallHandle,
  encodeProperties,
  encodeRecallHandle,
  recallMessage,
  ResponseCode,
  updateBrokerConfig,
} from '../../../protocol/src/index.js';
import type { RemotingClient } from '../../../remoting/src/index.js';
import { BrokerFixture, pull, send } from '../../../testkit/src/broker-fixture.js';
import { createManualClock, type ManualClock } from '../../../testkit/src/index.js';
import type { BrokerConfig } from '../index.js';

let clock: ManualClock;
let fixture: BrokerFixture;
let client: RemotingClient;
const open = async (config: Partial<BrokerConfig> = {}): Promise<void> => {
  clock = createManualClock();
  fixture = await BrokerFixture.open({ clock, config: { recallMessageEnable: true, ...config } });
  client = fixture.client();
};
beforeEach(() => open());
afterEach(() => fixture.close());

const timed = (properties: Readonly<Record<string, string | number>>) =>
  send(client, fixture.address, {
    properties: encodeProperties(Object.entries(properties).map(([name, value]) => [name, String(value)])),
  });
const recall = (recallHandle: string, topic = 'TopicTest') =>
  client.call(
    fixture.address,
    recallMessage,
    { producerGroup: 'g', topic, recallHandle },
    { accept: Object.values(ResponseCode).filter((code) => code !== ResponseCode.SUCCESS) },
  );
async function stored(topic = 'TopicTest', queueId = 0) {
  const { code, body } = await pull(client, fixture.address, { topic, queueId });
  return code === ResponseCode.SUCCESS ? decodeMessages(Buffer.concat([body].flat())) : [];
}
const pass = async (milliseconds: number): Promise<void> => {
  for (let left = milliseconds; left > 0; left -= 100) {
    clock.advance(100);
    for (let i = 0; i < 10; i++) await new Promise(setImmediate);
  }
};

describe('the answer to the send of a timed message', () => {
  it('carries what it can be called back with', async () => {
    await fixture.close();
    // For the topic of the timer to be one that can be looked at.
    await open({ brokerVersion: 'V5_3_3' });
    const reply = await timed({ UNIQ_KEY: 'K1', TIMER_DELIVER_MS: clock.now() + 5500 });
    expect(reply).toMatchObject({ code: ResponseCode.SUCCESS, header: { queueId: 0, transactionId: 'K1' } });
    expect(decodeRecallHandle(reply.header.recallHandle ?? '')).toEqual({
      topic: 'TopicTest',
      brokerName: 'broker-a',
      timestamp: String(clock.now() + 5001),
      messageId: 'K1',
    });
    expect(await stored()).toEqual([]);
    const [waiting] = await stored('rmq_sys_wheel_timer');
    expect(Object.fromEntries(decodeProperties(waiting?.properties ?? ''))).toMatchObject({
      TIMER_OUT_MS: String(clock.now() + 5000),
      REAL_TOPIC: 'TopicTest',
      REAL_QID: '0',
    });
  });

  it.each([
    ['whose instant is past', { TIMER_DELIVER_MS: 1 }],
    ['that has waited already', { TIMER_DELAY_MS: 5000, TIMER_OUT_MS: 1 }],
    ['without a delay', {}],
  ])('of one %s has none: it is delivered at once', async (_title, properties) => {
    const reply = await timed(properties);
    expect(reply).toMatchObject({ code: ResponseCode.SUCCESS, header: { recallHandle: undefined } });
    expect(await stored()).toHaveLength(1);
  });

  it('with a delay level has none: the level wins, and the instant is gone', async () => {
    const reply = await timed({ DELAY: 2, TIMER_DELAY_MS: 1000 });
    expect(reply.header.recallHandle).toBeUndefined();
    const [waiting] = await stored('SCHEDULE_TOPIC_XXXX', 1);
    const properties = decodeProperties(waiting?.properties ?? '');
    expect([properties.get('DELAY'), properties.get('TIMER_DELAY_MS')]).toEqual(['2', undefined]);
  });

  it.each([
    ['beyond timerMaxDelaySec', { TIMER_DELAY_SEC: 259_201 }, 'the max delay 259200000ms'],
    [
      'that cancels what is past',
      { TIMER_DELIVER_MS: 1, TIMER_DEL_UNIQKEY: 'TopicTest+K' },
      'bigger than the current time',
    ],
    ['that is no number', { TIMER_DELAY_MS: 'soon' }, '"TIMER_DELAY_MS"'],
  ])('of one %s is a refusal', async (_title, properties, remark) => {
    const reply = await timed(properties);
    expect(reply.code).toBe(ResponseCode.MESSAGE_ILLEGAL);
    expect(reply.remark).toContain(remark);
  });

  it('is a refusal while the timer is off, or its slot is full', async () => {
    await fixture.close();
    await open({ timerCongestNumEachSlot: 2 });
    const answers = [];
    for (let i = 0; i < 30; i++) {
      answers.push(await timed({ TIMER_DELAY_MS: 5500 }));
      for (let turns = 0; turns < 10; turns++) await new Promise(setImmediate);
    }
    // Beyond the limit by chance, from twice the limit on never.
    const accepted = answers.filter(({ code }) => code === ResponseCode.SUCCESS);
    expect([3, 4]).toContain(accepted.length);
    const full = answers.at(-1);
    expect(full?.code).toBe(ResponseCode.SYSTEM_ERROR);
    expect(full?.remark).toContain('max num limit is 4');
    await fixture.close();
    await open({ timerWheelEnable: false });
    const off = await timed({ TIMER_DELAY_MS: 5500 });
    expect(off).toMatchObject({ code: ResponseCode.SYSTEM_ERROR });
    expect(off.remark).toBe('accurate timer message is not enabled, timerWheelEnable is false');
  });
});

it('a batch with a timed message is refused', async () => {
  const reply = await send(client, fixture.address, {
    batch: true,
    properties: encodeProperties([['TIMER_DELAY_MS', '1000']]),
  });
  expect(reply).toMatchObject({ code: ResponseCode.MESSAGE_ILLEGAL });
});

it('nobody sends to the timer itself', async () => {
  const reply = await send(client, fixture.address, { topic: 'rmq_sys_wheel_timer' });
  expect(reply.code).toBe(ResponseCode.NO_PERMISSION);
});

describe('a recall', () => {
  it('takes the message away', async () => {
    const first = await timed({ UNIQ_KEY: 'K1', TIMER_DELAY_MS: 5500 });
    await timed({ UNIQ_KEY: 'K2', TIMER_DELAY_MS: 5500 });
    const reply = await recall(first.header.recallHandle ?? '');
    expect(reply).toMatchObject({ code: ResponseCode.SUCCESS, header: { msgId: 'K1', region: 'DefaultRegion' } });
    await pass(7000);
    expect((await stored()).map(({ properties }) => decodeProperties(properties).get('UNIQ_KEY'))).toEqual(['K2']);
  });

  it('is refused for handles that do not fit, in the words of Java', async () => {
    const handle = {
      topic: 'TopicTest',
      brokerName: 'broker-a',
      timestamp: String(clock.now() + 5000),
      messageId: 'K1',
    };
    await timed({});
    const refusals: [string, string][] = [
      ['no handle', 'recall handle is invalid'],
      [encodeRecallHandle({ ...handle, topic: 'Other' }), 'recall failed, topic not match'],
      [encodeRecallHandle({ ...handle, brokerName: 'broker-b' }), 'recall failed, broker service not available'],
      [encodeRecallHandle({ ...handle, timestamp: '1' }), 'recall failed, timestamp invalid'],
      [encodeRecallHandle({ ...handle, timestamp: 'x' }), 'recall failed, timestamp invalid'],
    ];
    for (const [text, remark] of refusals) {
      expect(await recall(text)).toMatchObject({ code: ResponseCode.ILLEGAL_OPERATION, remark });
    }
    const unknown = await recall(encodeRecallHandle(handle), 'Nowhere');
    expect(unknown).toMatchObject({
      code: ResponseCode.TOPIC_NOT_EXIST,
      remark: 'recall failed, the topic[Nowhere] not exist',
    });
  });

  it('is refused where it is not enabled, or sends have not begun', async () => {
    await fixture.close();
    await open({ recallMessageEnable: false });
    const off = await recall('x');
    expect(off.code).toBe(ResponseCode.NO_PERMISSION);
    expect(off.remark).toContain('recallMessageEnable');
    await fixture.close();
    await open({ startAcceptSendRequestTimeStamp: clock.now() + 1_000_000 });
    expect((await recall('x')).code).toBe(ResponseCode.SERVICE_NOT_AVAILABLE);
    await fixture.close();
    await open({ brokerPermission: 4, allowRecallWhenBrokerNotWriteable: false });
    expect((await recall('x')).code).toBe(ResponseCode.SERVICE_NOT_AVAILABLE);
  });
});

it('a fileReservedTime that is not longer than messages wait in the log stops the start, by name', async () => {
  const start = (config: Partial<BrokerConfig>) => BrokerFixture.open({ config });
  const refused = { code: 'CONFIG_INVALID' };
  const given = { fileReservedTime: 48, timerRollWindowSlot: 172_800 };
  await expect(start(given)).rejects.toMatchObject(refused);
  await expect(start(given)).rejects.toThrow('fileReservedTime=48 hours must be longer');
  await expect(start({ fileReservedTime: 48, timerMaxDelaySec: 31_536_000 })).rejects.toThrow('timerRollWindowSlot');
  // Apache's own broker.conf has 48 hours: without a choice of its own the window fits.
  await (await start({ fileReservedTime: 48 })).close();
  await (await start({ fileReservedTime: 1, timerMaxDelaySec: 600 })).close();
});

it('nor can it be shortened to that while the broker runs', async () => {
  const update = (body: string) =>
    client.call(fixture.address, updateBrokerConfig, {}, { body, accept: [ResponseCode.INVALID_PARAMETER] });
  const refused = await update('fileReservedTime=47');
  expect(refused.code).toBe(ResponseCode.INVALID_PARAMETER);
  expect(refused.remark).toContain('fileReservedTime=47 hours must be longer');
  expect((await update('fileReservedTime=49')).code).toBe(ResponseCode.SUCCESS);
});
