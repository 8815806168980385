import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Bench, Contestant } from '../runner/benchmark.js';

const version = '3.12.0';
const run = promisify(execFile);

/** The Node client that applications had so far; where it is installed. */
export interface AliOnsSide extends Contestant {
  readonly directory: string;
}

/**
 * Installed by npm when first asked for, beside the stores and not into this package. Undefined where nobody wants it or it
 * cannot be had.
 *
 * @throws Error when it cannot be had and the command line insists.
 */
export async function aliOns(bench: Pick<Bench, 'wish' | 'progress'>): Promise<AliOnsSide | undefined> {
  const wish = bench.wish('ali-ons');
  if (wish === 'no') return undefined;
  const directory = resolve('.cache', 'ali-ons', version);
  const side: AliOnsSide = { name: 'ali-ons', version, kind: 'ali-ons', directory };
  if (existsSync(join(directory, 'node_modules', 'ali-ons', 'package.json'))) return side;
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'package.json'), '{ "private": true }\n');
  bench.progress(`installing ali-ons ${version}`);
  const args = ['install', `ali-ons@${version}`, '--no-audit', '--no-fund', '--ignore-scripts', '--save-exact'];
  try {
    await run('npm', args, { cwd: directory });
    return side;
  } catch (error) {
    if (wish === 'required') throw new Error(`npm cannot install ali-ons ${version}`, { cause: error });
    return undefined;
  }
}
