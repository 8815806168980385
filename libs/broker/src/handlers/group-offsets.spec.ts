import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  cloneGroupOffset,
  getConsumerStatusFromClient,
  invokeBrokerToGetConsumerStatus,
  invokeBrokerToResetOffset,
  languageCode,
  PullSysFlag,
  queryConsumerOffset,
  queryConsumeTimeSpan,
  queryCorrectionOffset,
  resetConsumerClientOffset,
  resetOffsetsForCppBody,
  ResponseCode,
  updateConsumerOffset,
  updateBrokerConfig,
  type RequestInput,
} from '../../../protocol/src/index.js';
import { createRemotingClient, handle, ok, type AnyHandler, type RemotingClient } from '../../../remoting/src/index.js';
import { silentLogger, systemClock } from '../../../common/src/index.js';
import { beat, BrokerFixture, consumerData, pull, send } from '../../../testkit/src/broker-fixture.js';
import { createManualClock } from '../../../testkit/src/index.js';
import { eventually } from '../../../testkit/src/eventually.js';

const clock = createManualClock();
const accept = [1, 17, 22, 26, 29, 206];
const topic = 'TopicTest';
const queue = { brokerName: 'broker-a', queueId: 0, topic };
let fixture: BrokerFixture;
let admin: RemotingClient;
beforeEach(async () => {
  fixture = await BrokerFixture.open({ clock });
  admin = fixture.client();
});
afterEach(() => fixture.close());

const join = (client: RemotingClient, group: string, clientId: string, topics = [topic]) =>
  beat(client, fixture.address, clientId, [consumerData(group, topics)]);

/** A message in the first queue at every second; returns when the first one was stored. */
async function fill(count: number): Promise<number> {
  const begun = clock.now();
  for (let i = 0; i < count; i++) {
    await send(admin, fixture.address, {}, `m${i}`);
    clock.advance(1000);
  }
  return begun;
}

async function commit(group: string, offset: number, queueIds = [0, 1, 2, 3]): Promise<void> {
  await pull(admin, fixture.address, { consumerGroup: group });
  for (const queueId of queueIds) {
    const header = { consumerGroup: group, topic, queueId, commitOffset: queueId === 0 ? offset : 0 };
    await admin.call(fixture.address, updateConsumerOffset, header);
  }
}

async function committed(group: string, queueId = 0): Promise<number | undefined> {
  const header = { consumerGroup: group, topic, queueId, setZeroIfNotFound: false };
  const reply = await admin.call(fixture.address, queryConsumerOffset, header, { accept });
  return reply.code === ResponseCode.SUCCESS ? reply.header.offset : undefined;
}

const reset = (given: Partial<RequestInput<typeof invokeBrokerToResetOffset>> = {}) => {
  const header = { topic, group: 'g', timestamp: -1, isForce: true, ...given };
  return admin.call(fixture.address, invokeBrokerToResetOffset, header, { accept });
};

describe('a reset of offsets by the members of the group', () => {
  it('tells each where every queue goes on, and leaves the offsets here to them', async () => {
    const told: unknown[] = [];
    const listener = handle(resetConsumerClientOffset, [], (exchange) => {
      told.push([exchange.header.group, exchange.oneWay, exchange.body().offsetTable]);
      return ok({});
    });
    const begun = await fill(3);
    await commit('g', 3);
    await join(fixture.client([listener]), 'g', 'a');
    await join(fixture.client([listener]), 'g', 'b');
    const reply = await reset({ timestamp: begun + 1000, isForce: false });
    const first = [queue, 1];
    expect(reply.body?.offsetTable).toEqual([first, ...[1, 2, 3].map((queueId) => [{ ...queue, queueId }, 0])]);
    const expected = ['g', true, reply.body?.offsetTable];
    await eventually(() => told.length === 2);
    expect(told).toEqual([expected, expected]);
    expect(await committed('g')).toBe(3);
  });

  it('goes forwards only when forced', async () => {
    const member = fixture.client([handle(resetConsumerClientOffset, [], () => ok({}))]);
    await fill(3);
    await commit('g', 1);
    await join(member, 'g', 'a');
    expect((await reset({ isForce: false })).body?.offsetTable[0]).toEqual([queue, 1]);
    expect((await reset({ isForce: true })).body?.offsetTable[0]).toEqual([queue, 3]);
  });

  it('speaks to members in C++ by lists', async () => {
    const told: unknown[] = [];
    const declaration = { ...resetConsumerClientOffset, requestBody: resetOffsetsForCppBody };
    const listener: AnyHandler = handle(declaration, [], (exchange) => {
      told.push(exchange.body().offsetTable[0]);
      return ok({});
    });
    const language = languageCode('CPP');
    const member = createRemotingClient({ clock: systemClock, log: silentLogger, handlers: [listener], language });
    await fill(2);
    await commit('g', 0);
    await join(member, 'g', 'cpp');
    await reset();
    await eventually(() => told.length === 1);
    expect(told).toEqual([{ ...queue, offset: 2 }]);
    await member.close();
  });

  it('is refused without a topic, without offsets, without members, and with one that is too old', async () => {
    expect(await reset({ topic: 'none' })).toMatchObject({
      code: ResponseCode.TOPIC_NOT_EXIST,
      remark: '[reset-offset] reset offset failed, no topic in this broker. topic=none',
    });
    await fill(1);
    await commit('g', 1, [0]);
    expect(await reset()).toMatchObject({
      code: ResponseCode.SYSTEM_ERROR,
      remark: 'THe consumer group <g> not exist',
    });
    await commit('g', 1);
    expect(await reset()).toMatchObject({
      code: ResponseCode.CONSUMER_NOT_ONLINE,
      remark: `Consumer not online, so can not reset offset, Group: g Topic: ${topic} Timestamp: -1`,
    });
    const old = createRemotingClient({ clock: systemClock, log: silentLogger, handlers: [], version: 27 });
    await join(old, 'g', 'old');
    expect((await reset()).remark).toContain('the client does not support this feature. version=27');
    await old.close();
  });
});

describe('a reset of offsets by the broker', () => {
  beforeEach(async () => {
    await admin.call(fixture.address, updateBrokerConfig, {}, { body: 'useServerSideResetOffset=true' });
  });

  it('holds against late commits until the next pull was told of it, once', async () => {
    const begun = await fill(3);
    await commit('g', 3);
    expect((await reset({ timestamp: begun + 1000 })).body?.offsetTable).toHaveLength(4);
    expect(await committed('g')).toBe(1);
    const late = { consumerGroup: 'g', topic, queueId: 0, commitOffset: 3 };
    const ignored = await admin.call(fixture.address, updateConsumerOffset, late);
    expect(ignored.remark).toBe('Offset has been previously reset');
    const sysFlag = PullSysFlag.SUBSCRIPTION | PullSysFlag.COMMIT_OFFSET;
    const asked = { consumerGroup: 'g', queueOffset: 3, commitOffset: 3, sysFlag };
    const told = await pull(admin, fixture.address, asked);
    expect(told).toMatchObject({ code: ResponseCode.PULL_OFFSET_MOVED, remark: 'OFFSET_RESET' });
    expect(told.header).toMatchObject({ nextBeginOffset: 1, minOffset: 0, maxOffset: 3 });
    expect(await committed('g')).toBe(1);
    expect((await pull(admin, fixture.address, { ...asked, queueOffset: 1, commitOffset: 1 })).remark).toBe('FOUND');
    await admin.call(fixture.address, updateConsumerOffset, { ...late, commitOffset: 2 });
    expect(await committed('g')).toBe(2);
  });

  it('reaches a pull that waits', async () => {
    await fill(2);
    await commit('g', 2);
    const sysFlag = PullSysFlag.SUBSCRIPTION | PullSysFlag.SUSPEND;
    const member = fixture.client();
    const waiting = pull(member, fixture.address, { consumerGroup: 'g', queueOffset: 2, sysFlag });
    // What the connection brought before is taken in: the pull is parked.
    await pull(member, fixture.address, { topic: 'no-such-topic' });
    await reset({ queueId: 0, offset: 1 });
    expect((await waiting).header.nextBeginOffset).toBe(1);
  });

  it('takes one queue and an exact offset', async () => {
    await fill(3);
    await commit('g', 0);
    expect((await reset({ queueId: 0, offset: 2 })).body?.offsetTable).toEqual([[queue, 2]]);
    expect((await reset({ queueId: 0 })).body?.offsetTable).toEqual([[queue, 3]]);
    const outside = await reset({ queueId: 0, offset: 9 });
    expect(outside).toMatchObject({ code: 1, remark: 'Target offset 9 not in consume queue range [0-3]' });
    expect((await reset({ queueId: 77, offset: 0 })).code).toBe(ResponseCode.INVALID_PARAMETER);
    expect(await committed('g')).toBe(3);
  });

  it('is refused without topic or group', async () => {
    await fill(1);
    expect(await reset({ topic: 'none' })).toMatchObject({ code: 17, remark: 'Topic none does not exist' });
    expect(await reset({ group: 'none' })).toMatchObject({ code: 26, remark: 'Group none does not exist' });
  });
});

describe('INVOKE_BROKER_TO_GET_CONSUMER_STATUS', () => {
  const ask = (clientAddr?: string) => {
    const header = { topic, group: 'g', ...(clientAddr === undefined ? {} : { clientAddr }) };
    return admin.call(fixture.address, invokeBrokerToGetConsumerStatus, header, { accept });
  };
  const memberAt = (offset: number) =>
    fixture.client([
      handle(getConsumerStatusFromClient, [], () =>
        ok({}, { body: { messageQueueTable: [[queue, offset]], consumerTable: new Map() } }),
      ),
    ]);

  it('gathers what the members say, and leaves out who says nothing', async () => {
    await join(memberAt(5), 'g', 'a');
    await join(memberAt(7), 'g', 'b');
    await join(fixture.client(), 'g', 'mute');
    const { body } = await ask();
    const [a, b] = [[[queue, 5]], [[queue, 7]]];
    expect(Object.fromEntries(body.consumerTable)).toEqual({ a, b });
    expect(Object.fromEntries((await ask('b')).body.consumerTable)).toEqual({ b });
  });

  it('says when nobody is online', async () => {
    expect(await ask()).toMatchObject({ code: 1, remark: 'No Any Consumer online in the consumer group: [g]' });
  });
});

describe('the time span of a group', () => {
  const spanOf = async (group: string) =>
    (await admin.call(fixture.address, queryConsumeTimeSpan, { topic, group })).body.consumeTimeSpanSet;

  it('is the store times of the first, the last, and the last consumed message', async () => {
    const begun = await fill(3);
    await commit('g', 2);
    const [first, second] = await spanOf('g');
    expect(first).toMatchObject({
      messageQueue: queue,
      minTimeStamp: begun,
      maxTimeStamp: begun + 2000,
      consumeTimeStamp: begun + 1000,
      delayTime: 1000,
    });
    const none = { minTimeStamp: -1, maxTimeStamp: -1, consumeTimeStamp: -1, delayTime: 0 };
    expect(second).toMatchObject({ messageQueue: { ...queue, queueId: 1 }, ...none });
    expect(first?.maxTimeStampStr).toMatch(/^\d{4}-\d\d-\d\d#\d\d:\d\d:\d\d:000$/);
  });

  it('of a group that never consumed is behind by the first message', async () => {
    const begun = await fill(3);
    expect((await spanOf('stranger'))[0]).toMatchObject({ consumeTimeStamp: begun, delayTime: 3000 });
  });
});

describe('QUERY_CORRECTION_OFFSET', () => {
  const ask = async (compareGroup: string, filterGroups?: string) => {
    const header = { topic, compareGroup, ...(filterGroups === undefined ? {} : { filterGroups }) };
    const { body } = await admin.call(fixture.address, queryCorrectionOffset, header);
    return Object.fromEntries(body.correctionOffsets);
  };

  it('finds the least offset of the groups, and never deletes those of a filtered one', async () => {
    await fill(5);
    await commit('slow', 1, [0]);
    await commit('fast', 4, [0]);
    expect(await ask('fast')).toEqual({ 0: 1 });
    expect(await ask('fast', 'slow')).toEqual({ 0: 4 });
    // The compared group is behind all others: nothing to correct.
    expect(await ask('slow', 'slow')).toEqual({ 0: 2 ** 63 });
    expect([await committed('slow'), await committed('fast')]).toEqual([1, 4]);
  });
});

describe('CLONE_GROUP_OFFSET', () => {
  const clone = (given: Partial<RequestInput<typeof cloneGroupOffset>> = {}) => {
    const header = { srcGroup: 'g', destGroup: 'copy', topic, offline: false, ...given };
    return admin.call(fixture.address, cloneGroupOffset, header, { accept });
  };

  it.each([{ topic }, { topic: '' }])('gives a group the offsets of another: %j', async (given) => {
    await fill(2);
    await commit('g', 2);
    await commit('copy', 1, [0]);
    await clone(given);
    expect([await committed('copy', 0), await committed('copy', 3)]).toEqual([2, 0]);
    await commit('g', 1, [0]);
    expect(await committed('copy')).toBe(2);
  });

  it('leaves out what the members no longer subscribe to, unless the group is said to be offline', async () => {
    await fill(2);
    await commit('g', 2);
    await join(fixture.client(), 'g', 'a', ['Other']);
    await clone();
    expect(await committed('copy')).toBeUndefined();
    await clone({ offline: true });
    expect(await committed('copy')).toBe(2);
  });

  it('makes no offsets of a group that may not be', async () => {
    await fill(2);
    await commit('g', 2);
    expect((await clone({ destGroup: 'a b' })).code).toBe(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST);
  });
});
