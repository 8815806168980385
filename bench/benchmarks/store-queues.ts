import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { QueuesConfig, QueuesResult } from '../load/open-queues.js';
import type { Benchmark } from '../runner/benchmark.js';
import type { Figure } from '../runner/figure.js';
import { atMost, type Goal } from '../runner/goal.js';
import { runChild } from '../sides/child.js';
import { ourContestant } from '../sides/ours.js';

const script = 'open-queues.js';
/** Beside the files of queues that maxOpenFiles limits: the newest file of the log, of the index, lock and checkpoint. */
const otherDescriptors = 8;

const start: Figure<QueuesResult> = { title: 'start ms', of: ({ startMs }) => startMs };
const memory: Figure<QueuesResult> = { title: 'bytes/queue', of: ({ bytesPerQueue }) => bytesPerQueue };
const peak: Figure<QueuesResult> = { title: 'peak MiB', of: ({ peakMiB }) => peakMiB };
const descriptors: Figure<QueuesResult> = {
  title: 'descriptors over maxOpenFiles',
  of: (sample) => sample.descriptors - sample.maxOpenFiles,
};
const wrong: Figure<QueuesResult> = { title: 'wrong of 100', of: (sample) => sample.wrong };
const figures = [start, memory, peak, descriptors, wrong];

const held = (figure: Figure<QueuesResult>, limit: number): Goal<QueuesResult> =>
  atMost(figure, limit, { never: limit });
const always = [held(descriptors, otherDescriptors), atMost(wrong, 0, { never: 0, inEvery: true })];

const sizes: readonly { readonly queues: number; readonly goals: readonly Goal<QueuesResult>[] }[] = [
  { queues: 10_000, goals: [held(start, 2000), held(memory, 2048), ...always] },
  { queues: 50_000, goals: [held(start, 10_000), held(peak, 250 / 1.048576), ...always] },
];

/** Opens stores of many queues, in a fresh process each time; the goals hold for a start after a clean stop. */
export const storeQueues: Benchmark = {
  name: 'store-queues',
  summary: 'start, memory and descriptors of a store with 10,000 and 50,000 queues',
  peers: [],
  async run(bench) {
    const contestants = [ourContestant()];
    for (const { queues, goals } of sizes) {
      const directory = join(bench.directory, String(queues));
      await runChild(script, { directory, queues, task: 'prepare' } satisfies QueuesConfig);
      const open = (task: 'open' | 'kill'): Promise<QueuesResult> => {
        const options = { nodeFlags: ['--expose-gc'], isKilled: task === 'kill' };
        return runChild<QueuesResult>(script, { directory, queues, task } satisfies QueuesConfig, options);
      };
      const row = { contestants, figures };
      await bench.row({ ...row, title: `${queues}, clean`, goals, warmUps: 0, measure: () => open('open') });
      // The round that is not counted only leaves what a crash leaves.
      await bench.row({ ...row, title: `${queues}, killed`, warmUps: 1, measure: () => open('kill') });
      rmSync(directory, { recursive: true, force: true });
    }
  },
};
