import { afterAll, beforeAll, describe } from '@jest/globals';
import { javaClient, ourClient, type ApacheVersion, type TestClient } from '../../../libs/testkit/src/index.js';
import { Arena, type Cluster, type Maker } from './arena.js';
import { describeExchange } from './exchange.js';
import { describeJavaExtras } from './java-extras.js';
import { describeMqadmin } from './mqadmin.js';
import { describePushConsumer } from './push-consumer.js';
import { describeRestart } from './restart.js';
import { describeRetry } from './retry.js';
import { describeSampleShop } from './sample-shop.js';
import { describeSharedGroup } from './shared-group.js';
import { describeStoreExchange } from './store-exchange.js';
import { describeStoreKinds } from './store-kinds.js';

/** Everything we ask of one Apache release. */
export function describeInterop(version: ApacheVersion): void {
  describeStoreKinds(version);
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

    const java = async (): Promise<TestClient> => javaClient(await arena().peer());
    const javaBinary = async (): Promise<TestClient> => javaClient(await arena().peer('ROCKETMQ'));
    const ours = (): Promise<TestClient> => Promise.resolve(ourClient());
    const oursBinary = (): Promise<TestClient> => Promise.resolve(ourClient({ serializer: 'ROCKETMQ' }));
    const cluster = (nameServer: Maker, broker: Maker) => (): Promise<Cluster> => arena().cluster(nameServer, broker);

    const allOurs = { arena, cluster: cluster('ours', 'ours') };
    describeExchange('Java client on our servers', { ...allOurs, sender: java, receiver: java });
    describeExchange('Java client with binary headers on our servers', {
      ...allOurs,
      sender: javaBinary,
      receiver: javaBinary,
    });
    describeJavaExtras('Java on our servers', { ...allOurs, ours });
    describeSharedGroup('a shared group on our servers', { ...allOurs, java, ours });
    describeRetry('retries, delays and locks on our broker', { arena });
    describePushConsumer('our push consumer on our servers', { ...allOurs, java, ours, relays: false });
    describeRestart('our broker', { ...allOurs, client: java });

    const allJava = { arena, cluster: cluster('java', 'java') };
    describeExchange('our client on Java servers', { ...allJava, sender: ours, receiver: ours });
    describeExchange('our client with binary headers, read by Java', {
      ...allJava,
      sender: oursBinary,
      receiver: java,
    });
    describeExchange('Java client, read by ours with binary headers', {
      ...allJava,
      sender: java,
      receiver: oursBinary,
    });
    describeSharedGroup('a shared group on Java servers', { ...allJava, java, ours });
    describePushConsumer('our push consumer on Java servers', { ...allJava, java, ours, relays: true });

    // Before the mixes add a second broker to either name server.
    describeMqadmin('mqadmin', { arena, model: cluster('java', 'java'), subject: cluster('ours', 'ours') });

    describeSampleShop('the sample shop on Java servers', allJava);

    const ourNameServer = { arena, cluster: cluster('ours', 'java') };
    describeExchange('our name server with a Java broker', { ...ourNameServer, sender: java, receiver: ours });
    const ourBroker = { arena, cluster: cluster('java', 'ours') };
    describeExchange('our broker with a Java name server', { ...ourBroker, sender: ours, receiver: java });

    if (version === '4.9.7') describeStoreExchange('store directories', { arena, java, ours });
  });
}
