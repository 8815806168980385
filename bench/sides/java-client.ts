import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compileJava } from '../../libs/testkit/src/index.js';
import type { Bench } from '../runner/benchmark.js';
import { runProgram } from './child.js';
import { javaArguments, javaVersion, wantedJars } from './java.js';

/** Runs a program of bench/java, with Apache's client, and gives what its last line says in JSON. */
export type RunJavaClient = <T>(main: 'ClientSend' | 'ClientConsume', args: readonly (string | number)[]) => Promise<T>;

/** Undefined where it cannot run. @throws Error when the command line insists. */
export async function javaClient(bench: Bench): Promise<RunJavaClient | undefined> {
  const jars = await wantedJars(bench);
  if (jars === undefined) return undefined;
  const classes = await compileJava(resolve('bench/java'), javaVersion);
  const home = join(bench.directory, 'java-client');
  mkdirSync(home, { recursive: true });
  return (main, args) => {
    const logs = [`-Drocketmq.client.logRoot=${home}`, '-Drocketmq.client.logLevel=WARN'];
    const command = javaArguments(home, jars, [...logs, main, ...args.map(String)], classes);
    return runProgram(main, 'java', command);
  };
}
