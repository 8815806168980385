import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import type { Bench } from '../runner/benchmark.js';
import { javaArguments, wantedJars } from './java.js';

/** The release that has Apache's benchmark programs. */
const programVersion = '5.5.0';

/** A benchmark program of Apache's that runs. */
export interface ApacheProgram {
  readonly pid: number;
  /** What it printed so far. */
  readonly lines: readonly string[];
  /** Rejects when it ended with another code than 0, unless it was ended. */
  readonly ended: Promise<void>;
  end(): Promise<void>;
}

export type StartApacheProgram = (name: 'Producer' | 'Consumer', args: readonly string[]) => ApacheProgram;

/** Undefined where they cannot run. @throws Error when the command line insists. */
export async function apachePrograms(bench: Bench): Promise<StartApacheProgram | undefined> {
  const jars = await wantedJars(bench, programVersion);
  if (jars === undefined) return undefined;
  const home = join(bench.directory, 'apache-programs');
  mkdirSync(home, { recursive: true });
  return (name, args) => {
    const main = `org.apache.rocketmq.example.benchmark.${name}`;
    return start(name, javaArguments(home, jars, [`-Drocketmq.client.logRoot=${home}`, main, ...args]));
  };
}

function start(name: string, args: readonly string[]): ApacheProgram {
  const child = spawn('java', args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NAMESRV_ADDR: undefined, JAVA_TOOL_OPTIONS: undefined },
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.prependOnceListener('exit', kill);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  let isEnded = false;
  const ended = new Promise<void>((done, refuse) => {
    child.once('error', refuse);
    child.once('close', (code, signal) => {
      process.removeListener('exit', kill);
      if (code === 0 || isEnded) done();
      else refuse(new Error(`Apache's ${name} ended with ${code ?? signal}: ${lines.slice(-5).join('\n')}`));
    });
  });
  // Whoever waits for it is told; until then it may fail unheard.
  ended.catch(() => undefined);
  const end = (): Promise<void> => {
    isEnded = true;
    kill();
    return ended;
  };
  return { pid: child.pid as number, lines, ended, end };
}
