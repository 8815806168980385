import { Option } from 'commander';
import type { Benchmark } from '../runner/benchmark.js';
import { atLeast, atMost, type Goal } from '../runner/goal.js';
import { createTopic } from '../sides/broker-admin.js';
import { startSides } from '../sides/broker.js';
import { cpu, rate, type LoadSample } from '../sides/load.js';
import { sendRow, warmSides, type SendKind } from './send-row.js';

const topic = 'bench_send';
const queues = 8;
const sizes = [128, 1024, 4096];
/** Those with goals first: a virtual machine may have to fetch memory that no store took before, page by page. */
const loads = [
  { connections: 4, inFlight: 256 },
  { connections: 1, inFlight: 64 },
  { connections: 64, inFlight: 256 },
  { connections: 1, inFlight: 1 },
];

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
    const warm = { topic, queues, serializer: 'JSON', bodySize: 128, connections: 4, inFlight: 256 } as const;
    await warmSides(sides, warm);
    for (const serializer of ['JSON', 'ROCKETMQ'] as const) {
      for (const load of loads) {
        if (quick && load.connections !== 4) continue;
        for (const bodySize of sizes) {
          const kind = { topic, queues, serializer, bodySize, ...load };
          await sendRow(bench, sides, kind, goalsOf(kind));
        }
      }
    }
  },
};

function goalsOf({ serializer, connections, bodySize }: SendKind): Goal<LoadSample>[] {
  const limits = cpuGoals[bodySize];
  if (serializer !== 'JSON' || connections !== 4 || limits === undefined) return [];
  const [target, never] = limits;
  return [atLeast(rate, 3, { against: 'java' }), atMost(cpu, target, { never })];
}
