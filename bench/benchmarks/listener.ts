import { Option } from 'commander';
import type { ClientConsumeConfig } from '../load/client-consume.js';
import type { SendConfig } from '../load/send.js';
import type { Bench, Benchmark, Contestant } from '../runner/benchmark.js';
import type { Figure } from '../runner/figure.js';
import { atLeast, atMost } from '../runner/goal.js';
import { positive } from '../runner/options.js';
import { BrokerAdmin } from '../sides/broker-admin.js';
import { runChild } from '../sides/child.js';
import { clientCpu, clientRate } from '../sides/client-figures.js';
import { startClusters, type ClusterSide } from '../sides/cluster.js';
import { javaClient } from '../sides/java-client.js';
import { javaContestant } from '../sides/java.js';
import type { LoadResult } from '../sides/load.js';
import { ourContestant } from '../sides/ours.js';

/** Of the backlog, before what counts. */
const warmUpShare = 1 / 4;
const queues = 8;
const orderlyMessages = 100_000;

interface Backlog {
  readonly topic: string;
  readonly queues: number;
  readonly bodySize: number;
  readonly total: number;
}

interface ConsumingSide extends Contestant {
  consume(group: string): Promise<LoadResult>;
}

interface PipelineSample extends LoadResult {
  /** Microseconds a message beyond what a bare consumer spends just before. */
  readonly pipelineCpu: number;
}

const figures: readonly Figure<LoadResult>[] = [clientRate, clientCpu];
const pipelineCpu: Figure<PipelineSample> = { title: 'pipeline µs', of: (sample) => sample.pipelineCpu, digits: 2 };

/** A backlog taken by push consumers with a handler that only counts, one after the other, on one broker. */
export const listener: Benchmark<{ messages: number; broker: 'ours' | 'java' }> = {
  name: 'listener',
  summary:
    "a backlog taken by the push consumer, through a Nest listener, and by Java's push consumer, on the same broker",
  peers: ['java'],
  options: [
    new Option('--messages <n>', 'backlog').argParser(positive).default(2_000_000),
    new Option('--broker <kind>', 'whose broker has them').choices(['ours', 'java']).default('ours'),
  ],
  async run(bench, { messages, broker: kind }) {
    const broker = (await startClusters(bench)).find((side) => (side.kind ?? 'ours') === kind);
    if (broker === undefined) return bench.skip('all rows', "no jars of Apache's broker");
    bench.note(`on the broker of ${broker.name}`);
    const admin = new BrokerAdmin(broker);
    bench.afterwards(() => admin.close());
    const total = Math.ceil(messages / queues) * queues;
    const backlog: Backlog = { topic: 'bench_listener', queues, bodySize: 128, total };
    await fill(broker, admin, backlog);
    let groups = 0;
    const from =
      ({ topic, queues: count }: Backlog) =>
      async (side: ConsumingSide): Promise<LoadResult> => {
        const group = `bench_listener_${groups++}`;
        await admin.createGroup(group, topic, count);
        return side.consume(group);
      };
    const consume = from(backlog);
    const consumer = ourSide('consumer', broker, backlog);
    const nest = ourSide('listener', broker, backlog);
    const goals = [atLeast(clientRate, 1, { against: 'java', never: 0.8 })];
    const java = await javaSides(bench, broker, backlog);
    await bench.row({ title: 'push consumer', contestants: [consumer, ...java], figures, goals, measure: consume });
    await bench.row({ title: 'Nest listener', contestants: [nest, ...java], figures, goals, measure: consume });
    await bench.row({
      title: 'what Nest adds',
      contestants: [nest],
      figures: [...figures, pipelineCpu],
      goals: [atMost(pipelineCpu, 1)],
      measure: async (side) => {
        const bare = clientCpu.of(await consume(consumer));
        const result = await consume(side);
        return { ...result, pipelineCpu: clientCpu.of(result) - bare };
      },
    });
    const one: Backlog = { topic: 'bench_orderly', queues: 1, bodySize: 1024, total: orderlyMessages };
    await fill(broker, admin, one);
    await bench.row({
      title: 'orderly, one queue of 1 KiB',
      contestants: [ourSide('orderly', broker, one), ...(await javaSides(bench, broker, one, 'orderly'))],
      figures,
      goals: [atLeast(clientRate, 1, { against: 'java' })],
      measure: from(one),
    });
  },
};

async function fill(broker: ClusterSide, admin: BrokerAdmin, { topic, ...backlog }: Backlog): Promise<void> {
  await admin.createTopic(topic, backlog.queues);
  const load = { host: '127.0.0.1', port: broker.port, topics: [topic], serializer: 'ROCKETMQ', ...backlog } as const;
  const config: SendConfig = { ...load, connections: 1, inFlight: 64, warmUp: 0, measure: 0 };
  await runChild('send.js', config);
}

function ourSide(client: ClientConsumeConfig['client'], { nameServer }: ClusterSide, backlog: Backlog): ConsumingSide {
  const config = { client, nameServer, ...backlog, warmUp: Math.floor(backlog.total * warmUpShare) };
  return {
    ...ourContestant(client),
    consume: (group) => runChild('client-consume.js', { ...config, group } satisfies ClientConsumeConfig),
  };
}

async function javaSides(
  bench: Bench,
  { nameServer }: ClusterSide,
  { topic, queues: count, total }: Backlog,
  mode = 'concurrently',
): Promise<ConsumingSide[]> {
  const java = await javaClient(bench);
  if (java === undefined) return [];
  const warmUp = Math.floor(total * warmUpShare);
  return [
    {
      ...javaContestant,
      consume: (group) => java('ClientConsume', [nameServer, topic, group, count, total, warmUp, mode]),
    },
  ];
}
