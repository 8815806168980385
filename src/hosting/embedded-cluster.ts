import { join, resolve } from 'node:path';
import { messageOf, RocketMQError } from '../../libs/common/src/index.js';
import type { EmbeddedOptions } from '../options/module-options.js';
import { HostedBroker } from './hosted-broker.js';
import { HostedNameServer } from './hosted-name-server.js';
import { readBrokerOptions, readNameServerOptions } from './server-options.js';

/** What `embedded` hosts: a name server and a broker that start and stop together. */
export class EmbeddedCluster {
  readonly nameServer: HostedNameServer;
  readonly broker: HostedBroker;
  /** Absolute path of the directory that holds everything the two write. */
  readonly directory: string;

  /** @throws RocketMQError CONFIG_INVALID for a wrong key in `nameServer` or `broker`. */
  constructor(options: EmbeddedOptions) {
    const { port = 9876, bindAddress = '127.0.0.1' } = options;
    const brokerPort = options.brokerPort ?? (port === 0 ? 0 : 10911);
    this.directory = resolve(options.storePathRootDir ?? '.rocketmq');
    this.nameServer = new HostedNameServer(
      readNameServerOptions(
        {
          listenPort: port,
          bindAddress,
          kvConfigPath: join(this.directory, 'namesrv', 'kvConfig.json'),
          configStorePath: join(this.directory, 'namesrv', 'namesrv.properties'),
          ...options.nameServer,
        },
        'RocketMQModule: embedded.nameServer',
      ),
    );
    this.broker = new HostedBroker(
      readBrokerOptions(
        {
          listenPort: brokerPort,
          bindAddress,
          ...(bindAddress === '0.0.0.0' || bindAddress === '::' ? {} : { brokerIP1: bindAddress }),
          storePathRootDir: this.directory,
          ...options.broker,
        },
        'RocketMQModule: embedded.broker',
      ),
    );
  }

  async start(): Promise<void> {
    try {
      await this.nameServer.start();
      await this.broker.start(this.nameServer.address);
    } catch (error) {
      await this.close().catch(() => undefined);
      throw withAdvice(error);
    }
  }

  async close(): Promise<void> {
    try {
      await this.broker.close();
    } finally {
      await this.nameServer.close();
    }
  }
}

/** A taken port is the first thing that goes wrong with `embedded: true`: say what to do about it. */
function withAdvice(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('code' in error) || error.code !== 'LISTEN_FAILED') return error;
  const advice =
    "Set embedded: { port: 0 } for free ports, or nameServer: 'host:port' to use the server that is there.";
  return new RocketMQError('LISTEN_FAILED', `RocketMQModule: embedded: ${messageOf(error)}. ${advice}`, {
    cause: error,
  });
}
