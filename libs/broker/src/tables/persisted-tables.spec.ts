import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../../common/src/index.js';
import {
  getAllSubscriptiongroupConfig,
  getAllTopicConfig,
  queryConsumerOffset,
  readJson,
  ResponseCode,
  updateConsumerOffset,
} from '../../../protocol/src/index.js';
import { BrokerFixture, pull, send } from '../../../testkit/src/broker-fixture.js';
import { createManualClock } from '../../../testkit/src/index.js';
import { resolveBrokerConfig } from '../broker-config.js';
import { ConsumerOffsetTable } from './consumer-offset-table.js';
import { SubscriptionGroupTable } from './subscription-group-table.js';
import { TopicTable } from './topic-table.js';

const clock = createManualClock();
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tables-'));
  await mkdir(join(directory, 'config'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const put = (name: string, text: string): Promise<void> => writeFile(join(directory, 'config', name), text);
const queue = { consumerGroup: 'g', topic: 'TopicTest', queueId: 0 };

/** As a broker of Apache 4.9.7 and 5.3.3 wrote them, shortened. */
const javaTopics = `{
\t"dataVersion":{
\t\t"counter":3,
\t\t"stateVersion":0,
\t\t"timestamp":1700000000000
\t},
\t"topicConfigTable":{
\t\t"FromJava":{
\t\t\t"attributes":{"message.type":"NORMAL"
\t\t\t},
\t\t\t"order":false,
\t\t\t"perm":6,
\t\t\t"readQueueNums":3,
\t\t\t"topicFilterType":"SINGLE_TAG",
\t\t\t"topicName":"FromJava",
\t\t\t"topicSysFlag":0,
\t\t\t"writeQueueNums":3
\t\t}
\t}
}`;
const javaGroups = `{"dataVersion":{"counter":1,"timestamp":1},"forbiddenTable":{"g":{"T":1}},"subscriptionGroupTable":{"g":{"brokerId":0,
"consumeBroadcastEnable":true,"consumeEnable":true,"consumeFromMinEnable":true,"groupName":"g","groupRetryPolicy":{"type":"CUSTOMIZED"},
"notifyConsumerIdsChangedEnable":true,"retryMaxTimes":5,"retryQueueNums":1,"whichBrokerWhenConsumeSlowly":1}}}`;
const javaOffsets = `{
\t"dataVersion":{"counter":0,"timestamp":1},
\t"offsetTable":{
\t\t"TopicTest@g":{0:1,1:7
\t\t}
\t}
}`;

describe('tables of a broker', () => {
  it('are taken over from files of Apache, and kept with what only others read', async () => {
    await Promise.all([put('topics.json', javaTopics), put('subscriptionGroup.json', javaGroups)]);
    const fixture = await BrokerFixture.open({ directory });
    const client = fixture.client();
    const topics = (await client.call(fixture.address, getAllTopicConfig, {})).body;
    expect(topics.topicConfigTable.get('FromJava')).toMatchObject({ readQueueNums: 3 });
    expect(topics.dataVersion.counter).toBe(3);
    const groups = (await client.call(fixture.address, getAllSubscriptiongroupConfig, {})).body;
    expect(groups.subscriptionGroupTable.get('g')).toMatchObject({ retryMaxTimes: 5 });
    await send(client, fixture.address);
    await pull(client, fixture.address, { consumerGroup: 'new' });
    await fixture.close();
    const saved = await readFile(join(directory, 'config', 'topics.json'), 'utf8');
    expect(saved).toContain('"message.type":"NORMAL"');
    expect(saved).toContain('\t\t"TopicTest":{');
    expect(readJson(await readFile(join(directory, 'config', 'subscriptionGroup.json'), 'utf8'))).toBeDefined();
    expect(await readFile(join(directory, 'config', 'subscriptionGroup.json'), 'utf8')).toContain('"forbiddenTable"');
  });

  it('survive a restart, offsets with their bare keys', async () => {
    let fixture = await BrokerFixture.open({ directory });
    let client = fixture.client();
    for (let i = 0; i < 3; i++) await send(client, fixture.address);
    await pull(client, fixture.address, { consumerGroup: 'g' });
    await client.call(fixture.address, updateConsumerOffset, { ...queue, commitOffset: 2 });
    await fixture.close();
    expect(await readFile(join(directory, 'config', 'consumerOffset.json'), 'utf8')).toContain('"TopicTest@g":{0:2');
    fixture = await BrokerFixture.open({ directory });
    client = fixture.client();
    expect((await client.call(fixture.address, queryConsumerOffset, queue)).header.offset).toBe(2);
    await fixture.close();
  });

  it('save offsets every five seconds', async () => {
    const fixture = await BrokerFixture.open({ directory, clock });
    const client = fixture.client();
    await send(client, fixture.address);
    await pull(client, fixture.address, { consumerGroup: 'g' });
    await client.call(fixture.address, updateConsumerOffset, { ...queue, commitOffset: 1 });
    const table = new ConsumerOffsetTable({
      config: resolveBrokerConfig({ storePathRootDir: directory }),
      clock,
      log: silentLogger,
    });
    clock.advance(5000);
    while (table.get('g', 'TopicTest', 0) === undefined) await table.load();
    expect(table.get('g', 'TopicTest', 0)).toBe(1);
    await fixture.close();
  });

  it('bring offsets beyond a queue back to its end: what comes there later is not skipped', async () => {
    await put('consumerOffset.json', javaOffsets);
    const fixture = await BrokerFixture.open({ directory });
    const reply = await fixture.client().call(fixture.address, queryConsumerOffset, queue);
    expect(reply.header.offset).toBe(0);
    await fixture.close();
  });

  it('keep the broker from starting when they are damaged, with the file and what to do', async () => {
    await put('topics.json', 'garbage');
    const opening = BrokerFixture.open({ directory });
    await expect(opening).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringContaining('topics.json'),
    });
  });
});

describe('UPDATE_CONSUMER_OFFSET', () => {
  it('takes offsets only of groups, topics and queues that exist', async () => {
    const fixture = await BrokerFixture.open({ directory });
    const client = fixture.client();
    const accept = [
      ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
      ResponseCode.TOPIC_NOT_EXIST,
      ResponseCode.INVALID_PARAMETER,
    ];
    const codeOf = async (given: object) =>
      (await client.call(fixture.address, updateConsumerOffset, { ...queue, commitOffset: 1, ...given }, { accept }))
        .code;
    expect(await codeOf({})).toBe(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST);
    await pull(client, fixture.address, { consumerGroup: 'g' });
    expect(await codeOf({})).toBe(ResponseCode.TOPIC_NOT_EXIST);
    await send(client, fixture.address);
    expect(await codeOf({ queueId: 4 })).toBe(ResponseCode.INVALID_PARAMETER);
    expect(await codeOf({ queueId: 3 })).toBe(ResponseCode.SUCCESS);
    await fixture.close();
  });
});

describe('names from outside', () => {
  const config = () => resolveBrokerConfig({ storePathRootDir: directory, brokerName: 'a' });

  it('fill no table beyond its limit', async () => {
    const topics = new TopicTable({ config: config(), clock, log: silentLogger, limit: 10 });
    const made = Array.from({ length: 10 }, (_, i) => topics.createIfAbsent(`T${i}`, 1, 6, 0)).filter(Boolean);
    expect(made.length).toBe(10 - 8);
    const groups = new SubscriptionGroupTable({ config: config(), clock, log: silentLogger, limit: 8 });
    expect([groups.find('a')?.groupName, groups.find('b')]).toEqual(['a', undefined]);
    await Promise.all([topics.settled(), groups.settled()]);
  });

  it('that JavaScript objects know are names like any other', async () => {
    const topics = new TopicTable({ config: config(), clock, log: silentLogger });
    for (const name of ['__proto__', 'constructor', 'toString']) {
      expect(topics.get(name)).toBeUndefined();
      expect(topics.createIfAbsent(name, 2, 6, 0)).toMatchObject({ topicName: name });
    }
    await topics.settled();
    const loaded = new TopicTable({ config: config(), clock, log: silentLogger });
    await loaded.load();
    expect(loaded.get('__proto__')).toMatchObject({ topicName: '__proto__', readQueueNums: 2 });
  });
});
