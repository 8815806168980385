import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Option } from 'commander';
import { pause, silentLogger, systemClock } from '../../libs/common/src/index.js';
import { sendMessageV2 } from '../../libs/protocol/src/index.js';
import { createRemotingClient } from '../../libs/remoting/src/index.js';
import { inspectStore } from '../../libs/store/src/index.js';
import { sendHeader } from '../../libs/testkit/src/broker-fixture.js';
import type { SendConfig } from '../load/send.js';
import type { Bench, Benchmark } from '../runner/benchmark.js';
import type { Figure } from '../runner/figure.js';
import { atMost } from '../runner/goal.js';
import { positive } from '../runner/options.js';
import { createTopic } from '../sides/broker-admin.js';
import { brokerHomes, type BrokerHome } from '../sides/broker.js';
import { runChild } from '../sides/child.js';
import { bringCache, canDropCache, type CacheState } from '../sides/page-cache.js';

const topic = 'bench_recovery';
const queues = 8;
const bodySize = 1024;
const gib = 1024 ** 3;

interface RecoveryFlags {
  /** GiB of log. */
  readonly size: number;
  readonly cache: CacheState;
}

/** A broker, and what kill -9 left of its store. */
interface Subject extends BrokerHome {
  /** Never started on. */
  readonly original: string;
  readonly logBytes: number;
}

interface Recovery {
  /** From the start of the process to the first send it accepted, milliseconds. */
  readonly firstSendMs: number;
  readonly logBytes: number;
}

const firstSendMs: Figure<Recovery> = { title: 'first send ms', of: (sample) => sample.firstSendMs };
const figures: readonly Figure<Recovery>[] = [
  firstSendMs,
  { title: 'log MiB/s', of: (sample) => sample.logBytes / 1024 ** 2 / (sample.firstSendMs / 1000) },
];

/** Starts brokers on copies of what kill -9 left of their own stores, in turn. */
export const storeRecovery: Benchmark<RecoveryFlags> = {
  name: 'store-recovery',
  summary: 'process start to first accepted send after kill -9, and the rate at which queues are made again',
  peers: ['java'],
  options: [
    new Option('--size <GiB>', 'log of each store').argParser(positive).default(1),
    new Option('--cache <state>', 'page cache before a start; dropped needs root')
      .choices(['warm', 'dropped'])
      .default('warm'),
  ],
  defaults: { rounds: 5 },
  async run(bench, { size, cache }) {
    if (cache === 'dropped' && !canDropCache()) throw new Error('only root may drop the page cache');
    const subjects: Subject[] = [];
    for (const home of await brokerHomes(bench, {})) {
      subjects.push(await fill(home, size));
      bench.progress(`${home.name} wrote its store and was killed`);
    }
    await recoveryRow(bench, subjects, cache, 'as it is');
    await recoveryRow(bench, subjects, cache, 'without queues');
    for (const { name, logBytes, original } of subjects) {
      const made = filesIn(original).some((path) => relative(original, path).startsWith('index/'))
        ? 'queues and index'
        : 'queues';
      bench.note(`${name}: ${(logBytes / gib).toFixed(2)} GiB of log; without queues, ${made} are made again`);
    }
  },
};

function recoveryRow(
  bench: Bench,
  subjects: readonly Subject[],
  cache: CacheState,
  state: 'as it is' | 'without queues',
): Promise<unknown> {
  return bench.row({
    title: `${state}, page cache ${cache}`,
    contestants: subjects,
    figures,
    goals: state === 'as it is' ? [atMost(firstSendMs, 1, { against: 'java', never: 1 })] : [],
    // Each start is a process of its own on a copy of its own.
    warmUps: 0,
    measure: (subject) => recover(subject, cache, state),
  });
}

async function fill(home: BrokerHome, size: number): Promise<Subject> {
  const broker = home.start();
  await broker.booted;
  await createTopic(home, topic, queues);
  const config: SendConfig = {
    host: '127.0.0.1',
    port: home.port,
    topics: [topic],
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
    await runChild('send.js', config);
    logBytes = await logEnd(home.store);
  }
  await broker.end('SIGKILL');
  const original = `${home.store}-killed`;
  execFileSync('mv', [home.store, original]);
  return { ...home, original, logBytes };
}

async function logEnd(store: string): Promise<number> {
  const { log } = await inspectStore({ directory: store });
  return log.maxOffset - log.minOffset;
}

async function recover(subject: Subject, cache: CacheState, state: 'as it is' | 'without queues'): Promise<Recovery> {
  const { original, logBytes, store } = subject;
  copyStore(original, store);
  if (state === 'without queues') {
    for (const name of ['consumequeue', 'index']) rmSync(join(store, name), { recursive: true, force: true });
  }
  bringCache(filesIn(store), cache);
  const startedAt = performance.now();
  const broker = subject.start();
  // It is killed when it has answered, whatever it says then.
  broker.booted.catch(() => undefined);
  try {
    await firstSend(subject.port);
    return { firstSendMs: performance.now() - startedAt, logBytes };
  } finally {
    await broker.end('SIGKILL');
    rmSync(store, { recursive: true, force: true });
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
