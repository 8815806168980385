import { spawn, type ChildProcess } from 'node:child_process';

/** A server under test: a process of its own that does not outlive this one. */
export interface ServerProcess {
  readonly pid: number;
  /** Rejects when it ends before it has said so. */
  readonly booted: Promise<void>;
  /** With a channel to talk over, when its command asked for one. */
  readonly child: ChildProcess;
  /** Resolves when it has ended; SIGTERM is followed by SIGKILL when it takes too long. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

export interface ServerCommand {
  /** For messages. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** ROCKETMQ_HOME, and where Java keeps its logs. */
  readonly home: string;
  /** For what it tells beside its work. */
  readonly hasChannel?: boolean;
}

const patience = 15_000;

export function startServer({ name, program, args, home, hasChannel }: ServerCommand): ServerProcess {
  const child = spawn(program, args, {
    env: { ...process.env, ROCKETMQ_HOME: home, NAMESRV_ADDR: undefined, JAVA_TOOL_OPTIONS: undefined },
    stdio: ['ignore', 'pipe', 'pipe', ...(hasChannel ? ['ipc' as const] : [])],
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.prependOnceListener('exit', kill);
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  void ended.then(() => process.removeListener('exit', kill));
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const force = setTimeout(kill, patience);
    await ended;
    clearTimeout(force);
  };
  return { pid: child.pid as number, booted: booted(name, child), child, end };
}

function booted(name: string, child: ChildProcess): Promise<void> {
  return new Promise((done, refuse) => {
    let output = '';
    const listen = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-10_000);
      if (output.includes('boot success')) done();
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('exit', (code) => refuse(new Error(`${name} ended with ${code} before it was up: ${output}`)));
    child.once('error', refuse);
  });
}
