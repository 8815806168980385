import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger, type Logger } from '../../../common/src/index.js';
import { createNameServer, type NameServer } from '../../../namesrv/src/index.js';
import {
  getBrokerClusterInfo,
  getRouteinfoByTopic,
  getTopicConfig,
  putKvConfig,
  ResponseCode,
  updateAndCreateTopic,
  updateBrokerConfig,
  type TopicRoute,
} from '../../../protocol/src/index.js';
import type { RemotingClient } from '../../../remoting/src/index.js';
import { BrokerFixture, send } from '../../../testkit/src/broker-fixture.js';
import { createManualClock, TextServer } from '../../../testkit/src/index.js';

let directory: string;
let nameServer: NameServer;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'registration-'));
  nameServer = openNameServer(0);
  await nameServer.start();
});
afterEach(async () => {
  await nameServer.close();
  await rm(directory, { recursive: true, force: true });
});

function openNameServer(listenPort: number): NameServer {
  return createNameServer({ listenPort, kvConfigPath: join(directory, 'kv.json') });
}

async function routeOf(client: RemotingClient, topic: string): Promise<TopicRoute | undefined> {
  const accept = [ResponseCode.TOPIC_NOT_EXIST];
  const reply = await client.call(nameServer.address, getRouteinfoByTopic, { topic }, { accept });
  return reply.code === ResponseCode.SUCCESS ? reply.body : undefined;
}

/** Asks until the name server knows: news travel on a connection of their own. */
async function routeWhen(
  client: RemotingClient,
  topic: string,
  is: (route: TopicRoute) => boolean,
): Promise<TopicRoute> {
  for (;;) {
    const route = await routeOf(client, topic);
    if (route !== undefined && is(route)) return route;
  }
}

describe('a broker', () => {
  it('is known to its name server from its start to its end', async () => {
    const fixture = await BrokerFixture.open({ config: { namesrvAddr: nameServer.address } });
    const client = fixture.client();
    const known = (await client.call(nameServer.address, getBrokerClusterInfo, {})).body;
    expect(known.brokerAddrTable.get('broker-a')).toMatchObject({ brokerAddrs: new Map([[0, fixture.address]]) });
    expect((await routeOf(client, 'TBW102'))?.queueDatas[0]).toMatchObject({ perm: 7, writeQueueNums: 8 });
    const other = await BrokerFixture.open();
    const asker = other.client();
    await fixture.close();
    expect((await asker.call(nameServer.address, getBrokerClusterInfo, {})).body.brokerAddrTable.size).toBe(0);
    await other.close();
  });

  it('tells of a topic when it is made', async () => {
    const fixture = await BrokerFixture.open({ config: { namesrvAddr: nameServer.address } });
    const client = fixture.client();
    await send(client, fixture.address);
    const route = await routeWhen(client, 'TopicTest', () => true);
    expect(route.queueDatas[0]).toMatchObject({ brokerName: 'broker-a', writeQueueNums: 4, perm: 6 });
    await fixture.close();
  });

  it('that is closed to writers says so of all its topics', async () => {
    const fixture = await BrokerFixture.open({ config: { namesrvAddr: nameServer.address } });
    const client = fixture.client();
    await client.call(fixture.address, updateBrokerConfig, {}, { body: 'brokerPermission=4' });
    await routeWhen(client, 'TBW102', ({ queueDatas }) => queueDatas[0]?.perm === 4);
    await fixture.close();
  });

  it('learns from the name server which topics are ordered', async () => {
    const other = await BrokerFixture.open();
    const client = other.client();
    const order = { namespace: 'ORDER_TOPIC_CONFIG', key: 'BenchmarkTest', value: 'broker-a:4' };
    await client.call(nameServer.address, putKvConfig, order);
    const fixture = await BrokerFixture.open({ config: { namesrvAddr: nameServer.address } });
    await client.call(fixture.address, updateBrokerConfig, {}, { body: 'brokerPermission=4' });
    const reply = await send(client, fixture.address, { topic: 'BenchmarkTest' });
    expect(reply).toMatchObject({ code: ResponseCode.NO_PERMISSION });
    expect(reply.remark).toBe('the broker[127.0.0.1] sending message is forbidden');
    await fixture.close();
    await other.close();
  });

  it('keeps the order of a topic just made, of which the name servers do not know yet', async () => {
    const clock = createManualClock();
    const fixture = await BrokerFixture.open({ config: { namesrvAddr: nameServer.address }, clock });
    const client = fixture.client();
    const order = { namespace: 'ORDER_TOPIC_CONFIG', key: 'BenchmarkTest', value: 'broker-a:4' };
    await client.call(nameServer.address, putKvConfig, order);
    const queues = { readQueueNums: 4, writeQueueNums: 4, perm: 6, topicFilterType: 'SINGLE_TAG' };
    const make = (topic: string) =>
      client.call(fixture.address, updateAndCreateTopic, { topic, defaultTopic: 'TBW102', ...queues, order: true });
    const isOrdered = async (topic: string) =>
      (await client.call(fixture.address, getTopicConfig, { topic })).body.order;
    // The news of one topic are taken in when those of the next are out.
    for (const topic of ['First', 'Second']) {
      await make(topic);
      await routeWhen(client, topic, () => true);
    }
    expect(await isOrdered('First')).toBe(true);
    clock.advance(30_000);
    for (;;) if (!(await isOrdered('First'))) break;
    expect(await isOrdered('BenchmarkTest')).toBe(true);
    await fixture.close();
  });

  it('keeps its order when the name server tells none', async () => {
    const clock = createManualClock();
    const fixture = await BrokerFixture.open({ config: { namesrvAddr: nameServer.address }, clock });
    const client = fixture.client();
    const topic = { topic: 'Ordered', defaultTopic: 'TBW102', readQueueNums: 4, writeQueueNums: 4, perm: 6 };
    await client.call(fixture.address, updateAndCreateTopic, { ...topic, topicFilterType: 'SINGLE_TAG', order: true });
    clock.advance(30_000);
    await send(client, fixture.address);
    await routeWhen(client, 'TopicTest', () => true);
    expect((await client.call(fixture.address, getTopicConfig, { topic: 'Ordered' })).body.order).toBe(true);
    await fixture.close();
  });

  it('starts without its name server, says so once, and registers when it is there', async () => {
    const clock = createManualClock();
    const { port } = nameServer;
    await nameServer.close();
    const warnings: string[] = [];
    const log: Logger = { ...silentLogger, warn: (message) => void warnings.push(message) };
    const fixture = await BrokerFixture.open({ config: { namesrvAddr: `127.0.0.1:${port}` }, clock, log });
    for (let i = 0; i < 3; i++) {
      clock.advance(30_000);
      await send(fixture.client(), fixture.address);
    }
    const told = warnings.filter((message) => message.includes(`name server 127.0.0.1:${port}`));
    expect(told).toHaveLength(1);
    nameServer = openNameServer(port);
    await nameServer.start();
    clock.advance(10_000);
    await routeWhen(fixture.client(), 'TopicTest', () => true);
    await fixture.close();
  });

  it('registers again within 30 s with a name server that was started anew, and with its peer all the time', async () => {
    const clock = createManualClock();
    const { port } = nameServer;
    const peer = createNameServer({ listenPort: 0, kvConfigPath: join(directory, 'peer.json') });
    await peer.start();
    const namesrvAddr = `${peer.address};${nameServer.address}`;
    const fixture = await BrokerFixture.open({ config: { namesrvAddr }, clock });
    const client = fixture.client();
    await nameServer.close();
    nameServer = openNameServer(port);
    await nameServer.start();
    expect(await routeOf(client, 'TBW102')).toBeUndefined();
    for (let i = 0; i < 3; i++) clock.advance(10_000);
    await routeWhen(client, 'TBW102', () => true);
    const known = (await client.call(peer.address, getBrokerClusterInfo, {})).body;
    expect([...known.brokerAddrTable.keys()]).toEqual(['broker-a']);
    await fixture.close();
    await peer.close();
  });

  describe('whose name servers change', () => {
    let other: NameServer;
    let fixture: BrokerFixture;
    beforeEach(async () => {
      other = createNameServer({ listenPort: 0, kvConfigPath: join(directory, 'other.json') });
      await other.start();
    });
    afterEach(async () => {
      await fixture.close();
      await other.close();
    });

    const knows = async (client: RemotingClient, { address }: NameServer): Promise<boolean> =>
      (await client.call(address, getBrokerClusterInfo, {})).body.brokerAddrTable.has('broker-a');

    async function movesTo(client: RemotingClient, to: NameServer, from: NameServer): Promise<void> {
      while (!(await knows(client, to)) || (await knows(client, from)));
    }

    it('by its configuration, registers with the new ones and leaves the others', async () => {
      fixture = await BrokerFixture.open({ config: { namesrvAddr: nameServer.address } });
      const client = fixture.client();
      const change = (namesrvAddr: string) =>
        client.call(fixture.address, updateBrokerConfig, {}, { body: `namesrvAddr=${namesrvAddr}`, accept: [29] });
      await change(`${other.address};`);
      await movesTo(client, other, nameServer);
      const refused = await change('mq1');
      expect(refused).toMatchObject({ code: ResponseCode.INVALID_PARAMETER, remark: expect.stringContaining('"mq1"') });
      expect(await knows(client, other)).toBe(true);
      // Back at once: the farewell must not come behind the new registration.
      await Promise.all([change(nameServer.address), change(other.address)]);
      await movesTo(client, other, nameServer);
    });

    it('by the address server, follows it, unless the configuration names some', async () => {
      const http = await TextServer.open(nameServer.address);
      const clock = createManualClock();
      const config = { fetchNamesrvAddrByAddressServer: true, rmqAddressServerDomain: http.address };
      fixture = await BrokerFixture.open({ config, clock });
      const client = fixture.client();
      expect(await knows(client, nameServer)).toBe(true);
      http.answer = other.address;
      clock.advance(10_000);
      await movesTo(client, other, nameServer);
      const body = `namesrvAddr=${nameServer.address}`;
      await client.call(fixture.address, updateBrokerConfig, {}, { body });
      await movesTo(client, nameServer, other);
      await client.call(fixture.address, updateBrokerConfig, {}, { body: 'namesrvAddr=' });
      await movesTo(client, other, nameServer);
      expect(http.asked).toEqual(['/rocketmq/nsaddr', '/rocketmq/nsaddr', '/rocketmq/nsaddr']);
      await http.close();
    });
  });

  it('asks no address server that nobody named', async () => {
    const warnings: string[] = [];
    const log: Logger = { ...silentLogger, warn: (message) => void warnings.push(message) };
    const fixture = await BrokerFixture.open({ config: { fetchNamesrvAddrByAddressServer: true }, log });
    expect(warnings[0]).toContain('rocketmq.namesrv.domain, names no server');
    await fixture.close();
  });

  it('refuses an address that is none', () => {
    const opening = BrokerFixture.open({ config: { namesrvAddr: 'mq1' } });
    return expect(opening).rejects.toMatchObject({ message: expect.stringContaining('mq1') });
  });
});
