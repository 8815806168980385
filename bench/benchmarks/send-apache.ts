import { Option } from 'commander';
import type { Bench, Benchmark } from '../runner/benchmark.js';
import type { Figure } from '../runner/figure.js';
import { atLeast, atMost } from '../runner/goal.js';
import { positive } from '../runner/options.js';
import { apachePrograms, type ApacheProgram, type StartApacheProgram } from '../sides/apache-program.js';
import { BrokerAdmin, createTopic } from '../sides/broker-admin.js';
import { startClusters, type ClusterSide } from '../sides/cluster.js';
import { cpu, peakMemory, rate, type ServerSample } from '../sides/load.js';
import { cpuMicros, forgetPeakMemory, peakMemoryMiB } from '../sides/process-cost.js';
import { describeSize } from './send-row.js';

const topic = 'bench_send_apache';
const queues = 8;
const threads = 64;
/** The program's own start and the compilers of both sides are over when so much of the messages is there. */
const warmShare = 0.3;
const lookEvery = 100;

interface ProducerSample extends ServerSample {
  /** Milliseconds, as the program prints it. */
  readonly averageMs: number;
  readonly maxMs: number;
}

const figures: readonly Figure<ProducerSample>[] = [
  rate,
  cpu,
  { title: 'average ms', of: ({ averageMs }) => averageMs, digits: 2 },
  { title: 'max ms', of: ({ maxMs }) => maxMs },
  peakMemory,
];

const kinds = [
  { bodySize: 128, target: 1.5 },
  { bodySize: 1024, target: 1.8 },
];

/** Apache's benchmark Producer against both brokers. */
export const sendApache: Benchmark<{ messages: number }> = {
  name: 'send-apache',
  summary: "sends of Apache's benchmark Producer with 64 threads",
  peers: ['java'],
  options: [new Option('--messages <n>', 'sends a round').argParser(positive).default(1_000_000)],
  async run(bench, { messages }) {
    const startProgram = await apachePrograms(bench);
    if (startProgram === undefined) return bench.skip('all rows', "no jars of Apache's benchmark programs");
    const sides = await startClusters(bench);
    for (const side of sides) await createTopic(side, topic, queues);
    for (const { bodySize, target } of kinds) {
      await bench.row({
        title: describeSize(bodySize),
        contestants: sides,
        figures,
        goals: [atLeast(rate, target, { against: 'java', never: 1.3 }), atMost(cpu, 1 / 4, { against: 'java' })],
        measure: (side) => produce(bench, side, startProgram, bodySize, messages),
      });
    }
  },
};

async function produce(
  bench: Bench,
  side: ClusterSide,
  startProgram: StartApacheProgram,
  bodySize: number,
  messages: number,
): Promise<ProducerSample> {
  const admin = new BrokerAdmin(side);
  const options = { t: topic, n: side.nameServer, w: threads, s: bodySize, q: messages };
  const args = Object.entries(options).flatMap(([name, value]) => [`-${name}`, String(value)]);
  const before = await admin.messageCount(topic);
  const program = startProgram('Producer', args);
  bench.afterwards(() => program.end());
  forgetPeakMemory(side.pid);
  try {
    const sent = async (): Promise<number> => (await admin.messageCount(topic)) - before;
    const warm = await until(program, sent, messages * warmShare, side.pid);
    const full = await until(program, sent, messages, side.pid);
    await program.ended;
    const now = await sent();
    if (now !== messages) throw new Error(`${now} messages of ${messages} are in ${side.name}`);
    return {
      messages: full.count - warm.count,
      seconds: full.seconds - warm.seconds,
      serverCpu: full.serverCpu - warm.serverCpu,
      serverPeakMiB: peakMemoryMiB(side.pid),
      ...printedBy(program),
    };
  } finally {
    await program.end();
    await admin.close();
  }
}

interface Moment {
  readonly count: number;
  readonly seconds: number;
  readonly serverCpu: number;
}

/** Looks until so many messages are there, or the program has ended, which `ended` tells. */
async function until(
  program: ApacheProgram,
  sent: () => Promise<number>,
  wanted: number,
  pid: number,
): Promise<Moment> {
  for (;;) {
    const moment = { count: await sent(), seconds: performance.now() / 1000, serverCpu: cpuMicros(pid) };
    if (moment.count >= wanted) return moment;
    const pause = new Promise((done) => setTimeout(done, lookEvery));
    const isOver = await Promise.race([pause.then(() => false), program.ended.then(() => true)]);
    if (isOver && (await sent()) < wanted) throw new Error(`Apache's Producer ended: ${program.lines.at(-1)}`);
  }
}

/** @throws Error when a send failed. */
function printedBy({ lines }: ApacheProgram): Pick<ProducerSample, 'averageMs' | 'maxMs'> {
  const last = lines.find((line) => line.startsWith('[Complete]')) ?? '';
  const number = (name: string): number => Number(new RegExp(`${name}: +([\\d.]+)`).exec(last)?.[1] ?? NaN);
  if (number('Send Failed') !== 0 || number('Response Failed') !== 0) throw new Error(`sends failed: ${last}`);
  return { averageMs: number('Average RT\\(ms\\)'), maxMs: number('Max RT\\(ms\\)') };
}
