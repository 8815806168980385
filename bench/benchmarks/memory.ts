import { Option } from 'commander';
import type { PacedConfig, PacedResult } from '../load/paced.js';
import type { Bench, Benchmark } from '../runner/benchmark.js';
import type { Figure } from '../runner/figure.js';
import { atMost } from '../runner/goal.js';
import { positive } from '../runner/options.js';
import { median } from '../runner/statistics.js';
import { createTopic } from '../sides/broker-admin.js';
import { startSides, type BrokerSide } from '../sides/broker.js';
import { cpu, rate, underLoad, type LoadSample } from '../sides/load.js';
import { memoryMiB } from '../sides/process-cost.js';

const topic = 'bench_memory';
const queues = 8;
const bodySize = 128;
const sendsPerSecond = 10_000;
const lookEvery = 1000;
/** What a rate that is kept may lack: a tick at each end. */
const keptShare = 0.98;

interface MemorySample extends LoadSample<PacedResult> {
  readonly anonymous: Course;
  readonly resident: Course;
}

/** MiB in the middle and in the last third of the time: the first third is for settling. */
interface Course {
  readonly middle: number;
  readonly last: number;
}

const anonymous: Figure<MemorySample> = { title: 'RssAnon MiB', of: (sample) => sample.anonymous.last };
const resident: Figure<MemorySample> = { title: 'resident MiB', of: (sample) => sample.resident.last };
const anonymousGrowth: Figure<MemorySample> = {
  title: 'RssAnon growth',
  of: (sample) => sample.anonymous.last / sample.anonymous.middle,
  digits: 3,
};
const residentGrowth: Figure<MemorySample> = {
  title: 'resident growth',
  of: (sample) => sample.resident.last / sample.resident.middle,
  digits: 3,
};

/** Both sides at once at a modest rate, for long. */
export const memory: Benchmark<{ seconds: number }> = {
  name: 'memory',
  summary: '10,000 sends/s for ten minutes: anonymous and resident memory, and whether they grow',
  peers: ['java'],
  options: [new Option('--seconds <n>', 'how long').argParser(positive).default(600)],
  async run(bench, { seconds }) {
    const sides = await startSides(bench);
    for (const side of sides) await createTopic(side, topic, queues);
    // One after the other would only take twice as long: neither comes near the machine's limits.
    const samples = await Promise.all(sides.map((side) => watch(bench, side, seconds)));
    await bench.row({
      title: `${sendsPerSecond}/s for ${seconds} s`,
      contestants: sides,
      figures: [rate, cpu, anonymous, resident, anonymousGrowth, residentGrowth],
      goals: [
        atMost(anonymous, 1 / 4, { against: 'java', never: 1 / 2 }),
        atMost(resident, 1 / 8, { against: 'java', never: 1 / 2 }),
        atMost(anonymousGrowth, 1.05, { never: 1.2 }),
        atMost(residentGrowth, 1.05, { never: 1.2 }),
      ],
      warmUps: 0,
      rounds: 1,
      measure: (side) => Promise.resolve(samples[sides.indexOf(side)] as MemorySample),
    });
  },
};

async function watch(bench: Bench, side: BrokerSide, seconds: number): Promise<MemorySample> {
  const series: Record<'RssAnon' | 'VmRSS', number[]> = { RssAnon: [], VmRSS: [] };
  const timer = setInterval(() => {
    for (const name of ['RssAnon', 'VmRSS'] as const) series[name].push(memoryMiB(side.pid, name));
  }, lookEvery);
  const traffic = { topic, queues, bodySize, rate: sendsPerSecond, connections: 4, inFlight: 4096, consumers: 0 };
  const timing = { warmUp: 2000, measure: seconds * 1000 };
  const config: PacedConfig = { host: '127.0.0.1', port: side.port, ...traffic, ...timing };
  try {
    const sample = await underLoad<PacedResult>('paced.js', config, side.pid);
    if (sample.sendsPerSecond < sendsPerSecond * keptShare) {
      bench.note(`${side.name} kept ${Math.round(sample.sendsPerSecond)} sends/s of ${sendsPerSecond}`);
    }
    return { ...sample, anonymous: courseOf(series.RssAnon), resident: courseOf(series.VmRSS) };
  } finally {
    clearInterval(timer);
  }
}

function courseOf(values: readonly number[]): Course {
  const third = Math.floor(values.length / 3);
  return { middle: median(values.slice(third, 2 * third)), last: median(values.slice(2 * third)) };
}
