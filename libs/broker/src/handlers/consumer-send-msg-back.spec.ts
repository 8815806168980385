import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  consumerSendMsgBack,
  decodeMessages,
  decodeProperties,
  encodeProperties,
  getAllTopicConfig,
  parseOffsetMessageId,
  PullSysFlag,
  ResponseCode,
  updateAndCreateSubscriptiongroup,
  updateBrokerConfig,
  type MessageRecord,
  type RequestHeader,
  type SubscriptionGroupConfig,
} from '../../../protocol/src/index.js';
import type { RemotingClient } from '../../../remoting/src/index.js';
import { BrokerFixture, pull, send } from '../../../testkit/src/broker-fixture.js';
import { createManualClock, StoreDirectory, type ManualClock } from '../../../testkit/src/index.js';

const accept = [1, 16, 26];
const group: SubscriptionGroupConfig = {
  groupName: 'consumers',
  consumeEnable: true,
  consumeFromMinEnable: true,
  consumeBroadcastEnable: true,
  retryQueueNums: 1,
  retryMaxTimes: 2,
  brokerId: 0,
  whichBrokerWhenConsumeSlowly: 1,
  notifyConsumerIdsChangedEnable: true,
};

let clock: ManualClock;
let fixture: BrokerFixture;
let client: RemotingClient;
const open = async (config = {}): Promise<void> => {
  clock = createManualClock();
  fixture = await BrokerFixture.open({ clock, config: { messageDelayLevel: '1s 5s 10s 30s', ...config } });
  client = fixture.client();
};
beforeEach(() => open());
afterEach(() => fixture.close());

const makeGroup = (given: Partial<SubscriptionGroupConfig> = {}) =>
  client.call(fixture.address, updateAndCreateSubscriptiongroup, {}, { body: { ...group, ...given } });
const sendBack = (given: Partial<RequestHeader<typeof consumerSendMsgBack>> = {}) =>
  client.call(
    fixture.address,
    consumerSendMsgBack,
    { offset: 0, group: 'consumers', delayLevel: 0, unitMode: false, ...given },
    { accept },
  );
const records = async (topic: string): Promise<MessageRecord[]> => {
  const reply = await pull(client, fixture.address, { topic });
  return reply.code === 0 ? decodeMessages(reply.body as Buffer) : [];
};
const sent = async (): Promise<{ id: string; offset: number }> => {
  const properties = encodeProperties([
    ['TAGS', 'a'],
    ['KEYS', 'k'],
  ]);
  const reply = await send(client, fixture.address, { properties });
  return { id: reply.header.msgId, offset: parseOffsetMessageId(reply.header.msgId).offset };
};
const topics = async () => (await client.call(fixture.address, getAllTopicConfig, {})).body.topicConfigTable;
/** The message at this offset of the retry topic, awaited. */
const come = async (queueOffset: number): Promise<MessageRecord> => {
  const sysFlag = PullSysFlag.SUBSCRIPTION | PullSysFlag.SUSPEND;
  const reply = await pull(client, fixture.address, { topic: '%RETRY%consumers', queueOffset, sysFlag });
  return decodeMessages(reply.body as Buffer)[0] as MessageRecord;
};

describe('a message that a consumer gives back', () => {
  it('comes again in the retry topic after its delay, with what it was', async () => {
    await makeGroup();
    const { id, offset } = await sent();
    expect((await sendBack({ offset })).code).toBe(0);
    expect((await topics()).get('%RETRY%consumers')).toMatchObject({ perm: 6, readQueueNums: 1, writeQueueNums: 1 });
    clock.advance(9_999);
    expect(await records('%RETRY%consumers')).toEqual([]);
    clock.advance(1);
    const again = await come(0);
    expect(again).toMatchObject({ reconsumeTimes: 1, bornTimestamp: 1_700_000_000_000 });
    expect(String(again.body)).toBe('hello');
    expect(Object.fromEntries(decodeProperties(again.properties))).toMatchObject({
      TAGS: 'a',
      KEYS: 'k',
      RETRY_TOPIC: 'TopicTest',
      ORIGIN_MESSAGE_ID: id,
      WAIT: 'false',
      DELAY: '3',
      REAL_TOPIC: '%RETRY%consumers',
      REAL_QID: '0',
    });
  });

  it('keeps its first topic and id, waits longer with each try, and ends with the dead letters', async () => {
    await makeGroup();
    const { id, offset } = await sent();
    await sendBack({ offset });
    clock.advance(10_000);
    const first = await come(0);
    await sendBack({ offset: first.physicalOffset });
    clock.advance(29_999);
    expect(await records('%RETRY%consumers')).toHaveLength(1);
    clock.advance(1);
    const second = await come(1);
    expect(second.reconsumeTimes).toBe(2);
    await sendBack({ offset: second.physicalOffset });
    const [dead] = await records('%DLQ%consumers');
    expect(dead).toMatchObject({ reconsumeTimes: 3 });
    const properties = decodeProperties(dead?.properties ?? '');
    expect(properties.get('RETRY_TOPIC')).toBe('TopicTest');
    expect(properties.get('ORIGIN_MESSAGE_ID')).toBe(id);
    expect(properties.get('DELAY')).toBe('0');
    expect((await topics()).get('%DLQ%consumers')).toMatchObject({ perm: 6, readQueueNums: 1, writeQueueNums: 1 });
  });

  it('is a dead letter at once when the consumer says so, or allows no retry', async () => {
    await makeGroup();
    const { offset } = await sent();
    await sendBack({ offset, delayLevel: -1 });
    await sendBack({ offset, maxReconsumeTimes: 0 });
    expect(await records('%DLQ%consumers')).toHaveLength(2);
  });

  it('waits as long as the consumer says, at most the highest level', async () => {
    await makeGroup();
    const { offset } = await sent();
    await sendBack({ offset, delayLevel: 1 });
    await sendBack({ offset, delayLevel: 99 });
    clock.advance(1000);
    await come(0);
    clock.advance(29_000);
    expect(decodeProperties((await come(1)).properties).get('DELAY')).toBe('4');
  });

  it.each([
    ['V4_9_7' as const, 'of the broker that stored it first'],
    ['V5_3_3' as const, 'of this one'],
  ])('carries in %s the address %s', async (brokerVersion, _whose) => {
    const directory = new StoreDirectory();
    const on = async <T>(task: () => Promise<T>): Promise<T> => {
      await fixture.close();
      fixture = await BrokerFixture.open({ clock, config: { brokerVersion }, directory: directory.path });
      client = fixture.client();
      return task();
    };
    const { id, offset } = await on(sent);
    await on(async () => {
      await sendBack({ offset, delayLevel: -1 });
      const [dead] = await records('%DLQ%consumers');
      const { port } = parseOffsetMessageId(id);
      expect(port).not.toBe(fixture.broker.port);
      expect(dead?.storeHost.port).toBe(brokerVersion === 'V4_9_7' ? port : fixture.broker.port);
      expect(decodeProperties(dead?.properties ?? '').get('ORIGIN_MESSAGE_ID')).toBe(id);
    });
    await fixture.close();
    await directory.remove();
  });
});

it('comes only to queues that the retry topic has, however many its group has got since', async () => {
  await makeGroup();
  const { offset } = await sent();
  await sendBack({ offset, delayLevel: 1 });
  await makeGroup({ retryQueueNums: 100 });
  for (let i = 0; i < 8; i++) await sendBack({ offset, delayLevel: 1 });
  const waiting = await records('SCHEDULE_TOPIC_XXXX');
  expect(waiting.map(({ properties }) => decodeProperties(properties).get('REAL_QID'))).toEqual(Array(9).fill('0'));
});

describe('is refused', () => {
  it('for a group that does not exist and is not to be made', async () => {
    await fixture.close();
    await open({ autoCreateSubscriptionGroup: false });
    const { code, remark } = await sendBack();
    expect(code).toBe(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST);
    expect(remark).toMatch(/^subscription group not exist, consumers \nSee http/);
  });

  it('while nobody may write to the broker, and before anything else is looked at', async () => {
    await client.call(fixture.address, updateBrokerConfig, {}, { body: 'brokerPermission=4' });
    await makeGroup({ retryQueueNums: 0 });
    expect(await sendBack()).toMatchObject({ code: ResponseCode.NO_PERMISSION });
  });

  it('when there is no message at that offset', async () => {
    await sent();
    for (const offset of [1, -1, 2 ** 52]) {
      expect(await sendBack({ offset })).toMatchObject({
        code: ResponseCode.SYSTEM_ERROR,
        remark: `look message by offset failed, ${offset}`,
      });
    }
  });
});

it('is taken as consumed by a group without queues for retries', async () => {
  await makeGroup({ retryQueueNums: 0 });
  expect(await sendBack({ offset: 12345 })).toMatchObject({ code: 0 });
  expect((await topics()).has('%RETRY%consumers')).toBe(false);
});
