import { afterAll, beforeAll, describe } from '@jest/globals';
import { javaClient, ourClient, type ApacheVersion, type TestClient } from '../../../libs/testkit/src/index.js';
import { Arena, type Maker } from './arena.js';
import { describeExchange } from './exchange.js';

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
    afterAll(() => opened?.close());

    const java = async (): Promise<TestClient> => javaClient(await arena().peer());
    const javaBinary = async (): Promise<TestClient> => javaClient(await arena().peer('ROCKETMQ'));
    const ours = (): Promise<TestClient> => Promise.resolve(ourClient());
    const cluster = (nameServer: Maker, broker: Maker) => () => arena().cluster(nameServer, broker);

    describeExchange('Java client, Java servers', {
      arena,
      cluster: cluster('java', 'java'),
      sender: java,
      receiver: javaBinary,
    });
    void ours;
  });
}
