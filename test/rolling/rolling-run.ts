import { join } from 'node:path';
import { createClient } from '../../libs/client/src/index.js';
import { pause, systemClock } from '../../libs/common/src/index.js';
import { builtModules, seededRandom, testSettings, type Testbed } from '../../libs/testkit/src/index.js';
import { reportedRounds } from '../crash/reported-rounds.js';
import { Deliveries } from '../groups/deliveries.js';
import { Instance, type InstanceOptions, type RollingLog } from './instance.js';

export interface RollingOptions {
  /** In each, both instances are stopped and started again, one after the other. */
  readonly rounds: number;
  readonly seed: number;
}

export interface RollingReport {
  /** Messages that the broker acknowledged. */
  readonly sent: number;
  /** How often a message was handled again. */
  readonly duplicates: number;
  /** From SIGTERM to the end of the process, milliseconds each. */
  readonly stops: readonly number[];
  /** The same of an instance with a handler that never ends. */
  readonly stuckStop: number;
  /** What must not happen, in words; at most the first twenty. */
  readonly faults: readonly string[];
}

const topic = 'RollingTopic';
const queueCount = 8;
/** Of a listener's handlers; the rest of a stop (connection, process) has as long again. */
const deadline = 2000;
const longestStop = 2 * deadline;

/**
 * Two instances of an application send and listen. While they do, each in turn is told to stop and started again, one of
 * them at last with a handler that never ends. In the end every message that was acknowledged must have been handled.
 */
export function rollingRestarts(options: RollingOptions): Promise<RollingReport> {
  return reportedRounds('rolling', options.seed, (testbed) => restartInTurn(testbed, options));
}

async function restartInTurn(testbed: Testbed, { rounds, seed }: RollingOptions): Promise<RollingReport> {
  const random = seededRandom(seed);
  const modules = await builtModules();
  const nameServer = await startServers(testbed, modules);
  const options = { modules, nameServer, topic, group: 'rolling', sendEvery: 4, warmUp: 200, slowWork: 300, deadline };
  const deliveries = new Deliveries();
  const keys: string[] = [];
  const faults: string[] = [];
  const log: RollingLog = {
    delivered: (delivery) => deliveries.add(delivery),
    sent: (key) => keys.push(key),
    fault: (text) => faults.push(text),
  };
  const instances = new Instances(testbed, options, log);
  await Promise.all([instances.start('a'), instances.start('b')]);
  const stops: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const place of ['a', 'b'] as const) {
      await instances.busy();
      await pause(systemClock, random() * 300);
      stops.push(await instances.restart(place));
    }
  }
  await instances.busy();
  await instances.stick('a');
  const stuckStop = await instances.restart('a');
  if (stuckStop < deadline) faults.push(`a stop took ${stuckStop} ms and did not wait for the handler under way`);
  await instances.busy();
  await instances.quiet();
  await handled(deliveries, keys);
  stops.push(...(await instances.stop()));
  const slow = [stuckStop, ...stops].filter((took) => took > longestStop).map((took) => `a stop took ${took} ms`);
  const missing = deliveries.missing(keys).map((key) => `${key} was acknowledged and never handled`);
  const { duplicates } = deliveries;
  return { sent: keys.length, duplicates, stops, stuckStop, faults: [...faults, ...slow, ...missing].slice(0, 20) };
}

/** The two that run now. */
class Instances {
  readonly #running = new Map<'a' | 'b', Instance>();
  #count = 0;

  constructor(
    private readonly testbed: Testbed,
    private readonly options: InstanceOptions,
    private readonly log: RollingLog,
  ) {}

  async start(place: 'a' | 'b'): Promise<void> {
    const name = `${place}${++this.#count}`;
    this.#running.set(place, await Instance.start(this.testbed, name, this.options, this.log));
  }

  /** Resolves with how long its stop took. */
  async restart(place: 'a' | 'b'): Promise<number> {
    const took = await this.#running.get(place)?.stop(this.log);
    await this.start(place);
    return took ?? 0;
  }

  /** Each has handled messages: a stop finds it at work. */
  async busy(): Promise<void> {
    await until('each instance handles messages', () =>
      [...this.#running.values()].every(({ handled }) => handled > 0),
    );
  }

  async stick(place: 'a' | 'b'): Promise<void> {
    await this.#running.get(place)?.stick();
  }

  async quiet(): Promise<void> {
    await Promise.all([...this.#running.values()].map((instance) => instance.quiet()));
  }

  stop(): Promise<number[]> {
    return Promise.all([...this.#running.values()].map((instance) => instance.stop(this.log)));
  }
}

/** The broker's application, and the topic. Returns the address of the name server. */
async function startServers(testbed: Testbed, modules: string): Promise<string> {
  const program = testbed.run({
    name: 'servers',
    command: process.execPath,
    args: [join(testSettings().root, 'test/rolling/servers.mjs'), modules, await testbed.subdirectory('servers')],
    environment: { NAMESRV_ADDR: undefined, NODE_OPTIONS: undefined },
  });
  const line = await program.waitForLine(/^\["started"/);
  const [, nameServer] = JSON.parse(line) as [string, string];
  const client = createClient({ nameServer });
  await client.start();
  await client.admin.createTopic(topic, { readQueues: queueCount, writeQueues: queueCount });
  await client.close();
  return nameServer;
}

/** What nobody handles any more stays missing, and is reported. */
async function handled(deliveries: Deliveries, keys: readonly string[]): Promise<void> {
  await until('all is handled', () => deliveries.missing(keys).length === 0).catch(() => undefined);
}

async function until(what: string, holds: () => boolean, timeout = 30_000): Promise<void> {
  const end = systemClock.monotonic() + timeout;
  while (!holds()) {
    if (systemClock.monotonic() > end) throw new Error(`${what}: not after ${timeout} ms`);
    await pause(systemClock, 50);
  }
}
