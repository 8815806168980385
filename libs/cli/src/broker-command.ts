import { type Broker, type BrokerConfig, createBroker, readBrokerConfig } from '../../broker/src/index.js';
import type { CommandHost } from './command-host.js';
import { runServerCommand, type ServerCommand } from './server-command.js';

const brokerCommand: ServerCommand<BrokerConfig, Broker> = {
  name: 'mqbroker',
  description: 'A RocketMQ broker.',
  hasImportantItems: true,
  read: (sources) => readBrokerConfig(sources),
  create: (config, ports) => createBroker(config, ports),
  bootLine({ brokerName, address }, { namesrvAddr }) {
    const nameServers = namesrvAddr === '' ? '' : ` and name server is ${namesrvAddr}`;
    return `The broker[${brokerName}, ${address}] boot success. serializeType=JSON${nameServers}`;
  },
};

/** `mqbroker`: -c -n -p -m -h as Apache's. */
export function runBroker(args: readonly string[], host: CommandHost): Promise<number> {
  return runServerCommand(brokerCommand, args, host);
}
