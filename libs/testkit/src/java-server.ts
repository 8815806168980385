import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChildProgram } from './child-program.js';
import { freeBrokerPort } from './free-port.js';
import { javaClassPath, type ApacheVersion, type ArtifactVersion } from './java-artifacts.js';
import type { Testbed } from './testbed.js';

/** A server under test, whoever wrote it. */
export interface TestServer {
  /** "127.0.0.1:port" */
  readonly address: string;
  readonly program: ChildProgram;
}

export interface TestBroker extends TestServer {
  readonly brokerName: string;
  readonly storeDirectory: string;
  /** Stops cleanly and starts again on the same port and directory. */
  restart(): Promise<void>;
  /** Starts again after its program ended. */
  start(): Promise<void>;
  /** Starts its program and does not wait until it serves. */
  launch(): Promise<ChildProgram>;
}

export interface BrokerOptions {
  readonly nameServer: string;
  readonly brokerName?: string;
  readonly clusterName?: string;
  /** Its whole home: configuration and store. Default: a new one. */
  readonly directory?: string;
  readonly port?: number;
  /** Further keys of broker.conf. */
  readonly config?: Readonly<Record<string, string | number | boolean>>;
}

const openPackages = ['java.nio', 'sun.nio.ch', 'java.lang', 'java.util'].map(
  (name) => `--add-opens=java.base/${name}=ALL-UNNAMED`,
);
const exportedPackages = ['jdk.internal.ref', 'sun.nio.ch'].map(
  (name) => `--add-exports=java.base/${name}=ALL-UNNAMED`,
);

/** Flags both releases need on JDK 17, and those that make a JVM start fast and stay small. */
export function javaFlags(home: string, heap = '512m'): string[] {
  const lean = ['-Xms64m', `-Xmx${heap}`, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];
  return [...openPackages, ...exportedPackages, ...lean, `-Duser.home=${home}`, '-Dfile.encoding=UTF-8'];
}

/** Their warnings go to standard output and so into the program's log. */
const logbackFile = `<configuration>
  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d{HH:mm:ss.SSS} %-5p %c{0} %m%n</pattern></encoder>
  </appender>
  <root level="WARN"><appender-ref ref="OUT"/></root>
</configuration>
`;

/** On a busy machine Apache's broker would refuse sends that waited longer than 200 ms: that is not what tests ask about. */
const patience = { waitTimeMillsInSendQueue: 10_000, osPageCacheBusyTimeOutMills: 10_000 };

/** An idle 5.3.3 copies its whole timer wheel, 37 MB, every second: a fifth of a core for each broker. A clean stop writes it too. */
const rarely = { timerFlushIntervalMs: 60_000 };

export async function writeJavaHome(home: string): Promise<void> {
  await mkdir(join(home, 'conf'), { recursive: true });
  for (const name of ['logback_namesrv.xml', 'logback_broker.xml', 'logback_tools.xml'])
    await writeFile(join(home, 'conf', name), logbackFile);
}

export function propertiesText(entries: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(entries)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

export async function startJavaNameServer(testbed: Testbed, version: ApacheVersion): Promise<TestServer> {
  const port = await freeBrokerPort();
  const name = `java-${version}-namesrv-${port}`;
  const home = await testbed.subdirectory(name);
  await writeJavaHome(home);
  const paths = { kvConfigPath: join(home, 'kvConfig.json'), configStorePath: join(home, 'namesrv.properties') };
  await writeFile(join(home, 'namesrv.conf'), propertiesText({ listenPort: port, ...paths }));
  const program = await runJava(testbed, name, version, home, [
    'org.apache.rocketmq.namesrv.NamesrvStartup',
    '-c',
    join(home, 'namesrv.conf'),
  ]);
  await program.waitForLine(/The Name Server boot success/);
  return { address: `127.0.0.1:${port}`, program };
}

export async function startJavaBroker(
  testbed: Testbed,
  version: ApacheVersion,
  options: BrokerOptions,
): Promise<TestBroker> {
  const port = options.port ?? (await freeBrokerPort());
  const name = `java-${version}-broker-${port}`;
  const home = options.directory ?? (await testbed.subdirectory(name));
  await writeJavaHome(home);
  const storeDirectory = join(home, 'store');
  const brokerName = options.brokerName ?? 'broker-a';
  const file = join(home, 'broker.conf');
  const config = {
    ...brokerProperties(options, port, brokerName, storeDirectory),
    haListenPort: port + 1,
    ...patience,
    ...rarely,
  };
  await writeFile(file, propertiesText({ ...config, ...options.config }));
  const launch = (): Promise<ChildProgram> =>
    runJava(testbed, name, version, home, ['org.apache.rocketmq.broker.BrokerStartup', '-c', file]);
  return restartableBroker({ address: `127.0.0.1:${port}`, brokerName, storeDirectory }, launch);
}

export async function restartableBroker(
  facts: Pick<TestBroker, 'address' | 'brokerName' | 'storeDirectory'>,
  launchProgram: () => Promise<ChildProgram>,
): Promise<TestBroker> {
  let program: ChildProgram;
  const launch = async (): Promise<ChildProgram> => (program = await launchProgram());
  const start = async (): Promise<void> => {
    await (await launch()).waitForLine(/boot success/);
  };
  await start();
  return {
    ...facts,
    get program() {
      return program;
    },
    start,
    launch,
    async restart() {
      await program.stop();
      await start();
    },
  };
}

/** What Java's broker.conf and ours have in common. */
export function brokerProperties(
  options: BrokerOptions,
  port: number,
  brokerName: string,
  storeDirectory: string,
): Record<string, string | number | boolean> {
  return {
    brokerClusterName: options.clusterName ?? 'DefaultCluster',
    brokerName,
    brokerId: 0,
    brokerIP1: '127.0.0.1',
    listenPort: port,
    namesrvAddr: options.nameServer,
    storePathRootDir: storeDirectory,
    storePathCommitLog: join(storeDirectory, 'commitlog'),
    autoCreateTopicEnable: true,
    diskMaxUsedSpaceRatio: 95,
  };
}

export async function runJava(
  testbed: Testbed,
  name: string,
  version: ArtifactVersion,
  home: string,
  mainAndArgs: readonly string[],
): Promise<ChildProgram> {
  return testbed.run({
    name,
    command: 'java',
    args: [...javaFlags(home), '-cp', await javaClassPath(version), ...mainAndArgs],
    abrupt: true,
    directory: home,
    environment: { ROCKETMQ_HOME: home, NAMESRV_ADDR: undefined, JAVA_TOOL_OPTIONS: undefined },
  });
}
