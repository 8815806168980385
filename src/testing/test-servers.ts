import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NamedMessageFilters } from '../../libs/broker/src/index.js';
import { EmbeddedCluster } from '../hosting/embedded-cluster.js';
import type { HostedBroker } from '../hosting/hosted-broker.js';
import type { ServerEntries } from '../hosting/server-options.js';
import { RocketMQModuleOptions } from '../options/module-options.js';
import type { TestingServers } from '../rocketmq-composition.js';

/** A name server and a broker on free ports, in a directory that lives as long as they do. */
export class TestServers implements TestingServers {
  readonly options = new RocketMQModuleOptions();
  readonly #broker: ServerEntries;
  #filters: NamedMessageFilters = {};
  #cluster: EmbeddedCluster | undefined;
  #directory: string | undefined;

  /** @internal */
  constructor(broker: ServerEntries) {
    this.#broker = broker;
  }

  /** 'host:port'; known once the application has started. */
  get nameServer(): string {
    return this.#cluster?.nameServer.address ?? '';
  }

  get broker(): HostedBroker | undefined {
    return this.#cluster?.broker;
  }

  filterBy(filters: NamedMessageFilters): void {
    this.#filters = filters;
  }

  async start(): Promise<void> {
    this.#directory = await mkdtemp(join(tmpdir(), 'nestjs-rocketmq-'));
    this.#cluster = new EmbeddedCluster({
      port: 0,
      storePathRootDir: this.#directory,
      broker: { brokerName: 'test', mappedFileSizeCommitLog: 64 * 1024 * 1024, ...this.#broker },
    });
    this.#cluster.broker.filterBy(this.#filters);
    await this.#cluster.start();
  }

  async close(): Promise<void> {
    try {
      await this.#cluster?.close();
    } finally {
      if (this.#directory) await rm(this.#directory, { recursive: true, force: true });
    }
  }
}
