import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { silentLogger, systemClock } from '../../libs/common/src/index.js';
import { updateAndCreateTopic } from '../../libs/protocol/src/index.js';
import { createRemotingClient } from '../../libs/remoting/src/index.js';
import { freeBrokerPort, propertiesText } from '../../libs/testkit/src/index.js';
import type { Bench, Contestant } from '../runner/benchmark.js';
import { ourVersion } from '../runner/machine.js';
import { javaArguments, javaVersion, wantedJars } from './java.js';
import { startServer, type ServerProcess } from './server-process.js';

/** Keys of broker.conf. */
export type BrokerSettings = Readonly<Record<string, string>>;

/** A broker that can be started again and again in its directory, its store on a real disk. */
export interface BrokerHome extends Contestant {
  readonly port: number;
  /** Its configuration, and the store in `store`. */
  readonly directory: string;
  /** storePathRootDir. */
  readonly store: string;
  start(): ServerProcess;
}

/** A running broker, as one side of a comparison. */
export interface BrokerSide extends BrokerHome {
  /** Of the process that runs now. */
  readonly process: ServerProcess;
  readonly pid: number;
  /** Stops in order and starts again on its store. */
  restart(): Promise<void>;
  /** Stops in order and removes its directory; happens at the end of the benchmark anyway. */
  stop(): Promise<void>;
}

/** Ours, from dist, through the command users start. */
export function ourBrokerHome(
  directory: string,
  settings: BrokerSettings,
  nodeFlags: readonly string[] = [],
): Promise<BrokerHome> {
  const script = resolve('dist/esm/libs/cli/src/mqbroker.js');
  const contestant = { name: 'ours', version: ourVersion() };
  return makeHome(contestant, directory, settings, (file) => [process.execPath, [...nodeFlags, script, '-c', file]]);
}

/** Apache's, from a folder of jars (rocketmq-broker and what it needs). */
export function javaBrokerHome(directory: string, settings: BrokerSettings, jars: string): Promise<BrokerHome> {
  const contestant = { name: `Apache ${javaVersion}`, version: javaVersion, kind: 'java' } as const;
  const main = 'org.apache.rocketmq.broker.BrokerStartup';
  return makeHome(contestant, directory, settings, (file) => [
    'java',
    javaArguments(directory, jars, [main, '-c', file]),
  ]);
}

/** Ours, and Apache's where the command line wants it and the machine has it. */
export async function brokerHomes(
  bench: Bench,
  settings: BrokerSettings,
  ofSide: (name: 'ours' | 'java') => BrokerSettings = () => ({}),
): Promise<BrokerHome[]> {
  const jars = await wantedJars(bench);
  const homes = [await ourBrokerHome(join(bench.directory, 'ours'), { ...settings, ...ofSide('ours') })];
  if (jars !== undefined) {
    const java = { ...settings, ...ofSide('java') };
    homes.push(await javaBrokerHome(join(bench.directory, 'java'), java, jars));
  }
  return homes;
}

/** Starts a broker for the whole benchmark. */
export async function startSide(bench: Bench, home: BrokerHome): Promise<BrokerSide> {
  let running = home.start();
  const stop = async (): Promise<void> => {
    await running.end('SIGTERM');
    rmSync(home.directory, { recursive: true, force: true });
  };
  bench.afterwards(stop);
  await running.booted;
  return {
    ...home,
    get process() {
      return running;
    },
    get pid() {
      return running.pid;
    },
    async restart() {
      await running.end('SIGTERM');
      running = home.start();
      await running.booted;
    },
    stop,
  };
}

/** The usual case: both sides up with the same settings, ours first. */
export async function startSides(
  bench: Bench,
  settings: BrokerSettings = {},
  ofSide?: (name: 'ours' | 'java') => BrokerSettings,
): Promise<BrokerSide[]> {
  const sides: BrokerSide[] = [];
  for (const home of await brokerHomes(bench, settings, ofSide)) sides.push(await startSide(bench, home));
  return sides;
}

async function makeHome(
  contestant: Contestant,
  directory: string,
  settings: BrokerSettings,
  command: (configFile: string) => [string, string[]],
): Promise<BrokerHome> {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const port = await freeBrokerPort();
  const store = join(directory, 'store');
  const keys = {
    brokerName: 'bench',
    brokerIP1: '127.0.0.1',
    listenPort: String(port),
    storePathRootDir: store,
    storePathCommitLog: join(store, 'commitlog'),
    haListenPort: String(port + 1),
    diskMaxUsedSpaceRatio: '95',
    ...settings,
  };
  const file = join(directory, 'broker.conf');
  writeFileSync(file, propertiesText(keys));
  const [program, args] = command(file);
  const start = (): ServerProcess => startServer({ name: contestant.name, program, args, home: directory });
  return { ...contestant, port, directory, store, start };
}

/** Makes the topic with as many queues for reading as for writing. */
export async function createTopic({ port }: Pick<BrokerHome, 'port'>, topic: string, queues: number): Promise<void> {
  const client = createRemotingClient({ clock: systemClock, log: silentLogger, handlers: [] });
  try {
    await client.call(`127.0.0.1:${port}`, updateAndCreateTopic, {
      topic,
      defaultTopic: 'TBW102',
      readQueueNums: queues,
      writeQueueNums: queues,
      perm: 6,
      topicFilterType: 'SINGLE_TAG',
      topicSysFlag: 0,
      order: false,
    });
  } finally {
    await client.close();
  }
}
