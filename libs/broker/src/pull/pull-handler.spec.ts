import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  decodeMessages,
  deleteTopicInBroker,
  encodeProperties,
  heartBeat,
  litePullMessage,
  PullSysFlag,
  queryConsumerOffset,
  ResponseCode,
  tagsCode,
  updateAndCreateSubscriptiongroup,
  updateAndCreateTopic,
  updateBrokerConfig,
  type ConsumerData,
} from '../../../protocol/src/index.js';
import type { RemotingClient } from '../../../remoting/src/index.js';
import { BrokerFixture, pull, pullHeader, send } from '../../../testkit/src/broker-fixture.js';
import { createManualClock } from '../../../testkit/src/index.js';

const suspend = PullSysFlag.SUBSCRIPTION | PullSysFlag.SUSPEND;
const tagged = (tag: string): string => encodeProperties([['TAGS', tag]]);

function bodiesOf({ body }: Awaited<ReturnType<typeof pull>>): string[] {
  return decodeMessages(Buffer.concat([body].flat())).map((message) => message.body.toString());
}

/** Resolves when the broker has taken in everything the client sent before. */
async function roundTrip(client: RemotingClient, address: string): Promise<void> {
  await pull(client, address, { topic: 'no-such-topic' });
}

describe('a pull', () => {
  let fixture: BrokerFixture;
  let client: RemotingClient;
  beforeEach(async () => {
    fixture = await BrokerFixture.open();
    client = fixture.client();
  });
  afterEach(() => fixture.close());

  it('brings the messages from an offset on and says where to go on', async () => {
    for (const body of ['a', 'b', 'c']) await send(client, fixture.address, {}, body);
    const reply = await pull(client, fixture.address, { queueOffset: 1 });
    expect(reply).toMatchObject({ code: ResponseCode.SUCCESS, remark: 'FOUND' });
    expect(reply.header).toMatchObject({ nextBeginOffset: 3, minOffset: 0, maxOffset: 3, suggestWhichBrokerId: 0 });
    expect(bodiesOf(reply)).toEqual(['b', 'c']);
  });

  it.each([0, -1, 1])('with room for %j messages brings one', async (maxMsgNums) => {
    for (const body of ['a', 'b']) await send(client, fixture.address, {}, body);
    expect(bodiesOf(await pull(client, fixture.address, { maxMsgNums }))).toEqual(['a']);
  });

  it('brings only what the tags may match', async () => {
    await send(client, fixture.address, { properties: tagged('red') }, 'r');
    await send(client, fixture.address, { properties: tagged('green') }, 'g');
    await send(client, fixture.address, { properties: tagged('blue') }, 'b');
    expect(bodiesOf(await pull(client, fixture.address, { subscription: 'red || blue' }))).toEqual(['r', 'b']);
    const none = await pull(client, fixture.address, { subscription: 'black' });
    expect(none).toMatchObject({ code: ResponseCode.PULL_RETRY_IMMEDIATELY, remark: 'NO_MATCHED_MESSAGE' });
    expect(none.header.nextBeginOffset).toBe(3);
  });

  it('at the end finds nothing, beyond it or in no queue is sent elsewhere; always with the offsets', async () => {
    await send(client, fixture.address);
    const offsets = { minOffset: 0, maxOffset: 1, suggestWhichBrokerId: 0 };
    const end = await pull(client, fixture.address, { queueOffset: 1 });
    expect(end).toMatchObject({ code: ResponseCode.PULL_NOT_FOUND, header: { ...offsets, nextBeginOffset: 1 } });
    const beyond = await pull(client, fixture.address, { queueOffset: 9 });
    expect(beyond).toMatchObject({ code: ResponseCode.PULL_OFFSET_MOVED, header: { ...offsets, nextBeginOffset: 1 } });
    const empty = await pull(client, fixture.address, { queueId: 1, queueOffset: 5 });
    expect(empty).toMatchObject({ code: ResponseCode.PULL_OFFSET_MOVED, header: { nextBeginOffset: 0, maxOffset: 0 } });
  });

  it('leaves word of an offset that was moved', async () => {
    await send(client, fixture.address);
    await pull(client, fixture.address, { queueOffset: 9 });
    const [event = ''] = bodiesOf(await pull(client, fixture.address, { topic: 'OFFSET_MOVED_EVENT' }));
    expect(JSON.parse(event)).toMatchObject({ consumerGroup: 'consumers', offsetNew: 1, offsetRequest: 9 });
  });

  it('commits the offset it carries', async () => {
    await send(client, fixture.address);
    await pull(client, fixture.address, {
      sysFlag: PullSysFlag.SUBSCRIPTION | PullSysFlag.COMMIT_OFFSET,
      commitOffset: 1,
    });
    const queue = { consumerGroup: 'consumers', topic: 'TopicTest', queueId: 0 };
    const reply = await client.call(fixture.address, queryConsumerOffset, queue);
    expect(reply.header.offset).toBe(1);
  });

  it('is refused in the order of Java: group, topic, queue, subscription', async () => {
    await send(client, fixture.address);
    const codeOf = async (given: Parameters<typeof pull>[2]) => (await pull(client, fixture.address, given)).code;
    const wrong = { topic: 'no-such-topic', queueId: 99, sysFlag: 0 };
    expect(await codeOf({ ...wrong, consumerGroup: '../g' })).toBe(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST);
    expect(await codeOf(wrong)).toBe(ResponseCode.TOPIC_NOT_EXIST);
    expect(await codeOf({ queueId: 99, sysFlag: 0 })).toBe(ResponseCode.SYSTEM_ERROR);
    expect(await codeOf({ sysFlag: 0 })).toBe(ResponseCode.SUBSCRIPTION_NOT_EXIST);
    expect(await codeOf({ subscription: '||' })).toBe(ResponseCode.SUBSCRIPTION_PARSE_FAILED);
  });

  it('by SQL92 is refused in the words of Apache', async () => {
    await send(client, fixture.address);
    const reply = await pull(client, fixture.address, { subscription: 'a > 1', expressionType: 'SQL92' });
    expect(reply.remark).toBe('The broker does not support consumer to filter message by SQL92');
    expect(reply.code).toBe(ResponseCode.SYSTEM_ERROR);
  });

  it('is refused where reading is switched off: for the broker, for the group, for the topic', async () => {
    await send(client, fixture.address);
    const writeOnly = { topic: 'WriteOnly', defaultTopic: 'TBW102', readQueueNums: 1, writeQueueNums: 1, perm: 2 };
    const header = { ...writeOnly, topicFilterType: 'SINGLE_TAG', order: false };
    await client.call(fixture.address, updateAndCreateTopic, header);
    const closed = { ...groupConfig('closed'), consumeEnable: false };
    await client.call(fixture.address, updateAndCreateSubscriptiongroup, {}, { body: closed });
    const { NO_PERMISSION } = ResponseCode;
    expect((await pull(client, fixture.address, { topic: 'WriteOnly' })).code).toBe(NO_PERMISSION);
    expect((await pull(client, fixture.address, { consumerGroup: 'closed' })).code).toBe(NO_PERMISSION);
    await client.call(fixture.address, updateBrokerConfig, {}, { body: 'brokerPermission=2' });
    expect((await pull(client, fixture.address)).code).toBe(NO_PERMISSION);
  });

  it('without a subscription of its own takes the one of its group', async () => {
    await send(client, fixture.address, { properties: tagged('red') }, 'r');
    await send(client, fixture.address, { properties: tagged('blue') }, 'b');
    const body = { clientID: 'c', producerDataSet: [], consumerDataSet: [consumerData('blue', 5)] };
    await client.call(fixture.address, heartBeat, {}, { body });
    expect(bodiesOf(await pull(client, fixture.address, { sysFlag: 0, subVersion: 5 }))).toEqual(['b']);
    const newer = await pull(client, fixture.address, { sysFlag: 0, subVersion: 6 });
    expect(newer.code).toBe(ResponseCode.SUBSCRIPTION_NOT_LATEST);
  });

  it('is told by its group which broker to turn to next, when slaves may be read from', async () => {
    await send(client, fixture.address, {}, 'x');
    await send(client, fixture.address, {}, 'y');
    const body = {
      groupName: 'consumers',
      consumeEnable: true,
      consumeFromMinEnable: true,
      consumeBroadcastEnable: true,
      retryQueueNums: 1,
      retryMaxTimes: 16,
      brokerId: 2,
      whichBrokerWhenConsumeSlowly: 3,
      notifyConsumerIdsChangedEnable: true,
    };
    await client.call(fixture.address, updateAndCreateSubscriptiongroup, {}, { body });
    const suggested = async (config: string): Promise<number | undefined> => {
      await client.call(fixture.address, updateBrokerConfig, {}, { body: config });
      return (await pull(client, fixture.address)).header.suggestWhichBrokerId;
    };
    expect(await suggested('slaveReadEnable=true')).toBe(2);
    expect(await suggested('accessMessageInMemoryMaxRatio=0')).toBe(3);
    expect(await suggested('slaveReadEnable=false')).toBe(0);
  });

  it('of the lite consumer is served alike', async () => {
    await send(client, fixture.address, {}, 'x');
    const reply = await client.call(fixture.address, litePullMessage, pullHeader());
    expect(bodiesOf(reply)).toEqual(['x']);
  });
});

describe('a pull that waits', () => {
  const clock = createManualClock();
  let fixture: BrokerFixture;
  let client: RemotingClient;
  let producer: RemotingClient;
  beforeEach(async () => {
    fixture = await BrokerFixture.open({ clock });
    client = fixture.client();
    producer = fixture.client();
    await send(producer, fixture.address, {}, 'first');
  });
  afterEach(() => fixture.close());

  const waiting = (given: Parameters<typeof pull>[2] = {}) =>
    pull(client, fixture.address, { sysFlag: suspend, queueOffset: 1, ...given });

  it('is woken by a message, without a timer in the way', async () => {
    const answer = waiting();
    await roundTrip(client, fixture.address);
    await send(producer, fixture.address, {}, 'second');
    expect(bodiesOf(await answer)).toEqual(['second']);
  });

  it('is not woken by a message that its tags do not match', async () => {
    const answer = waiting({ subscription: 'red' });
    await roundTrip(client, fixture.address);
    await send(producer, fixture.address, { properties: tagged('blue') }, 'b');
    await send(producer, fixture.address, { properties: tagged('red') }, 'r');
    const reply = await answer;
    expect(bodiesOf(reply)).toEqual(['r']);
    expect(reply.header.nextBeginOffset).toBe(3);
  });

  it('is not parked again: after 5 s it learns how far it may skip what its tags do not match', async () => {
    const answer = waiting({ subscription: 'red' });
    await roundTrip(client, fixture.address);
    await send(producer, fixture.address, { properties: tagged('blue') }, 'b');
    clock.advance(5000);
    const header = { nextBeginOffset: 2, maxOffset: 2 };
    expect(await answer).toMatchObject({ code: ResponseCode.PULL_RETRY_IMMEDIATELY, header });
  });

  it('is told at the end of its time that there is nothing, and where to go on', async () => {
    const answer = waiting({ suspendTimeoutMillis: 15_000 });
    await roundTrip(client, fixture.address);
    clock.advance(14_900);
    let answered = false;
    void answer.then(() => (answered = true));
    await roundTrip(client, fixture.address);
    expect(answered).toBe(false);
    clock.advance(200);
    const offsets = { nextBeginOffset: 1, minOffset: 0, maxOffset: 1 };
    expect(await answer).toMatchObject({ code: ResponseCode.PULL_NOT_FOUND, header: offsets });
  });

  it('waits shortly, whatever comes, when long polling is off', async () => {
    await client.call(fixture.address, updateBrokerConfig, {}, { body: 'longPollingEnable=false' });
    const answer = waiting();
    await roundTrip(client, fixture.address);
    await send(producer, fixture.address, {}, 'second');
    let answered = false;
    void answer.then(() => (answered = true));
    await roundTrip(client, fixture.address);
    expect(answered).toBe(false);
    clock.advance(1100);
    expect(bodiesOf(await answer)).toEqual(['second']);
  });

  it('is told when its topic is deleted', async () => {
    const answer = waiting();
    await roundTrip(client, fixture.address);
    await producer.call(fixture.address, deleteTopicInBroker, { topic: 'TopicTest' });
    expect((await answer).code).toBe(ResponseCode.TOPIC_NOT_EXIST);
  });

  it('commits on its first run only', async () => {
    const answer = waiting({ sysFlag: suspend | PullSysFlag.COMMIT_OFFSET, commitOffset: 1 });
    await roundTrip(client, fixture.address);
    const queue = { consumerGroup: 'consumers', topic: 'TopicTest', queueId: 0 };
    const offset = async () => (await client.call(fixture.address, queryConsumerOffset, queue)).header.offset;
    expect(await offset()).toBe(1);
    await pull(producer, fixture.address, {
      sysFlag: PullSysFlag.SUBSCRIPTION | PullSysFlag.COMMIT_OFFSET,
      commitOffset: 7,
    });
    await send(producer, fixture.address);
    await answer;
    expect(await offset()).toBe(7);
  });
});

function consumerData(tag: string, subVersion: number): ConsumerData {
  return {
    groupName: 'consumers',
    consumeType: 'CONSUME_PASSIVELY',
    messageModel: 'CLUSTERING',
    consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
    unitMode: false,
    subscriptionDataSet: [
      {
        topic: 'TopicTest',
        subString: tag,
        tagsSet: [tag],
        codeSet: [tagsCode(tag)],
        subVersion,
        classFilterMode: false,
        expressionType: 'TAG',
      },
    ],
  };
}

function groupConfig(groupName: string) {
  return {
    groupName,
    consumeEnable: true,
    consumeFromMinEnable: true,
    consumeBroadcastEnable: true,
    retryQueueNums: 1,
    retryMaxTimes: 16,
    brokerId: 0,
    whichBrokerWhenConsumeSlowly: 1,
    notifyConsumerIdsChangedEnable: true,
  };
}
