import { join } from 'node:path';
import type { SendConfig } from '../load/send.js';
import type { Bench, Benchmark, Contestant } from '../runner/benchmark.js';
import { atLeast } from '../runner/goal.js';
import { BrokerAdmin } from '../sides/broker-admin.js';
import { javaBrokerHome, ourBrokerHome, startSide, type BrokerHome, type BrokerSide } from '../sides/broker.js';
import { wantedJars } from '../sides/java.js';
import { loadFigures, rate, underLoad } from '../sides/load.js';

const queuesPerTopic = 8;
const bodySize = 128;
const load = { connections: 4, inFlight: 256, serializer: 'JSON' } as const;
const counts = [10_000, 16] as const;

type Counted = BrokerSide & { readonly topics: readonly string[] };

/** The same sends over many queues and over few, each in a broker of its own. */
export const queues: Benchmark = {
  name: 'queues',
  summary: 'sends over 10,000 queues against 16: what many queues cost',
  peers: ['java'],
  async run(bench) {
    const jars = await wantedJars(bench);
    await countedRow(bench, 'ours', (directory) => ourBrokerHome(directory, {}));
    if (jars !== undefined) await countedRow(bench, 'Apache', (directory) => javaBrokerHome(directory, {}, jars));
  },
};

async function countedRow(
  bench: Bench,
  title: string,
  home: (directory: string) => Promise<BrokerHome>,
): Promise<void> {
  const sides: Counted[] = [];
  for (const count of counts) {
    const side = await startSide(bench, await home(join(bench.directory, `${title}-${count}`)));
    sides.push(Object.assign(side, named(count, side), { topics: await makeTopics(side, count) }));
    bench.progress(`${title}: ${count} queues are there`);
  }
  await bench.row({
    title,
    contestants: sides,
    figures: loadFigures,
    goals: title === 'ours' ? [atLeast(rate, 0.9, { against: '16 queues', never: 0.7 })] : [],
    measure({ port, pid, topics }) {
      const config: SendConfig = {
        host: '127.0.0.1',
        port,
        topics,
        queues: queuesPerTopic,
        bodySize,
        ...load,
        // Each queue has had its first message when it ends.
        warmUp: 1000,
        measure: bench.options.measure,
      };
      return underLoad('send.js', config, pid);
    },
  });
  for (const side of sides) await side.stop();
}

function named(count: number, { version }: Contestant): Contestant {
  return { name: `${count} queues`, version, kind: `${count} queues` };
}

async function makeTopics(side: BrokerSide, count: number): Promise<string[]> {
  const admin = new BrokerAdmin(side);
  const topics = Array.from({ length: count / queuesPerTopic }, (_, topic) => `bench_queues_${topic}`);
  for (const topic of topics) await admin.createTopic(topic, queuesPerTopic);
  await admin.close();
  return topics;
}
