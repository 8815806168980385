import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from './child.js';
import type { AppendConfig, AppendSample } from './load/append-store.js';
import { median } from './statistics.js';
import { formatTable } from './table.js';
import { withWorkDirectory } from './work-directory.js';

const sizes = [128, 1024, 4096];
const loads = [64, 256];
/** Messages of a process before it is measured. */
const warmUp = 400_000;
const modes = ['ASYNC_FLUSH', 'SYNC_FLUSH'] as const;
/** What writing and syncing may cost is asked at this size. */
const costSize = 1024;

export interface StoreBenchOptions {
  readonly rounds: number;
  /** Milliseconds measured a round. */
  readonly measure: number;
  readonly workDir: string;
  readonly progress: (line: string) => void;
}

export interface StoreRow extends Pick<AppendConfig, 'flushDiskType' | 'bodySize' | 'inFlight'> {
  /** One sample a round. */
  readonly samples: readonly AppendSample[];
  /** The same with writes and syncs that do nothing; of the size whose cost is asked. */
  readonly without: readonly AppendSample[];
}

export interface StoreReport {
  readonly workDir: string;
  readonly rows: readonly StoreRow[];
  readonly misses: readonly string[];
}

/** Appends through the store alone, in a fresh process and directory each time, with and without the disk in turn. */
export async function benchStore(options: StoreBenchOptions): Promise<StoreReport> {
  const rows: StoreRow[] = [];
  await withWorkDirectory(join(options.workDir, 'append'), async (workDir) => {
    for (const flushDiskType of modes) {
      for (const bodySize of sizes) {
        for (const inFlight of loads) {
          const row = await measureRow({ flushDiskType, bodySize, inFlight }, workDir, options);
          rows.push(row);
          options.progress(describe(row));
        }
      }
    }
  });
  return { workDir: options.workDir, rows, misses: rows.flatMap(missOf) };
}

async function measureRow(
  kind: Pick<StoreRow, 'flushDiskType' | 'bodySize' | 'inFlight'>,
  workDir: string,
  { rounds, measure }: StoreBenchOptions,
): Promise<StoreRow> {
  const directory = join(workDir, 'store');
  const sample = async (disk: AppendConfig['disk']): Promise<AppendSample> => {
    const config: AppendConfig = { ...kind, directory, disk, warmUp, measure };
    const result = await runChild<AppendSample>('./load/append-store.js', config);
    rmSync(directory, { recursive: true, force: true });
    return result;
  };
  const samples: AppendSample[] = [];
  const without: AppendSample[] = [];
  for (let round = 0; round < rounds; round++) {
    samples.push(await sample('real'));
    if (kind.bodySize === costSize) without.push(await sample('none'));
  }
  return { ...kind, samples, without };
}

/** Microseconds of CPU a message that writing and syncing cost, round by round. */
function costsOf({ samples, without }: StoreRow): number[] {
  return without.map(({ cpuPerMessage }, i) => (samples[i]?.cpuPerMessage ?? NaN) - cpuPerMessage);
}

function limitOf({ flushDiskType, inFlight }: StoreRow): number {
  if (flushDiskType === 'ASYNC_FLUSH') return 0.5;
  return inFlight === 64 ? 2.5 : 1;
}

function missOf(row: StoreRow): string[] {
  const cost = median(costsOf(row));
  const limit = limitOf(row);
  return cost > limit ? [`${describe(row)}: writing costs ${cost.toFixed(2)} µs a message, at most ${limit}`] : [];
}

function describe({ flushDiskType, bodySize, inFlight }: StoreRow): string {
  return `${flushDiskType.slice(0, -6)} ${bodySize >= 1024 ? `${bodySize / 1024} KiB` : `${bodySize} B`} ${inFlight}`;
}

/** Medians, with the span of the rounds in brackets. */
export function formatStoreReport({ workDir, rows, misses }: StoreReport): string {
  const header = ['flush, body, in flight', 'appends/s', 'CPU µs', 'p50 µs', 'p99 µs', 'write+sync µs'];
  const lines = rows.map((row) => [
    describe(row),
    spread(
      row.samples.map(({ messages, seconds }) => messages / seconds / 1000),
      0,
      'k',
    ),
    spread(
      row.samples.map(({ cpuPerMessage }) => cpuPerMessage),
      2,
    ),
    spread(
      row.samples.map(({ p50 }) => p50),
      0,
    ),
    spread(
      row.samples.map(({ p99 }) => p99),
      0,
    ),
    row.without.length === 0 ? '' : `${spread(costsOf(row), 2)} (<= ${limitOf(row)})`,
  ]);
  const verdict = misses.length === 0 ? ['every goal is met'] : misses.map((miss) => `missed: ${miss}`);
  return [formatTable(header, lines), '', `store in ${workDir}`, ...verdict].join('\n');
}

function spread(values: readonly number[], digits: number, unit = ''): string {
  const [low, middle, high] = [Math.min(...values), median(values), Math.max(...values)].map((value) =>
    value.toFixed(digits),
  );
  return `${middle}${unit} [${low}-${high}]`;
}
