import { watch } from 'node:fs';
import { pause, systemClock } from '../../libs/common/src/index.js';
import {
  seededRandom,
  sha1,
  startOurBroker,
  startOurNameServer,
  type Received,
  type TestBroker,
  type TestClient,
  type Testbed,
} from '../../libs/testkit/src/index.js';
import { ourClient } from '../../libs/testkit/src/our-client.js';
import { bodyOf, startAckedLoad, type Acked } from './acked-load.js';
import { reportedRounds } from './reported-rounds.js';

export interface CrashOptions {
  readonly rounds: number;
  /** Of every so many rounds one kills the broker a second time, while it recovers. */
  readonly doubleKillEvery: number;
  readonly flushDiskType: 'ASYNC_FLUSH' | 'SYNC_FLUSH';
  readonly seed: number;
}

export interface CrashReport {
  readonly acked: number;
  readonly unknown: number;
  readonly stored: number;
  readonly killedInRecovery: number;
  /** Of each round: milliseconds from the kill to the next acknowledged send. */
  readonly outages: readonly number[];
  /** What breaks the promise, in words; at most the first twenty. */
  readonly faults: readonly string[];
}

const topic = 'CrashTopic';
const lanes = 16;

/**
 * Kills our broker with SIGKILL at random moments under load, starts it again on the same directory while the producers
 * keep sending, and in the end compares what it serves with what it had acknowledged.
 */
export function crashRounds(options: CrashOptions): Promise<CrashReport> {
  const name = `crash-${options.flushDiskType.toLowerCase()}`;
  return reportedRounds(name, options.seed, (testbed) => runRounds(testbed, options));
}

async function runRounds(testbed: Testbed, options: CrashOptions): Promise<CrashReport> {
  const { rounds, doubleKillEvery, flushDiskType, seed } = options;
  const random = seededRandom(seed);
  const { address: nameServer } = await startOurNameServer(testbed);
  const broker = await startOurBroker(testbed, { nameServer, config: { flushDiskType } });
  const client = ourClient({ requestTimeout: 2000 });
  const load = await startAckedLoad(client, { nameServer, topic, lanes });
  await load.nextAck();
  const outages: number[] = [];
  let killedInRecovery = 0;
  for (let round = 0; round < rounds; round++) {
    await pause(systemClock, 100 + random() * 900);
    await broker.program.kill();
    const killedAt = systemClock.monotonic();
    if (round % doubleKillEvery === 0) {
      killedInRecovery++;
      // Once as recovery begins, once at any moment of the start.
      if (killedInRecovery % 2 === 1) await killAtRecovery(broker);
      else await killAfter(broker, random() * 300);
    }
    await broker.start();
    await withDeadline(load.nextAck(), 30_000, `round ${round}: no send acknowledged after the restart`);
    outages.push(Math.round(systemClock.monotonic() - killedAt));
  }
  await load.stop();
  const stored = await pullEverything(client, nameServer);
  return {
    acked: load.acked.length,
    unknown: load.unknown,
    stored: [...stored.values()].reduce((sum, messages) => sum + messages.length, 0),
    killedInRecovery,
    outages,
    faults: [...gapFaults(stored), ...lossFaults(stored, load.acked)].slice(0, 20),
  };
}

/** The store marks itself as running right before it recovers. */
async function killAtRecovery(broker: TestBroker): Promise<void> {
  const watcher = watch(broker.storeDirectory);
  const marked = new Promise<void>((resolve) => {
    watcher.on('change', (_event, name) => name === 'abort' && resolve());
  });
  try {
    const program = await broker.launch();
    await withDeadline(marked, 30_000, 'the broker did not begin to recover');
    await program.kill();
  } finally {
    watcher.close();
  }
}

async function killAfter(broker: TestBroker, delay: number): Promise<void> {
  const program = await broker.launch();
  await pause(systemClock, delay);
  await program.kill();
}

async function withDeadline(promise: Promise<void>, timeout: number, what: string): Promise<void> {
  const stop = new AbortController();
  const late = pause(systemClock, timeout, stop.signal).then(() => {
    if (!stop.signal.aborted) throw new Error(`${what} within ${timeout} ms`);
  });
  await Promise.race([promise, late]);
  stop.abort();
}

/** By queue, in the order of the offsets asked for. */
async function pullEverything(client: TestClient, nameServer: string): Promise<Map<number, Received[]>> {
  const consumer = await client.pullConsumer({ nameServer, group: 'crash-audit' });
  const stored = new Map<number, Received[]>();
  for (const queue of await consumer.queues(topic)) {
    const messages: Received[] = [];
    for (let offset = 0, more = true; more;) {
      const pulled = await consumer.pull(queue, offset);
      messages.push(...pulled.messages);
      more = pulled.status === 'FOUND';
      offset = pulled.nextBeginOffset;
    }
    stored.set(queue.queueId, messages);
  }
  await consumer.close();
  return stored;
}

function* gapFaults(stored: ReadonlyMap<number, readonly Received[]>): Generator<string> {
  for (const [queueId, messages] of stored)
    for (const [position, { queueOffset }] of messages.entries())
      if (queueOffset !== position) {
        yield `queue ${queueId}: offset ${queueOffset} stands where ${position} should`;
        break;
      }
}

function* lossFaults(stored: ReadonlyMap<number, readonly Received[]>, acked: readonly Acked[]): Generator<string> {
  for (const { queueId, queueOffset, msgId, index } of acked) {
    const found = stored.get(queueId)?.[queueOffset];
    const place = `message ${index}, acknowledged as ${queueId}@${queueOffset}`;
    if (!found) yield `${place}: gone`;
    else if (found.msgId !== msgId) yield `${place}: another message is there, ${found.keys}`;
    else if (found.bodySha1 !== sha1(bodyOf(index))) yield `${place}: its body has changed`;
  }
}
