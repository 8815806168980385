import { join } from 'node:path';
import { pause, systemClock } from '../../../libs/common/src/index.js';
import {
  builtModules,
  seededRandom,
  startOurBroker,
  startOurNameServer,
  testSettings,
  type ChildProgram,
  type Received,
  type TestBroker,
  type Testbed,
} from '../../../libs/testkit/src/index.js';
import { ourClient } from '../../../libs/testkit/src/our-client.js';
import { reportedRounds } from '../reported-rounds.js';
import { drawPlan, isCommitted, isForgotten } from './plan.js';

export interface TransactionOptions {
  readonly messages: number;
  readonly brokerKills: number;
  readonly producerKills: number;
  readonly brokerVersion: 'V4_9_7' | 'V5_3_3';
  readonly seed: number;
}

export interface TransactionReport {
  /** Half messages of which a producer knows. */
  readonly halves: number;
  readonly failed: number;
  readonly checks: number;
  readonly mostTimes: number;
  /** Different messages that were readable in the end, and how often one of them came again. */
  readonly delivered: number;
  readonly duplicates: number;
  readonly givenUp: number;
  /** What breaks the promise, in words; at most the first twenty. */
  readonly faults: readonly string[];
}

const topic = 'TransactionTopic';
const group = 'transaction-producers';
const checkMax = 15;
const lanes = 24;
/** Asks often, so that what is never answered is given up within the test. */
const config = { transactionTimeOut: 1000, transactionCheckInterval: 1000, transactionCheckMax: checkMax };

/**
 * Kills our broker and the producer with SIGKILL while transactions run, some of which nobody ends. In the end every one
 * that was to be committed is readable, none that was not, and what nobody knows of was asked about and given up.
 */
export function transactionRounds(options: TransactionOptions): Promise<TransactionReport> {
  return reportedRounds('transactions', options.seed, (testbed) => new Rounds(testbed, options).run());
}

class Rounds {
  private readonly plan: string;
  private readonly random: () => number;
  private readonly halves = new Set<number>();
  private readonly asked: { index: number; times: number }[] = [];
  private failed = 0;
  private next = 0;
  private isIdle = false;

  constructor(
    private readonly testbed: Testbed,
    private readonly options: TransactionOptions,
  ) {
    this.random = seededRandom(options.seed);
    this.plan = drawPlan(options.messages, this.random);
  }

  async run(): Promise<TransactionReport> {
    const { brokerKills, producerKills, brokerVersion } = this.options;
    const { address: nameServer } = await startOurNameServer(this.testbed);
    const broker = await startOurBroker(this.testbed, { nameServer, config: { ...config, brokerVersion } });
    let producer = await this.startProducer(nameServer);
    const kills = shuffled([...kindsOf('broker', brokerKills), ...kindsOf('producer', producerKills)], this.random);
    for (const [i, kind] of kills.entries()) {
      // Spread over the whole load.
      await this.until(() => this.next >= ((i + 0.5) / kills.length) * this.options.messages, 'the load goes on');
      await pause(systemClock, this.random() * 300);
      if (kind === 'broker') await restart(broker);
      else {
        await producer.kill();
        producer = await this.startProducer(nameServer);
      }
    }
    await this.until(() => this.isIdle, 'all are sent');
    const delivered = await this.readAll(nameServer, topic, (found) => this.missing(found).length === 0);
    const isGivenUp = (found: readonly Received[]): boolean => this.forgotten(found).length === 0;
    const givenUp = await this.readAll(nameServer, 'TRANS_CHECK_MAX_TIME_TOPIC', isGivenUp);
    // Whatever comes late has come by now.
    const all = await this.readAll(nameServer, topic, (found) => found.length >= delivered.length);
    return this.reportOf(all, givenUp);
  }

  private async startProducer(nameServer: string): Promise<ChildProgram> {
    const { messages: count } = this.options;
    const script = join(testSettings().root, 'test/crash/transactions/producer.mjs');
    const options = { nameServer, group, topic, plan: this.plan, first: this.next, count, lanes, pause: 100 };
    const program = this.testbed.run({
      name: `producer-${this.next}`,
      command: process.execPath,
      args: [script, await builtModules(), JSON.stringify(options)],
      abrupt: true,
    });
    program.onLine((line) => this.take(line));
    await program.waitForLine(/^\["started"\]/);
    return program;
  }

  private take(text: string): void {
    if (!text.startsWith('["')) return;
    const [what, index = 0, times = 0] = JSON.parse(text) as [string, number?, number?];
    if (what === 'sent') this.next = Math.max(this.next, index + 1);
    else if (what === 'half') this.halves.add(index);
    else if (what === 'failed') this.failed++;
    else if (what === 'check') this.asked.push({ index, times });
    else if (what === 'idle') this.isIdle = true;
  }

  /** Everything in a topic, read again and again until it is enough or time is up. */
  private async readAll(
    nameServer: string,
    from: string,
    isEnough: (found: readonly Received[]) => boolean,
  ): Promise<readonly Received[]> {
    const consumer = await ourClient({ pollNameServerInterval: 1000 }).pullConsumer({ nameServer, group: 'audit' });
    const found: Received[] = [];
    const offsets = new Map<number, number>();
    const deadline = systemClock.monotonic() + 40_000;
    while (systemClock.monotonic() < deadline) {
      for (const queue of await consumer.queues(from).catch(() => [])) {
        for (let more = true; more;) {
          const pulled = await consumer.pull(queue, offsets.get(queue.queueId) ?? 0);
          found.push(...pulled.messages);
          offsets.set(queue.queueId, pulled.nextBeginOffset);
          more = pulled.status === 'FOUND';
        }
      }
      if (isEnough(found)) break;
      await pause(systemClock, 200);
    }
    await consumer.close();
    return found;
  }

  private missing(found: readonly Received[]): number[] {
    const there = new Set(found.map(indexOf));
    return [...this.halves].filter((index) => isCommitted(this.plan, index) && !there.has(index));
  }

  /** Such that nobody ever ends, and that were not given up yet. */
  private forgotten(found: readonly Received[]): number[] {
    const there = new Set(found.map(indexOf));
    return [...this.halves].filter((index) => isForgotten(this.plan, index) && !there.has(index));
  }

  private async until(holds: () => boolean, what: string): Promise<void> {
    const deadline = systemClock.monotonic() + 180_000;
    while (!holds()) {
      if (systemClock.monotonic() > deadline) throw new Error(`${what}: not in three minutes`);
      await pause(systemClock, 10);
    }
  }

  private reportOf(delivered: readonly Received[], givenUp: readonly Received[]): TransactionReport {
    const indexes = delivered.map(indexOf);
    const wrong = [...new Set(indexes)].filter((index) => !isCommitted(this.plan, index));
    const mostTimes = Math.max(0, ...this.asked.map(({ times }) => times));
    const faults = [
      ...this.missing(delivered).map((index) => `message ${index} was committed and is not there`),
      ...wrong.map((index) => `message ${index} was not committed and is there`),
      ...this.forgotten(givenUp).map((index) => `message ${index}, of which nobody knows, was not given up`),
      ...this.asked.filter(({ times }) => times > checkMax).map(({ index, times }) => `${index}: check ${times}`),
    ];
    return {
      halves: this.halves.size,
      failed: this.failed,
      checks: this.asked.length,
      mostTimes,
      delivered: new Set(indexes).size,
      duplicates: indexes.length - new Set(indexes).size,
      givenUp: givenUp.length,
      faults: faults.slice(0, 20),
    };
  }
}

function indexOf({ keys }: Received): number {
  return Number(keys);
}

async function restart(broker: TestBroker): Promise<void> {
  await broker.program.kill();
  await broker.start();
}

function kindsOf<K>(kind: K, count: number): K[] {
  return Array.from({ length: count }, () => kind);
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => [random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}
