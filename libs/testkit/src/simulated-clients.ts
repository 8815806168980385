import { nextTurn } from '../../common/src/index.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type ClientConfig, type RocketMQClient } from '../../client/src/index.js';
import { FakeCluster } from './fake-cluster.js';
import { createManualClock } from './manual-clock.js';

/** Turns of the event loop in which a request goes to a server in this process and its answer comes back. */
const turns = 6;
const step = 500;
const longest = 10 * 60_000;

/**
 * Clients on simulated time, with real sockets to a fake cluster: what takes minutes takes milliseconds, because time
 * passes in steps that answers can follow.
 */
export class SimulatedClients {
  readonly clock = createManualClock();
  readonly cluster: FakeCluster;
  readonly #clients: RocketMQClient[] = [];
  readonly #directory: string;

  private constructor(cluster: FakeCluster, directory: string) {
    this.cluster = cluster;
    this.#directory = directory;
  }

  /** A cluster with topic T of `queues` queues on each broker. */
  static async open({ brokers = ['broker-a'], queues = 2 } = {}): Promise<SimulatedClients> {
    const cluster = new FakeCluster(brokers);
    cluster.topics.set('T', queues);
    await cluster.start();
    return new SimulatedClients(cluster, await mkdtemp(join(tmpdir(), 'clients-')));
  }

  client(config: ClientConfig = {}): RocketMQClient {
    const { clock, cluster } = this;
    const shared = { nameServer: cluster.nameServer, clientIP: '127.0.0.1', localOffsetStoreDir: this.#directory };
    const client = createClient({ ...shared, clock, ...config });
    this.#clients.push(client);
    return client;
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= step) {
      this.clock.advance(Math.min(step, left));
      await this.#answered();
    }
  }

  /** Lets time pass until `condition` holds, or fails after ten simulated minutes. */
  async until(condition: () => boolean): Promise<void> {
    for (let waited = 0; !condition(); waited += step) {
      if (waited > longest) throw new Error(`not within ${longest / 60_000} simulated minutes`);
      await this.pass(step);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.cluster.close();
    await rm(this.#directory, { recursive: true });
  }

  /** What clients sent is answered by now, where it is answered at all, and their promises have run. */
  async #answered(): Promise<void> {
    for (let turn = 0; turn < turns; turn++) await nextTurn();
  }
}
