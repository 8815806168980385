import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { silentLogger, systemClock } from '../libs/common/src/index.js';
import { createRemotingClient } from '../libs/remoting/src/index.js';
import { updateAndCreateTopic } from '../libs/protocol/src/index.js';
import { freeBrokerPort, javaLibrary, type ApacheVersion } from '../libs/testkit/src/index.js';

/** A broker under test: a process of its own, without a name server, its store on a real disk. */
export interface BrokerProcess {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  /** In order, and removes its directory. */
  stop(): Promise<void>;
}

/** A broker that can be started again and again in its directory. */
export interface BrokerHome {
  readonly name: string;
  readonly port: number;
  /** storePathRootDir. */
  readonly store: string;
  start(): StartedBroker;
}

export interface StartedBroker {
  readonly pid: number;
  /** Rejects when it ends before it has said so. */
  readonly booted: Promise<void>;
  /** Resolves when it has ended. */
  end(signal: NodeJS.Signals): Promise<void>;
}

const javaOptions = [
  '-Xms512m',
  '-Xmx512m',
  ...['java.nio', 'sun.nio.ch', 'java.lang', 'java.util'].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
  '--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED',
  '--add-exports=java.base/sun.nio.ch=ALL-UNNAMED',
];

/** Ours, from dist, through the command users start. */
export function startOurBroker(workDir: string, settings: Readonly<Record<string, string>>): Promise<BrokerProcess> {
  return startBroker(ourBrokerHome(workDir, settings), workDir);
}

export function ourBrokerHome(workDir: string, settings: Readonly<Record<string, string>>): Promise<BrokerHome> {
  const script = resolve('dist/esm/libs/cli/src/mqbroker.js');
  return makeHome('nestjs-rocketmq', workDir, settings, (config) => [process.execPath, [script, '-c', config]]);
}

/** Apache's, from a folder of jars (rocketmq-broker and what it needs). */
export function startJavaBroker(
  workDir: string,
  settings: Readonly<Record<string, string>>,
  jars: string,
  version: string,
): Promise<BrokerProcess> {
  return startBroker(javaBrokerHome(workDir, settings, jars, version), workDir);
}

export function javaBrokerHome(
  workDir: string,
  settings: Readonly<Record<string, string>>,
  jars: string,
  version: string,
): Promise<BrokerHome> {
  return makeHome(`Apache ${version}`, workDir, settings, (config) => {
    mkdirSync(join(workDir, 'conf'), { recursive: true });
    const logback = '<configuration><root level="OFF"/></configuration>';
    for (const file of ['logback_broker.xml', 'rmq.broker.logback.xml'])
      writeFileSync(join(workDir, 'conf', file), logback);
    const main = 'org.apache.rocketmq.broker.BrokerStartup';
    return ['java', [...javaOptions, `-Duser.home=${workDir}`, '-cp', join(jars, '*'), main, '-c', config]];
  });
}

async function startBroker(making: Promise<BrokerHome>, workDir: string): Promise<BrokerProcess> {
  const home = await making;
  const broker = home.start();
  await broker.booted;
  const stop = async (): Promise<void> => {
    const force = setTimeout(() => void broker.end('SIGKILL'), 15_000);
    await broker.end('SIGTERM');
    clearTimeout(force);
    rmSync(workDir, { recursive: true, force: true });
  };
  return { name: home.name, pid: broker.pid, port: home.port, stop };
}

async function makeHome(
  name: string,
  workDir: string,
  settings: Readonly<Record<string, string>>,
  command: (configFile: string) => [string, string[]],
): Promise<BrokerHome> {
  rmSync(workDir, { recursive: true, force: true });
  mkdirSync(workDir, { recursive: true });
  const port = await freeBrokerPort();
  const store = join(workDir, 'store');
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
  const configFile = join(workDir, 'broker.conf');
  writeFileSync(configFile, Object.entries(keys).map(([key, value]) => `${key}=${value}\n`).join('')); // prettier-ignore
  const [program, args] = command(configFile);
  const start = (): StartedBroker => {
    const child = spawn(program, args, {
      env: { ...process.env, ROCKETMQ_HOME: workDir },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // It does not outlive this process, however that ends.
    const kill = (): void => void child.kill('SIGKILL');
    process.prependOnceListener('exit', kill);
    const ended = new Promise<void>((done) => child.once('exit', () => done()));
    void ended.then(() => process.removeListener('exit', kill));
    const end = (signal: NodeJS.Signals): Promise<void> => {
      child.kill(signal);
      return ended;
    };
    return { pid: child.pid as number, booted: booted(name, child), end };
  };
  return { name, port, store, start };
}

function booted(name: string, child: ChildProcess): Promise<void> {
  return new Promise((done, refuse) => {
    let output = '';
    const listen = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-10_000);
      if (output.includes('boot success')) done();
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('exit', (code) => refuse(new Error(`${name} ended with ${code} before it was up: ${output}`)));
    child.once('error', refuse);
  });
}

/** Makes the topic with as many queues for reading as for writing. */
export async function createTopic(broker: Pick<BrokerProcess, 'port'>, topic: string, queues: number): Promise<void> {
  const client = createRemotingClient({ clock: systemClock, log: silentLogger, handlers: [] });
  try {
    await client.call(`127.0.0.1:${broker.port}`, updateAndCreateTopic, {
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

/** The folder of Apache's jars, resolved as the interop tests do; undefined where there is no JDK or no Maven. */
export function findJars(version: ApacheVersion): Promise<string | undefined> {
  return javaLibrary(version).catch(() => undefined);
}
