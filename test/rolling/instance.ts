import { join } from 'node:path';
import { systemClock } from '../../libs/common/src/index.js';
import { type ChildProgram, testSettings, type Testbed } from '../../libs/testkit/src/index.js';
import type { Delivery } from '../groups/deliveries.js';
import { lineOf } from '../groups/members.js';

/** What application.mjs is told. */
export interface InstanceOptions {
  /** Directory of the compiled modules. */
  readonly modules: string;
  readonly nameServer: string;
  readonly topic: string;
  readonly group: string;
  /** Milliseconds between two sends. */
  readonly sendEvery: number;
  /** How long its own onApplicationBootstrap takes, milliseconds. */
  readonly warmUp: number;
  /** How long every tenth message takes to handle, milliseconds. */
  readonly slowWork: number;
  /** How long its listeners wait for handlers when stopped, milliseconds. */
  readonly deadline: number;
}

/** What all instances of a run tell. */
export interface RollingLog {
  delivered(delivery: Delivery): void;
  sent(key: string): void;
  fault(text: string): void;
}

/** A process of the application, from its start to its end. */
export class Instance {
  readonly #name: string;
  readonly #program: ChildProgram;
  #handled = 0;

  private constructor(name: string, program: ChildProgram, log: RollingLog) {
    this.#name = name;
    this.#program = program;
    program.onLine((text) => {
      const line = lineOf(text);
      if (line) this.#take(line, log);
    });
  }

  /** Resolves when its bootstrap has ended. */
  static async start(testbed: Testbed, name: string, options: InstanceOptions, log: RollingLog): Promise<Instance> {
    const program = testbed.run({
      name,
      command: process.execPath,
      args: [join(testSettings().root, 'test/rolling/application.mjs'), JSON.stringify({ ...options, name })],
      environment: { NAMESRV_ADDR: undefined, NODE_OPTIONS: undefined },
      abrupt: true,
    });
    const instance = new Instance(name, program, log);
    await program.waitForLine(/^\["started"\]/);
    return instance;
  }

  /** Messages handled so far. */
  get handled(): number {
    return this.#handled;
  }

  /** Resolves when it sends no more. */
  async quiet(): Promise<void> {
    this.#program.write('quiet\n');
    await this.#program.waitForLine(/^\["quiet"\]/);
  }

  /** Resolves when it has a handler that never ends. */
  async stick(): Promise<void> {
    this.#program.write('stick\n');
    await this.#program.waitForLine(/^\["stuck"/);
  }

  /** SIGTERM. Resolves with how many milliseconds its end took. */
  async stop(log: RollingLog): Promise<number> {
    const began = systemClock.monotonic();
    const { code, signal } = await this.#program.stop();
    if (code !== 0) log.fault(`${this.#name} ended with ${signal ?? code}: ${this.#program.tail(3)}`);
    return Math.round(systemClock.monotonic() - began);
  }

  #take(line: readonly unknown[], log: RollingLog): void {
    const [what, first] = line as [string, string];
    if (what === 'sent') log.sent(first);
    if (what === 'fault') log.fault(`${this.#name}: ${first}`);
    if (what === 'early') log.fault(`${this.#name} handled ${first} before its bootstrap had ended`);
    if (what !== 'at') return;
    const [, at, queueId, queueOffset, key] = line as [string, number, number, number, string];
    log.delivered({ member: this.#name, at, order: this.#handled++, queueId, queueOffset, key });
  }
}
