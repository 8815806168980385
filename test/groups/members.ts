import { join } from 'node:path';
import {
  builtModules,
  compileJava,
  javaClassPath,
  javaFlags,
  testSettings,
  writeJavaHome,
  type ApacheVersion,
  type ChildProgram,
  type Testbed,
} from '../../libs/testkit/src/index.js';
import type { Delivery } from './deliveries.js';
import { runGo } from './go-program.js';

export type Mode = 'CONCURRENTLY' | 'ORDERLY';
export type Strategy = 'AVG' | 'AVG_BY_CIRCLE' | 'CONSISTENT_HASH' | 'MACHINE_ROOM_NEARBY' | 'MACHINE_ROOM' | 'CONFIG';

export interface Group {
  readonly nameServer: string;
  readonly group: string;
  readonly topic: string;
  readonly mode: Mode;
  readonly strategy: Strategy;
  /** For CONFIG: which queues of which broker each kind of member has. */
  readonly configured?: {
    readonly broker: string;
    readonly queues: Readonly<Partial<Record<Kind, readonly number[]>>>;
  };
}

/** Which client: Apache's for Java, ours, Apache's for Go. */
export type Kind = 'java' | 'ours' | 'go';

/** One member of the group: a process. */
export class Member {
  /** Queue ids it holds, as it told last. */
  queues: readonly number[] = [];
  #order = 0;

  constructor(
    readonly name: string,
    readonly kind: Kind,
    readonly program: ChildProgram,
    onDelivery: (delivery: Delivery) => void,
  ) {
    program.onLine((text) => {
      const line = lineOf(text);
      if (line?.[0] === 'queues') this.queues = line[1] as number[];
      if (line?.[0] !== 'at') return;
      const [, at, queueId, queueOffset, key] = line as [string, number, number, number, string];
      onDelivery({ member: name, at, order: this.#order++, queueId, queueOffset, key });
    });
  }

  started(): Promise<unknown> {
    return this.program.waitForLine(/^\["started"\]/);
  }

  async leave(): Promise<void> {
    this.program.write('end\n');
    await this.program.exited;
    this.queues = [];
  }

  async kill(): Promise<void> {
    await this.program.kill();
    this.queues = [];
  }
}

/** A line of a program that prints JSON arrays; undefined for any other. */
export function lineOf(text: string): unknown[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    return JSON.parse(text) as unknown[];
  } catch {
    return undefined; // a logger's line
  }
}

/** Starts members one after the other. */
export class Members {
  readonly alive: Member[] = [];
  #count = 0;

  constructor(
    private readonly testbed: Testbed,
    private readonly version: ApacheVersion,
    private readonly group: Group,
    private readonly onDelivery: (delivery: Delivery) => void,
  ) {}

  async join(kind: Kind): Promise<Member> {
    const number = this.#count++;
    // Every other one is where the brokers are.
    const name = `${kind}-${number % 2 === 0 ? 'east' : 'west'}-${number}`;
    const { configured, ...group } = this.group;
    const own = configured && { broker: configured.broker, queues: configured.queues[kind] };
    const options = JSON.stringify({ ...group, ...own, instanceName: name });
    const program = await this.#run(kind, name, options);
    const member = new Member(name, kind, program, this.onDelivery);
    await member.started();
    this.alive.push(member);
    return member;
  }

  remove(member: Member): void {
    this.alive.splice(this.alive.indexOf(member), 1);
  }

  #run(kind: Kind, name: string, options: string): Promise<ChildProgram> {
    if (kind === 'java') return this.#runJava(name, options);
    return kind === 'ours' ? this.#runOurs(name, options) : runGo(this.testbed, name, options);
  }

  async #runOurs(name: string, options: string): Promise<ChildProgram> {
    const { root } = testSettings();
    return this.testbed.run({
      name,
      command: process.execPath,
      args: [join(root, 'test/groups/our-member.mjs'), await builtModules(), options],
      environment: { NAMESRV_ADDR: undefined, NODE_OPTIONS: undefined },
      abrupt: true,
    });
  }

  async #runJava(name: string, options: string): Promise<ChildProgram> {
    const classes = await compileJava(join(testSettings().root, 'test/groups/java'), this.version);
    const home = await this.testbed.subdirectory(name);
    await writeJavaHome(home);
    return this.testbed.run({
      name,
      command: 'java',
      args: [
        ...javaFlags(home),
        '-Drocketmq.client.logLevel=WARN',
        '-cp',
        `${classes}:${await javaClassPath(this.version)}`,
        'GroupMember',
        options,
      ],
      directory: home,
      environment: { ROCKETMQ_HOME: home, NAMESRV_ADDR: undefined },
      abrupt: true,
    });
  }
}
