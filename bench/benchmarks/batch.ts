import type { Benchmark } from '../runner/benchmark.js';
import { atLeast } from '../runner/goal.js';
import { createTopic } from '../sides/broker-admin.js';
import { startSides } from '../sides/broker.js';
import { rate } from '../sides/load.js';
import { sendRow } from './send-row.js';

const topic = 'bench_batch';
const queues = 8;
const batch = 32;
const loads = [
  { connections: 1, inFlight: 16 },
  { connections: 4, inFlight: 64 },
];

/** Sends of many messages each; what is counted is messages. */
export const batchSend: Benchmark = {
  name: 'batch',
  summary: 'batches of 32 messages: messages/s, CPU of the broker per message',
  peers: ['java'],
  async run(bench) {
    const sides = await startSides(bench);
    for (const side of sides) await createTopic(side, topic, queues);
    for (const serializer of ['JSON', 'ROCKETMQ'] as const) {
      for (const bodySize of [128, 1024]) {
        for (const load of loads) {
          const kind = { topic, queues, serializer, bodySize, batch, ...load };
          await sendRow(bench, sides, kind, [atLeast(rate, 2, { against: 'java', never: 1.2 })]);
        }
      }
    }
  },
};
