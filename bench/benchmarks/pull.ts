import { Option } from 'commander';
import type { PullConfig } from '../load/pull.js';
import type { Bench, Benchmark } from '../runner/benchmark.js';
import type { Figure } from '../runner/figure.js';
import { atMost } from '../runner/goal.js';
import { positive } from '../runner/options.js';
import { fillTopic, type Backlog } from '../sides/backlog.js';
import { createTopic } from '../sides/broker-admin.js';
import { startSides, type BrokerSide } from '../sides/broker.js';
import { cpu, loadFigures, underLoad, type LoadSample } from '../sides/load.js';
import { bringCache, canDropCache } from '../sides/page-cache.js';
import { describeSize } from './send-row.js';

const queues = 8;
const connections = 4;
const sizes = [1024, 128];
/** Of a record beside its body: fixed fields, topic, properties. */
const recordOverhead = 190;
const mib = 1024 ** 2;

/**
 * After a start both brokers read the last files of the log, and Java's stay mapped, which keeps them in the page cache. So
 * files are small, and behind what shall be cold lies another topic of several files.
 */
const fileMiB = 128;
const tailMiB = 4 * fileMiB;
const settings = { mappedFileSizeCommitLog: String(fileMiB * mib) };

const disk: Figure<LoadSample> = { title: 'disk MiB', of: ({ diskReadMiB }) => diskReadMiB };
const figures = [...loadFigures, disk];
const goals = [atMost(cpu, 1 / 3, { against: 'java', never: 1 / 2 })];

/** Pulls a backlog whole, from the page cache and from the disk. */
export const pull: Benchmark<{ size: number }> = {
  name: 'pull',
  summary: 'a backlog pulled whole by a lean client: hot, and with the page cache dropped (needs root)',
  peers: ['java'],
  options: [new Option('--size <MiB>', 'log of the backlog on each side').argParser(positive).default(5 * 1024)],
  async run(bench, { size }) {
    for (const bodySize of sizes) {
      const sides = await startSides(bench, settings);
      const backlog = backlogOf('bench_pull', bodySize, size);
      const tail = backlogOf('bench_pull_tail', bodySize, tailMiB);
      for (const side of sides) {
        await fill(side, backlog);
        await fill(side, tail);
        bench.progress(`${side.name} holds its backlog`);
      }
      const title = describeSize(bodySize);
      await bench.row({
        title: `${title} hot`,
        contestants: sides,
        figures,
        goals,
        measure: (side) => pullAll(side, backlog),
      });
      await coldRow(bench, sides, `${title} cold`, backlog, tail);
      for (const side of sides) await side.stop();
    }
  },
};

async function coldRow(
  bench: Bench,
  sides: readonly BrokerSide[],
  title: string,
  backlog: Backlog,
  tail: Backlog,
): Promise<void> {
  if (!canDropCache()) return bench.skip(title, 'only root may drop the page cache');
  await bench.row({
    title,
    contestants: sides,
    figures,
    goals,
    warmUps: 0,
    async measure(side) {
      await side.restart();
      // So that the compilers have settled; what it reads is not what is measured.
      await pullAll(side, tail);
      bringCache([], 'dropped');
      const sample = await pullAll(side, backlog);
      const bytes = backlog.messages * backlog.bodySize;
      if (sample.diskReadMiB < bytes / mib / 2) throw new Error(`${side.name} did not read its backlog from the disk`);
      return sample;
    },
  });
}

/** So many messages that they fill `size` MiB of log. */
function backlogOf(topic: string, bodySize: number, size: number): Backlog {
  return { topic, bodySize, messages: Math.ceil((size * mib) / (bodySize + recordOverhead) / queues) * queues };
}

async function fill(side: BrokerSide, backlog: Backlog): Promise<void> {
  await createTopic(side, backlog.topic, queues);
  await fillTopic(side.port, queues, backlog);
}

function pullAll({ port, pid }: BrokerSide, { topic, bodySize, messages }: Backlog): Promise<LoadSample> {
  const backlog = Array.from({ length: queues }, () => messages / queues);
  return underLoad(
    'pull.js',
    { host: '127.0.0.1', port, topic, connections, bodySize, backlog } satisfies PullConfig,
    pid,
  );
}
