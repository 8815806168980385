import { createNameServer, type NamesrvConfig, type NameServer, readNamesrvConfig } from '../../namesrv/src/index.js';
import type { CommandHost } from './command-host.js';
import { runServerCommand, type ServerCommand } from './server-command.js';

const namesrvCommand: ServerCommand<NamesrvConfig, NameServer> = {
  name: 'mqnamesrv',
  description: 'A RocketMQ name server.',
  hasImportantItems: false,
  read({ file, options }) {
    // Apache's name server takes -n and has no use for it.
    const { namesrvAddr: _unused, ...keys } = options;
    return readNamesrvConfig({ ...(file && { file }), options: keys });
  },
  create: (config, ports) => createNameServer(config, ports),
  bootLine: ({ address }) => `The Name Server boot success. serializeType=JSON, address ${address}`,
};

/** `mqnamesrv`: -c -n -p -h as Apache's. */
export function runNamesrv(args: readonly string[], host: CommandHost): Promise<number> {
  return runServerCommand(namesrvCommand, args, host);
}
