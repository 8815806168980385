import { Option } from 'commander';
import type { Bench, Benchmark } from '../runner/benchmark.js';
import { atLeast, atMost, type Goal } from '../runner/goal.js';
import type { SendConfig } from '../load/send.js';
import { createTopic, startSides, type BrokerSide } from '../sides/broker.js';
import { cpu, loadFigures, rate, underLoad, type LoadSample } from '../sides/load.js';

const topic = 'bench_send';
const queues = 8;

interface SendRow extends Pick<SendConfig, 'serializer' | 'bodySize' | 'connections' | 'inFlight'> {
  readonly isQuick?: true;
}

const sizes = [128, 1024, 4096];
const loads = [
  { connections: 1, inFlight: 1 },
  { connections: 1, inFlight: 64 },
  { connections: 4, inFlight: 256 },
  { connections: 64, inFlight: 256 },
];
const serializers = ['JSON', 'ROCKETMQ'] as const;

/** CPU a send at 4/256 with JSON headers, microseconds: what is aimed at, and what it shall never be above. */
const cpuGoals: Readonly<Record<number, readonly [target: number, never: number]>> = {
  128: [2.0, 3],
  1024: [3.0, 4.5],
  4096: [5.5, 8],
};

/** Sends to both brokers in turn. */
export const send: Benchmark<{ quick?: true }> = {
  name: 'send',
  summary: 'sends by header form, body size and load: rate, CPU of the broker per send, latency',
  peers: ['java'],
  options: [new Option('--quick', 'only 4 connections with 256 in flight')],
  async run(bench, { quick }) {
    const sides = await startSides(bench);
    for (const side of sides) await createTopic(side, topic, queues);
    for (const serializer of serializers) {
      for (const bodySize of sizes) {
        for (const load of loads) {
          if (quick && load.connections !== 4) continue;
          await sendRow(bench, sides, { serializer, bodySize, ...load });
        }
      }
    }
  },
};

function sendRow(bench: Bench, sides: readonly BrokerSide[], row: SendRow): Promise<unknown> {
  const load = { host: '127.0.0.1', topic, queues, ...row, warmUp: 500, measure: bench.options.measure };
  return bench.row({
    title: `${describeMessage(row)} ${row.connections}/${row.inFlight}`,
    contestants: sides,
    figures: loadFigures,
    goals: goalsOf(row),
    measure: ({ port, pid }) => underLoad('send.js', { ...load, port } satisfies SendConfig, pid),
  });
}

function goalsOf({ serializer, connections, inFlight, bodySize }: SendRow): Goal<LoadSample>[] {
  const limits = cpuGoals[bodySize];
  if (serializer !== 'JSON' || connections !== 4 || inFlight !== 256 || limits === undefined) return [];
  const [target, never] = limits;
  return [atLeast(rate, 3, { against: 'java' }), atMost(cpu, target, { never })];
}

/** "JSON 1 KiB", "binary 128 B". */
export function describeMessage({ serializer, bodySize }: Pick<SendConfig, 'serializer' | 'bodySize'>): string {
  const size = bodySize >= 1024 ? `${bodySize / 1024} KiB` : `${bodySize} B`;
  return `${serializer === 'JSON' ? 'JSON' : 'binary'} ${size}`;
}
