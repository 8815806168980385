import { afterAll, beforeAll, describe } from '@jest/globals';
import { javaClient, type ApacheVersion, type TestClient } from '../../../libs/testkit/src/index.js';
import { ourClient } from '../../../libs/testkit/src/our-client.js';
import { Arena, type Cluster, type Maker } from './arena.js';
import { describeAllocation } from './allocation.js';
import { describeCompression } from './compression.js';
import { describeDelays, describeDelaysBefore5 } from './delays.js';
import { describeExchange } from './exchange.js';
import { describeFilterClasses, describeSqlFilters } from './filters.js';
import { describeJavaExtras } from './java-extras.js';
import { describeLocalOffsets } from './local-offsets.js';
import { describeLookUps } from './look-ups.js';
import { describeMachineRooms } from './machine-rooms.js';
import { describeMicroservices } from './microservices.js';
import { describeMqadminGroups } from './mqadmin-groups.js';
import { describeMqadmin, describeMqadminUnderLoad } from './mqadmin.js';
import { describeNamespaces } from './namespaces.js';
import { describeOperations } from './operations.js';
import { describePullScripts } from './pull-scripts.js';
import { describePushConsumer } from './push-consumer.js';
import { describeRequestReply } from './request-reply.js';
import { describeRestart } from './restart.js';
import { describeRetry } from './retry.js';
import { describeSampleShop } from './sample-shop.js';
import { describeSharedGroup } from './shared-group.js';
import { describeSlave } from './slave.js';
import { describeSpring } from './spring.js';
import { describeSqlAnswers } from './sql-answers.js';
import { describeStoreExchange } from './store-exchange.js';
import { describeStoreKinds } from './store-kinds.js';
import { describeTemplate } from './template.js';
import { describeTopicForms } from './topic-forms.js';
import { describeTraces } from './traces.js';
import { describeTransactions } from './transactions.js';

type ClusterOf = (nameServer: Maker, broker: Maker) => () => Promise<Cluster>;

/** What a suite of one release shares: servers and clients, each started when first asked for. */
interface Stage {
  readonly arena: () => Arena;
  readonly clients: Clients;
  readonly cluster: ClusterOf;
}

/** What tools and libraries of one Apache release say, on our servers and of our answers. */
export function describeTools(version: ApacheVersion): void {
  describeAllocation(version);
  describeSqlAnswers(version);
  onStage(version, ({ arena, cluster }) => {
    // Nobody else is on these servers: the first two compare all that either side has.
    const sideBySide = { arena, model: cluster('java', 'java'), subject: cluster('ours', 'ours') };
    describeMqadmin('mqadmin', sideBySide);
    describeMqadminGroups('mqadmin on groups', sideBySide);
    describeMqadminUnderLoad('mqadmin under load', sideBySide);
  });
}

/** What brokers of one Apache release keep, and ours take over, and the other way round. */
export function describeStores(version: ApacheVersion): void {
  describeStoreKinds(version);
  onStage(version, ({ arena, clients: { java, ours } }) => {
    if (version !== '4.9.7') {
      describeDelays('delays at any time', { arena });
      return;
    }
    describeStoreExchange('store directories', { arena, java, ours });
    describeSlave('a master and a slave', { arena });
  });
}

/** Our servers before clients of one Apache release. */
export function describeOurServers(version: ApacheVersion): void {
  onStage(version, ({ arena, clients, cluster }) => {
    describeOnOurServers({ arena, cluster: cluster('ours', 'ours') }, clients);
    const { java, ours } = clients;
    const ourBroker = { arena, cluster: cluster('java', 'ours') };
    describeExchange('our broker with a Java name server', { ...ourBroker, sender: ours, receiver: java });
  });
}

/** Consumers of both sides on Apache's servers of one release. */
export function describeJavaConsumers(version: ApacheVersion): void {
  onStage(version, ({ arena, clients, cluster }) => {
    describeConsumersOnJavaServers({ arena, cluster: cluster('java', 'java') }, clients, version);
  });
}

/** Apache's servers of one release before our client, and beside our servers. */
export function describeJavaServers(version: ApacheVersion): void {
  onStage(version, ({ arena, clients, cluster }) => {
    const { java, ours } = clients;
    const servers = { arena, cluster: cluster('java', 'java') };
    describeOnJavaServers(servers, clients, version);
    const clusters = { java: cluster('java', 'java'), ours: cluster('ours', 'ours') };
    describeTransactions('transactions', { arena, clusters, java, ours });
    describeTemplate('the template on Java servers', { ...servers, java });
    describeMicroservices('a microservice on Java servers', { ...servers, java });
    describeOperations('an operated application on Java servers', { ...servers, java });
    describeSampleShop('the sample shop on Java servers', servers);
    const ourNameServer = { arena, cluster: cluster('ours', 'java') };
    describeExchange('our name server with a Java broker', { ...ourNameServer, sender: java, receiver: ours });
    if (version === '4.9.7') {
      describeDelaysBefore5('our delays on a Java broker of 4.9', servers);
      // The later release has a file for these: with them it would be the longest by far.
      describeConsumersOnJavaServers(servers, clients, version);
    } else describeSpring('an application of rocketmq-spring and ours', { arena, clusters });
  });
}

function onStage(version: ApacheVersion, suites: (stage: Stage) => void): void {
  describe(`Apache RocketMQ ${version}`, () => {
    let opened: Arena | undefined;
    const arena = (): Arena => {
      if (!opened) throw new Error('the arena is not open');
      return opened;
    };
    beforeAll(async () => {
      opened = await Arena.open(version);
    });
    afterAll(() => opened?.close(), 120_000);
    const clients: Clients = {
      java: async () => javaClient(await arena().peer()),
      javaBinary: async () => javaClient(await arena().peer('ROCKETMQ')),
      ours: () => Promise.resolve(ourClient()),
      oursBinary: () => Promise.resolve(ourClient({ serializer: 'ROCKETMQ' })),
    };
    suites({ arena, clients, cluster: (nameServer, broker) => () => arena().cluster(nameServer, broker) });
  });
}

interface Clients {
  readonly java: () => Promise<TestClient>;
  readonly javaBinary: () => Promise<TestClient>;
  readonly ours: () => Promise<TestClient>;
  readonly oursBinary: () => Promise<TestClient>;
}

interface Servers {
  readonly arena: () => Arena;
  readonly cluster: () => Promise<Cluster>;
}

function describeOnOurServers(servers: Servers, { java, javaBinary, ours }: Clients): void {
  describeExchange('Java client on our servers', { ...servers, sender: java, receiver: java });
  describeExchange('our client on our servers', { ...servers, sender: ours, receiver: ours });
  describeExchange('Java client with binary headers on our servers', {
    ...servers,
    sender: javaBinary,
    receiver: javaBinary,
  });
  describeJavaExtras('Java on our servers', { ...servers, ours });
  describePullScripts('Java pull consumers on our servers', { ...servers, client: java });
  describePullScripts('our pull consumers on our servers', { ...servers, client: ours });
  describeMachineRooms('machine rooms', { arena: servers.arena });
  describeSqlFilters('SQL92 filters on our broker', { ...servers, java, ours });
  describeFilterClasses("filters of our broker's host", { ...servers, java, ours });
  describeLookUps('our look-ups on our servers', servers);
  describeRequestReply('requests and replies on our servers', servers);
  describeTraces('traces and tracks on our servers', { ...servers, java, ours });
  describeTopicForms('forms of topics on our servers', { ...servers, java }, false);
  describeSharedGroup('a shared group on our servers', { ...servers, java, ours });
  describeRetry('retries, delays and locks on our broker', { arena: servers.arena });
  describePushConsumer('our push consumer on our servers', { ...servers, java, ours });
  describeRestart('our broker', { ...servers, client: java });
}

function describeConsumersOnJavaServers(servers: Servers, { java, ours }: Clients, version: ApacheVersion): void {
  describePullScripts('Java pull consumers on Java servers', { ...servers, client: java });
  describePullScripts('our pull consumers on Java servers', { ...servers, client: ours });
  describeLocalOffsets('broadcasting offsets', { ...servers, java });
  describeNamespaces('namespaces', servers);
  if (version !== '4.9.7') describeCompression('packed bodies', { ...servers, java, ours });
  describeSharedGroup('a shared group on Java servers', { ...servers, java, ours });
  describePushConsumer('our push consumer on Java servers', { ...servers, java, ours });
}

function describeOnJavaServers(servers: Servers, { java, ours, oursBinary }: Clients, version: ApacheVersion): void {
  describeExchange('our client on Java servers', { ...servers, sender: ours, receiver: ours });
  describeExchange('our client with binary headers, read by Java', { ...servers, sender: oursBinary, receiver: java });
  describeExchange('Java client, read by ours with binary headers', { ...servers, sender: java, receiver: oursBinary });
  describeLookUps('our look-ups on Java servers', servers);
  describeRequestReply('requests and replies on Java servers', servers);
  describeTraces('traces and tracks on Java servers', { ...servers, java, ours });
  describeTopicForms('forms of topics on Java servers', { ...servers, java }, version !== '4.9.7');
  describeSqlFilters('SQL92 filters on a Java broker', { ...servers, java, ours });
}
