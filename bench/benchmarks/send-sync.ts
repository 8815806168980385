import type { Benchmark } from '../runner/benchmark.js';
import { atLeast, atMost } from '../runner/goal.js';
import { createTopic } from '../sides/broker-admin.js';
import { startSides } from '../sides/broker.js';
import { cpu, p99, rate } from '../sides/load.js';
import { sendRow } from './send-row.js';

const topic = 'bench_send_sync';
const queues = 8;
const loads = [
  { connections: 1, inFlight: 1 },
  { connections: 1, inFlight: 64 },
  { connections: 4, inFlight: 256 },
];
/** A virtual disk that is made to sync for minutes on end throttles, which then is what is measured. */
const goals = [
  atLeast(rate, 1.2, { against: 'java', never: 1 }),
  atMost(p99, 1, { against: 'java' }),
  atMost(cpu, 1 / 5, { against: 'java' }),
];

/** Sends that are answered when they are on the disk. */
export const sendSync: Benchmark = {
  name: 'send-sync',
  summary: 'sends with SYNC_FLUSH: answered when they are on the disk',
  peers: ['java'],
  async run(bench) {
    const sides = await startSides(bench, { flushDiskType: 'SYNC_FLUSH' });
    for (const side of sides) await createTopic(side, topic, queues);
    for (const bodySize of [128, 1024]) {
      for (const load of loads)
        await sendRow(bench, sides, { topic, queues, serializer: 'JSON', bodySize, ...load }, goals);
    }
  },
};
