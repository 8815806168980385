import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../libs/common/src/index.js';
import { testSettings } from '../../libs/testkit/src/index.js';

/** An image of a run: its life, its number in it, and how many the life had, which spreads them over it. */
export interface OneImage {
  readonly life: number;
  readonly image: number;
  readonly imagesPerLife: number;
}

/** What run.mjs, or whoever starts a crash spec, asks for through the environment. */
export interface CrashSettings {
  readonly isFull: boolean;
  readonly seed: number;
  /** One image that failed. */
  readonly only: OneImage | undefined;
}

export function crashSettings(environment: NodeJS.ProcessEnv = process.env): CrashSettings {
  const [seed, life, image, imagesPerLife] = environment['CRASH_IMAGE']?.split(':').map(Number) ?? [];
  const isWhole = life !== undefined && image !== undefined && imagesPerLife !== undefined;
  return {
    isFull: environment['CRASH_FULL'] === '1',
    seed: seed ?? Number(environment['CRASH_SEED'] ?? systemClock.now() % 1_000_000),
    only: isWhole ? { life, image, imagesPerLife } : undefined,
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
