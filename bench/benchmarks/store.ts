import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AppendConfig, AppendSample } from '../load/append-store.js';
import type { BareWritesConfig, BareWritesSample } from '../load/bare-writes.js';
import type { Bench, Benchmark } from '../runner/benchmark.js';
import type { Figure } from '../runner/figure.js';
import { atMost } from '../runner/goal.js';
import { runChild } from '../sides/child.js';
import { ourContestant } from '../sides/ours.js';
import { freePages } from '../sides/page-cache.js';

const sizes = [128, 1024, 4096];
const loads = [64, 256];
/** Messages of a process before it is measured. */
const warmUp = 400_000;
const modes = ['ASYNC_FLUSH', 'SYNC_FLUSH'] as const;
/** What writing and syncing may cost is asked at this size. */
const costSize = 1024;

interface StoreSample extends AppendSample {
  /** CPU of the same run with writes and syncs that do nothing; of the size whose cost is asked. */
  readonly cpuWithout?: number;
  /** Of a program that writes as much in as many calls, and nothing else. */
  readonly cpuPerBareWrite?: number;
}

type Kind = Pick<AppendConfig, 'flushDiskType' | 'bodySize' | 'inFlight'>;

const cost: Figure<StoreSample> = {
  title: 'write+sync µs',
  of: ({ cpuPerMessage, cpuWithout }) => cpuPerMessage - (cpuWithout ?? NaN),
  digits: 2,
};

/** What no store could do without on this machine: the system's part of it. */
const bareCost: Figure<StoreSample> = {
  title: 'bare writes µs',
  of: ({ cpuPerBareWrite, writesPerMessage }) => (cpuPerBareWrite ?? NaN) * writesPerMessage,
  digits: 2,
};

const figures: readonly Figure<StoreSample>[] = [
  { title: 'appends/s', of: ({ messages, seconds }) => messages / seconds },
  { title: 'CPU µs', of: ({ cpuPerMessage }) => cpuPerMessage, digits: 2 },
  { title: 'p50 µs', of: ({ p50 }) => p50 },
  { title: 'p99 µs', of: ({ p99 }) => p99 },
  cost,
  bareCost,
];

/** Appends through the store alone, in a fresh process and directory each time, with and without the disk in turn. */
export const store: Benchmark = {
  name: 'store',
  summary: 'appends of the store alone, no sockets: rate, CPU, latency, and what writing and syncing cost',
  peers: [],
  async run(bench) {
    for (const flushDiskType of modes) {
      for (const bodySize of sizes) {
        for (const inFlight of loads) await storeRow(bench, { flushDiskType, bodySize, inFlight });
      }
    }
  },
};

function storeRow(bench: Bench, kind: Kind): Promise<unknown> {
  const directory = join(bench.directory, 'store');
  const { measure } = bench.options;
  const run = async <T>(script: string, config: AppendConfig | BareWritesConfig): Promise<T> => {
    freePages();
    const result = await runChild<T>(script, config);
    rmSync(directory, { recursive: true, force: true });
    return result;
  };
  const append = (disk: AppendConfig['disk']) =>
    run<AppendSample>('append-store.js', { ...kind, directory, disk, warmUp, measure });
  const isSync = kind.flushDiskType === 'SYNC_FLUSH';
  const writeBare = (bytesPerWrite: number) =>
    run<BareWritesSample>('bare-writes.js', { directory, isSync, bytesPerWrite, measure });
  const hasCost = kind.bodySize === costSize;
  const limit = limitOf(kind);
  return bench.row({
    title: describe(kind),
    contestants: [ourContestant()],
    figures,
    goals: hasCost ? [atMost(cost, limit, { never: limit })] : [],
    // Each process warms up by itself.
    warmUps: 0,
    async measure(): Promise<StoreSample> {
      const sample = await append('real');
      if (!hasCost) return sample;
      const { cpuPerMessage: cpuWithout } = await append('none');
      const { cpuPerWrite: cpuPerBareWrite } = await writeBare(sample.bytesPerWrite);
      return { ...sample, cpuWithout, cpuPerBareWrite };
    },
  });
}

function limitOf({ flushDiskType, inFlight }: Kind): number {
  if (flushDiskType === 'ASYNC_FLUSH') return 0.5;
  return inFlight === 64 ? 2.5 : 1;
}

function describe({ flushDiskType, bodySize, inFlight }: Kind): string {
  return `${flushDiskType.slice(0, -6)} ${bodySize >= 1024 ? `${bodySize / 1024} KiB` : `${bodySize} B`} ${inFlight}`;
}
