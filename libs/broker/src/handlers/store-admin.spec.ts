import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  cleanExpiredConsumequeue,
  cleanUnusedTopic,
  deleteExpiredCommitlog,
  getBrokerRuntimeInfo,
  getEarliestMsgStoretime,
  getMinOffset,
  heartBeat,
  queryConsumeQueue,
  ResponseCode,
  type RequestHeader,
} from '../../../protocol/src/index.js';
import type { RemotingClient } from '../../../remoting/src/index.js';
import { BrokerFixture, pull, send } from '../../../testkit/src/broker-fixture.js';
import { createFaultyDisk, createManualClock } from '../../../testkit/src/index.js';
import { eventually } from '../../../testkit/src/eventually.js';

const clock = createManualClock();
const disk = createFaultyDisk();
const accept = [1];
const queue = { topic: 'TopicTest', queueId: 0 };
const hour = 3_600_000;
let fixture: BrokerFixture;
let client: RemotingClient;
beforeEach(async () => {
  disk.percentUsed = () => 50;
  const small = { mappedFileSizeCommitLog: 4096, mappedFileSizeConsumeQueue: 200 };
  // A request would wait for a pause that nobody's clock ends.
  const prompt = { deleteCommitLogFilesInterval: 0, deleteConsumeQueueFilesInterval: 0 };
  const config = {
    ...small,
    ...prompt,
    fileReservedTime: 1,
    deleteWhen: String((new Date(clock.now()).getHours() + 12) % 24),
  };
  fixture = await BrokerFixture.open({ clock, disk, config });
  client = fixture.client();
});
afterEach(() => fixture.close());

const filesIn = (...names: string[]): string[] => readdirSync(join(fixture.directory, ...names));

/** Some files of the log, all on the disk, and their time is over. */
async function grow(): Promise<void> {
  for (let i = 0; i < 60; i++) await send(client, fixture.address, {}, 'x'.repeat(150));
  for (let i = 0; i < 10; i++) {
    clock.advance(1000);
    await runtime();
  }
  clock.jump(2 * hour);
}

const runtime = async () => (await client.call(fixture.address, getBrokerRuntimeInfo, {})).body.table;
const entries = (header: Partial<RequestHeader<typeof queryConsumeQueue>>) =>
  client.call(fixture.address, queryConsumeQueue, { ...queue, index: 0, count: 10, ...header }, { accept });

describe('files of the commit log', () => {
  it('go on request, and the queues with them', async () => {
    await grow();
    expect(filesIn('commitlog').length).toBeGreaterThan(3);
    // A request stands for some passes only, and the disk may take longer than these.
    while (filesIn('commitlog').length > 1) {
      await client.call(fixture.address, deleteExpiredCommitlog, {});
      clock.advance(1000);
    }
    // The last name may be gone from the directory a moment before the queues may follow.
    let timestamp = -1;
    while (timestamp < 0) {
      await client.call(fixture.address, cleanExpiredConsumequeue, {});
      ({ timestamp } = (await client.call(fixture.address, getEarliestMsgStoretime, queue)).header);
    }
    const { offset } = (await client.call(fixture.address, getMinOffset, queue)).header;
    expect(offset).toBeGreaterThan(30);
    expect(filesIn('consumequeue', 'TopicTest', '0')[0]).not.toBe('0'.repeat(20));
    const behind = await pull(client, fixture.address, { queueOffset: 3 });
    expect(behind).toMatchObject({ code: ResponseCode.PULL_OFFSET_MOVED, header: { nextBeginOffset: offset } });
    expect((await runtime()).get('earliestMessageTimeStamp')).toBe(String(timestamp));
  });
});

describe('a full disk', () => {
  it('is told to senders with what to do, and to monitors', async () => {
    await send(client, fixture.address);
    disk.percentUsed = (path) => (path.endsWith('consumequeue') ? 91 : 14);
    clock.advance(10_000);
    const reply = await send(client, fixture.address);
    expect(reply.code).toBe(ResponseCode.SERVICE_NOT_AVAILABLE);
    expect(reply.remark).toContain(
      'consumequeue is 91 % full, diskSpaceWarningLevelRatio allows 90 %; free space there',
    );
    expect(reply.remark).toContain('[CL:  0.14 CQ:  0.91 INDEX:  0.91]');
    expect((await pull(client, fixture.address)).code).toBe(ResponseCode.SUCCESS);
    expect((await runtime()).get('commitLogDiskRatio')).toBe('0.14');
    expect((await runtime()).get('consumeQueueDiskRatio')).toBe('0.91');
    disk.percentUsed = () => 90;
    clock.advance(10_000);
    expect((await send(client, fixture.address)).code).toBe(ResponseCode.SUCCESS);
  });
});

describe('queues of unknown topics', () => {
  const spared = ['%LMQ%light', 'TopicTest', 'RMQ_SYS_TRANS_OP_HALF_TOPIC'].toSorted();

  it('go on request; those of known topics, of system topics and light ones stay', async () => {
    await fixture.close();
    const directory = await mkdtemp(join(tmpdir(), 'unused-topics-'));
    const queues = join(directory, 'consumequeue');
    for (const topic of ['Unknown', '%LMQ%light', 'RMQ_SYS_TRANS_OP_HALF_TOPIC']) {
      await mkdir(join(queues, topic, '0'), { recursive: true });
      await writeFile(join(queues, topic, '0', '0'.repeat(20)), Buffer.alloc(200));
    }
    fixture = await BrokerFixture.open({ clock, disk, directory, config: { mappedFileSizeConsumeQueue: 200 } });
    try {
      client = fixture.client();
      await send(client, fixture.address);
      clock.advance(1000);
      await eventually(() => readdirSync(queues).length === 4);
      await client.call(fixture.address, cleanUnusedTopic, {});
      expect(readdirSync(queues).toSorted()).toEqual(spared);
      expect((await pull(client, fixture.address)).code).toBe(ResponseCode.SUCCESS);
    } finally {
      await fixture.close();
      await rm(directory, { recursive: true });
    }
  });
});

describe('entries of a queue', () => {
  it('are told with its bounds', async () => {
    for (let i = 0; i < 3; i++) await send(client, fixture.address, { properties: 'TAGS\u0001a\u0002' });
    const { body } = await entries({ index: 1, count: 5 });
    expect(body).toMatchObject({ minQueueIndex: 0, maxQueueIndex: 3 });
    expect(body?.queueData).toEqual([
      { physicOffset: expect.any(Number), physicSize: expect.any(Number), tagsCode: 97, eval: false },
      { physicOffset: expect.any(Number), physicSize: expect.any(Number), tagsCode: 97, eval: false },
    ]);
    const [first, second] = body?.queueData ?? [];
    expect(second?.physicOffset).toBe((first?.physicOffset ?? 0) + (first?.physicSize ?? 0));
    expect([body?.subscriptionData, body?.filterData]).toEqual([undefined, undefined]);
    expect((await entries({ count: -1 })).body?.queueData).toEqual([]);
  });

  it('come with what the group asked for subscribes to', async () => {
    await send(client, fixture.address);
    const offline = await entries({ consumerGroup: 'g' });
    expect(offline.body).toMatchObject({ filterData: 'g@TopicTest is not online!' });
    const subscription = {
      topic: 'TopicTest',
      subString: '*',
      tagsSet: [],
      codeSet: [],
      subVersion: 1,
      classFilterMode: false,
      expressionType: 'TAG',
    };
    const consumer = {
      groupName: 'g',
      consumeType: 'CONSUME_PASSIVELY' as const,
      messageModel: 'CLUSTERING' as const,
      consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET' as const,
      subscriptionDataSet: [subscription],
      unitMode: false,
    };
    const body = { clientID: 'c', consumerDataSet: [consumer], producerDataSet: [] };
    await client.call(fixture.address, heartBeat, {}, { body });
    const online = await entries({ consumerGroup: 'g' });
    expect(online.body).toMatchObject({ subscriptionData: subscription, filterData: 'null' });
  });

  it.each([
    ['a queue that is none', { queueId: 9 }, 1, '9@TopicTest is not exist!'],
    ['an entry behind the end', { index: 1 }, 0, 'Index 1 of 0@TopicTest is not exist!'],
    ['an entry before the first', { index: -1 }, 0, 'Index -1 of 0@TopicTest is not exist!'],
  ])('are not told of %s', async (_title, header, code, remark) => {
    await send(client, fixture.address);
    const reply = await entries(header);
    expect(reply).toMatchObject({ code, remark });
    expect(reply.body).toBeUndefined();
  });
});
