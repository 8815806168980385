import { allocateQueues } from '../../libs/client/src/consumer/allocation/index.js';
import type { MessageQueue } from '../../libs/client/src/index.js';
import type { Benchmark } from '../runner/benchmark.js';
import type { Figure } from '../runner/figure.js';
import { atMost } from '../runner/goal.js';
import { ourContestant } from '../sides/ours.js';

const members = Array.from({ length: 100 }, (_, i) => `10.0.0.${i}@${i * 7919}#${i * 104_729}`);
const queues: readonly MessageQueue[] = Array.from({ length: 10_000 }, (_, i) => ({
  topic: 'bench_allocate',
  brokerName: `broker-${i % 20}`,
  queueId: Math.floor(i / 20),
}));

const millis: Figure<{ readonly millis: number }> = { title: 'ms', of: (sample) => sample.millis, digits: 1 };

/** What one member does when its group changed: 10,000 queues, 100 members, no sockets. */
export const allocate: Benchmark = {
  name: 'allocate',
  summary: 'one member allocates 10,000 queues over 100 members, by strategy',
  peers: [],
  defaults: { rounds: 9 },
  async run(bench) {
    for (const [strategy, goal] of [
      ['AVG', 50],
      ['AVG_BY_CIRCLE', 50],
      ['CONSISTENT_HASH', 150],
    ] as const) {
      await bench.row({
        title: strategy,
        contestants: [ourContestant()],
        figures: [millis],
        goals: [atMost(millis, goal, { never: goal * 4 })],
        measure: (_ours, round) => {
          const startedAt = performance.now();
          allocateQueues(strategy, members[round] as string, queues, members);
          return Promise.resolve({ millis: performance.now() - startedAt });
        },
      });
    }
  },
};
