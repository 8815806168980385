import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChildProgram, type ProgramOptions } from './child-program.js';
import { testSettings } from './settings.js';

/** A temporary directory and everything a test started in it. Closing stops all of it in reverse and removes the directory. */
export interface Testbed {
  readonly directory: string;
  /** `abrupt`: gets SIGKILL when the testbed closes, for programs whose clean stop takes long and is not what is tested. */
  run(options: Omit<ProgramOptions, 'logDirectory'> & { readonly abrupt?: boolean }): ChildProgram;
  /** Makes and returns a directory of its own below the temporary one. */
  subdirectory(name: string): Promise<string>;
  /** Runs `task` when the testbed closes, last registered first. */
  onClose(task: () => unknown): void;
  /** Last lines of every program that runs or failed, for a report. */
  report(): string;
  /** Leaves the directory where it is when closed. */
  keepFiles(): void;
  close(): Promise<void>;
}

export async function createTestbed(name: string): Promise<Testbed> {
  const directory = await mkdtemp(join(tmpdir(), `rocketmq-${name}-`));
  const programs: ChildProgram[] = [];
  const tasks: (() => unknown)[] = [];
  let keep = testSettings().keepFiles;
  return {
    directory,
    run(options) {
      const program = new ChildProgram({ ...options, logDirectory: join(directory, 'logs') });
      programs.push(program);
      tasks.push(() => (options.abrupt === true ? program.kill() : program.stop()));
      return program;
    },
    async subdirectory(child) {
      const path = join(directory, child);
      await mkdir(path, { recursive: true });
      return path;
    },
    onClose: (task) => void tasks.push(task),
    report: () =>
      [`Logs: ${directory}/logs`, ...programs.filter((program) => program.running).map(describeProgram)].join('\n'),
    keepFiles() {
      keep = true;
    },
    async close() {
      const failures: unknown[] = [];
      for (const task of tasks.splice(0).reverse())
        await Promise.resolve()
          .then(task)
          .catch((error: unknown) => failures.push(error));
      if (!keep) await rm(directory, { recursive: true, force: true });
      if (failures.length > 0) throw failures[0];
    },
  };
}

function describeProgram(program: ChildProgram): string {
  return `--- ${program.name} (pid ${program.pid})\n${tailOf(program)}`;
}

/** Without the logging library's chatter about itself, and no line longer than a screen. */
function tailOf(program: ChildProgram): string {
  const lines = program.tail(200).split('\n');
  return lines
    .filter((line) => !line.includes('|-INFO in '))
    .slice(-10)
    .map((line) => line.slice(0, 300))
    .join('\n');
}
