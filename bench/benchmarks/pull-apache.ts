import { Option } from 'commander';
import type { Bench, Benchmark } from '../runner/benchmark.js';
import type { Figure } from '../runner/figure.js';
import { atLeast, atMost } from '../runner/goal.js';
import { positive } from '../runner/options.js';
import { apachePrograms, type ApacheProgram, type StartApacheProgram } from '../sides/apache-program.js';
import { fillTopic } from '../sides/backlog.js';
import { BrokerAdmin } from '../sides/broker-admin.js';
import { startClusters, type ClusterSide } from '../sides/cluster.js';
import { cpu, type ServerSample } from '../sides/load.js';
import { cpuMicros, forgetPeakMemory, peakMemoryMiB } from '../sides/process-cost.js';
import { describeSize } from './send-row.js';

const queues = 8;
/** Its offsets come every five seconds: a program that has stopped for so long has stopped for good. */
const patience = 60_000;
const lookEvery = 200;
/** With their share of the messages: both have to last for longer than twenty seconds. */
const bodies = [
  { bodySize: 128, share: 1 },
  { bodySize: 1024, share: 1 / 2 },
];
/** Of the rates that the program prints: from the first to the last of ten looks, one a second. */
const windowSeconds = 9;

interface ConsumerSample extends ServerSample {
  /** Messages a second of the ten seconds that were its best, as the program prints it. */
  readonly bestRate: number;
}

const bestRate: Figure<ConsumerSample> = { title: 'msg/s', of: (sample) => sample.bestRate };
const figures: readonly Figure<ConsumerSample>[] = [
  bestRate,
  cpu,
  { title: 'peak MiB', of: ({ serverPeakMiB }) => serverPeakMiB },
];

/** Apache's benchmark Consumer against both brokers, from a backlog. */
export const pullApache: Benchmark<{ messages: number }> = {
  name: 'pull-apache',
  summary: "a backlog consumed by Apache's benchmark Consumer",
  peers: ['java'],
  options: [
    new Option('--messages <n>', 'backlog of 128 B, and twice that of 1 KiB').argParser(positive).default(12_000_000),
  ],
  async run(bench, { messages }) {
    const startProgram = await apachePrograms(bench);
    if (startProgram === undefined) return bench.skip('all rows', "no jars of Apache's benchmark programs");
    const sides = await startClusters(bench);
    for (const { bodySize, share } of bodies) {
      const total = Math.ceil((messages * share) / queues) * queues;
      const topic = `bench_pull_apache_${bodySize}`;
      for (const side of sides) await fill(side, topic, bodySize, total);
      await bench.row({
        title: describeSize(bodySize),
        contestants: sides,
        figures,
        goals: [atLeast(bestRate, 1, { against: 'java' }), atMost(cpu, 1 / 3, { against: 'java', never: 1 / 2 })],
        measure: (side, round) =>
          consume(bench, side, startProgram, { topic, group: `bench_${bodySize}_${round + 1}`, total }),
      });
    }
  },
};

async function fill(side: ClusterSide, topic: string, bodySize: number, total: number): Promise<void> {
  const admin = new BrokerAdmin(side);
  await admin.createTopic(topic, queues).finally(() => admin.close());
  await fillTopic(side.port, queues, { topic, bodySize, messages: total });
}

interface Consumption {
  readonly topic: string;
  /** Used once. */
  readonly group: string;
  readonly total: number;
}

async function consume(
  bench: Bench,
  side: ClusterSide,
  startProgram: StartApacheProgram,
  { topic, group, total }: Consumption,
): Promise<ConsumerSample> {
  const admin = new BrokerAdmin(side);
  await admin.createGroup(group, topic, queues);
  forgetPeakMemory(side.pid);
  const startedAt = performance.now();
  const before = cpuMicros(side.pid);
  const program = startProgram('Consumer', ['-t', topic, '-n', side.nameServer, '-g', group, '-ri', '1000']);
  bench.afterwards(() => program.end());
  try {
    await untilConsumed(program, () => admin.consumedCount(group, topic, queues), total);
    return {
      messages: total,
      seconds: (performance.now() - startedAt) / 1000,
      serverCpu: cpuMicros(side.pid) - before,
      serverPeakMiB: peakMemoryMiB(side.pid),
      bestRate: bestRateOf(program, total),
    };
  } finally {
    await program.end();
    await admin.close();
  }
}

/**
 * @throws Error when its window holds most of the backlog: then it divides the same number by the same time, whoever the
 * broker is.
 */
function bestRateOf({ lines }: ApacheProgram, total: number): number {
  const best = Math.max(...lines.map((line) => Number(/Consume TPS: (\d+)/.exec(line)?.[1] ?? 0)));
  if (best === 0 || best * windowSeconds > total / 2) {
    throw new Error(`${total} messages are too few for Apache's Consumer to tell its rate: give more with --messages`);
  }
  return best;
}

/** @throws Error when messages are missing. */
async function untilConsumed(program: ApacheProgram, consumed: () => Promise<number>, total: number): Promise<void> {
  let last = 0;
  let changedAt = performance.now();
  for (;;) {
    const count = await consumed();
    if (count === total) return;
    if (count !== last) changedAt = performance.now();
    last = count;
    if (performance.now() - changedAt > patience)
      throw new Error(`${count} messages of ${total}: ${program.lines.at(-1)}`);
    await Promise.race([new Promise((done) => setTimeout(done, lookEvery)), program.ended]);
  }
}
