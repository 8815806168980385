import { join, resolve } from 'node:path';
import { messageOf, RocketMQError } from '../../libs/common/src/index.js';
import type { BrokerConfig } from '../../libs/broker/src/index.js';
import type { NamesrvConfig } from '../../libs/namesrv/src/index.js';
import type { EmbeddedOptions } from '../options/module-options.js';
import { HostedBroker } from './hosted-broker.js';
import { HostedNameServer } from './hosted-name-server.js';
import { readBrokerSettings, readNameServerSettings } from './server-options.js';

/** What `embedded` hosts: a name server and a broker that start and stop together. */
export class EmbeddedCluster {
  readonly nameServer: HostedNameServer;
  readonly broker: HostedBroker;
  /** Absolute path of the directory that holds everything the two write. */
  readonly directory: string;

  /**
   * @param where - Whose options these are.
   * @throws RocketMQError CONFIG_INVALID or UNSUPPORTED naming every wrong key in `nameServer` and `broker`.
   */
  constructor(
    options: EmbeddedOptions,
    private readonly where = 'RocketMQModule',
  ) {
    const { port = 9876, bindAddress = '127.0.0.1' } = options;
    const brokerPort = options.brokerPort ?? (port === 0 ? 0 : 10911);
    this.directory = resolve(options.storePathRootDir ?? '.rocketmq');
    const [nameServer, broker] = both(
      () => this.#nameServerConfig(options, port, bindAddress),
      () => this.#brokerConfig(options, brokerPort, bindAddress),
    );
    this.nameServer = new HostedNameServer(nameServer);
    this.broker = new HostedBroker(broker);
  }

  #nameServerConfig({ nameServer }: EmbeddedOptions, listenPort: number, bindAddress: string): NamesrvConfig {
    const kvConfigPath = join(this.directory, 'namesrv', 'kvConfig.json');
    const configStorePath = join(this.directory, 'namesrv', 'namesrv.properties');
    const options = { listenPort, bindAddress, kvConfigPath, configStorePath, ...nameServer };
    return readNameServerSettings({ options }, `${this.where}: embedded.nameServer`);
  }

  #brokerConfig({ broker }: EmbeddedOptions, listenPort: number, bindAddress: string): BrokerConfig {
    const options = { listenPort, bindAddress, storePathRootDir: this.directory, ...broker };
    return readBrokerSettings({ options }, `${this.where}: embedded.broker`);
  }

  /** The application calls it. */
  async start(): Promise<void> {
    try {
      await this.nameServer.start();
      await this.broker.start(this.nameServer.address);
    } catch (error) {
      await this.close().catch(() => undefined);
      throw withAdvice(error, this.where);
    }
  }

  /** The application calls it. */
  async close(): Promise<void> {
    try {
      await this.broker.close();
    } finally {
      await this.nameServer.close();
    }
  }
}

/** Reads both before it throws, so that the mistakes in one do not hide those in the other. */
function both<A, B>(first: () => A, second: () => B): [A, B] {
  let one: A;
  try {
    one = first();
  } catch (error) {
    try {
      second();
    } catch (other) {
      throw new RocketMQError('CONFIG_INVALID', `${messageOf(error)}\n${messageOf(other)}`, { cause: error });
    }
    throw error;
  }
  return [one, second()];
}

/** A taken port is the first thing that goes wrong with `embedded: true`: say what to do about it. */
function withAdvice(error: unknown, where: string): unknown {
  if (typeof error !== 'object' || error === null || !('code' in error) || error.code !== 'LISTEN_FAILED') return error;
  const advice =
    "Set embedded: { port: 0 } for free ports, or nameServer: 'host:port' to use the server that is there.";
  return new RocketMQError('LISTEN_FAILED', `${where}: embedded: ${messageOf(error)}. ${advice}`, {
    cause: error,
  });
}
