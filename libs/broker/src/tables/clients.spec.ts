import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger, type LogContext, type Logger } from '../../../common/src/index.js';
import {
  getAllSubscriptiongroupConfig,
  getAllTopicConfig,
  getConsumerConnectionList,
  getConsumerListByGroup,
  getConsumerRunningInfo,
  getProducerConnectionList,
  heartBeat,
  notifyConsumerIdsChanged,
  ResponseCode,
  unregisterClient,
  updateBrokerConfig,
  type ConsumerData,
} from '../../../protocol/src/index.js';
import { handle, ok, type Connection, type RemotingClient } from '../../../remoting/src/index.js';
import { beat as heartbeat, BrokerFixture, consumerData } from '../../../testkit/src/broker-fixture.js';
import { createManualClock } from '../../../testkit/src/index.js';
import { ConsumerTable } from './consumer-table.js';
import { ProducerTable } from './producer-table.js';

const clock = createManualClock();
let fixture: BrokerFixture;
let warnings: [message: string, context: LogContext | undefined][] = [];
beforeEach(async () => {
  const log: Logger = { ...silentLogger, warn: (...line) => void warnings.push([line[0], line[1]]) };
  fixture = await BrokerFixture.open({ clock, log });
  warnings = [];
});
afterEach(() => fixture.close());

/** A client that notes which groups it was told to have changed, and can be waited for. */
function listeningClient() {
  const told: string[] = [];
  let wake = (): void => undefined;
  const listener = handle(notifyConsumerIdsChanged, [], ({ header }) => {
    told.push(header.consumerGroup);
    wake();
    return ok({});
  });
  const client = fixture.client([listener]);
  const tellings = async (count: number): Promise<void> => {
    while (told.length < count) await new Promise<void>((resolve) => (wake = resolve));
  };
  return { client, told, tellings };
}

const beat = (client: RemotingClient, clientID: string, consumers: ConsumerData[], producers: string[] = []) =>
  heartbeat(client, fixture.address, clientID, consumers, producers);

const accept = [ResponseCode.SYSTEM_ERROR, ResponseCode.CONSUMER_NOT_ONLINE];
const consumerIds = async (client: RemotingClient, consumerGroup: string): Promise<readonly string[] | string> => {
  const reply = await client.call(fixture.address, getConsumerListByGroup, { consumerGroup }, { accept });
  return reply.code === ResponseCode.SUCCESS ? reply.body.consumerIdList : reply.remark;
};

describe('a heartbeat', () => {
  it('makes the group and its retry topic', async () => {
    const client = fixture.client();
    await beat(client, 'c1', [consumerData('billing')]);
    const topics = (await client.call(fixture.address, getAllTopicConfig, {})).body.topicConfigTable;
    expect(topics.get('%RETRY%billing')).toMatchObject({ readQueueNums: 1, writeQueueNums: 1, perm: 6 });
    const groups = (await client.call(fixture.address, getAllSubscriptiongroupConfig, {})).body;
    expect(groups.subscriptionGroupTable.get('billing')).toMatchObject({ retryMaxTimes: 16, consumeEnable: true });
  });

  it.each(['../g', 'a/b', 'x'.repeat(256), '日本'])('makes nothing of the group name %j', async (name) => {
    const client = fixture.client();
    const made = async () => ({
      topics: (await client.call(fixture.address, getAllTopicConfig, {})).body.topicConfigTable.size,
      groups: (await client.call(fixture.address, getAllSubscriptiongroupConfig, {})).body.subscriptionGroupTable.size,
    });
    const before = await made();
    await beat(client, 'c1', [consumerData(name, ['../x'])]);
    expect(await made()).toEqual(before);
  });

  it('puts the client among the members of its groups', async () => {
    const client = fixture.client();
    await beat(client, 'c1', [consumerData('billing')], ['orders']);
    expect(await consumerIds(client, 'billing')).toEqual(['c1']);
    const group = { consumerGroup: 'billing' };
    const { body: consumers } = await client.call(fixture.address, getConsumerConnectionList, group);
    expect(consumers.connectionSet).toMatchObject([{ clientId: 'c1', version: 407 }]);
    expect(consumers.subscriptionTable.get('TopicTest')?.subString).toBe('*');
    const producing = { producerGroup: 'orders' };
    const { body: producers } = await client.call(fixture.address, getProducerConnectionList, producing);
    expect(producers.connectionSet).toMatchObject([{ clientId: 'c1' }]);
  });

  it('tells all members when one joins, and nobody when nothing changed', async () => {
    const [a, b] = [listeningClient(), listeningClient()];
    await beat(a.client, 'a', [consumerData('g')]);
    await a.tellings(1);
    await beat(b.client, 'b', [consumerData('g')]);
    await Promise.all([a.tellings(2), b.tellings(1)]);
    await beat(a.client, 'a', [consumerData('g')]);
    await consumerIds(a.client, 'g');
    expect([a.told, b.told]).toEqual([['g', 'g'], ['g']]);
  });

  it('tells them when topics come to or leave the subscription', async () => {
    const { client, tellings } = listeningClient();
    await beat(client, 'a', [consumerData('g')]);
    await beat(client, 'a', [consumerData('g', ['TopicTest', 'Other'])]);
    await beat(client, 'a', [consumerData('g', ['Other'])]);
    await tellings(3);
  });

  it('tells nobody when the broker is told not to', async () => {
    const { client, told } = listeningClient();
    const body = 'notifyConsumerIdsChangedEnable=false';
    await client.call(fixture.address, updateBrokerConfig, {}, { body });
    await beat(client, 'a', [consumerData('g')]);
    await consumerIds(client, 'g');
    expect(told).toEqual([]);
  });

  it('of a client id that another connection has too is warned of once, with both addresses', async () => {
    const [a, b] = [fixture.client(), fixture.client()];
    for (let i = 0; i < 2; i++) {
      await beat(a, 'same', [consumerData('g')]);
      await beat(b, 'same', [consumerData('g')]);
    }
    const group = { consumerGroup: 'g' };
    const { body } = await a.call(fixture.address, getConsumerConnectionList, group);
    const peers = body.connectionSet.map(({ clientAddr }) => clientAddr);
    expect(peers).toHaveLength(2);
    const context = { group: 'g', clientId: 'same', peers };
    expect(warnings).toEqual([['two consumers of a group have the same client id', context]]);
  });

  it('of a member that subscribes to something else than the others is warned of', async () => {
    const [a, b] = [fixture.client(), fixture.client()];
    await beat(a, 'a', [consumerData('g')]);
    await beat(a, 'a', [consumerData('g', ['TopicTest', 'Mine'])]);
    expect(warnings).toEqual([]);
    await beat(b, 'b', [consumerData('g', ['TopicTest', 'Other'])]);
    expect(warnings).toMatchObject([
      ['subscription changed, group: g', { clientId: 'b', added: ['Other: *'], changed: [], removed: ['Mine'] }],
    ]);
    const [tags] = consumerData('g', ['TopicTest']).subscriptionDataSet;
    const subscriptionDataSet = [{ ...tags, subString: 'red', subVersion: 2 }] as ConsumerData['subscriptionDataSet'];
    await beat(b, 'b', [{ ...consumerData('g'), subscriptionDataSet }]);
    expect(warnings[1]).toMatchObject([
      'subscription changed, group: g',
      { changed: ['TopicTest: red, was *'], removed: ['Other'] },
    ]);
  });

  it('of a group that cannot be made counts in 4.9 only', async () => {
    const ids = async (brokerVersion: 'V4_9_7' | 'V5_3_3'): Promise<readonly string[] | string> => {
      await fixture.close();
      fixture = await BrokerFixture.open({ clock, config: { brokerVersion, autoCreateSubscriptionGroup: false } });
      const client = fixture.client();
      await beat(client, 'a', [consumerData('g')]);
      return consumerIds(client, 'g');
    };
    expect(await ids('V4_9_7')).toEqual(['a']);
    expect(await ids('V5_3_3')).toBe('no consumer for this group, g');
  });

  it('with a body that is none is refused, and the connection lives on', async () => {
    const client = fixture.client();
    const broken = {
      ...heartBeat,
      requestBody: { label: 'bytes', encode: () => Buffer.from('{"clientID":'), decode: () => 0 },
    };
    const reply = await client.call(fixture.address, broken, {}, { body: 0, accept });
    expect(reply.code).toBe(ResponseCode.SYSTEM_ERROR);
    expect(await consumerIds(client, 'g')).toBe('no consumer for this group, g');
  });
});

it('lists so many groups, and no more whatever clients call theirs', () => {
  const connection = { onClose() {}, oneWay() {}, remoteAddress: 'somewhere' } as unknown as Connection;
  const member = { connection, clientId: 'a', language: 0, version: 0, lastHeartbeat: 0 };
  const config = { notifyConsumerIdsChangedEnable: true };
  const consumers = new ConsumerTable({ config, clock, log: silentLogger, limit: 2 });
  const producers = new ProducerTable(clock, silentLogger, 2);
  for (const group of ['a', 'b', 'c', 'a']) {
    consumers.register(member, consumerData(group), true);
    producers.register(member, group);
  }
  expect(['a', 'b', 'c'].map((group) => consumers.group(group)?.members.size)).toEqual([1, 1, undefined]);
  expect(['a', 'b', 'c'].map((group) => producers.members(group) !== undefined)).toEqual([true, true, false]);
});

describe('a client that goes', () => {
  it('by word leaves its groups, and the others are told', async () => {
    const [a, b] = [listeningClient(), listeningClient()];
    await beat(a.client, 'a', [consumerData('g')], ['p']);
    await beat(b.client, 'b', [consumerData('g')]);
    await a.tellings(2);
    const farewell = { clientID: 'b', consumerGroup: 'g' };
    await b.client.call(fixture.address, unregisterClient, farewell);
    await a.tellings(3);
    expect(await consumerIds(a.client, 'g')).toEqual(['a']);
    await a.client.call(fixture.address, unregisterClient, { clientID: 'a', consumerGroup: 'g', producerGroup: 'p' });
    expect(await consumerIds(a.client, 'g')).toBe('no consumer for this group, g');
    const producers = await a.client.call(
      fixture.address,
      getProducerConnectionList,
      { producerGroup: 'p' },
      { accept },
    );
    expect(producers.remark).toBe('the producer group[p] not exist');
  });

  it('with its connection leaves at once', async () => {
    const [a, b] = [listeningClient(), listeningClient()];
    await beat(a.client, 'a', [consumerData('g')]);
    await beat(b.client, 'b', [consumerData('g')]);
    await a.tellings(2);
    b.client.disconnect(fixture.address);
    await a.tellings(3);
    expect(await consumerIds(a.client, 'g')).toEqual(['a']);
  });

  it('without a word is let go after 120 s without a heartbeat', async () => {
    const [a, b] = [listeningClient(), listeningClient()];
    await beat(a.client, 'a', [consumerData('g')]);
    await beat(b.client, 'b', [consumerData('g')]);
    await a.tellings(2);
    clock.advance(100_000);
    await beat(a.client, 'a', [consumerData('g')]);
    expect(await consumerIds(a.client, 'g')).toEqual(['a', 'b']);
    clock.advance(31_000);
    await a.tellings(3);
    expect(await consumerIds(a.client, 'g')).toEqual(['a']);
  });
});

describe('GET_CONSUMER_RUNNING_INFO', () => {
  it('is asked of the client, whose answer is passed on', async () => {
    const properties = new Map([['PROP_CLIENT_VERSION', 'V4_9_7']]);
    const info = { properties, mqTable: [], statusTable: new Map(), subscriptionSet: [], jstack: 'main' };
    const asked = handle(getConsumerRunningInfo, [], ({ header }) =>
      header.jstackEnable
        ? ok({}, { body: info })
        : { kind: 'fail', code: 13, remark: 'ask for it', header: undefined },
    );
    const member = fixture.client([asked]);
    await beat(member, 'c1', [consumerData('g')]);
    const admin = fixture.client();
    const header = { consumerGroup: 'g', clientId: 'c1', jstackEnable: true };
    const reply = await admin.call(fixture.address, getConsumerRunningInfo, header);
    expect(reply.body).toMatchObject({ jstack: 'main', properties });
    const refused = { ...header, jstackEnable: false };
    const refusal = await admin.call(fixture.address, getConsumerRunningInfo, refused, { accept: [13] });
    expect(refusal).toMatchObject({ code: 13, remark: 'ask for it' });
  });

  it('says who is not online', async () => {
    const header = { consumerGroup: 'g', clientId: 'c1', jstackEnable: false };
    const reply = await fixture.client().call(fixture.address, getConsumerRunningInfo, header, { accept });
    expect(reply).toMatchObject({ code: ResponseCode.SYSTEM_ERROR, remark: 'The Consumer <g> <c1> not online' });
  });
});
