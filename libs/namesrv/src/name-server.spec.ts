import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { silentLogger } from '../../common/src/index.js';
import {
  addWritePermOfBroker,
  compressRegisterBroker,
  deleteKvConfig,
  deleteTopicInNamesrv,
  getAllTopicListFromNameserver,
  getBrokerClusterInfo,
  getHasUnitSubTopicList,
  getHasUnitSubUnunitTopicList,
  getKvConfig,
  getKvlistByNamespace,
  getNamesrvConfig,
  getRouteinfoByTopic,
  getSystemTopicListFromNs,
  getTopicsByCluster,
  getUnitTopicList,
  messageCrc,
  putKvConfig,
  queryDataVersion,
  registerBroker,
  registerTopicInNamesrv,
  textBody,
  unregisterBroker,
  updateNamesrvConfig,
  wipeWritePermOfBroker,
  registerBrokerBody,
  plainDialect,
  type RegisterBroker,
  type RequestInput,
} from '../../protocol/src/index.js';
import { createRemotingClient, type ClientOptions, type RemotingClient } from '../../remoting/src/index.js';
import { createManualClock, type ManualClock } from '../../testkit/src/manual-clock.js';
import { createNameServer, type NamesrvConfig, type NameServer } from './index.js';

type RegisterHeader = RequestInput<typeof registerBroker>;

const master: RegisterHeader = {
  brokerName: 'broker-a',
  brokerAddr: '10.0.0.1:10911',
  clusterName: 'C1',
  haServerAddr: '10.0.0.1:10912',
  brokerId: 0,
  compressed: false,
  bodyCrc32: 0,
};
const slave: RegisterHeader = {
  ...master,
  brokerAddr: '10.0.0.2:10911',
  haServerAddr: '10.0.0.2:10912',
  brokerId: 1,
};

interface TopicInput {
  readonly perm?: number;
  readonly topicSysFlag?: number;
  readonly queues?: number;
}

function topics(names: Readonly<Record<string, TopicInput>>, counter = 1): RegisterBroker {
  const table = Object.entries(names).map(([topicName, { perm = 6, topicSysFlag = 0, queues = 4 }]) => {
    const counts = { readQueueNums: queues, writeQueueNums: queues };
    return [
      topicName,
      { topicName, perm, topicSysFlag, ...counts, order: false, topicFilterType: 'SINGLE_TAG' },
    ] as const;
  });
  const dataVersion = { counter, timestamp: 1700000000000 };
  return { filterServerList: [], topicConfigSerializeWrapper: { dataVersion, topicConfigTable: new Map(table) } };
}

describe('name server', () => {
  let directory: string;
  let clock: ManualClock;
  let server: NameServer;
  let client: RemotingClient;
  const closers: (() => Promise<void>)[] = [];

  const start = async (config: Partial<NamesrvConfig> = {}): Promise<NameServer> => {
    const paths = { kvConfigPath: join(directory, 'kv', 'kvConfig.json'), configStorePath: join(directory, 'ns.conf') };
    const made = createNameServer({ listenPort: 0, ...paths, ...config }, { clock, log: silentLogger });
    await made.start();
    closers.push(() => made.close());
    return made;
  };
  const open = (more: Partial<ClientOptions> = {}): RemotingClient => {
    const made = createRemotingClient({ clock: createManualClock(), log: silentLogger, handlers: [], ...more });
    closers.push(() => made.close());
    return made;
  };
  const register = (header: RegisterHeader, body: RegisterBroker | undefined, from = client) =>
    from.call(server.address, registerBroker, header, body && { body });
  const route = async (topic: string) => (await client.call(server.address, getRouteinfoByTopic, { topic })).body;
  const topicNames = async (): Promise<string[]> => {
    const reply = await client.call(server.address, getAllTopicListFromNameserver, {});
    return [...reply.body.topicList].sort();
  };
  /** Asks until that is the answer: when the server learns of a closed connection is up to the kernel. */
  const untilTopics = async (expected: readonly string[]): Promise<void> => {
    while (String(await topicNames()) !== String(expected));
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'namesrv-'));
    clock = createManualClock();
    server = await start();
    client = open();
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    await rm(directory, { recursive: true });
  });

  it('gives out what a broker registered', async () => {
    await register(master, topics({ Orders: { queues: 8 }, Stock: { perm: 4 } }));
    const orders = await route('Orders');
    expect(orders.queueDatas).toEqual([
      { brokerName: 'broker-a', readQueueNums: 8, writeQueueNums: 8, perm: 6, topicSysFlag: 0 },
    ]);
    expect(orders.brokerDatas).toEqual([
      expect.objectContaining({ cluster: 'C1', brokerName: 'broker-a', brokerAddrs: new Map([[0, '10.0.0.1:10911']]) }),
    ]);
    expect(orders.orderTopicConf).toBeUndefined();
    expect(await topicNames()).toEqual(['Orders', 'Stock']);
    const cluster = (await client.call(server.address, getBrokerClusterInfo, {})).body;
    expect([...cluster.clusterAddrTable]).toEqual([['C1', ['broker-a']]]);
    expect([...cluster.brokerAddrTable.keys()]).toEqual(['broker-a']);
    const system = (await client.call(server.address, getSystemTopicListFromNs, {})).body;
    expect([[...system.topicList].sort(), system.brokerAddr]).toEqual([['C1', 'broker-a'], '10.0.0.1:10911']);
  });

  it("answers 17 with Apache's remark for a topic that nobody has", async () => {
    await expect(route('Nowhere')).rejects.toMatchObject({
      responseCode: 17,
      remark:
        'No topic route info in name server for the topic: Nowhere\n' +
        'See http://rocketmq.apache.org/docs/faq/ for further details.',
    });
  });

  it('merges a registration of some topics, and takes changes of the same topic', async () => {
    await register(master, topics({ A: {}, B: {} }, 1));
    await register(master, topics({ C: {} }, 2));
    await register(master, topics({ A: { queues: 16 } }, 3));
    expect(await topicNames()).toEqual(['A', 'B', 'C']);
    expect((await route('A')).queueDatas[0]?.readQueueNums).toBe(16);
  });

  it('ignores what comes with a version it has, except topics it misses', async () => {
    await register(master, topics({ A: {}, B: {} }, 7));
    await client.call(server.address, wipeWritePermOfBroker, { brokerName: 'broker-a' });
    await client.call(server.address, deleteTopicInNamesrv, { topic: 'B' });
    await register(master, topics({ A: {}, B: {} }, 7));
    expect((await route('A')).queueDatas[0]?.perm).toBe(4);
    expect((await route('B')).queueDatas[0]?.perm).toBe(6);
  });

  it('tells a slave where its live master is, and takes no topics from it', async () => {
    const early = await register(slave, topics({ FromSlave: {} }));
    expect(early.header).toEqual({});
    await register(master, topics({ A: {} }));
    const late = await register(slave, topics({ FromSlave: {} }));
    expect(late.header).toEqual({ masterAddr: '10.0.0.1:10911', haServerAddr: '10.0.0.1:10912' });
    expect(await topicNames()).toEqual(['A']);
    expect([...((await route('A')).brokerDatas[0]?.brokerAddrs ?? [])]).toEqual([
      [0, '10.0.0.1:10911'],
      [1, '10.0.0.2:10911'],
    ]);
  });

  it('takes the topics of the first slave of a 5.x broker while there is no master', async () => {
    await register({ ...slave, enableActingMaster: false }, topics({ FromSlave: {} }));
    expect(await topicNames()).toEqual(['FromSlave']);
  });

  it('keeps an address under one id when a slave becomes master', async () => {
    await register(slave, topics({}));
    await register({ ...slave, brokerId: 0 }, topics({ A: {} }, 2));
    expect([...((await route('A')).brokerDatas[0]?.brokerAddrs ?? [])]).toEqual([[0, '10.0.0.2:10911']]);
  });

  it('unregisters the broker that asks and not the one that took its place', async () => {
    await register(master, topics({ A: {} }));
    const successor = { ...master, brokerAddr: '10.0.0.9:10911' };
    await register(successor, topics({ A: {} }, 2));
    await client.call(server.address, unregisterBroker, master);
    expect([...((await route('A')).brokerDatas[0]?.brokerAddrs ?? [])]).toEqual([[0, '10.0.0.9:10911']]);
    await client.call(server.address, unregisterBroker, successor);
    expect(await topicNames()).toEqual([]);
    expect((await client.call(server.address, getBrokerClusterInfo, {})).body.clusterAddrTable.size).toBe(0);
  });

  it('forgets a broker at once when its connection ends, unless it has registered over another', async () => {
    const [first, second] = [open(), open()];
    await register(master, topics({ A: {} }), first);
    await register({ ...master, brokerName: 'broker-b', brokerAddr: '10.0.0.3:10911' }, topics({ B: {} }), first);
    await register(master, topics({ A: {} }, 2), second);
    await first.close();
    await untilTopics(['A']);
    await second.close();
    await untilTopics([]);
  });

  it('drops a broker after 120 seconds of silence, and its connection', async () => {
    const broker = open();
    await register(master, topics({ A: {} }), broker);
    await register({ ...master, brokerName: 'broker-b', brokerAddr: 'b:1' }, topics({ B: {} }));
    const ended = new Promise((resolve) => broker.connection(server.address)?.onClose(resolve));
    clock.advance(115_000);
    expect(await topicNames()).toEqual(['A', 'B']);
    await client.call(
      server.address,
      queryDataVersion,
      { ...master, brokerName: 'broker-b', brokerAddr: 'b:1' },
      {
        body: { counter: 1, timestamp: 1700000000000 },
      },
    );
    clock.advance(10_000);
    await ended;
    expect(await topicNames()).toEqual(['B']);
  });

  it('says whether a registration would change anything', async () => {
    const ask = (counter: number) =>
      client.call(server.address, queryDataVersion, master, { body: { counter, timestamp: 1700000000000 } });
    expect((await ask(1)).header).toEqual({ changed: true });
    await register(master, topics({ A: {} }, 1));
    const same = await ask(1);
    expect([same.header.changed, same.body]).toEqual([false, { counter: 1, timestamp: 1700000000000 }]);
    expect((await ask(2)).header.changed).toBe(true);
  });

  it('applies a one-way registration and does not answer it', async () => {
    await client.oneWay(server.address, registerBroker, master, { body: topics({ A: {} }) });
    expect(await topicNames()).toEqual(['A']);
    expect(client.connection(server.address)?.unmatchedResponses).toBe(0);
  });

  it('checks the CRC of a registration, and reads compressed ones whatever the header says', async () => {
    const bytes = compressRegisterBroker(topics({ Zipped: { perm: 4 } }));
    const raw = { ...registerBroker, requestBody: { ...registerBrokerBody, encode: () => bytes } };
    const header = { ...master, bodyCrc32: messageCrc(bytes) };
    await client.call(server.address, raw, header, { body: topics({}) });
    expect((await route('Zipped')).queueDatas[0]?.perm).toBe(4);
    const call = client.call(server.address, raw, { ...header, bodyCrc32: header.bodyCrc32 ^ 1 }, { body: topics({}) });
    await expect(call).rejects.toMatchObject({ responseCode: 1, remark: 'crc32 not match' });
  });

  it.each(['../../x', 'a/b', 'a\0b', '..', 'x'.repeat(128), '', '日本', '%LMQ%a/../../b', 'a\nb'])(
    'refuses the topic %j and everything that came with it',
    async (name) => {
      await expect(register(master, topics({ Fine: {}, [name]: {} }))).rejects.toMatchObject({
        responseCode: 29,
        remark: expect.stringContaining(JSON.stringify(name)),
      });
      expect(await topicNames()).toEqual([]);
    },
  );

  it('accepts topics named after a broker that is called like a host', async () => {
    const header = { ...master, brokerName: 'node-1.example.org' };
    const names = { 'node-1.example.org': {}, 'rmq_sys_SYNC_BROKER_MEMBER_node-1.example.org': {}, C1_REPLY_TOPIC: {} };
    await register(header, topics(names));
    expect(await topicNames()).toEqual(Object.keys(names).sort());
    await expect(register({ ...master, brokerName: 'a/b' }, topics({}))).rejects.toMatchObject({ responseCode: 29 });
  });

  it.each(['__proto__', 'constructor', 'toString'])('takes %s for the ordinary name that it is', async (name) => {
    const body = topics({});
    const table = topics({ X: {} }).topicConfigSerializeWrapper.topicConfigTable;
    const config = { ...[...table.values()][0]!, topicName: name };
    const wrapper = { ...body.topicConfigSerializeWrapper, topicConfigTable: new Map([[name, config]]) };
    await register(
      { ...master, brokerName: name, clusterName: name },
      { ...body, topicConfigSerializeWrapper: wrapper },
    );
    expect((await route(name)).brokerDatas[0]?.cluster).toBe(name);
    await client.call(server.address, putKvConfig, { namespace: name, key: name, value: 'v' });
    expect((await client.call(server.address, getKvConfig, { namespace: name, key: name })).header.value).toBe('v');
    await expect(client.call(server.address, getKvConfig, { namespace: 'valueOf', key: 'x' })).rejects.toMatchObject({
      responseCode: 22,
    });
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('lists topics by cluster and by unit flags', async () => {
    await register(
      master,
      topics({ Plain: {}, Unit: { topicSysFlag: 1 }, Sub: { topicSysFlag: 2 }, Both: { topicSysFlag: 3 } }),
    );
    const other = { ...master, clusterName: 'C2', brokerName: 'broker-c', brokerAddr: 'c:1' };
    await register(other, topics({ Elsewhere: {} }));
    const list = async (declaration: typeof getUnitTopicList) =>
      [...(await client.call(server.address, declaration, {})).body.topicList].sort();
    expect(await list(getUnitTopicList)).toEqual(['Both', 'Unit']);
    expect(await list(getHasUnitSubTopicList)).toEqual(['Both', 'Sub']);
    expect(await list(getHasUnitSubUnunitTopicList)).toEqual(['Sub']);
    const byCluster = async (cluster: string) =>
      (await client.call(server.address, getTopicsByCluster, { cluster })).body.topicList;
    expect(await byCluster('C2')).toEqual(['Elsewhere']);
    expect(await byCluster('nowhere')).toEqual([]);
    await client.call(server.address, deleteTopicInNamesrv, { topic: 'Plain', clusterName: 'C2' });
    expect(await byCluster('C1')).toContain('Plain');
    await client.call(server.address, deleteTopicInNamesrv, { topic: 'Plain', clusterName: 'C1' });
    expect(await byCluster('C1')).not.toContain('Plain');
  });

  it('wipes and adds write permission and counts topics', async () => {
    await register(master, topics({ A: { perm: 7 }, B: { perm: 2 } }));
    const wiped = await client.call(server.address, wipeWritePermOfBroker, { brokerName: 'broker-a' });
    expect(wiped.header.wipeTopicCount).toBe(2);
    expect([(await route('A')).queueDatas[0]?.perm, (await route('B')).queueDatas[0]?.perm]).toEqual([5, 0]);
    const added = await client.call(server.address, addWritePermOfBroker, { brokerName: 'broker-a' });
    expect(added.header.addTopicCount).toBe(2);
    expect([(await route('A')).queueDatas[0]?.perm, (await route('B')).queueDatas[0]?.perm]).toEqual([6, 6]);
    const none = await client.call(server.address, wipeWritePermOfBroker, { brokerName: 'nobody' });
    expect(none.header.wipeTopicCount).toBe(0);
  });

  it('adds a topic on brokers it knows', async () => {
    await register(master, topics({ A: {} }));
    const queue = { brokerName: 'broker-a', readQueueNums: 3, writeQueueNums: 3, perm: 6, topicSysFlag: 0 };
    const body = { queueDatas: [queue], brokerDatas: [], filterServerTable: new Map() };
    await client.call(server.address, registerTopicInNamesrv, { topic: 'New' }, { body });
    expect((await route('New')).queueDatas).toEqual([queue]);
    const stranger = { ...body, queueDatas: [queue, { ...queue, brokerName: 'nobody' }] };
    await client.call(server.address, registerTopicInNamesrv, { topic: 'Strange' }, { body: stranger });
    expect(await topicNames()).toEqual(['A', 'New']);
  });

  it('writes routes so that each client can read them', async () => {
    await register(master, topics({ A: {} }));
    const text = async (from: RemotingClient, extra?: Record<string, string>): Promise<string> => {
      const raw = { ...getRouteinfoByTopic, replyBody: textBody };
      return (await from.call(server.address, raw, { topic: 'A' }, extra && { extra })).body;
    };
    expect(await text(open({ version: 400 }))).toContain('"brokerAddrs":{0:"10.0.0.1:10911"}');
    expect(await text(open({ version: 401 }))).toContain('"brokerAddrs":{"0":"10.0.0.1:10911"}');
    const asked = await text(open({ version: 400 }), { acceptStandardJsonOnly: 'true' });
    expect(asked).toContain('"brokerAddrs":{"0":"10.0.0.1:10911"}');
    const raw = { ...getBrokerClusterInfo, replyBody: textBody };
    const cluster = (await client.call(server.address, raw, {})).body;
    expect(cluster).toContain('"brokerAddrs":{0:"10.0.0.1:10911"}');
  });

  it('gives order configuration to brokers, and to clients when that is enabled', async () => {
    expect((await register(master, topics({ A: {} }))).body).toBeUndefined();
    await client.call(server.address, putKvConfig, { namespace: 'ORDER_TOPIC_CONFIG', key: 'A', value: 'broker-a:4' });
    expect((await register(master, topics({ A: {} }))).body?.table).toEqual(new Map([['A', 'broker-a:4']]));
    expect((await route('A')).orderTopicConf).toBeUndefined();
    await client.call(server.address, updateNamesrvConfig, {}, { body: 'orderMessageEnable=true' });
    expect((await route('A')).orderTopicConf).toBe('broker-a:4');
  });

  describe('KV configuration', () => {
    it('keeps values across a restart, with a backup', async () => {
      const put = (key: string, value: string) =>
        client.call(server.address, putKvConfig, { namespace: 'NS', key, value });
      await put('k1', 'größe');
      await put('k2', 'two');
      await client.call(server.address, deleteKvConfig, { namespace: 'NS', key: 'k2' });
      await client.call(server.address, deleteKvConfig, { namespace: 'NS', key: 'never' });
      expect((await readdir(join(directory, 'kv'))).sort()).toEqual(['kvConfig.json', 'kvConfig.json.bak']);
      server = await start();
      const list = await client.call(server.address, getKvlistByNamespace, { namespace: 'NS' });
      expect(list.body.table).toEqual(new Map([['k1', 'größe']]));
      expect(JSON.parse(await readFile(join(directory, 'kv', 'kvConfig.json'), 'utf8'))).toEqual({
        configTable: { NS: { k1: 'größe' } },
      });
    });

    it("says in Apache's words what is not there", async () => {
      const one = client.call(server.address, getKvConfig, { namespace: 'NS', key: 'k' });
      await expect(one).rejects.toMatchObject({ responseCode: 22, remark: 'No config item, Namespace: NS Key: k' });
      const all = client.call(server.address, getKvlistByNamespace, { namespace: 'NS' });
      await expect(all).rejects.toMatchObject({ responseCode: 22, remark: 'No config item, Namespace: NS' });
    });

    it('starts from the backup when the file is damaged, and not at all when both are', async () => {
      const path = join(directory, 'other.json');
      await writeFile(path, '{"configTable":{"NS":');
      await writeFile(`${path}.bak`, '{"configTable":{"NS":{"k":"saved"}}}');
      server = await start({ kvConfigPath: path });
      expect((await client.call(server.address, getKvConfig, { namespace: 'NS', key: 'k' })).header.value).toBe(
        'saved',
      );
      await writeFile(`${path}.bak`, 'neither');
      await expect(start({ kvConfigPath: path })).rejects.toMatchObject({
        code: 'STORE_CORRUPT',
        message: expect.stringContaining(path),
      });
    });
  });

  describe('live configuration', () => {
    const update = (body: string) => client.call(server.address, updateNamesrvConfig, {}, { body });

    it('takes live keys, shows them and keeps them with the comments of the file', async () => {
      await writeFile(join(directory, 'ns.conf'), '# mine\nenableTopicList = true\nlistenPort=1\n');
      await update('enableTopicList=false\nenableAllTopicList=false');
      await expect(topicNames()).rejects.toMatchObject({ responseCode: 1, remark: 'disable' });
      await expect(client.call(server.address, getUnitTopicList, {})).rejects.toMatchObject({ remark: 'disable' });
      const text = (await client.call(server.address, getNamesrvConfig, {})).body;
      expect(text.split('\n')).toEqual(expect.arrayContaining(['enableTopicList=false', 'orderMessageEnable=false']));
      expect(await readFile(join(directory, 'ns.conf'), 'utf8')).toBe(
        '# mine\nenableTopicList=false\nlistenPort=1\nenableAllTopicList=false\n',
      );
    });

    it.each(['configStorePath', 'kvConfigPath', 'configBlackList', 'rocketmqHome'])('never changes %s', async (key) => {
      await expect(update(`enableTopicList=false\n${key}=x`)).rejects.toMatchObject({
        responseCode: 16,
        remark: 'Can not update config in black list.',
      });
      expect((await client.call(server.address, getNamesrvConfig, {})).body).toContain('enableTopicList=true');
      expect(await readdir(directory)).toEqual([]);
    });

    it.each([
      ['nothing=1', '"nothing" is no key of this name server'],
      ['__proto__=1', '"__proto__" is no key of this name server'],
      ['listenPort=1', '"listenPort" cannot be changed while it runs'],
      ['enableTopicList=perhaps', '"enableTopicList" must be true or false'],
      ['enableTopicList=true\\nkvConfigPath=x', '"enableTopicList" must be true or false'],
      ['a\\u00zz=1', '\\u'],
    ])('refuses %j and writes nothing', async (body, remark) => {
      await expect(update(body)).rejects.toMatchObject({ responseCode: 29, remark: expect.stringContaining(remark) });
      expect(await readdir(directory)).toEqual([]);
    });
  });

  it('closes a connection that sends garbage, and no other', async () => {
    await register(master, topics({ A: {} }));
    const stranger = connect(server.port, '127.0.0.1');
    stranger.write('GET / HTTP/1.1\r\n\r\n');
    await once(stranger, 'close');
    expect(await topicNames()).toEqual(['A']);
  });

  it('answers 1 to a register body that is none', async () => {
    const raw = { ...registerBroker, requestBody: { ...registerBrokerBody, encode: () => Buffer.from('{"a":') } };
    await expect(client.call(server.address, raw, master, { body: topics({}) })).rejects.toMatchObject({
      responseCode: 1,
      remark: expect.stringContaining('RegisterBrokerBody'),
    });
    expect(registerBrokerBody.encode(topics({}), plainDialect)).toBeDefined();
  });

  it('refuses a wrong configuration before it starts', () => {
    expect(() => createNameServer({ listenPort: 70_000 })).toThrow(/listenPort must be from 0 to 65535/);
  });
});
