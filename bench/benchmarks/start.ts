import { rmSync } from 'node:fs';
import { silentLogger, systemClock } from '../../libs/common/src/index.js';
import { getRouteinfoByTopic, sendMessageV2 } from '../../libs/protocol/src/index.js';
import { createRemotingClient, type RemotingClient } from '../../libs/remoting/src/index.js';
import { sendHeader } from '../../libs/testkit/src/broker-fixture.js';
import type { Bench, Benchmark, Contestant } from '../runner/benchmark.js';
import type { Figure } from '../runner/figure.js';
import { atMost } from '../runner/goal.js';
import { brokerHomes, type BrokerHome } from '../sides/broker.js';
import { nameServerHomes } from '../sides/name-server.js';
import { memoryMiB } from '../sides/process-cost.js';
import type { ServerHome } from '../sides/server-home.js';

/** Every broker that makes topics by itself announces this one. */
const announced = 'TBW102';
const lookEvery = 5;
const patience = 60_000;

interface Pair extends Contestant {
  readonly nameServer: ServerHome;
  readonly broker: BrokerHome;
}

interface Start {
  /** From the start of both processes to the first send that is accepted, milliseconds. */
  readonly firstSendMs: number;
  /** Resident memory of both then. */
  readonly residentMiB: number;
}

const firstSendMs: Figure<Start> = { title: 'first send ms', of: (sample) => sample.firstSendMs };
const resident: Figure<Start> = { title: 'resident MiB', of: ({ residentMiB }) => residentMiB };

/** Name server and broker started at once, in fresh directories. */
export const start: Benchmark = {
  name: 'start',
  summary: 'start of name server and broker to the first send that is accepted through the route',
  peers: ['java'],
  defaults: { rounds: 5 },
  async run(bench) {
    await bench.row({
      title: 'both servers',
      contestants: await pairs(bench),
      figures: [firstSendMs, resident],
      goals: [atMost(firstSendMs, 1 / 5, { against: 'java', never: 1 / 3 })],
      measure: startPair,
    });
  },
};

async function pairs(bench: Bench): Promise<Pair[]> {
  const nameServers = await nameServerHomes(bench);
  const nameServerOf = (kind: string | undefined): ServerHome =>
    kind === 'java' && nameServers.java ? nameServers.java : nameServers.ours;
  const brokers = await brokerHomes(bench, {}, (kind) => ({ namesrvAddr: `127.0.0.1:${nameServerOf(kind).port}` }));
  return brokers.map((broker) => ({ ...broker, broker, nameServer: nameServerOf(broker.kind) }));
}

async function startPair({ nameServer, broker }: Pair): Promise<Start> {
  const startedAt = performance.now();
  const servers = [nameServer.start(), broker.start()];
  // What they say is not asked: they serve when they answer.
  for (const { booted } of servers) booted.catch(() => undefined);
  try {
    await firstSend(nameServer.port);
    const firstSendMs = performance.now() - startedAt;
    return { firstSendMs, residentMiB: servers.reduce((sum, { pid }) => sum + memoryMiB(pid, 'VmRSS'), 0) };
  } finally {
    for (const server of servers.reverse()) await server.end('SIGKILL');
    rmSync(broker.store, { recursive: true, force: true });
  }
}

/** Asks for the route until there is one, and sends to the broker it names until that is accepted. */
async function firstSend(nameServerPort: number): Promise<void> {
  const client = createRemotingClient({ clock: systemClock, log: silentLogger, handlers: [] });
  try {
    const broker = await again(() => brokerAddress(client, `127.0.0.1:${nameServerPort}`));
    const header = sendHeader({ producerGroup: 'bench', topic: 'bench_start' });
    await again(() => client.call(broker, sendMessageV2, header, { body: Buffer.from('first') }));
  } finally {
    await client.close();
  }
}

async function brokerAddress(client: RemotingClient, nameServer: string): Promise<string> {
  const { body } = await client.call(nameServer, getRouteinfoByTopic, { topic: announced });
  const [address] = body.brokerDatas[0]?.brokerAddrs.values() ?? [];
  if (address === undefined) throw new Error('a route without a broker');
  return address;
}

/** @throws what the last attempt threw, when time is up. */
async function again<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + patience;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((done) => setTimeout(done, lookEvery));
    }
  }
}
