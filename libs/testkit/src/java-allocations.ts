import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import type { Allocation, AllocationCase } from './allocation-cases.js';
import { compileJava, javaClassPath, type ApacheVersion } from './java-artifacts.js';
import { testSettings } from './settings.js';

/** What Apache's strategies make of the cases: test/interop/allocation/Allocations.java, a line for each. */
export async function javaAllocations(version: ApacheVersion, cases: readonly AllocationCase[]): Promise<Allocation[]> {
  const classes = await compileJava(join(testSettings().root, 'test/interop/allocation'), version);
  const classPath = [classes, await javaClassPath(version)].join(delimiter);
  const input = cases.map((given) => JSON.stringify(given)).join('\n');
  const options = { input, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024, timeout: 120_000 } as const;
  const { status, stdout, stderr } = spawnSync('java', ['-Xmx256m', '-cp', classPath, 'Allocations'], options);
  if (status !== 0) throw new Error(`Allocations ended with ${status}: ${stderr}`);
  const lines = stdout.split('\n').filter((line) => line.startsWith('['));
  if (lines.length !== cases.length) throw new Error(`${lines.length} answers for ${cases.length} cases: ${stderr}`);
  return lines.map((line) => JSON.parse(line) as Allocation);
}
