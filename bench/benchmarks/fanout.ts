import { Option } from 'commander';
import type { FanoutConfig } from '../load/fanout.js';
import type { Benchmark } from '../runner/benchmark.js';
import { atMost } from '../runner/goal.js';
import { positive } from '../runner/options.js';
import { createTopic } from '../sides/broker-admin.js';
import { startSides } from '../sides/broker.js';
import { loadFigures, p99, underLoad } from '../sides/load.js';

const queues = 8;
const bodySize = 128;

/** Consumers that wait at the end of their queue, woken all at once. */
export const fanout: Benchmark<{ consumers: number }> = {
  name: 'fanout',
  summary: '1,000 connected consumers parked in long polls: latency of their wakes',
  peers: ['java'],
  options: [new Option('--consumers <n>', 'connections').argParser(positive).default(1000)],
  defaults: { measure: 5000 },
  async run(bench, { consumers }) {
    const sides = await startSides(bench);
    let topics = 0;
    await bench.row({
      title: `${consumers} consumers, ${consumers / queues} a wake`,
      contestants: sides,
      figures: loadFigures,
      goals: [atMost(p99, 1, { against: 'java' })],
      async measure({ port, pid }) {
        const topic = `bench_fanout_${topics++}`;
        await createTopic({ port }, topic, queues);
        const traffic = { topic, queues, bodySize, consumers, pause: 20 };
        const timing = { warmUp: 1000, measure: bench.options.measure };
        const config: FanoutConfig = { host: '127.0.0.1', port, ...traffic, ...timing };
        return underLoad('fanout.js', config, pid);
      },
    });
  },
};
