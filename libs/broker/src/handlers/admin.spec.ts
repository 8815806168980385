import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseProperties } from '../../../common/src/index.js';
import {
  deleteTopicInBroker,
  encodeProperties,
  getAllTopicConfig,
  getBrokerConfig,
  getBrokerRuntimeInfo,
  getConsumeStats,
  getEarliestMsgStoretime,
  getMaxOffset,
  getMinOffset,
  getTopicConfig,
  getTopicStatsInfo,
  pullMessage,
  queryConsumerOffset,
  queryTopicConsumeByWho,
  ResponseCode,
  searchOffsetByTimestamp,
  updateAndCreateSubscriptiongroup,
  updateAndCreateTopic,
  updateBrokerConfig,
  updateConsumerOffset,
  type RequestHeader,
  type SubscriptionGroupConfig,
} from '../../../protocol/src/index.js';
import type { RemotingClient } from '../../../remoting/src/index.js';
import { BrokerFixture, pull, pullHeader, send } from '../../../testkit/src/broker-fixture.js';
import { createManualClock, freeBrokerPort } from '../../../testkit/src/index.js';

const clock = createManualClock();
const accept = [1, 3, 16, 17, 22, 29];
let fixture: BrokerFixture;
let client: RemotingClient;
beforeEach(async () => {
  fixture = await BrokerFixture.open({ clock });
  client = fixture.client();
});
afterEach(() => fixture.close());

const createTopic = (given: Partial<RequestHeader<typeof updateAndCreateTopic>> = {}) => {
  const queues = { readQueueNums: 4, writeQueueNums: 4, perm: 6, topicFilterType: 'SINGLE_TAG', order: false };
  const header = { topic: 'Made', defaultTopic: 'TBW102', ...queues, ...given };
  return client.call(fixture.address, updateAndCreateTopic, header, { accept });
};
const topicNames = async (): Promise<string[]> => [
  ...(await client.call(fixture.address, getAllTopicConfig, {})).body.topicConfigTable.keys(),
];
const queue = { topic: 'TopicTest', queueId: 0 };

describe('topics', () => {
  it('are there from the start as Apache 4.9 has them', async () => {
    expect((await topicNames()).toSorted()).toEqual([
      'BenchmarkTest',
      'DefaultCluster',
      'DefaultCluster_REPLY_TOPIC',
      'OFFSET_MOVED_EVENT',
      'SCHEDULE_TOPIC_XXXX',
      'SELF_TEST_TOPIC',
      'TBW102',
      'broker-a',
    ]);
  });

  it('are made and changed, attributes in the form of 5.x', async () => {
    await createTopic({ attributes: '+message.type=NORMAL' });
    await createTopic({ readQueueNums: 2, perm: 4, order: true });
    const { body } = await client.call(fixture.address, getTopicConfig, { topic: 'Made' });
    const attributes = new Map([['message.type', 'NORMAL']]);
    expect(body).toMatchObject({ readQueueNums: 2, writeQueueNums: 4, perm: 4, order: true, attributes });
  });

  it.each<[string, Partial<RequestHeader<typeof updateAndCreateTopic>>]>([
    ['a name that is none', { topic: 'a/b' }],
    ['a system topic', { topic: 'TBW102' }],
    ['a built-in topic', { topic: 'broker-a' }],
    ['a permission that is none', { perm: 8 }],
    ['fewer queues than none', { readQueueNums: -1 }],
    ['too many queues', { writeQueueNums: 65_536 }],
    ['an unknown filter type', { topicFilterType: 'NO_TAG' }],
    ['an unknown attribute', { attributes: '+colour=red' }],
    ['a queue type that is not served', { attributes: '+queue.type=BatchCQ' }],
  ])('are not made with %s', async (_title, given) => {
    const reply = await createTopic(given);
    expect(reply.code).toBe(ResponseCode.INVALID_PARAMETER);
    expect(await topicNames()).toHaveLength(8);
  });

  it('go with their queues and offsets, and begin anew', async () => {
    await send(client, fixture.address);
    await pull(client, fixture.address, { consumerGroup: 'g' });
    const group = { consumerGroup: 'g', ...queue };
    await client.call(fixture.address, updateConsumerOffset, { ...group, commitOffset: 1 });
    await client.call(fixture.address, deleteTopicInBroker, { topic: 'TopicTest' });
    expect(await topicNames()).not.toContain('TopicTest');
    expect(await readdir(join(fixture.directory, 'consumequeue'))).not.toContain('TopicTest');
    expect((await client.call(fixture.address, getTopicConfig, { topic: 'TopicTest' }, { accept })).code).toBe(17);
    expect((await send(client, fixture.address)).header.queueOffset).toBe(0);
    const offset = { ...group, setZeroIfNotFound: false };
    expect((await client.call(fixture.address, queryConsumerOffset, offset, { accept })).code).toBe(22);
  });

  it('tell the offsets and the time of each queue', async () => {
    await send(client, fixture.address, { queueId: 1 });
    const { body } = await client.call(fixture.address, getTopicStatsInfo, { topic: 'TopicTest' });
    expect(body.offsetTable).toHaveLength(4);
    expect(body.offsetTable[0]?.[1]).toEqual({ minOffset: 0, maxOffset: 0, lastUpdateTimestamp: 0 });
    expect(body.offsetTable[1]).toEqual([
      { brokerName: 'broker-a', queueId: 1, topic: 'TopicTest' },
      { minOffset: 0, maxOffset: 1, lastUpdateTimestamp: clock.now() },
    ]);
  });
});

describe('offsets', () => {
  it('of a queue: first, next, by time, and the time of the first', async () => {
    await send(client, fixture.address);
    const begun = clock.now();
    clock.advance(5000);
    await send(client, fixture.address);
    expect((await client.call(fixture.address, getMinOffset, queue)).header.offset).toBe(0);
    expect((await client.call(fixture.address, getMaxOffset, queue)).header.offset).toBe(2);
    const earliest = await client.call(fixture.address, getEarliestMsgStoretime, queue);
    expect(earliest.header.timestamp).toBe(begun);
    const later = { ...queue, timestamp: begun + 1 };
    expect((await client.call(fixture.address, searchOffsetByTimestamp, later)).header.offset).toBe(1);
    const upper = { ...later, boundaryType: 'upper' };
    expect((await client.call(fixture.address, searchOffsetByTimestamp, upper)).header.offset).toBe(0);
  });

  it('of a group show how far it is behind', async () => {
    for (let i = 0; i < 3; i++) await send(client, fixture.address);
    await pull(client, fixture.address, { consumerGroup: 'g', maxMsgNums: 2 });
    await client.call(fixture.address, updateConsumerOffset, { consumerGroup: 'g', ...queue, commitOffset: 1 });
    const { body } = await client.call(fixture.address, getConsumeStats, { consumerGroup: 'g' });
    const expected = { brokerOffset: 3, consumerOffset: 1, pullOffset: 2, lastTimestamp: clock.now() };
    expect(body.offsetTable[0]?.[1]).toEqual(expected);
    const { body: groups } = await client.call(fixture.address, queryTopicConsumeByWho, { topic: 'TopicTest' });
    expect(groups.groupList).toEqual(['g']);
  });

  it('of a group that never committed: 0 while the queue is young', async () => {
    await send(client, fixture.address);
    const group = { consumerGroup: 'g', ...queue };
    expect((await client.call(fixture.address, queryConsumerOffset, group)).header.offset).toBe(0);
    const strict = { ...group, setZeroIfNotFound: false };
    expect((await client.call(fixture.address, queryConsumerOffset, strict, { accept })).code).toBe(22);
  });
});

describe('subscription groups', () => {
  const group = (groupName: string): SubscriptionGroupConfig => ({
    groupName,
    consumeEnable: true,
    consumeFromMinEnable: true,
    consumeBroadcastEnable: true,
    retryQueueNums: 1,
    retryMaxTimes: 3,
    brokerId: 0,
    whichBrokerWhenConsumeSlowly: 1,
    notifyConsumerIdsChangedEnable: true,
  });

  it.each(['../g', '', 'x'.repeat(256), 'a b'])('are not made with the name %j', async (name) => {
    const options = { body: group(name), accept };
    const reply = await client.call(fixture.address, updateAndCreateSubscriptiongroup, {}, options);
    expect(reply.code).toBe(ResponseCode.INVALID_PARAMETER);
  });
});

describe('figures', () => {
  const runtime = async () => (await client.call(fixture.address, getBrokerRuntimeInfo, {})).body.table;

  it('tell how far delayed messages are delivered', async () => {
    await send(client, fixture.address, { properties: encodeProperties([['DELAY', '2']]) });
    const table = await runtime();
    expect([1, 2].map((level) => table.get(`scheduleMessageOffset_${level}`))).toEqual([undefined, '0,1']);
  });

  it('have the names of 4.9 and of 5.x, and show what goes on', async () => {
    for (let i = 0; i < 20; i++) await send(client, fixture.address);
    await pull(client, fixture.address);
    await pull(client, fixture.address, { queueOffset: 20 });
    clock.advance(10_000);
    const table = await runtime();
    expect(table.get('putTps')).toBe('2.0 2.0 2.0');
    expect(table.get('getTransferedTps')).toBe('2.0 2.0 2.0');
    expect(table.get('getTransferredTps')).toBe(table.get('getTransferedTps'));
    expect(table.get('getTotalTps')).toBe('0.2 0.2 0.2');
    expect(table.get('msgPutTotalTodayNow')).toBe('20');
    expect(table.get('brokerVersionDesc')).toBe('V4_9_7');
    // Whole records, not bodies: nothing else is in the log.
    const logSize = Number(table.get('commitLogMaxOffset'));
    expect(logSize).toBeGreaterThan(20 * 91);
    expect(table.get('putMessageSizeTotal')).toBe(String(logSize));
    expect(table.get('putMessageAverageSize')).toBe((logSize / 20).toFixed(1));
    expect(table.get('runtime')).toMatch(/^\[ 0 days, 0 hours, 0 minutes, \d+ seconds \]$/);
    const noFigures = [...table].filter(([, value]) => /NaN|undefined|null/.test(value));
    expect(noFigures).toEqual([]);
  });

  it('count the messages of a day from its morning', async () => {
    await send(client, fixture.address);
    clock.advance(24 * 3600 * 1000);
    // The day ended the idle connection too.
    client = fixture.client();
    await send(client, fixture.address);
    const table = await runtime();
    expect([table.get('msgPutTotalTodayMorning'), table.get('msgPutTotalTodayNow')]).toEqual(['1', '2']);
  });
});

describe('the configuration', () => {
  const update = (body: string) => client.call(fixture.address, updateBrokerConfig, {}, { body, accept });
  const read = async () => {
    const reply = await client.call(fixture.address, getBrokerConfig, {});
    return { version: reply.header.version, values: parseProperties(reply.body, 'reply') };
  };

  it('can be read, and its live keys changed', async () => {
    const before = await read();
    expect(before.values.get('brokerName')).toBe('broker-a');
    expect(before.version).toMatch(/^{"counter":0,/);
    await update('traceOn=false\nmaxMessageSize=4\n');
    expect((await send(client, fixture.address, {}, 'hello')).code).toBe(ResponseCode.MESSAGE_ILLEGAL);
    expect((await send(client, fixture.address, {}, 'hell')).header.traceOn).toBe('false');
    const after = await read();
    expect(after.values.get('traceOn')).toBe('false');
    expect(after.version).toMatch(/^{"counter":1,/);
  });

  it.each([
    ['rocketmqHome=x', ResponseCode.NO_PERMISSION, 'Can not update config in black list.'],
    ['brokerConfigPath=x', ResponseCode.NO_PERMISSION, 'Can not update config in black list.'],
    ['noSuchKey=1', ResponseCode.INVALID_PARAMETER, '"noSuchKey" is no key of this broker'],
    ['__proto__=1', ResponseCode.INVALID_PARAMETER, '"__proto__" is no key of this broker'],
    [
      'storePathRootDir=/x',
      ResponseCode.INVALID_PARAMETER,
      '"storePathRootDir" cannot be changed while the broker runs',
    ],
    ['sendMessageThreadPoolNums=9', ResponseCode.INVALID_PARAMETER, '"sendMessageThreadPoolNums" has no effect here'],
    ['brokerPermission=9', ResponseCode.INVALID_PARAMETER, '"brokerPermission" must be from 0 to 7'],
    ['traceOn=\\u00zz', ResponseCode.INVALID_PARAMETER, 'configuration update:2'],
  ])('refuses %s', async (line, code, remark) => {
    const reply = await update(`traceOn=false\n${line}\n`);
    expect(reply.code).toBe(code);
    expect(reply.remark).toContain(remark);
    expect((await read()).values.get('traceOn')).toBe('true');
  });
});

describe('a request', () => {
  it.each([27, 99_999])('%i, which is not served, is answered with 3', async (code) => {
    const unknown = { ...getMaxOffset, code };
    const reply = await client.call(fixture.address, unknown, queue, { accept });
    expect(reply).toMatchObject({ code: 3, remark: ` request type ${code} not supported` });
  });

  it('with a field that is no number is refused by its name', async () => {
    const properties = encodeProperties([]);
    const header = { ...pullHeader(), queueId: 'abc' as unknown as number, subscription: properties };
    const reply = await client.call(fixture.address, pullMessage, header, { accept });
    expect(reply.code).toBe(ResponseCode.SYSTEM_ERROR);
    expect(reply.remark).toContain('queueId');
  });
});

describe('the VIP port', () => {
  it('serves everything but pulls', async () => {
    const port = await freeBrokerPort();
    const vip = await BrokerFixture.open({ config: { listenPort: port } });
    const caller = vip.client();
    const address = `127.0.0.1:${port - 2}`;
    expect((await send(caller, address)).code).toBe(ResponseCode.SUCCESS);
    expect((await pull(caller, address)).code).toBe(ResponseCode.REQUEST_CODE_NOT_SUPPORTED);
    expect((await pull(caller, vip.address)).code).toBe(ResponseCode.SUCCESS);
    await vip.close();
  });

  it('that is taken is named as such, for nobody configured it', async () => {
    const port = await freeBrokerPort();
    const other = await BrokerFixture.open({ config: { listenPort: port } });
    const opening = BrokerFixture.open({ config: { listenPort: port + 2 } });
    const message = `the VIP channel is two ports below listenPort: port ${port} on 127.0.0.1 is taken; `;
    await expect(opening).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      message: expect.stringContaining(message),
    });
    await other.close();
  });
});
