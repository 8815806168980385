import type { IdleConfig } from '../load/idle.js';
import type { LoopReport } from '../load/loop-probe.js';
import type { PacedConfig } from '../load/paced.js';
import type { SendConfig } from '../load/send.js';
import type { SlowReaderConfig, SlowReaderResult } from '../load/slow-reader.js';
import type { Bench, Benchmark } from '../runner/benchmark.js';
import type { Figure } from '../runner/figure.js';
import { atMost, type Goal } from '../runner/goal.js';
import { createTopic } from '../sides/broker-admin.js';
import { runChild } from '../sides/child.js';
import { p99, p999, rate, underLoad, type LoadSample } from '../sides/load.js';
import { startProbed, type ProbedSide } from '../sides/probe.js';
import { memoryMiB } from '../sides/process-cost.js';
import { describeSends } from './send-row.js';

const topic = 'bench_fairness';
const queues = 8;
const host = '127.0.0.1';
const kib = 1024;

type Watched = LoadSample & LoopReport;

const delay: Figure<LoopReport> = { title: 'loop p99 ms', of: ({ delayP99 }) => delayP99, digits: 2 };
const block: Figure<LoopReport> = { title: 'longest block ms', of: ({ ownBlockMax }) => ownBlockMax, digits: 1 };
const write: Figure<LoopReport> = { title: 'write p99.9 ms', of: ({ writeP999 }) => writeP999, digits: 2 };
const collection: Figure<LoopReport> = { title: 'longest gc ms', of: ({ gcMax }) => gcMax, digits: 1 };
const late: Figure<LoopReport> = { title: 'latest ms', of: ({ latest }) => latest, digits: 1 };
const watchedFigures: readonly Figure<Watched>[] = [rate, p99, p999, delay, late, block, write, collection];

const held = <S>(figure: Figure<S>, limit: number): Goal<S> => atMost(figure, limit, { never: limit });
const always = <S>(figure: Figure<S>, limit: number): Goal<S> => atMost(figure, limit, { never: limit, inEvery: true });
/** Outside write(2). What the processor was given to others meanwhile is left out: the load runs on the same cores. */
const blocks: readonly Goal<Watched>[] = [always(block, 50), held(write, 50)];

/** What one client may do to the others, and the loop to all of them. */
export const fairness: Benchmark = {
  name: 'fairness',
  summary: 'floods, slow readers, idle connections, and the delay of the event loop under load',
  peers: [],
  async run(bench) {
    const side = await startProbed(bench);
    await createTopic(side, topic, queues);
    // It lies behind all the rest of the log when it is asked for.
    await fillSlow(side, 'old');
    await loopRows(bench, side);
    await floodRow(bench, side);
    await slowReaderRow(bench, side, 'new');
    await slowReaderRow(bench, side, 'old');
    await idleRow(bench, side);
  },
};

async function watched<T extends LoadSample>(side: ProbedSide, load: () => Promise<T>): Promise<T & LoopReport> {
  await side.ask('forget');
  const sample = await load();
  return { ...sample, ...(await side.ask('report')) };
}

type Sends = Pick<SendConfig, 'bodySize' | 'connections' | 'inFlight' | 'batch'>;

function sends(bench: Bench, { port, pid }: ProbedSide, kind: Sends): Promise<LoadSample> {
  const timing = { warmUp: 500, measure: bench.options.measure };
  const config: SendConfig = { host, port, topics: [topic], queues, serializer: 'JSON', ...kind, ...timing };
  return underLoad('send.js', config, pid);
}

async function loopRows(bench: Bench, side: ProbedSide): Promise<void> {
  const load = { connections: 4, inFlight: 256 };
  const kinds: readonly Sends[] = [
    { ...load, bodySize: 128 },
    { ...load, bodySize: kib },
    { ...load, bodySize: 4 * kib },
    { connections: 4, inFlight: 64, bodySize: kib, batch: 32 },
  ];
  const row = { contestants: [side], figures: watchedFigures };
  for (const kind of kinds) {
    await bench.row({
      ...row,
      title: describeSends({ topic, queues, serializer: 'JSON', ...kind }),
      goals: kind.batch === undefined ? [held(delay, 10), ...blocks] : blocks,
      measure: () => watched(side, () => sends(bench, side, kind)),
    });
  }
  let topics = 0;
  await bench.row({
    ...row,
    title: 'produce and consume',
    goals: [held(delay, 10), ...blocks],
    async measure() {
      const own = `bench_fairness_${topics++}`;
      await createTopic(side, own, queues);
      const traffic = { topic: own, queues, bodySize: kib, rate: 0, connections: 4, inFlight: 256, consumers: 4 };
      const timing = { warmUp: 500, measure: bench.options.measure };
      const config: PacedConfig = { host, port: side.port, ...traffic, ...timing };
      return watched(side, () => underLoad('paced.js', config, side.pid));
    },
  });
}

/** One connection with thousands of requests under way beside eight with one each, whose latency is measured. */
async function floodRow(bench: Bench, side: ProbedSide): Promise<void> {
  await bench.row({
    title: '8 polite connections beside one that floods',
    contestants: [side],
    figures: watchedFigures,
    // Their turn comes with every turn of the loop.
    goals: [held(p99, 20_000), ...blocks],
    async measure() {
      const timing = { warmUp: 0, measure: bench.options.measure + 1500 };
      const kind = { bodySize: 128, connections: 1, inFlight: 8192, serializer: 'JSON' } as const;
      const config: SendConfig = { host, port: side.port, topics: [topic], queues, ...kind, ...timing };
      const flood = runChild('send.js', config);
      const polite = watched(side, () => sends(bench, side, { bodySize: 128, connections: 8, inFlight: 8 }));
      const [sample] = await Promise.all([polite, flood]);
      return sample;
    },
  });
}

interface SlowReading extends SlowReaderResult {
  readonly grownMiB: number;
  /** Of polite connections meanwhile, microseconds. */
  readonly politeP99: number;
}

/** Asked for by the slow reader: some 2 GiB of replies. */
const slowPulls = 60_000;
const slowMessages = 1000;

/** What a slow reader asks for lies in memory, or has to be read from the log first. */
const slowTopics = { new: 'bench_fairness_new', old: 'bench_fairness_old' } as const;
type Age = keyof typeof slowTopics;

async function fillSlow({ port }: ProbedSide, age: Age): Promise<void> {
  await createTopic({ port }, slowTopics[age], 1);
  const load = { bodySize: kib, connections: 1, inFlight: 1, serializer: 'JSON', warmUp: 0, measure: 0 } as const;
  const topics = [slowTopics[age]];
  await runChild('send.js', { host, port, topics, queues: 1, ...load, total: slowMessages } satisfies SendConfig);
}

async function slowReaderRow(bench: Bench, side: ProbedSide, age: Age): Promise<void> {
  const grown: Figure<SlowReading> = { title: 'grown MiB', of: ({ grownMiB }) => grownMiB };
  const taken: Figure<SlowReading> = { title: 'requests taken', of: ({ takenShare }) => takenShare, digits: 2 };
  const closed: Figure<SlowReading> = { title: 'closed', of: (sample) => sample.closed };
  const polite: Figure<SlowReading> = { title: "others' p99 µs", of: ({ politeP99 }) => politeP99 };
  await bench.row({
    title: `a reader that does not read, ${age} messages`,
    contestants: [side],
    figures: [grown, taken, closed, polite],
    // 16 MiB may wait for it, and the loads beside it leave garbage. The kernel's buffers take some of the requests.
    goals: [always(grown, 64), always(taken, 0.5), always(closed, 0), held(polite, 20_000)],
    async measure() {
      if (age === 'new') await fillSlow(side, age);
      return readSlowly(bench, side, age);
    },
  });
}

async function readSlowly(bench: Bench, side: ProbedSide, age: Age): Promise<SlowReading> {
  await sends(bench, side, { bodySize: 128, connections: 8, inFlight: 8 });
  await side.ask('collect');
  const before = memoryMiB(side.pid, 'RssAnon');
  const hold = bench.options.measure + 2000;
  const config: SlowReaderConfig = { host, port: side.port, topic: slowTopics[age], pulls: slowPulls, hold };
  let polite: Promise<LoadSample> | undefined;
  let grownMiB = NaN;
  const result = await runChild<SlowReaderResult>('slow-reader.js', config, {
    onLine(line) {
      if (line === 'measure') polite = sends(bench, side, { bodySize: 128, connections: 8, inFlight: 8 });
      else if (line === 'end') grownMiB = memoryMiB(side.pid, 'RssAnon') - before;
    },
  });
  return { ...result, grownMiB, politeP99: (await polite)?.p99 ?? NaN };
}

interface Idleness {
  readonly kibEach: number;
}

const idleConnections = 5000;

async function idleRow(bench: Bench, side: ProbedSide): Promise<void> {
  const each: Figure<Idleness> = { title: 'KiB each', of: ({ kibEach }) => kibEach, digits: 1 };
  await bench.row({
    title: `${idleConnections} idle connections`,
    contestants: [side],
    figures: [each],
    goals: [held(each, 10)],
    measure: () => holdIdle(side),
  });
}

/** Anonymous memory after a garbage collection, with all of them and before the first. */
async function holdIdle(side: ProbedSide): Promise<Idleness> {
  await side.ask('collect');
  const before = memoryMiB(side.pid, 'RssAnon');
  const config: IdleConfig = { host, port: side.port, topic, connections: idleConnections, hold: 3000 };
  let after: Promise<number> | undefined;
  await runChild('idle.js', config, {
    onLine(line) {
      if (line === 'end') after = side.ask('collect').then(() => memoryMiB(side.pid, 'RssAnon'));
    },
  });
  return { kibEach: (((await after) ?? NaN) - before) * (kib / idleConnections) };
}
