import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface ChildOptions {
  /** Of the running node. */
  readonly nodeFlags?: readonly string[];
  /** Lines before the last one. */
  readonly onLine?: (line: string, pid: number) => void;
  /** It kills itself to leave what a crash leaves. */
  readonly isKilled?: boolean;
}

/**
 * Runs a program of this directory in a process of its own, with its configuration as one argument in JSON, and gives
 * what its last line says in JSON. It does not outlive this process.
 */
export function runChild<T>(script: string, config: object, options: ChildOptions = {}): Promise<T> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [...(options.nodeFlags ?? []), path, JSON.stringify(config)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.prependOnceListener('exit', kill);
  return new Promise<T>((resolve, reject) => {
    let last: string | undefined;
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (last !== undefined) options.onLine?.(last, child.pid as number);
      last = line;
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const isRight = options.isKilled ? signal === 'SIGKILL' : code === 0;
      if (isRight && last !== undefined) resolve(JSON.parse(last) as T);
      else reject(new Error(`${script} ended with ${code ?? signal}`));
    });
  }).finally(() => process.removeListener('exit', kill));
}
