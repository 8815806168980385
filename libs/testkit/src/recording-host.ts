import type { CommandHost } from '../../cli/src/command-host.js';

/** A command's surroundings that remember what it wrote and send signals when told. */
export interface RecordingHost extends CommandHost {
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves with standard output as soon as it matches. */
  outMatches(pattern: RegExp): Promise<string>;
  signal(name: string): void;
}

export function createRecordingHost(environment: CommandHost['environment'] = {}): RecordingHost {
  let stdout = '';
  let stderr = '';
  const signalListeners: ((signal: string) => void)[] = [];
  const waiting = new Set<() => void>();
  return {
    environment,
    out(text) {
      stdout += text;
      for (const check of waiting) check();
    },
    err(text) {
      stderr += text;
    },
    isOutputClosed: () => false,
    isErrorTerminal: false,
    onStopSignal: (listener) => void signalListeners.push(listener),
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    outMatches: (pattern) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!pattern.test(stdout)) return;
          waiting.delete(check);
          resolve(stdout);
        };
        waiting.add(check);
        check();
      }),
    signal(name) {
      for (const listener of signalListeners) listener(name);
    },
  };
}
