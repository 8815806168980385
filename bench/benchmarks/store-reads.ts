import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ReadConfig, ReadSample } from '../load/read-store.js';
import type { Benchmark } from '../runner/benchmark.js';
import type { Figure } from '../runner/figure.js';
import { runChild } from '../sides/child.js';
import { ourContestant } from '../sides/ours.js';
import { describeSize } from './send-row.js';

/** With the messages of each queue: some 400 MB of log. */
const bodies = [
  { bodySize: 128, messages: 180_000 },
  { bodySize: 1024, messages: 45_000 },
];
const distances = [0, 500, 2000];

const figures: readonly Figure<ReadSample>[] = [
  { title: 'CPU µs', of: ({ cpuPerMessage }) => cpuPerMessage, digits: 2 },
  { title: 'bytes read / handed out', of: ({ readPerByte }) => readPerByte, digits: 2 },
];

/** Old messages through the store alone: queues read side by side share what is read from the log, queues apart do not. */
export const storeReads: Benchmark = {
  name: 'store-reads',
  summary: 'old messages of eight queues read from the store alone, side by side and with queues ahead of others',
  peers: [],
  async run(bench) {
    for (const { bodySize, messages } of bodies) {
      const config = { directory: join(bench.directory, 'store'), bodySize, messages };
      await runChild('read-store.js', { ...config, task: 'fill', apart: 0 } satisfies ReadConfig);
      for (const apart of distances)
        await bench.row({
          title: apart === 0 ? `${describeSize(bodySize)}, side by side` : `${describeSize(bodySize)}, ${apart} apart`,
          contestants: [ourContestant()],
          figures,
          warmUps: 1,
          measure: () => runChild<ReadSample>('read-store.js', { ...config, task: 'read', apart } satisfies ReadConfig),
        });
      rmSync(config.directory, { recursive: true, force: true });
    }
  },
};
