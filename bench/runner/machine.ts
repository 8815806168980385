import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, release, totalmem, type } from 'node:os';

/** Where figures were made: without it they say nothing. */
export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  /** Absent where there is none. */
  readonly java?: string;
}

export function describeMachine(): Machine {
  const java = javaVersion();
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    kernel: `${type()} ${release()} ${arch()}`,
    node: process.version,
    ...(java === undefined ? {} : { java }),
  };
}

export function showMachine({ cores, processor, memoryGiB, kernel, node, java }: Machine): string {
  return `${cores} cores (${processor}), ${memoryGiB} GiB, ${kernel}, Node ${node}, ${java === undefined ? 'no Java' : `Java ${java}`}`;
}

function javaVersion(): string | undefined {
  try {
    // It says so on standard error.
    const text = execFileSync('sh', ['-c', 'java -version 2>&1'], { encoding: 'utf8' });
    return /version "([^"]+)"/.exec(text)?.[1];
  } catch {
    return undefined;
  }
}

/** The package's version, with the commit where this is a clone. */
export function ourVersion(): string {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  try {
    const commit = execFileSync('git', ['describe', '--always', '--dirty'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return `${version} (${commit.trim()})`;
  } catch {
    return version;
  }
}
