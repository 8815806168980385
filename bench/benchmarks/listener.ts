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

const topic = 'bench_listener';
const queues = 8;
const bodySize = 128;
/** Of the backlog, before what counts. */
const warmUpShare = 1 / 4;

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
    await fill(broker, admin, total);
    let groups = 0;
    const consume = async (side: ConsumingSide): Promise<LoadResult> => {
      const group = `bench_listener_${groups++}`;
      await admin.createGroup(group, topic, queues);
      return side.consume(group);
    };
    const consumer = ourSide('consumer', broker, total);
    const nest = ourSide('listener', broker, total);
    const goals = [atLeast(clientRate, 1, { against: 'java', never: 0.8 })];
    const java = await javaSides(bench, broker, total);
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
  },
};

async function fill(broker: ClusterSide, admin: BrokerAdmin, total: number): Promise<void> {
  await admin.createTopic(topic, queues);
  const load = { host: '127.0.0.1', port: broker.port, topics: [topic], queues, bodySize, serializer: 'ROCKETMQ' } as const; // prettier-ignore
  const config: SendConfig = { ...load, connections: 1, inFlight: 64, warmUp: 0, measure: 0, total };
  await runChild('send.js', config);
}

function ourSide(client: ClientConsumeConfig['client'], { nameServer }: ClusterSide, total: number): ConsumingSide {
  const config = { client, nameServer, topic, queues, bodySize, total, warmUp: Math.floor(total * warmUpShare) };
  return {
    ...ourContestant(client),
    consume: (group) => runChild('client-consume.js', { ...config, group } satisfies ClientConsumeConfig),
  };
}

async function javaSides(bench: Bench, { nameServer }: ClusterSide, total: number): Promise<ConsumingSide[]> {
  const java = await javaClient(bench);
  if (java === undefined) return [];
  const warmUp = Math.floor(total * warmUpShare);
  return [
    { ...javaContestant, consume: (group) => java('ClientConsume', [nameServer, topic, group, queues, total, warmUp]) },
  ];
}
