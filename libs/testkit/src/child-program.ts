import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createWriteStream, mkdirSync, rmSync, writeFileSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pause, systemClock } from '../../common/src/index.js';
import { testSettings } from './settings.js';

export interface ProgramOptions {
  /** For messages and the log file's name. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly logDirectory: string;
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export interface ProgramExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const keptLines = 400;

/**
 * A process the tests started. Its output goes to a log file and its last lines stay at hand for error messages.
 * While it lives a file named after its pid stands in .cache/pids with its command line, so that what a killed run left
 * can be ended by pid, and a pid used again is left alone; and it gets SIGKILL when this process exits.
 */
export class ChildProgram {
  readonly name: string;
  readonly exited: Promise<ProgramExit>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #log: WriteStream;
  readonly #recent: string[] = [];
  readonly #listeners = new Set<(line: string) => void>();
  #exit: ProgramExit | undefined;

  constructor(options: ProgramOptions) {
    this.name = options.name;
    mkdirSync(options.logDirectory, { recursive: true });
    this.#log = createWriteStream(join(options.logDirectory, `${options.name}.log`), { flags: 'a' });
    this.#child = spawn(options.command, options.args, {
      cwd: options.directory,
      env: { ...process.env, ...options.environment },
      stdio: 'pipe',
    });
    this.#child.stdin.on('error', () => undefined);
    const removePid = recordPid(this.#child.pid, [options.command, ...options.args]);
    const killAtExit = (): void => void this.#child.kill('SIGKILL');
    process.once('exit', killAtExit);
    for (const stream of [this.#child.stdout, this.#child.stderr])
      createInterface({ input: stream }).on('line', (line) => this.#take(line));
    this.exited = new Promise((resolve) => {
      const finish = (exit: ProgramExit): void => {
        if (this.#exit) return;
        this.#exit = exit;
        process.removeListener('exit', killAtExit);
        removePid();
        this.#log.end();
        resolve(exit);
      };
      this.#child.once('error', (error) => {
        this.#take(`cannot run ${options.command}: ${error.message}`);
        finish({ code: 127, signal: null });
      });
      this.#child.once('close', (code, signal) => finish({ code, signal }));
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get running(): boolean {
    return this.#exit === undefined;
  }

  /** Every line it prints from now on. Returns what stops listening. */
  onLine(listener: (line: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  write(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Resolves with the first line that matches, printed before or after this call. Rejects when the program ends or time is up. */
  async waitForLine(pattern: RegExp, timeout = 120_000): Promise<string> {
    const known = this.#recent.find((line) => pattern.test(line));
    if (known !== undefined) return known;
    const stop = new AbortController();
    let forget = (): void => undefined;
    const line = new Promise<string>((resolve) => {
      forget = this.onLine((text) => pattern.test(text) && resolve(text));
    });
    const ended = this.exited.then(() => 'ended before' as const);
    const late = pause(systemClock, timeout, stop.signal).then(() => `did not in ${timeout} ms` as const);
    try {
      const first = await Promise.race([line.then((text) => ({ text })), ended, late]);
      if (typeof first !== 'string') return first.text;
      throw new Error(`${this.name} ${first} print ${String(pattern)}; its last lines:\n${this.tail()}`);
    } finally {
      forget();
      stop.abort();
    }
  }

  /** SIGTERM, and SIGKILL when it has not ended after `grace` milliseconds. */
  async stop(grace = 20_000): Promise<ProgramExit> {
    if (this.#exit) return this.#exit;
    this.#child.kill('SIGTERM');
    const stop = new AbortController();
    const late = pause(systemClock, grace, stop.signal);
    await Promise.race([this.exited, late]);
    stop.abort();
    return this.running ? this.kill() : this.exited;
  }

  kill(): Promise<ProgramExit> {
    this.#child.kill('SIGKILL');
    return this.exited;
  }

  tail(lines = 40): string {
    return this.#recent.slice(-lines).join('\n');
  }

  #take(line: string): void {
    this.#recent.push(line);
    if (this.#recent.length > keptLines) this.#recent.shift();
    if (!this.#log.writableEnded) this.#log.write(`${line}\n`);
    for (const listener of this.#listeners) listener(line);
  }
}

function recordPid(pid: number | undefined, commandLine: readonly string[]): () => void {
  if (pid === undefined) return () => undefined;
  const directory = join(testSettings().cache, 'pids');
  mkdirSync(directory, { recursive: true });
  const file = join(directory, String(pid));
  writeFileSync(file, commandLine.join(' '));
  return () => rmSync(file, { force: true });
}
