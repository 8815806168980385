import { afterAll, beforeAll, describe } from '@jest/globals';
import { javaClient, ourClient, type ApacheVersion, type TestClient } from '../../../libs/testkit/src/index.js';
import { Arena, type Cluster, type Maker } from './arena.js';
import { describeExchange } from './exchange.js';
import { describeJavaExtras } from './java-extras.js';
import { describeMqadmin } from './mqadmin.js';
import { describeRestart } from './restart.js';
import { describeSharedGroup } from './shared-group.js';
import { describeStoreExchange } from './store-exchange.js';

/** Everything we ask of one Apache release. */
export function describeInterop(version: ApacheVersion): void {
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

    const allJava = { arena, cluster: cluster('java', 'java') };
    describeMqadmin('mqadmin', { arena, model: cluster('java', 'java'), subject: cluster('java', 'java') });
    describeSharedGroup('shared', { ...allJava, java, ours: java });
    describeJavaExtras('Java on java servers', { ...allJava, ours: javaBinary });
    if (version === '4.9.7') describeRestart('our broker', { ...allJava, client: java });
    void [describeStoreExchange, describeExchange, ours];
  });
}
