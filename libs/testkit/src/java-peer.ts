import { join } from 'node:path';
import { pause, systemClock } from '../../common/src/index.js';
import type { ChildProgram } from './child-program.js';
import { Inbox } from './inbox.js';
import { compileJava, javaClassPath, type ApacheVersion } from './java-artifacts.js';
import { javaFlags, writeJavaHome } from './java-server.js';
import { testSettings } from './settings.js';
import type { Received } from './test-client.js';
import type { Testbed } from './testbed.js';

export interface JavaPeerOptions {
  /** Header form of its requests; per JVM in Java. Default JSON. */
  readonly serializer?: 'JSON' | 'ROCKETMQ';
}

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
  readonly event?: string;
  readonly consumer?: string;
  readonly message?: Received;
}

/** The program in test/interop/peer: Apache's client of one release in a JVM, one JSON object a line. */
export class JavaPeer {
  readonly version: ApacheVersion;
  readonly program: ChildProgram;
  readonly #calls = new Map<number, (answer: Answer) => void>();
  readonly #inboxes = new Map<string, Inbox>();
  #lastId = 0;

  private constructor(version: ApacheVersion, program: ChildProgram) {
    this.version = version;
    this.program = program;
    program.onLine((line) => this.#take(line));
    void program.exited.then(() => {
      for (const settle of this.#calls.values())
        settle({ error: { type: 'PeerEnded', message: program.tail(), code: null } });
    });
  }

  static async start(testbed: Testbed, version: ApacheVersion, options: JavaPeerOptions = {}): Promise<JavaPeer> {
    const classes = await compileJava(join(testSettings().root, 'test/interop/peer'), version);
    const serializer = options.serializer ?? 'JSON';
    const name = `java-${version}-peer-${serializer.toLowerCase()}`;
    const home = await testbed.subdirectory(name);
    await writeJavaHome(home);
    const program = testbed.run({
      name,
      command: 'java',
      args: [
        ...javaFlags(home),
        `-Drocketmq.serialize.type=${serializer}`,
        '-Drocketmq.client.logLevel=WARN',
        // Looked at every 20 s otherwise.
        '-Drocketmq.client.rebalance.waitInterval=1000',
        `-Drocketmq.client.localOffsetStoreDir=${join(home, 'offsets')}`,
        '-cp',
        `${classes}:${await javaClassPath(version)}`,
        'Peer',
      ],
      directory: home,
      abrupt: true,
      environment: { ROCKETMQ_HOME: home, NAMESRV_ADDR: undefined },
    });
    const peer = new JavaPeer(version, program);
    await program.waitForLine(/"event":"ready"/);
    return peer;
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

  /** Where messages of the push consumer with this name go. */
  inbox(consumer: string): Inbox {
    let inbox = this.#inboxes.get(consumer);
    if (!inbox) this.#inboxes.set(consumer, (inbox = new Inbox()));
    return inbox;
  }

  /** Runs an mqadmin command inside this JVM. Resolves with what it printed, stack traces included. */
  async mqadmin(...args: string[]): Promise<string> {
    return (await this.call('mqadmin', { args }, 90_000)) as string;
  }

  #take(line: string): void {
    if (!line.startsWith('{')) return;
    const answer = parseAnswer(line);
    if (answer?.event === 'message' && answer.consumer !== undefined && answer.message)
      this.inbox(answer.consumer).add(received(answer.message));
    else if (answer?.id !== undefined) this.#calls.get(answer.id)?.(answer);
  }
}

/** Java leaves members out that are null; and only this process's clock can be compared with the test's. */
export function received(message: Received): Received {
  return { ...message, tags: message.tags ?? undefined, keys: message.keys ?? undefined, arrivedAt: systemClock.now() };
}

function parseAnswer(line: string): Answer | undefined {
  try {
    return JSON.parse(line) as Answer;
  } catch {
    return undefined; // a library's own output that happens to begin with a brace
  }
}
