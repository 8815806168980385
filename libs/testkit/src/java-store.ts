import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { compileJava, javaClassPath, type ApacheVersion } from './java-artifacts.js';
import { javaFlags } from './java-server.js';
import { testSettings } from './settings.js';

const run = promisify(execFile);

/** A store for Apache's own message store, and what test/interop/store-peer/StorePeer.java is told with it. */
export interface PeerStore {
  readonly directory: string;
  readonly options?: readonly string[];
}

/**
 * Runs Apache's own message store, without a broker, on directories: test/interop/store-peer/StorePeer.java says what
 * `write` and `read` do. Returns the lines it printed about messages, for each store that was read.
 */
export async function runStorePeer(
  version: ApacheVersion,
  mode: 'write' | 'read',
  stores: readonly PeerStore[],
): Promise<string[][]> {
  const [first] = stores;
  if (first === undefined) throw new Error('no store');
  const classes = await compileJava(join(testSettings().root, 'test/interop/store-peer'), version);
  const classPath = [classes, await javaClassPath(version)].join(delimiter);
  const words = stores.flatMap(({ directory, options = [] }) => ['--', directory, ...options]).slice(1);
  const args = [...javaFlags(first.directory), '-cp', classPath, 'StorePeer', mode, ...words];
  const { stdout } = await run('java', args, { timeout: 120_000, maxBuffer: 64 * 1024 * 1024 });
  const printed: string[][] = [];
  for (const line of stdout.split('\n')) {
    if (line.startsWith('store ')) printed.push([]);
    else if (/^(queue|message|key|next) /.test(line)) printed.at(-1)?.push(line);
  }
  if (mode === 'read' && printed.length !== stores.length)
    throw new Error(`${printed.length} of ${stores.length} stores were read`);
  return printed;
}
