/** What a command touches of the process it runs in: a parameter, so that commands can be run by tests as by a shell. */
export interface CommandHost {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Writes to standard output. */
  out(text: string): void;
  /** Writes to standard error. */
  err(text: string): void;
  /** Whoever reads standard output has gone (`| head`): nothing more needs to be made for it. */
  isOutputClosed(): boolean;
  /** A person looks at standard error. */
  readonly isErrorTerminal: boolean;
  /** Calls `listener` for every SIGINT and SIGTERM from now on. */
  onStopSignal(listener: (signal: string) => void): void;
}

const stopSignals = ['SIGINT', 'SIGTERM'] as const;

export function processHost(): CommandHost {
  // A reader that went away (`mqbroker -p | head`) ends the output, not the program with a stack trace.
  let isOutputClosed = false;
  process.stdout.on('error', () => (isOutputClosed = true));
  process.stderr.on('error', () => undefined);
  return {
    environment: process.env,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    isOutputClosed: () => isOutputClosed,
    isErrorTerminal: process.stderr.isTTY,
    onStopSignal(listener) {
      // Not SIGHUP: listening would undo what nohup does, and brokers are started with it.
      for (const signal of stopSignals) process.on(signal, () => listener(signal));
    },
  };
}

/** Runs a command as the whole program: its result is the exit code. */
export function runAsProgram(command: (args: readonly string[], host: CommandHost) => Promise<number>): void {
  const host = processHost();
  command(process.argv.slice(2), host).then(
    (code) => process.exit(code),
    (error: unknown) => {
      host.err(`${error instanceof Object && 'stack' in error ? String(error.stack) : String(error)}\n`);
      process.exit(1);
    },
  );
}
