import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builtModules } from './built-modules.js';
import type { ChildProgram } from './child-program.js';
import { freeBrokerPort } from './free-port.js';
import {
  brokerProperties,
  propertiesText,
  restartableBroker,
  type BrokerOptions,
  type TestBroker,
  type TestServer,
} from './java-server.js';
import type { Testbed } from './testbed.js';

/** Our name server as a user starts it: the built bin, in a process of its own. */
export async function startOurNameServer(testbed: Testbed): Promise<TestServer> {
  const port = await freeBrokerPort();
  const name = `our-namesrv-${port}`;
  const home = await testbed.subdirectory(name);
  const file = join(home, 'namesrv.conf');
  const paths = { kvConfigPath: join(home, 'kvConfig.json'), configStorePath: join(home, 'namesrv.properties') };
  await writeFile(file, propertiesText({ listenPort: port, ...paths }));
  const program = await runBin(testbed, name, home, 'mqnamesrv', file);
  await program.waitForLine(/boot success/);
  return { address: `127.0.0.1:${port}`, program };
}

/** Our broker as a user starts it. */
export async function startOurBroker(testbed: Testbed, options: BrokerOptions): Promise<TestBroker> {
  const port = options.port ?? (await freeBrokerPort());
  const name = `our-broker-${port}`;
  const home = options.directory ?? (await testbed.subdirectory(name));
  const file = join(home, 'broker.conf');
  const storeDirectory = join(home, 'store');
  const brokerName = options.brokerName ?? 'broker-a';
  const config = brokerProperties(options, port, brokerName, storeDirectory);
  await writeFile(file, propertiesText({ ...config, ...options.config }));
  const launch = (): Promise<ChildProgram> => runBin(testbed, name, home, 'mqbroker', file);
  return restartableBroker({ address: `127.0.0.1:${port}`, brokerName, storeDirectory }, launch);
}

async function runBin(
  testbed: Testbed,
  name: string,
  home: string,
  bin: string,
  configFile: string,
): Promise<ChildProgram> {
  return testbed.run({
    name,
    command: process.execPath,
    args: [join(await builtModules(), 'libs/cli/src', `${bin}.js`), '-c', configFile],
    directory: home,
    environment: { HOME: home, NAMESRV_ADDR: undefined, NODE_OPTIONS: undefined },
  });
}
