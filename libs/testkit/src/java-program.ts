import { pause, systemClock } from '../../common/src/index.js';
import type { ChildProgram } from './child-program.js';

/** An error that Java reported. `javaType` is the exception's simple class name, `code` the broker's response code when it has one. */
export class JavaError extends Error {
  readonly code: number | undefined;
  readonly javaType: string;

  constructor(op: string, fault: Fault) {
    super(`${op}: ${fault.type}: ${fault.message}`);
    this.name = 'JavaError';
    this.javaType = fault.type;
    this.code = fault.code ?? undefined;
  }
}

interface Fault {
  readonly type: string;
  readonly message: string;
  readonly code: number | null;
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: Fault;
}

/** What a program tells without being asked. */
export interface JavaEvent {
  readonly event: string;
}

/** A JVM under remote control, one JSON object a line: test/interop/peer/Peer.java is its other end. */
export abstract class JavaProgram {
  readonly program: ChildProgram;
  readonly #calls = new Map<number, (answer: Answer) => void>();
  #lastId = 0;

  constructor(program: ChildProgram) {
    this.program = program;
    program.onLine((line) => this.#take(line));
    void program.exited.then(() => {
      for (const settle of this.#calls.values())
        settle({ error: { type: 'PeerEnded', message: program.tail(), code: null } });
    });
  }

  /** Resolves when it takes calls. */
  async ready(): Promise<void> {
    await this.program.waitForLine(/"event":"ready"/);
  }

  /** @throws JavaError when the operation threw, or did not answer within `timeout` milliseconds. */
  async call(op: string, args: Readonly<Record<string, unknown>> = {}, timeout = 60_000): Promise<unknown> {
    if (!this.program.running)
      throw new Error(`${op}: ${this.program.name} has ended; its last lines:\n${this.program.tail(5)}`);
    const id = ++this.#lastId;
    const stop = new AbortController();
    const answer = new Promise<Answer>((resolve) => this.#calls.set(id, resolve));
    const late = pause(systemClock, timeout, stop.signal).then((): Answer => ({
      error: { type: 'Timeout', message: `no answer in ${timeout} ms`, code: null },
    }));
    this.program.write(`${JSON.stringify({ ...args, id, op })}\n`);
    const { result, error } = await Promise.race([answer, late]);
    stop.abort();
    this.#calls.delete(id);
    if (error) throw new JavaError(op, error);
    return result;
  }

  protected abstract take(event: JavaEvent): void;

  #take(line: string): void {
    const told = line.startsWith('{') ? parseLine(line) : undefined;
    if (told?.event !== undefined) this.take({ ...told, event: told.event });
    else if (told?.id !== undefined) this.#calls.get(told.id)?.(told);
  }
}

function parseLine(line: string): (Answer & Partial<JavaEvent>) | undefined {
  try {
    return JSON.parse(line) as Answer & Partial<JavaEvent>;
  } catch {
    return undefined; // a library's own output that happens to begin with a brace
  }
}
