import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  consumeMessageDirectly,
  decodeMessages,
  deleteSubscriptiongroup,
  getAllSubscriptiongroupConfig,
  getBrokerConsumeStats,
  getConsumeStats,
  getSubscriptiongroupConfig,
  getTopicStatsInfo,
  queryConsumerOffset,
  querySubscriptionByConsumer,
  queryTopicsByConsumer,
  ResponseCode,
  updateAndCreateTopic,
  updateConsumerOffset,
  viewBrokerStatsData,
} from '../../../protocol/src/index.js';
import { handle, ok, type RemotingClient } from '../../../remoting/src/index.js';
import { beat, BrokerFixture, consumerData, pull, send } from '../../../testkit/src/broker-fixture.js';
import { createManualClock } from '../../../testkit/src/index.js';

const clock = createManualClock();
const accept = [1, 22, 26, 206];
const topic = 'TopicTest';
let fixture: BrokerFixture;
let client: RemotingClient;
beforeEach(async () => {
  fixture = await BrokerFixture.open({ clock });
  client = fixture.client();
});
afterEach(() => fixture.close());

/** Sends three messages; the group pulls two and commits one. */
async function consume(consumerGroup: string, name = topic): Promise<void> {
  for (let i = 0; i < 3; i++) await send(client, fixture.address, { topic: name });
  await pull(client, fixture.address, { consumerGroup, topic: name, maxMsgNums: 2 });
  const header = { consumerGroup, topic: name, queueId: 0, commitOffset: 1 };
  await client.call(fixture.address, updateConsumerOffset, header);
}

describe('a subscription group', () => {
  const names = async () => {
    const { body } = await client.call(fixture.address, getAllSubscriptiongroupConfig, {});
    return [...body.subscriptionGroupTable.keys()];
  };
  const committed = async (consumerGroup: string) => {
    const header = { consumerGroup, topic, queueId: 0, setZeroIfNotFound: false };
    return (await client.call(fixture.address, queryConsumerOffset, header, { accept })).header.offset;
  };

  const remove = (groupName: string, given: { cleanOffset?: boolean; removeOffset?: boolean }) => {
    const header = { groupName, cleanOffset: false, removeOffset: false, ...given };
    return client.call(fixture.address, deleteSubscriptiongroup, header);
  };

  it('is deleted, and its offsets when that is asked for', async () => {
    await consume('g');
    await consume('g2');
    await remove('g', {});
    expect(await names()).not.toContain('g');
    expect(await committed('g')).toBe(1);
    await remove('g', { cleanOffset: true });
    expect([await committed('g'), await committed('g2')]).toEqual([undefined, 1]);
    await remove('g2', { removeOffset: true });
    expect(await committed('g2')).toBeUndefined();
  });

  it('is shown by itself', async () => {
    const reply = await client.call(fixture.address, getSubscriptiongroupConfig, { group: 'TOOLS_CONSUMER' });
    expect(reply.body).toMatchObject({ groupName: 'TOOLS_CONSUMER', retryMaxTimes: 16 });
    const none = await client.call(fixture.address, getSubscriptiongroupConfig, { group: 'a b' }, { accept });
    expect(none).toMatchObject({ code: 26, remark: 'No group in this broker' });
  });

  it('has topics, and a subscription to each while somebody is online', async () => {
    await consume('g');
    const { body } = await client.call(fixture.address, queryTopicsByConsumer, { group: 'g' });
    expect(body).toEqual({ topicList: [topic], brokerAddr: fixture.address });
    const ask = async () =>
      (await client.call(fixture.address, querySubscriptionByConsumer, { group: 'g', topic })).body;
    expect(await ask()).toEqual({ group: 'g', topic });
    await beat(client, fixture.address, 'c', [consumerData('g')]);
    expect(await ask()).toMatchObject({ group: 'g', topic, subscriptionData: { topic, subString: '*' } });
  });
});

describe('consume stats', () => {
  const topicsOf = async (given: { topic?: string; topicList?: string }) => {
    const { body } = await client.call(fixture.address, getConsumeStats, { consumerGroup: 'g', ...given });
    return [...new Set(body.offsetTable.map(([queue]) => queue.topic))];
  };

  it('of a list of topics leave out none, of others what is no longer subscribed to', async () => {
    await consume('g');
    await consume('g', 'Other');
    await beat(client, fixture.address, 'c', [consumerData('g', ['Other'])]);
    expect(await topicsOf({})).toEqual(['Other']);
    expect(await topicsOf({ topic })).toEqual([]);
    expect(await topicsOf({ topic, topicList: `${topic};Other;` })).toEqual([topic, 'Other']);
  });

  it('of the whole broker come by group and topic', async () => {
    await consume('g');
    const { body } = await client.call(fixture.address, getBrokerConsumeStats, { isOrder: false });
    const stats = Object.fromEntries(body.consumeStatsList.flatMap((groups) => [...groups]));
    expect(stats['TOOLS_CONSUMER']).toEqual([]);
    expect(stats['g']).toHaveLength(1);
    expect(stats['g']?.[0]?.offsetTable[0]?.[1]).toMatchObject({ brokerOffset: 3, consumerOffset: 1, pullOffset: 2 });
    expect(body).toMatchObject({ brokerAddr: fixture.address, totalDiff: 2, totalInflightDiff: 1 });
    const ordered = await client.call(fixture.address, getBrokerConsumeStats, { isOrder: true });
    expect(ordered.body.consumeStatsList.flatMap((groups) => [...groups.values()]).flat()).toEqual([]);
  });
});

describe('statistics', () => {
  const ask = (statsName: string, statsKey: string) =>
    client.call(fixture.address, viewBrokerStatsData, { statsName, statsKey }, { accept });

  it.each([
    ['TOPIC_PUT_NUMS', topic, 3, 1],
    ['GROUP_GET_NUMS', `${topic}@g`, 2, 2],
    ['BROKER_PUT_NUMS', 'DefaultCluster', 3, 0],
    ['BROKER_GET_NUMS', 'DefaultCluster', 2, 0],
  ])('%s %s', async (name, key, sum, avgpt) => {
    await consume('g');
    clock.advance(10_000);
    const { body } = await ask(name, key);
    expect(body.statsMinute).toEqual({ sum, tps: sum / 10, avgpt });
    expect(body.statsHour).toEqual({ sum: 0, tps: 0, avgpt: 0 });
  });

  it('count the bytes of records, of a batch as of one message', async () => {
    await consume('g');
    clock.advance(10_000);
    const [put, got] = [await ask('TOPIC_PUT_SIZE', topic), await ask('GROUP_GET_SIZE', `${topic}@g`)];
    const record = put.body.statsMinute.sum / 3;
    expect(record).toBeGreaterThan(91);
    expect(got.body.statsMinute.sum).toBe(2 * record);
    expect((await ask('GROUP_GET_LATENCY', `${topic}@g`)).body.statsMinute).toMatchObject({ sum: 0, avgpt: 0 });
  });

  it('say what was never counted', async () => {
    await consume('g');
    const reply = await ask('SNDBCK_PUT_NUMS', `${topic}@g`);
    expect(reply).toMatchObject({ code: 1, remark: `The stats <SNDBCK_PUT_NUMS> <${topic}@g> not exist` });
    expect((await ask('TOPIC_PUT_NUMS', 'none')).code).toBe(1);
    expect((await ask('constructor', 'none')).code).toBe(1);
  });

  it('are the rates of topics and groups', async () => {
    await consume('g');
    clock.advance(10_000);
    const stats = await client.call(fixture.address, getTopicStatsInfo, { topic });
    expect(stats.body.topicPutTps).toBe(0.3);
    expect((await client.call(fixture.address, getConsumeStats, { consumerGroup: 'g' })).body.consumeTps).toBe(0.2);
  });
});

it('the offsets of a topic are those of its queues for readers too', async () => {
  const queues = { readQueueNums: 3, writeQueueNums: 1, perm: 6, topicFilterType: 'SINGLE_TAG', order: false };
  await client.call(fixture.address, updateAndCreateTopic, { topic: 'Wide', defaultTopic: 'TBW102', ...queues });
  const { body } = await client.call(fixture.address, getTopicStatsInfo, { topic: 'Wide' });
  expect(body.offsetTable.map(([{ queueId }]) => queueId)).toEqual([0, 1, 2]);
});

describe('CONSUME_MESSAGE_DIRECTLY', () => {
  it('brings the message to the client, and its result back', async () => {
    const result = { order: false, autoCommit: true, consumeResult: 'CR_SUCCESS' as const, spentTimeMills: 3 };
    let told: unknown;
    const asked = handle(consumeMessageDirectly, [], (exchange) => {
      const { brokerName, topicSysFlag, groupSysFlag } = exchange.header;
      const [message] = decodeMessages(exchange.bytes);
      told = { brokerName, topicSysFlag, groupSysFlag, body: message?.body.toString() };
      return ok({}, { body: result });
    });
    const member = fixture.client([asked]);
    await beat(member, fixture.address, 'c1', [consumerData('g')]);
    const { msgId } = (await send(client, fixture.address, {}, 'again')).header;
    const header = { consumerGroup: 'g', clientId: 'c1', msgId, topic };
    const reply = await client.call(fixture.address, consumeMessageDirectly, header, { body: Buffer.alloc(0) });
    expect(reply.body).toEqual(result);
    expect(told).toEqual({ brokerName: 'broker-a', topicSysFlag: 0, groupSysFlag: 0, body: 'again' });
  });

  it.each([
    ['x', ResponseCode.SYSTEM_ERROR, '"x" is no message id'],
    ['7F00000100002A9F0000000000000063', ResponseCode.SYSTEM_ERROR, 'can not find message by the offset, 99'],
  ])('refuses the id %s', async (msgId, code, remark) => {
    const header = { consumerGroup: 'g', clientId: 'c1', msgId };
    const reply = await client.call(fixture.address, consumeMessageDirectly, header, { accept, body: Buffer.alloc(0) });
    expect(reply).toMatchObject({ code, remark: expect.stringContaining(remark) });
  });

  it('says who is not online', async () => {
    const { msgId } = (await send(client, fixture.address)).header;
    const header = { consumerGroup: 'g', clientId: 'c1', msgId };
    const reply = await client.call(fixture.address, consumeMessageDirectly, header, { accept, body: Buffer.alloc(0) });
    expect(reply.remark).toBe('The Consumer <g> <c1> not online');
  });
});
