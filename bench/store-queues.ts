import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from './child.js';
import type { QueuesConfig, QueuesResult } from './load/open-queues.js';
import { median } from './statistics.js';
import { formatTable } from './table.js';
import { withWorkDirectory } from './work-directory.js';

const script = './load/open-queues.js';
/** Beside the files of queues that maxOpenFiles limits: the newest file of the log, of the index, lock and checkpoint. */
const otherDescriptors = 8;

export interface QueuesBenchOptions {
  readonly rounds: number;
  readonly workDir: string;
  readonly progress: (line: string) => void;
}

export interface QueuesRow {
  readonly queues: number;
  /** After a clean stop, or after kill -9. */
  readonly stop: 'clean' | 'killed';
  readonly samples: readonly QueuesResult[];
}

export interface QueuesReport {
  readonly rows: readonly QueuesRow[];
  /** What was missed, in words; empty when nothing was. */
  readonly misses: readonly string[];
}

interface Goal {
  readonly what: string;
  readonly of: (sample: QueuesResult) => number;
  readonly atMost: (sample: QueuesResult) => number;
}

const right: Goal = { what: 'wrong queues of 100', of: ({ wrong }) => wrong, atMost: () => 0 };
const descriptors: Goal = {
  what: 'open descriptors',
  of: (sample) => sample.descriptors,
  atMost: ({ maxOpenFiles }) => maxOpenFiles + otherDescriptors,
};
const startWithin = (ms: number): Goal => ({ what: 'start, ms', of: ({ startMs }) => startMs, atMost: () => ms });

const sizes: readonly { readonly queues: number; readonly goals: readonly Goal[] }[] = [
  {
    queues: 10_000,
    goals: [
      startWithin(2000),
      { what: 'memory per idle queue, bytes', of: ({ bytesPerQueue }) => bytesPerQueue, atMost: () => 2048 },
      descriptors,
      right,
    ],
  },
  {
    queues: 50_000,
    goals: [
      startWithin(10_000),
      { what: 'peak resident memory, MiB', of: ({ peakMiB }) => peakMiB, atMost: () => 250 / 1.048576 },
      descriptors,
      right,
    ],
  },
];

/** Opens stores of many queues, in a fresh process each time; the goals hold for a start after a clean stop. */
export async function benchQueues(options: QueuesBenchOptions): Promise<QueuesReport> {
  return withWorkDirectory(join(options.workDir, 'queues'), async (workDir) => {
    const rows: QueuesRow[] = [];
    const misses: string[] = [];
    for (const { queues, goals } of sizes) {
      const directory = join(workDir, String(queues));
      await runChild(script, { directory, queues, task: 'prepare' } satisfies QueuesConfig);
      options.progress(`${queues} queues are prepared`);
      const clean = await measure({ directory, queues, task: 'open' }, options.rounds);
      rows.push({ queues, stop: 'clean', samples: clean });
      misses.push(...goals.flatMap((goal) => missOf(goal, queues, clean)));
      options.progress(`${queues} queues after a clean stop`);
      // The first one only leaves what a crash leaves.
      const [, ...killed] = await measure({ directory, queues, task: 'kill' }, options.rounds + 1);
      rows.push({ queues, stop: 'killed', samples: killed });
      options.progress(`${queues} queues after kill -9`);
      rmSync(directory, { recursive: true, force: true });
    }
    return { rows, misses };
  });
}

async function measure(config: QueuesConfig, rounds: number): Promise<QueuesResult[]> {
  const samples: QueuesResult[] = [];
  for (let round = 0; round < rounds; round++) {
    const options = { nodeFlags: ['--expose-gc'], isKilled: config.task === 'kill' };
    samples.push(await runChild<QueuesResult>(script, config, options));
  }
  return samples;
}

function missOf(goal: Goal, queues: number, samples: readonly QueuesResult[]): string[] {
  const value = median(samples.map(goal.of));
  const limit = median(samples.map(goal.atMost));
  return value <= limit ? [] : [`${queues} queues: ${goal.what} ${Math.round(value)}, at most ${Math.round(limit)}`];
}

export function formatQueuesReport({ rows, misses }: QueuesReport): string {
  const header = ['queues, stop before', 'start ms', 'bytes/queue', 'peak MiB', 'descriptors', 'wrong of 100'];
  const lines = rows.map(({ queues, stop, samples }) => {
    const middle = (of: (sample: QueuesResult) => number): string => String(Math.round(median(samples.map(of))));
    const starts = samples.map(({ startMs }) => startMs);
    return [
      `${queues}, ${stop}`,
      `${middle(({ startMs }) => startMs)} [${Math.round(Math.min(...starts))}-${Math.round(Math.max(...starts))}]`,
      middle(({ bytesPerQueue }) => bytesPerQueue),
      middle(({ peakMiB }) => peakMiB),
      middle((sample) => sample.descriptors),
      middle(({ wrong }) => wrong),
    ];
  });
  return [formatTable(header, lines), '', ...(misses.length > 0 ? misses.map((miss) => `missed: ${miss}`) : ['every goal is met'])].join('\n'); // prettier-ignore
}
