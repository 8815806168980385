import { pause, systemClock } from '../../libs/common/src/index.js';
import { seededRandom, type ApacheVersion, type Testbed } from '../../libs/testkit/src/index.js';
import { ourClient } from '../../libs/testkit/src/our-client.js';
import { Deliveries } from './deliveries.js';
import { runGo } from './go-program.js';
import { Members, type Group, type Kind, type Member } from './members.js';

export interface GroupRun {
  readonly testbed: Testbed;
  readonly version: ApacheVersion;
  readonly group: Group;
  readonly queueCount: number;
  readonly seconds: number;
  readonly seed: number;
  /** False: members leave in order only. The queues of an orderly one that is killed are locked for another minute. */
  readonly mayKill: boolean;
  /** One member of each at least. With Go its producer sends, too. */
  readonly kinds: readonly Kind[];
}

export interface GroupReport {
  readonly sent: number;
  readonly missing: readonly string[];
  readonly duplicates: number;
  readonly outOfOrder: readonly string[];
  /** What was done to the group, in order. */
  readonly moves: readonly string[];
}

/** Java's clients look at their group this often; an orderly one that was killed holds its queues for a lease on top. */
const rebalanceInterval = 20_000;
const lockLease = 60_000;
const mostMembers = 4;
const sendEvery = 4;

/**
 * Members of both makers come, go and are killed at random while messages flow. After each move the group has to settle:
 * one owner for each queue.
 */
export async function runGroup(run: GroupRun): Promise<GroupReport> {
  const { testbed, version, group, seed } = run;
  const deliveries = new Deliveries();
  const members = new Members(testbed, version, group, (delivery) => deliveries.add(delivery));
  const random = seededRandom(seed);
  const moves: string[] = [];
  const loads = [await startLoad(run), ...(run.kinds.includes('go') ? [await startGoLoad(run)] : [])];
  try {
    for (const kind of run.kinds) await members.join(kind);
    await settled(run, members.alive, moves);
    const end = systemClock.monotonic() + run.seconds * 1000;
    while (systemClock.monotonic() < end) {
      moves.push(await move(members, random, run));
      await settled(run, members.alive, moves);
    }
    const keys = (await Promise.all(loads.map((load) => load.stop()))).flat();
    await allHandled(deliveries, keys);
    return {
      sent: keys.length,
      missing: deliveries.missing(keys),
      duplicates: deliveries.duplicates,
      outOfOrder: group.mode === 'ORDERLY' ? deliveries.outOfOrder() : [],
      moves,
    };
  } finally {
    // A failure of theirs was thrown above.
    await Promise.allSettled(loads.map((load) => load.stop()));
    await Promise.all(members.alive.map((member) => member.kill()));
  }
}

async function move(members: Members, random: () => number, { mayKill, kinds }: GroupRun): Promise<string> {
  const { alive } = members;
  const dice = random();
  const mayJoin = alive.length < mostMembers;
  if (alive.length <= 1 || (mayJoin && dice < 0.5)) {
    const missing = kinds.find((kind) => !alive.some((member) => member.kind === kind));
    const drawn = kinds[Math.floor(random() * kinds.length)];
    return `${(await members.join(missing ?? drawn ?? 'ours')).name} joined`;
  }
  const member = alive[Math.floor(random() * alive.length)] as Member;
  members.remove(member);
  if (dice < 0.75 || !mayKill) {
    await member.leave();
    return `${member.name} left`;
  }
  await member.kill();
  return `${member.name} was killed`;
}

/** Each queue is held by exactly one of the members. */
async function settled(
  { group, queueCount }: GroupRun,
  members: readonly Member[],
  moves: readonly string[],
): Promise<void> {
  const patience = rebalanceInterval * 2 + (group.mode === 'ORDERLY' ? lockLease : 0);
  const expected = Array.from({ length: queueCount }, (_, id) => id).join();
  const deadline = systemClock.monotonic() + patience;
  const held = (): string =>
    members
      .flatMap(({ queues }) => queues)
      .toSorted((a, b) => a - b)
      .join();
  for (let stable = 0; stable < 5;) {
    stable = held() === expected ? stable + 1 : 0;
    if (systemClock.monotonic() > deadline) {
      const seen = members.map(({ name, queues }) => `${name}: ${queues.join()}`).join('; ');
      throw new Error(`not one owner for each queue ${patience} ms after "${moves.at(-1) ?? 'the start'}": ${seen}`);
    }
    await pause(systemClock, 100);
  }
}

/** What was under way at a killed member comes again once its queues have an owner. */
async function allHandled(deliveries: Deliveries, keys: readonly string[]): Promise<void> {
  const deadline = systemClock.monotonic() + 60_000;
  while (deliveries.distinct < keys.length && systemClock.monotonic() < deadline) await pause(systemClock, 100);
}

interface Load {
  /** Ends the load. Resolves with the keys of all messages that were acknowledged. */
  stop(): Promise<readonly string[]>;
}

/** One message every few milliseconds, to each queue in turn; one that fails fails the run. */
async function startLoad({ group, queueCount }: GroupRun): Promise<Load> {
  const { nameServer, topic } = group;
  const producer = await ourClient().producer({ nameServer, group: `${group.group}-producers` });
  const queues = await producer.queues(topic);
  if (queues.length !== queueCount) throw new Error(`${topic} has ${queues.length} queues, not ${queueCount}`);
  const stopping = new AbortController();
  const keys: string[] = [];
  const running = (async () => {
    for (let i = 0; !stopping.signal.aborted; i++) {
      const queue = queues[i % queues.length];
      if (queue === undefined) break;
      await producer.sendToQueue({ topic, body: `message ${i}`, keys: `m-${i}` }, queue);
      keys.push(`m-${i}`);
      await pause(systemClock, sendEvery);
    }
    await producer.close();
    return keys;
  })();
  running.catch(() => undefined); // reported by stop()
  return {
    stop() {
      stopping.abort();
      return running;
    },
  };
}

/** The same by Apache's Go client, to the queues in its own turn. */
async function startGoLoad({ testbed, group }: GroupRun): Promise<Load> {
  const { nameServer, topic } = group;
  const instanceName = 'go-producer';
  const options = { role: 'producer', nameServer, topic, group: group.group, instanceName, every: sendEvery };
  const program = await runGo(testbed, instanceName, JSON.stringify(options));
  const keys: string[] = [];
  program.onLine((line) => {
    const sent = /^\["sent","(.+)"\]$/.exec(line);
    if (sent?.[1] !== undefined) keys.push(sent[1]);
  });
  await program.waitForLine(/^\["started"\]/);
  return {
    async stop() {
      if (program.running) program.write('end\n');
      const { code } = await program.exited;
      if (code !== 0) throw new Error(`the Go producer ended with ${code}:\n${program.tail(5)}`);
      return keys;
    },
  };
}
