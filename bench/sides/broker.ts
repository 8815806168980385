import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Bench } from '../runner/benchmark.js';
import type { ArtifactVersion } from '../../libs/testkit/src/index.js';
import { javaArguments, javaContestantOf, javaVersion, wantedJars } from './java.js';
import { ourContestant } from './ours.js';
import { makeServerHome, type ServerHome, type ServerPlan, type ServerSettings } from './server-home.js';
import type { ServerProcess } from './server-process.js';

/** A broker that can be started again and again in its directory, its store on a real disk. */
export interface BrokerHome extends ServerHome {
  /** storePathRootDir. */
  readonly store: string;
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

interface OurOptions {
  /** Of the node that runs it. */
  readonly nodeFlags?: readonly string[];
  readonly hasChannel?: boolean;
}

/** Ours, from dist, through the command users start. */
export function ourBrokerHome(
  directory: string,
  settings: ServerSettings,
  { nodeFlags = [], ...options }: OurOptions = {},
): Promise<BrokerHome> {
  const script = resolve('dist/esm/libs/cli/src/mqbroker.js');
  const contestant = ourContestant();
  return brokerHome(directory, settings, {
    contestant,
    command: (file) => [process.execPath, [...nodeFlags, script, '-c', file]],
    ...options,
  });
}

/** On a busy machine Apache's broker would refuse sends that waited longer than 200 ms: that is not what is asked. */
const patience = { waitTimeMillsInSendQueue: '60000', osPageCacheBusyTimeOutMills: '60000' };

/** Apache's, from a folder of jars (rocketmq-broker and what it needs). */
export function javaBrokerHome(
  directory: string,
  settings: ServerSettings,
  jars: string,
  version: ArtifactVersion = javaVersion,
): Promise<BrokerHome> {
  const main = 'org.apache.rocketmq.broker.BrokerStartup';
  const command = (file: string) => ['java', javaArguments(directory, jars, [main, '-c', file])] as const;
  return brokerHome(directory, { ...patience, ...settings }, { contestant: javaContestantOf(version), command });
}

async function brokerHome(
  directory: string,
  settings: ServerSettings,
  plan: Pick<ServerPlan, 'contestant' | 'command' | 'hasChannel'>,
): Promise<BrokerHome> {
  const store = join(directory, 'store');
  const keys = (port: number): ServerSettings => ({
    brokerName: 'bench',
    brokerIP1: '127.0.0.1',
    storePathRootDir: store,
    storePathCommitLog: join(store, 'commitlog'),
    haListenPort: String(port + 1),
    diskMaxUsedSpaceRatio: '95',
    ...settings,
  });
  return { ...(await makeServerHome({ ...plan, directory, settings: keys })), store };
}

/** Ours, and Apache's where the command line wants it and the machine has it. */
export async function brokerHomes(
  bench: Bench,
  settings: ServerSettings,
  ofSide: (name: 'ours' | 'java') => ServerSettings = () => ({}),
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
  settings: ServerSettings = {},
  ofSide?: (name: 'ours' | 'java') => ServerSettings,
): Promise<BrokerSide[]> {
  const sides: BrokerSide[] = [];
  for (const home of await brokerHomes(bench, settings, ofSide)) sides.push(await startSide(bench, home));
  return sides;
}
