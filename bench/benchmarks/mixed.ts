import { Option } from 'commander';
import type { PacedConfig, PacedResult } from '../load/paced.js';
import type { Bench, Benchmark } from '../runner/benchmark.js';
import type { Figure } from '../runner/figure.js';
import { atMost } from '../runner/goal.js';
import { positive } from '../runner/options.js';
import { createTopic } from '../sides/broker-admin.js';
import { startSides, type BrokerSide } from '../sides/broker.js';
import { loadFigures, p99, underLoad, type LoadSample } from '../sides/load.js';
import { describeSize } from './send-row.js';

const queues = 8;
const connections = 4;
const inFlight = 4096;
const sizes = [128, 1024];

type MixedSample = LoadSample<PacedResult>;

const sends: Figure<MixedSample> = { title: 'sends/s', of: ({ sendsPerSecond }) => sendsPerSecond };
const goals = [atMost(p99, 1, { against: 'java' })];

/** Sends and long-polling consumers at once, at a rate that both sides can keep. */
export const mixed: Benchmark<{ rate?: number }> = {
  name: 'mixed',
  summary: "produce and consume at half of Java's maximum: latency end to end",
  peers: ['java'],
  options: [new Option('--rate <n>', "sends a second, instead of half of Java's maximum").argParser(positive)],
  defaults: { measure: 5000 },
  async run(bench, { rate: given }) {
    const sides = await startSides(bench);
    let topics = 0;
    const load = async (side: BrokerSide, bodySize: number, rate: number, most = inFlight): Promise<MixedSample> => {
      // A topic of its own each time: consumers begin at its beginning.
      const topic = `bench_mixed_${topics++}`;
      await createTopic(side, topic, queues);
      const traffic = { topic, queues, bodySize, rate, connections, inFlight: most, consumers: connections };
      const timing = { warmUp: 2000, measure: bench.options.measure };
      const config: PacedConfig = { host: '127.0.0.1', port: side.port, ...traffic, ...timing };
      return underLoad<PacedResult>('paced.js', config, side.pid);
    };
    for (const bodySize of sizes) {
      const rate = given ?? (await halfOfMaximum(bench, sides, (side) => load(side, bodySize, 0, 256)));
      await bench.row({
        title: `${describeSize(bodySize)} at ${rate}/s`,
        contestants: sides,
        figures: [sends, ...loadFigures],
        goals,
        measure: (side) => load(side, bodySize, rate),
      });
    }
  },
};

/** Of Java's, or of ours where it does not run: what it does with as much as it can take, once its compiler has settled. */
async function halfOfMaximum(
  bench: Bench,
  sides: readonly BrokerSide[],
  unpaced: (side: BrokerSide) => Promise<MixedSample>,
): Promise<number> {
  const side = sides.at(-1);
  if (side === undefined) return 0;
  await unpaced(side);
  const { sendsPerSecond } = await unpaced(side);
  bench.note(`${side.name} sends and consumes at most ${Math.round(sendsPerSecond)} messages/s`);
  return Math.round(sendsPerSecond / 2000) * 1000;
}
