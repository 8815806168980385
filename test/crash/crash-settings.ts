import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../libs/common/src/index.js';
import { testSettings } from '../../libs/testkit/src/index.js';

/** What run.mjs, or whoever starts a crash spec, asks for through the environment. */
export interface CrashSettings {
  readonly isFull: boolean;
  readonly seed: number;
  /** Of one image that failed: its life and its number in it. */
  readonly only: { readonly life: number; readonly image: number } | undefined;
}

export function crashSettings(environment: NodeJS.ProcessEnv = process.env): CrashSettings {
  const [seed, life, image] = environment['CRASH_IMAGE']?.split(':').map(Number) ?? [];
  return {
    isFull: environment['CRASH_FULL'] === '1',
    seed: seed ?? Number(environment['CRASH_SEED'] ?? systemClock.now() % 1_000_000),
    only: life === undefined || image === undefined ? undefined : { life, image },
  };
}

/** Prints rows as a table, and leaves the figures for `--json`. */
export function publish(name: string, figures: object, rows: readonly (readonly (string | number)[])[]): void {
  const directory = join(testSettings().cache, 'crash-figures');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `${name}.json`), JSON.stringify(figures));
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => String(row[column]).length))) ?? [];
  const line = (row: readonly (string | number)[]): string =>
    row
      .map((cell, i) =>
        typeof cell === 'number' ? String(cell).padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
      )
      .join('  ');
  process.stdout.write(`\n${name}\n${rows.map(line).join('\n')}\n`);
}
