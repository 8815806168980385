import { it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { pause, systemClock } from '../../../libs/common/src/index.js';
import {
  createTestbed,
  JavaPeer,
  SpringPeer,
  startJavaBroker,
  startJavaNameServer,
  startOurBroker,
  startOurNameServer,
  type ApacheVersion,
  type TestBroker,
  type Testbed,
  type TestServer,
} from '../../../libs/testkit/src/index.js';

/** As many levels as Apache has, none of which a test has to wait for. */
const shortDelays = Array.from({ length: 18 }, () => '1s').join(' ');

/** Brokers ask about transactions as soon as they can be asked about. */
export const shortChecks = { transactionCheckInterval: 1000, transactionTimeOut: 1000 };

/** Who wrote a server. */
export type Maker = 'java' | 'ours';

export interface Cluster {
  readonly nameServer: TestServer;
  readonly broker: TestBroker;
}

/**
 * All servers and JVMs of one Apache release that the suites share: each is started when first asked for, and all stop
 * when the arena closes.
 */
export class Arena {
  readonly version: ApacheVersion;
  readonly testbed: Testbed;
  readonly #started = new Map<string, Promise<unknown>>();
  readonly #retiring: Promise<unknown>[] = [];
  readonly #open: { close(): Promise<void> }[] = [];

  private constructor(version: ApacheVersion, testbed: Testbed) {
    this.version = version;
    this.testbed = testbed;
  }

  static async open(version: ApacheVersion): Promise<Arena> {
    return new Arena(version, await createTestbed(`interop-${version}`));
  }

  /** Closes clients behind the tests' back: one of Java 5.x takes seconds. A close that fails makes the arena's fail. */
  retire(...members: { close(): Promise<void> }[]): void {
    for (const member of members)
      this.#retiring.push(
        member.close().then(
          () => undefined,
          (error: unknown) => error,
        ),
      );
  }

  /** At the end of all suites: for what a failing test would leave open. */
  retireLater(member: { close(): Promise<void> }): void {
    this.#open.push(member);
  }

  async close(): Promise<void> {
    this.retire(...this.#open);
    const failures = (await Promise.all(this.#retiring)).filter((failure) => failure !== undefined);
    await this.testbed.close();
    if (failures.length > 0) throw new AggregateError(failures, 'clients failed to close');
  }

  peer(serializer: 'JSON' | 'ROCKETMQ' = 'JSON'): Promise<JavaPeer> {
    return this.#once(`peer ${serializer}`, () => JavaPeer.start(this.testbed, this.version, { serializer }));
  }

  /**
   * A program that runs mqadmin on the servers of one maker. Each ends with a shutdown that takes seconds in 5.x, and one
   * program runs one at a time: with two, both makers' servers are asked at once.
   */
  mqadmin(maker: Maker): Promise<JavaPeer> {
    return this.#once(`mqadmin ${maker}`, () => JavaPeer.start(this.testbed, this.version, { serializer: 'JSON' }));
  }

  /** Whose applications of rocketmq-spring's starter run in one JVM. */
  spring(): Promise<SpringPeer> {
    return this.#once('spring', () => SpringPeer.start(this.testbed));
  }

  nameServer(maker: Maker): Promise<TestServer> {
    return this.#once(`namesrv ${maker}`, () =>
      maker === 'java' ? startJavaNameServer(this.testbed, this.version) : startOurNameServer(this.testbed),
    );
  }

  /** Clusters do not share a broker; those with the same maker of name server share that. Names keep them apart there. */
  cluster(nameServerMaker: Maker, brokerMaker: Maker): Promise<Cluster> {
    return this.#once(`cluster ${nameServerMaker} ${brokerMaker}`, async () => {
      const nameServer = await this.nameServer(nameServerMaker);
      const options = {
        nameServer: nameServer.address,
        brokerName: `${brokerMaker}-broker-of-${nameServerMaker}-namesrv`,
        clusterName: `${brokerMaker}-cluster`,
      };
      const config = {
        messageDelayLevel: shortDelays,
        traceTopicEnable: 'true',
        enablePropertyFilter: true,
        ...shortChecks,
      };
      const broker = await (brokerMaker === 'java'
        ? startJavaBroker(this.testbed, this.version, { ...options, config })
        : startOurBroker(this.testbed, { ...options, config: { ...config, brokerVersion: this.brokerVersion } }));
      return { nameServer, broker };
    });
  }

  /** The release our broker presents itself as: the one it is compared with. */
  get brokerVersion(): string {
    return `V${this.version.replaceAll('.', '_')}`;
  }

  /** Makes a topic through Java's admin call and waits until the name server's route shows it. */
  async createTopic(cluster: Cluster, queues = 4, name = freshName('topic')): Promise<string> {
    const peer = await this.peer();
    const nameServer = cluster.nameServer.address;
    await peer.call('admin.createTopic', { nameServer, broker: cluster.broker.address, topic: name, queues });
    await until(`a route to ${name}`, () =>
      peer.call('admin.route', { nameServer, topic: name }).then(Boolean, () => false),
    );
    return name;
  }

  #once<T>(key: string, make: () => Promise<T>): Promise<T> {
    let started = this.#started.get(key) as Promise<T> | undefined;
    if (!started) this.#started.set(key, (started = make()));
    return started;
  }
}

export function freshName(kind: string): string {
  return `${kind}-${randomUUID().slice(0, 8)}`;
}

/** Asks again every 100 ms: for state of another process that announces nothing. */
export async function until(what: string, holds: () => Promise<boolean>, timeout = 20_000): Promise<void> {
  const deadline = systemClock.monotonic() + timeout;
  while (!(await holds())) {
    if (systemClock.monotonic() > deadline) throw new Error(`${what}: not after ${timeout} ms`);
    await pause(systemClock, 100);
  }
}

/** `it`, and on failure the last lines of every program under test, whose files then stay on disk. */
export function reportingIt(arena: () => Arena, title: string, body: () => Promise<void>, timeout?: number): void {
  it(
    title,
    async () => {
      try {
        await body();
      } catch (error) {
        const { testbed } = arena();
        testbed.keepFiles();
        if (error && typeof error === 'object' && 'message' in error)
          error.message = `${String(error.message)}\n\n${testbed.report()}`;
        throw error;
      }
    },
    timeout,
  );
}
