import { Option } from 'commander';
import type { ClientSendConfig, ClientSendResult } from '../load/client-send.js';
import type { Bench, Benchmark, Contestant } from '../runner/benchmark.js';
import { atLeast, atMost, type Goal } from '../runner/goal.js';
import { aliOns } from '../sides/ali-ons.js';
import { BrokerAdmin, createTopic } from '../sides/broker-admin.js';
import { runChild } from '../sides/child.js';
import { clientFigures, clientP50, clientCpu, clientRate } from '../sides/client-figures.js';
import { startClusters, type ClusterSide } from '../sides/cluster.js';
import { javaClient } from '../sides/java-client.js';
import { javaContestant } from '../sides/java.js';
import { ourContestant } from '../sides/ours.js';

const topic = 'bench_template';
const queues = 8;
const bodySize = 128;
/** A JVM needs seconds until its compiler has settled; all get the same. */
const warmUp = 5000;

interface SendingSide extends Contestant {
  send(load: Pick<ClientSendConfig, 'inFlight' | 'measure'>): Promise<ClientSendResult>;
}

/** Clients as applications have them, one after the other, on one broker. */
export const template: Benchmark<{ broker: 'ours' | 'java' }> = {
  name: 'template',
  summary: 'sends by RocketMQTemplate, the bare producer, ali-ons and the Java client on the same broker',
  peers: ['ali-ons', 'java'],
  options: [new Option('--broker <kind>', 'whose broker takes them').choices(['ours', 'java']).default('ours')],
  defaults: { measure: 3000 },
  async run(bench, { broker: kind }) {
    const broker = (await startClusters(bench)).find((side) => (side.kind ?? 'ours') === kind);
    if (broker === undefined) return bench.skip('all rows', "no jars of Apache's broker");
    bench.note(`on the broker of ${broker.name}`);
    await createTopic(broker, topic, queues);
    const contestants = await sendingSides(bench, broker);
    const row = (inFlight: number, goals: readonly Goal<ClientSendResult>[]) =>
      bench.row({
        title: `${bodySize} B, ${inFlight} in flight`,
        contestants,
        figures: clientFigures,
        goals,
        measure: (side) => countedAt(broker, () => side.send({ inFlight, measure: bench.options.measure })),
      });
    await row(64, [
      atMost(clientCpu, 1 / 4, { against: 'ali-ons', never: 1 / 2 }),
      atLeast(clientRate, 1, { against: 'java' }),
    ]);
    await row(1, [atMost(clientP50, 1, { against: 'ali-ons' })]);
  },
};

async function sendingSides(bench: Bench, { nameServer }: ClusterSide): Promise<SendingSide[]> {
  const config = { nameServer, topic, bodySize, warmUp };
  const sides: SendingSide[] = [
    {
      ...ourContestant('RocketMQTemplate'),
      send: (load) => runChild('client-send.js', { ...config, ...load, client: 'template' } satisfies ClientSendConfig),
    },
    {
      ...ourContestant('producer'),
      kind: 'producer',
      send: (load) => runChild('client-send.js', { ...config, ...load, client: 'producer' } satisfies ClientSendConfig),
    },
  ];
  const ali = await aliOns(bench);
  if (ali === undefined) bench.skip('ali-ons', 'not wanted, or npm cannot install it');
  else {
    const client = { ...config, client: 'ali-ons', aliOns: ali.directory } as const;
    sides.push({
      ...ali,
      send: (load) => runChild('client-send.js', { ...client, ...load } satisfies ClientSendConfig),
    });
  }
  const java = await javaClient(bench);
  if (java === undefined) bench.skip('Java client', "not wanted, or no jars of Apache's client");
  else {
    sides.push({
      ...javaContestant,
      send: ({ inFlight, measure }) => java('ClientSend', [nameServer, topic, bodySize, inFlight, warmUp, measure]),
    });
  }
  return sides;
}

/** @throws Error unless the topic has grown by what was sent: each message stored, and once. */
async function countedAt(broker: ClusterSide, send: () => Promise<ClientSendResult>): Promise<ClientSendResult> {
  const admin = new BrokerAdmin(broker);
  try {
    const before = await admin.messageCount(topic);
    const result = await send();
    const stored = (await admin.messageCount(topic)) - before;
    if (stored !== result.sent) throw new Error(`${result.sent} sends made ${stored} messages`);
    return result;
  } finally {
    await admin.close();
  }
}
