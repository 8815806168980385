import { join, resolve } from 'node:path';
import type { Bench } from '../runner/benchmark.js';
import { javaArguments, javaContestant, wantedJars } from './java.js';
import { makeServerHome, type ServerHome } from './server-home.js';
import { ourContestant } from './ours.js';

/** By side; Apache's where the command line wants it and the machine has it. */
export interface NameServerHomes {
  readonly ours: ServerHome;
  readonly java?: ServerHome;
}

export async function nameServerHomes(bench: Bench): Promise<NameServerHomes> {
  const jars = await wantedJars(bench);
  const ours = await ourNameServerHome(join(bench.directory, 'ours-namesrv'));
  if (jars === undefined) return { ours };
  return { ours, java: await javaNameServerHome(join(bench.directory, 'java-namesrv'), jars) };
}

function ourNameServerHome(directory: string): Promise<ServerHome> {
  const script = resolve('dist/esm/libs/cli/src/mqnamesrv.js');
  return makeServerHome({
    contestant: ourContestant(),
    directory,
    settings: () => paths(directory),
    command: (file) => [process.execPath, [script, '-c', file]],
  });
}

function javaNameServerHome(directory: string, jars: string): Promise<ServerHome> {
  const main = 'org.apache.rocketmq.namesrv.NamesrvStartup';
  return makeServerHome({
    contestant: javaContestant,
    directory,
    settings: () => paths(directory),
    command: (file) => ['java', javaArguments(directory, jars, [main, '-c', file])],
  });
}

function paths(directory: string): Record<string, string> {
  return { kvConfigPath: join(directory, 'kvConfig.json'), configStorePath: join(directory, 'namesrv.properties') };
}

/** Starts a name server of each side for the whole benchmark. */
export async function startNameServers(bench: Bench): Promise<NameServerHomes> {
  const homes = await nameServerHomes(bench);
  for (const home of [homes.ours, homes.java]) {
    if (home === undefined) continue;
    const server = home.start();
    bench.afterwards(() => server.end('SIGTERM'));
    await server.booted;
  }
  return homes;
}
