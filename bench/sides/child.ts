import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface ChildOptions {
  /** Of the running node. */
  readonly nodeFlags?: readonly string[];
  /** As soon as it prints a line; also the last one. */
  readonly onLine?: (line: string, pid: number) => void;
  /** It kills itself to leave what a crash leaves. */
  readonly isKilled?: boolean;
}

/**
 * Runs a program of bench/load in a process of its own, with its configuration as one argument in JSON, and gives what
 * its last line says in JSON. It does not outlive this process.
 *
 * @throws Error when it ends with another code than 0: a wrong reply, a missing message.
 */
export function runChild<T>(script: string, config: object, options: ChildOptions = {}): Promise<T> {
  const path = fileURLToPath(new URL(`../load/${script}`, import.meta.url));
  return runProgram(script, process.execPath, [...(options.nodeFlags ?? []), path, JSON.stringify(config)], options);
}

/** The same with any program. @throws Error when it ends with another code than 0. */
export function runProgram<T>(
  name: string,
  program: string,
  args: readonly string[],
  options: ChildOptions = {},
): Promise<T> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const kill = (): void => void child.kill('SIGKILL');
  process.prependOnceListener('exit', kill);
  return new Promise<T>((resolve, reject) => {
    let last: string | undefined;
    createInterface({ input: child.stdout }).on('line', (line) => {
      options.onLine?.(line, child.pid as number);
      last = line;
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const isRight = options.isKilled ? signal === 'SIGKILL' : code === 0;
      if (isRight && last !== undefined) resolve(JSON.parse(last) as T);
      else reject(new Error(`${name} ended with ${code ?? signal}`));
    });
  }).finally(() => process.removeListener('exit', kill));
}
