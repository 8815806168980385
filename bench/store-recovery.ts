import { execFileSync } from 'node:child_process';
import { accessSync, constants, linkSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pause, silentLogger, systemClock } from '../libs/common/src/index.js';
import { sendMessageV2 } from '../libs/protocol/src/index.js';
import { createRemotingClient } from '../libs/remoting/src/index.js';
import { inspectStore } from '../libs/store/src/index.js';
import { sendHeader } from '../libs/testkit/src/index.js';
import { runChild } from './child.js';
import type { LoadConfig } from './load/generator.js';
import { createTopic, findJars, javaBrokerHome, ourBrokerHome, type BrokerHome } from './servers.js';
import { median } from './statistics.js';
import { formatTable } from './table.js';
import { withWorkDirectory } from './work-directory.js';

const topic = 'bench_recovery';
const queues = 8;
const bodySize = 1024;
const javaVersion = '4.9.7';
const gib = 1024 ** 3;
const dropCaches = '/proc/sys/vm/drop_caches';

export interface RecoveryBenchOptions {
  /** GiB of log. */
  readonly size: number;
  readonly rounds: number;
  readonly against: 'java' | 'none' | 'auto';
  /** What the page cache holds before a start: all files, or nothing (needs root). */
  readonly cache: 'warm' | 'dropped';
  readonly workDir: string;
  readonly progress: (line: string) => void;
}

export interface RecoveryRow {
  readonly broker: string;
  /** Bytes of log in the store. */
  readonly logBytes: number;
  /** From the start of the process to the first send it accepted, milliseconds; one a round. */
  readonly firstSendMs: readonly number[];
  /** The same with the queues, and the index if there is one, removed before: they are made again from the log. */
  readonly rebuildMs: readonly number[];
  readonly hasIndex: boolean;
}

export interface RecoveryReport {
  readonly cache: 'warm' | 'dropped';
  readonly rows: readonly RecoveryRow[];
  readonly misses: readonly string[];
}

/** Starts brokers on copies of what kill -9 left of their own stores, in turn. */
export async function benchRecovery(options: RecoveryBenchOptions): Promise<RecoveryReport> {
  if (options.cache === 'dropped') accessSync(dropCaches, constants.W_OK);
  return withWorkDirectory(join(options.workDir, 'recovery'), async (workDir) => {
    const homes = await makeHomes(options, workDir);
    const subjects: Subject[] = [];
    for (const home of homes) {
      subjects.push(await fill(home, options));
      options.progress(`${home.name} wrote its store and was killed`);
    }
    const rows = subjects.map(({ home, logBytes, hasIndex }) => {
      return { broker: home.name, logBytes, hasIndex, firstSendMs: [] as number[], rebuildMs: [] as number[] };
    });
    for (let round = 0; round < options.rounds; round++) {
      for (const [i, subject] of subjects.entries()) {
        rows[i]?.firstSendMs.push(await measure(subject, options.cache, 'as it is'));
        rows[i]?.rebuildMs.push(await measure(subject, options.cache, 'without queues'));
      }
      options.progress(`round ${round + 1} of ${options.rounds}`);
    }
    return { cache: options.cache, rows, misses: missesOf(rows) };
  });
}

async function makeHomes({ against }: RecoveryBenchOptions, workDir: string): Promise<BrokerHome[]> {
  const jars = against === 'none' ? undefined : await findJars(javaVersion);
  if (against === 'java' && jars === undefined) throw new Error(`no jars of Apache RocketMQ ${javaVersion}`);
  const homes = [await ourBrokerHome(join(workDir, 'ours'), {})];
  // While it fills, a busy machine must not make it refuse sends.
  const patience = { waitTimeMillsInSendQueue: '60000', osPageCacheBusyTimeOutMills: '60000' };
  if (jars !== undefined) homes.push(await javaBrokerHome(join(workDir, 'java'), patience, jars, javaVersion));
  return homes;
}

interface Subject {
  readonly home: BrokerHome;
  /** What kill -9 left: never started on. */
  readonly original: string;
  readonly logBytes: number;
  readonly hasIndex: boolean;
}

async function fill(home: BrokerHome, { size }: RecoveryBenchOptions): Promise<Subject> {
  const broker = home.start();
  await broker.booted;
  await createTopic(home, topic, queues);
  const config: LoadConfig = {
    host: '127.0.0.1',
    port: home.port,
    topic,
    queues,
    bodySize,
    serializer: 'ROCKETMQ',
    connections: 4,
    inFlight: 256,
    warmUp: 0,
    measure: 1000,
  };
  let logBytes = 0;
  while (logBytes < size * gib) {
    await runChild('./load/generator.js', config);
    logBytes = await logEnd(home.store);
  }
  await broker.end('SIGKILL');
  const original = `${home.store}-killed`;
  execFileSync('mv', [home.store, original]);
  return {
    home,
    original,
    logBytes,
    hasIndex: filesIn(original).some((path) => relative(original, path).startsWith('index/')),
  };
}

async function logEnd(store: string): Promise<number> {
  const { log } = await inspectStore({ directory: store });
  return log.maxOffset - log.minOffset;
}

async function measure(
  { home, original }: Subject,
  cache: 'warm' | 'dropped',
  state: 'as it is' | 'without queues',
): Promise<number> {
  copyStore(original, home.store);
  if (state === 'without queues') {
    for (const name of ['consumequeue', 'index']) rmSync(join(home.store, name), { recursive: true, force: true });
  }
  bringCache(home.store, cache);
  const startedAt = performance.now();
  const broker = home.start();
  // It is killed when it has answered, whatever it says then.
  broker.booted.catch(() => undefined);
  try {
    await firstSend(home.port);
    return performance.now() - startedAt;
  } finally {
    await broker.end('SIGKILL');
    rmSync(home.store, { recursive: true, force: true });
  }
}

/** A copy whose full log files are links to the original's: nobody writes to any but the last ones. */
function copyStore(from: string, to: string): void {
  const log = filesIn(join(from, 'commitlog'));
  const linked = new Set(log.slice(0, -2));
  for (const path of filesIn(from)) {
    const target = join(to, relative(from, path));
    mkdirSync(dirname(target), { recursive: true });
    if (linked.has(path)) linkSync(path, target);
    else execFileSync('cp', ['--sparse=always', path, target]);
  }
}

function filesIn(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}

function bringCache(store: string, cache: 'warm' | 'dropped'): void {
  execFileSync('sync');
  if (cache === 'dropped') writeFileSync(dropCaches, '3');
  else execFileSync('sh', ['-c', 'cat -- "$@" > /dev/null', 'cat', ...filesIn(store)]);
}

/** Tries until a send is accepted. */
async function firstSend(port: number): Promise<void> {
  const deadline = performance.now() + 15 * 60_000;
  while (performance.now() < deadline) {
    const client = createRemotingClient({ clock: systemClock, log: silentLogger, handlers: [] });
    try {
      const header = sendHeader({ producerGroup: 'bench', topic, defaultTopicQueueNums: queues });
      await client.call(`127.0.0.1:${port}`, sendMessageV2, header, { body: Buffer.from('first') });
      return;
    } catch {
      await pause(systemClock, 5);
    } finally {
      await client.close();
    }
  }
  throw new Error('no send was accepted within 15 minutes');
}

function missesOf([ours, java]: readonly RecoveryRow[]): string[] {
  if (!ours || !java) return [];
  const ratio = median(ours.firstSendMs) / median(java.firstSendMs);
  return ratio > 1 ? [`recovery takes ${ratio.toFixed(2)} times as long as ${java.broker}, at most 1`] : [];
}

export function formatRecoveryReport({ cache, rows, misses }: RecoveryReport): string {
  const header = ['broker', 'log GiB', 'first send ms', 'rebuild ms', 'rebuild MiB/s', 'rebuilt'];
  const lines = rows.map(({ broker, logBytes, firstSendMs, rebuildMs, hasIndex }) => [
    broker,
    (logBytes / gib).toFixed(2),
    spread(firstSendMs),
    spread(rebuildMs),
    String(Math.round(logBytes / 1024 ** 2 / (median(rebuildMs) / 1000))),
    hasIndex ? 'queues, index' : 'queues',
  ]);
  const state = `page cache ${cache === 'warm' ? 'warm: all files were read before' : 'dropped before each start'}`;
  const verdict = misses.length === 0 ? [] : misses.map((miss) => `missed: ${miss}`);
  return [formatTable(header, lines), '', state, ...verdict].join('\n');
}

function spread(values: readonly number[]): string {
  return `${Math.round(median(values))} [${Math.round(Math.min(...values))}-${Math.round(Math.max(...values))}]`;
}
