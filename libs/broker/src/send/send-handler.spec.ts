import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  decodeMessages,
  decodeProperties,
  encodeBatchBody,
  encodeProperties,
  parseOffsetMessageId,
  ResponseCode,
  sendBatchMessage,
  sendMessage,
  updateAndCreateTopic,
  updateBrokerConfig,
  viewMessageById,
} from '../../../protocol/src/index.js';
import type { RemotingClient } from '../../../remoting/src/index.js';
import { BrokerFixture, pull, send, sendHeader } from '../../../testkit/src/broker-fixture.js';

let fixture: BrokerFixture;
let client: RemotingClient;
beforeEach(async () => {
  fixture = await BrokerFixture.open();
  client = fixture.client();
});
afterEach(() => fixture.close());

async function stored(topic = 'TopicTest', queueId = 0) {
  const reply = await pull(client, fixture.address, { topic, queueId });
  return messagesOf(reply);
}

function messagesOf({ code, body }: Awaited<ReturnType<typeof pull>>) {
  return code === ResponseCode.SUCCESS ? decodeMessages(Buffer.concat([body].flat())) : [];
}

async function filesIn(directory: string): Promise<string[]> {
  return (await readdir(directory, { recursive: true })).toSorted();
}

describe('a send', () => {
  it('stores the message and names it by this broker and its place in the log', async () => {
    const properties = encodeProperties([
      ['KEYS', 'k1'],
      ['TAGS', 'a'],
      ['UNIQ_KEY', 'U1'],
      ['WAIT', 'true'],
    ]);
    const reply = await send(client, fixture.address, { properties, flag: 7 });
    expect(reply.header).toMatchObject({ queueId: 0, queueOffset: 0, transactionId: 'U1' });
    expect(reply.header).toMatchObject({ region: 'DefaultRegion', traceOn: 'true' });
    expect(parseOffsetMessageId(reply.header.msgId)).toEqual({ ip: '127.0.0.1', port: fixture.broker.port, offset: 0 });
    const [message] = await stored();
    expect(message).toMatchObject({ topic: 'TopicTest', flag: 7, bornTimestamp: 1_700_000_000_000 });
    expect(message?.body.toString()).toBe('hello');
    expect(Object.fromEntries(decodeProperties(message?.properties ?? ''))).toEqual({
      KEYS: 'k1',
      TAGS: 'a',
      UNIQ_KEY: 'U1',
      CLUSTER: 'DefaultCluster',
    });
    // As 4.9.7 writes it, byte for byte.
    expect(message?.properties.endsWith('\u0002CLUSTER\u0001DefaultCluster')).toBe(true);
  });

  it('makes an id for a message that comes without', async () => {
    const reply = await send(client, fixture.address);
    expect(reply.header.transactionId).toMatch(/^7F000001[0-9A-F]{24}$/);
  });

  it('takes the long header too', async () => {
    const reply = await client.call(fixture.address, sendMessage, sendHeader(), { body: Buffer.from('v1') });
    expect(reply.header.queueOffset).toBe(0);
  });

  it('makes the topic as the default topic allows, and acknowledges when it is on disk', async () => {
    await send(client, fixture.address, { defaultTopicQueueNums: 100, queueId: 7 });
    const names = await readdir(`${fixture.directory}/config`);
    expect(names).toContain('topics.json');
    const beyond = await send(client, fixture.address, { queueId: 8 });
    expect(beyond).toMatchObject({ code: ResponseCode.SYSTEM_ERROR });
    expect(beyond.remark).toContain('request queueId[8] is illegal, TopicConfig [topicName=TopicTest');
  });

  it('lets the broker choose the queue', async () => {
    const queues = new Set<number>();
    for (let i = 0; i < 40; i++) queues.add((await send(client, fixture.address, { queueId: -1 })).header.queueId);
    expect([...queues].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
  });

  it('is refused for a topic that may not be made', async () => {
    const reply = await send(client, fixture.address, { defaultTopic: 'no-such-default' });
    expect(reply.code).toBe(ResponseCode.TOPIC_NOT_EXIST);
    expect(reply.remark).toContain('topic[TopicTest] not exist, apply first please!');
  });

  it.each(['../../x', 'a/b', 'a\0b', '..', 'x'.repeat(128), '', '日本'])('refuses the topic name %j', async (topic) => {
    const before = await filesIn(fixture.directory);
    const reply = await send(client, fixture.address, { topic });
    expect(reply.code).toBe(ResponseCode.INVALID_PARAMETER);
    expect(await filesIn(fixture.directory)).toEqual(before);
  });

  it.each([
    'SCHEDULE_TOPIC_XXXX',
    'RMQ_SYS_TRANS_HALF_TOPIC',
    'RMQ_SYS_TRANS_OP_HALF_TOPIC',
    'OFFSET_MOVED_EVENT',
    'TRANS_CHECK_MAX_TIME_TOPIC',
    'SELF_TEST_TOPIC',
  ])('refuses the brokers own topic %s', async (topic) => {
    const reply = await send(client, fixture.address, { topic });
    expect(reply.code).toBe(ResponseCode.NO_PERMISSION);
    expect(reply.remark).toBe(`Sending message to topic[${topic}] is forbidden.`);
  });

  it.each([
    ['DELAY', 'soon'],
    ['TIMER_DELIVER_MS', 'soon'],
    ['TIMER_DELAY_SEC', '1.5'],
    ['TIMER_DELAY_MS', '1e3'],
    ['INNER_MULTI_DISPATCH', '%LMQ%a/../../b'],
  ])('refuses %s=%s by name and stores nothing', async (name, value) => {
    const reply = await send(client, fixture.address, { properties: encodeProperties([[name, value]]) });
    expect(reply.code).toBe(ResponseCode.MESSAGE_ILLEGAL);
    expect(reply.remark).toContain(`"${name}"`);
    expect(await stored()).toEqual([]);
  });

  it('takes what only looks like it: a transaction mark that is off, a delay of none', async () => {
    const properties = encodeProperties([
      ['TRAN_MSG', 'false'],
      ['DELAY', '0'],
    ]);
    expect((await send(client, fixture.address, { properties })).code).toBe(ResponseCode.SUCCESS);
  });

  it('drops names only brokers set', async () => {
    const properties = encodeProperties([
      ['REAL_TOPIC', 'x'],
      ['REAL_QID', '1'],
      ['POP_CK', 'x'],
      ['mine', 'y'],
    ]);
    await send(client, fixture.address, { properties });
    const [message] = await stored();
    expect([...decodeProperties(message?.properties ?? '').keys()].toSorted()).toEqual(['CLUSTER', 'UNIQ_KEY', 'mine']);
  });

  it('refuses properties over their limit, an empty body, and bits that would hide the message', async () => {
    const long = encodeProperties([['a', 'x'.repeat(32_768)]]);
    expect((await send(client, fixture.address, { properties: long })).code).toBe(ResponseCode.MESSAGE_ILLEGAL);
    expect((await send(client, fixture.address, {}, '')).code).toBe(ResponseCode.MESSAGE_ILLEGAL);
    expect((await send(client, fixture.address, { sysFlag: 0x4 })).code).toBe(ResponseCode.MESSAGE_ILLEGAL);
  });

  it('is refused in a topic that may not be written', async () => {
    const topic = { topic: 'ReadOnly', defaultTopic: 'TBW102', readQueueNums: 1, writeQueueNums: 1, perm: 4 };
    const header = { ...topic, topicFilterType: 'SINGLE_TAG', order: false };
    await client.call(fixture.address, updateAndCreateTopic, header);
    expect((await send(client, fixture.address, { topic: 'ReadOnly' })).code).toBe(ResponseCode.NO_PERMISSION);
  });
});

describe('a message with a delay level', () => {
  it('waits in the delay topic, while its sender is told of the queue it is for', async () => {
    const properties = encodeProperties([['DELAY', '99']]);
    const reply = await send(client, fixture.address, { queueId: 1, properties });
    expect(reply).toMatchObject({ code: ResponseCode.SUCCESS, header: { queueId: 1, queueOffset: 0 } });
    expect(await stored('TopicTest', 1)).toEqual([]);
    const [waiting] = await stored('SCHEDULE_TOPIC_XXXX', 17);
    expect(Object.fromEntries(decodeProperties(waiting?.properties ?? ''))).toMatchObject({
      DELAY: '18',
      REAL_TOPIC: 'TopicTest',
      REAL_QID: '1',
      UNIQ_KEY: reply.header.transactionId,
    });
  });

  it('that its consumer gave up on is a dead letter without a delay', async () => {
    const properties = encodeProperties([['DELAY', '3']]);
    await send(client, fixture.address, { topic: '%RETRY%billing', reconsumeTimes: 16, properties });
    const [dead] = await stored('%DLQ%billing');
    expect(decodeProperties(dead?.properties ?? '').get('DELAY')).toBe('-1');
  });
});

describe('a message of a transaction', () => {
  const properties = encodeProperties([
    ['TRAN_MSG', 'true'],
    ['PGROUP', 'another group'],
    ['UNIQ_KEY', 'U1'],
    ['WAIT', 'true'],
  ]);

  it('is stored where nobody reads it; the answer is about its place there, and the queue it is for', async () => {
    await send(client, fixture.address, { queueId: 2 });
    const reply = await send(client, fixture.address, { properties, queueId: 2, sysFlag: 0x4 });
    expect(reply.header).toMatchObject({ queueId: 2, queueOffset: 0, transactionId: 'U1' });
    expect(await stored('TopicTest', 2)).toHaveLength(1);
    const { offset } = parseOffsetMessageId(reply.header.msgId);
    const { body } = await client.call(fixture.address, viewMessageById, { offset });
    const [half] = decodeMessages(Buffer.concat([body].flat()));
    expect(half).toMatchObject({
      topic: 'RMQ_SYS_TRANS_HALF_TOPIC',
      queueId: 0,
      sysFlag: 0,
      queueOffset: 0,
      physicalOffset: offset,
    });
    expect(Object.fromEntries(decodeProperties(half?.properties ?? ''))).toEqual({
      TRAN_MSG: 'true',
      // Whoever sent it is asked about it, whatever the message says.
      PGROUP: 'producers',
      UNIQ_KEY: 'U1',
      WAIT: 'true',
      CLUSTER: 'DefaultCluster',
      REAL_TOPIC: 'TopicTest',
      REAL_QID: '2',
    });
  });

  it('is refused where the operator says so, and as often as it could only be lost', async () => {
    const delayed = `${properties}DELAY\u00013\u0002`;
    const refused = await send(client, fixture.address, { properties: delayed });
    expect(refused).toMatchObject({ code: ResponseCode.MESSAGE_ILLEGAL });
    expect(refused.remark).toContain('cannot be delayed');
    await client.call(fixture.address, updateBrokerConfig, {}, { body: 'rejectTransactionMessage=true' });
    expect(await send(client, fixture.address, { properties })).toMatchObject({
      code: ResponseCode.NO_PERMISSION,
      remark: 'the broker[127.0.0.1] sending transaction message is forbidden',
    });
    expect((await send(client, fixture.address)).code).toBe(ResponseCode.SUCCESS);
  });

  it('that old clients send to be tried again is no such message', async () => {
    const again = `${properties}DELAY\u00013\u0002`;
    const reply = await send(client, fixture.address, { properties: again, reconsumeTimes: 1 });
    expect(reply.code).toBe(ResponseCode.SUCCESS);
    expect(await stored('SCHEDULE_TOPIC_XXXX', 2)).toHaveLength(1);
  });
});

describe('a retry', () => {
  it('goes to the retry topic until it was tried often enough, then to the dead letters', async () => {
    const topic = '%RETRY%billing';
    const first = await send(client, fixture.address, { topic, reconsumeTimes: 1, maxReconsumeTimes: 3 });
    expect(first.code).toBe(ResponseCode.SUCCESS);
    await send(client, fixture.address, { topic, reconsumeTimes: 3, maxReconsumeTimes: 3 });
    await send(client, fixture.address, { topic, reconsumeTimes: 16 });
    expect((await stored(topic)).length + (await stored(topic, 1)).length).toBe(1);
    expect(await stored('%DLQ%billing')).toHaveLength(2);
  });

  it('of a group whose name leads out of the store is refused', async () => {
    expect((await send(client, fixture.address, { topic: '%RETRY%../g' })).code).toBe(ResponseCode.INVALID_PARAMETER);
  });
});

describe('a batch', () => {
  const batchOf = (bodies: readonly string[], properties = ''): Buffer =>
    encodeBatchBody(bodies.map((body) => ({ flag: 0, body: Buffer.from(body), properties })));
  const sendBatch = (body: Buffer, given: Parameters<typeof sendHeader>[0] = {}) =>
    client.call(fixture.address, sendBatchMessage, sendHeader({ batch: true, ...given }), {
      body,
      accept: [ResponseCode.MESSAGE_ILLEGAL],
    });

  it('stores all messages in a row and names each', async () => {
    const reply = await sendBatch(batchOf(['a', 'b', 'c']));
    expect(reply.header.queueOffset).toBe(0);
    const messages = await stored();
    expect(messages.map(({ body, queueOffset }) => [body.toString(), queueOffset])).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ]);
    const offsets = reply.header.msgId.split(',').map((id) => parseOffsetMessageId(id).offset);
    expect(offsets).toEqual(messages.map(({ physicalOffset }) => physicalOffset));
  });

  it.each<[string, (batch: Buffer) => void]>([
    ['a total size of 0', (batch) => batch.writeInt32BE(0, 0)],
    ['a negative total size', (batch) => batch.writeInt32BE(-1, 0)],
    ['a total size past the end', (batch) => batch.writeInt32BE(1000, 0)],
    ['a body length past the message', (batch) => batch.writeInt32BE(1000, 16)],
  ])('with %s is refused as a whole', async (_title, damage) => {
    const batch = batchOf(['a', 'b']);
    damage(batch);
    expect((await sendBatch(batch)).code).toBe(ResponseCode.MESSAGE_ILLEGAL);
    expect(await stored()).toEqual([]);
  });

  it.each([
    ['DELAY', '1'],
    ['TRAN_MSG', 'true'],
  ])('is refused as a whole when one message asks for what a batch cannot give: %s', async (name, value) => {
    const reply = await sendBatch(batchOf(['a', 'b'], encodeProperties([[name, value]])));
    expect(reply.code).toBe(ResponseCode.MESSAGE_ILLEGAL);
    expect(await stored()).toEqual([]);
  });

  it('is refused for retry topics', async () => {
    expect((await sendBatch(batchOf(['a']), { topic: '%RETRY%g' })).code).toBe(ResponseCode.MESSAGE_ILLEGAL);
  });
});

describe('a broker that presents itself as 5.3.3', () => {
  it('stores what 5.3.3 stores', async () => {
    const newer = await BrokerFixture.open({ config: { brokerVersion: 'V5_3_3' } });
    const properties = encodeProperties([['WAIT', 'true']]);
    const reply = await send(newer.client(), newer.address, { properties });
    const pulled = await pull(newer.client(), newer.address);
    await newer.close();
    const [message] = messagesOf(pulled);
    expect(Object.fromEntries(decodeProperties(message?.properties ?? ''))).toEqual({
      WAIT: 'true',
      CLUSTER: 'DefaultCluster',
      MSG_REGION: 'DefaultRegion',
      TRACE_ON: 'true',
      UNIQ_KEY: reply.header.transactionId,
    });
    expect(message?.properties.endsWith('\u0002')).toBe(true);
    expect(reply.version).toBe(479);
  });
});
