import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { compileJava, javaClassPath, type ApacheVersion } from './java-artifacts.js';
import { javaFlags } from './java-server.js';
import { testSettings } from './settings.js';

const run = promisify(execFile);

/**
 * Runs Apache's own message store, without a broker, on a directory: test/interop/store-peer/StorePeer.java says what
 * `write` and `read` do. Returns the lines it printed about messages.
 */
export async function runStorePeer(
  version: ApacheVersion,
  mode: 'write' | 'read',
  directory: string,
  options: readonly string[] = [],
): Promise<string[]> {
  const classes = await compileJava(join(testSettings().root, 'test/interop/store-peer'), version);
  const classPath = [classes, await javaClassPath(version)].join(delimiter);
  const args = [...javaFlags(directory), '-cp', classPath, 'StorePeer', mode, directory, ...options];
  const { stdout } = await run('java', args, { timeout: 60_000, maxBuffer: 64 * 1024 * 1024 });
  return stdout.split('\n').filter((line) => /^(queue|message|key|next) /.test(line));
}
