import { Option } from 'commander';
import { join } from 'node:path';
import type { TimedConfig } from '../load/timed.js';
import type { Benchmark } from '../runner/benchmark.js';
import type { Figure } from '../runner/figure.js';
import { atMost } from '../runner/goal.js';
import { positive } from '../runner/options.js';
import { createTopic } from '../sides/broker-admin.js';
import { javaBrokerHome, ourBrokerHome, startSide, type BrokerSide } from '../sides/broker.js';
import { wantedJars } from '../sides/java.js';
import { cpu, peakMemory, underLoad, type LoadSample } from '../sides/load.js';

const queues = 8;
const bodySize = 128;
/** The first release whose messages may ask for any instant is 5.0. */
const version = '5.3.3';

const late50: Figure<LoadSample> = { title: 'late p50 ms', of: (sample) => sample.p50 / 1000 };
const late99: Figure<LoadSample> = { title: 'late p99 ms', of: (sample) => sample.p99 / 1000 };
const late999: Figure<LoadSample> = { title: 'late p99.9 ms', of: (sample) => sample.p999 / 1000 };

/** Messages with an instant of delivery: how late the broker delivers, when so many are due each second. */
export const delay: Benchmark<{ rate: number }> = {
  name: 'delay',
  summary: 'messages due at their own millisecond: how late they are, CPU of the broker per message',
  peers: ['java'],
  options: [new Option('--rate <n>', 'messages due in a second').argParser(positive).default(10_000)],
  defaults: { rounds: 3, measure: 5000 },
  async run(bench, { rate }) {
    const sides: BrokerSide[] = [await startSide(bench, await ourBrokerHome(join(bench.directory, 'ours'), {}))];
    const jars = await wantedJars(bench, version);
    if (jars !== undefined) {
      const home = await javaBrokerHome(join(bench.directory, 'java'), {}, jars, version);
      sides.push(await startSide(bench, home));
    }
    let topics = 0;
    await bench.row({
      title: `${rate} due a second, ${bodySize} bytes`,
      contestants: sides,
      figures: [late50, late99, late999, cpu, peakMemory],
      goals: [atMost(late99, 100)],
      async measure({ port, pid }) {
        const topic = `bench_delay_${topics++}`;
        await createTopic({ port }, topic, queues);
        const config: TimedConfig = {
          host: '127.0.0.1',
          port,
          topic,
          queues,
          bodySize,
          rate,
          measure: bench.options.measure,
        };
        return underLoad('timed.js', config, pid);
      },
    });
  },
};
