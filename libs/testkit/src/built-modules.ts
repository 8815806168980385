import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { testSettings } from './settings.js';

/**
 * Compiles what stands in the tree now, incrementally, beside dist/: so that a test that starts our servers as processes
 * never runs an old build, and `npm test` needs none. ROCKETMQ_DIST names a finished build to use instead.
 *
 * @returns the directory of the compiled ES modules
 */
export async function builtModules(): Promise<string> {
  const { root, cache, dist } = testSettings();
  if (dist !== undefined) return join(dist, 'esm');
  const modules = join(cache, 'build/esm');
  const compiler = join(root, 'node_modules/@typescript/native/bin/tsc');
  const options = [
    '-p',
    join(root, 'tsconfig.esm.json'),
    '--composite',
    'false',
    '--incremental',
    '--declaration',
    'false',
  ];
  const output = ['--outDir', modules, '--tsBuildInfoFile', join(cache, 'build/esm.tsbuildinfo')];
  await promisify(execFile)(process.execPath, [compiler, ...options, ...output]).catch((error: { stdout?: string }) => {
    throw new Error(`the tree does not compile:\n${error.stdout}`, { cause: error });
  });
  return modules;
}
