import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LoadConfig, LoadResult } from './load/generator.js';
import { cpuMicros, peakMemoryMiB } from './process-cpu.js';
import { createTopic, findJars, startJavaBroker, startOurBroker, type BrokerProcess } from './servers.js';
import { median } from './statistics.js';
import { formatTable } from './table.js';

const topic = 'bench_send';
const queues = 8;
const sizes = [128, 1024, 4096];
const loads = [
  { connections: 1, inFlight: 64 },
  { connections: 4, inFlight: 256 },
];
const javaVersion = '4.9.7';

export interface SendBenchOptions {
  readonly rounds: number;
  /** Milliseconds measured a round. */
  readonly measure: number;
  readonly against: 'java' | 'none' | 'auto';
  readonly workDir: string;
  readonly flushDiskType: 'ASYNC_FLUSH' | 'SYNC_FLUSH';
  readonly progress: (line: string) => void;
}

interface Sample extends LoadResult {
  /** User+system time of the broker per send, microseconds. */
  readonly cpuPerSend: number;
}

export interface SendRow {
  readonly serializer: 'JSON' | 'ROCKETMQ';
  readonly bodySize: number;
  readonly connections: number;
  readonly inFlight: number;
  /** By broker name, one sample a round. */
  readonly samples: Readonly<Record<string, readonly Sample[]>>;
}

export interface SendReport {
  readonly brokers: readonly string[];
  readonly rows: readonly SendRow[];
  readonly peakMemoryMiB: Readonly<Record<string, number>>;
}

/** Sends to one or two brokers in turn: round by round, so that a change of the machine's mood hits both. */
export async function benchSend(options: SendBenchOptions): Promise<SendReport> {
  const brokers = await startBrokers(options);
  try {
    for (const broker of brokers) await createTopic(broker, topic, queues);
    const rows: SendRow[] = [];
    for (const serializer of ['JSON', 'ROCKETMQ'] as const) {
      for (const bodySize of sizes) {
        for (const load of loads) rows.push(await measureRow(brokers, { serializer, bodySize, ...load }, options));
      }
    }
    const memory = Object.fromEntries(brokers.map((broker) => [broker.name, peakMemoryMiB(broker.pid)]));
    return { brokers: brokers.map((broker) => broker.name), rows, peakMemoryMiB: memory };
  } finally {
    await Promise.all(brokers.map((broker) => broker.stop()));
  }
}

async function startBrokers(options: SendBenchOptions): Promise<BrokerProcess[]> {
  const settings = { flushDiskType: options.flushDiskType };
  const jars = options.against === 'none' ? undefined : await findJars(javaVersion);
  if (options.against === 'java' && jars === undefined) {
    throw new Error(
      `no jars of Apache RocketMQ ${javaVersion}: a JDK and Maven are needed, or ROCKETMQ_JARS with <version>/lib in it`,
    );
  }
  const brokers = [await startOurBroker(`${options.workDir}/ours`, settings)];
  if (jars !== undefined) {
    try {
      brokers.push(await startJavaBroker(`${options.workDir}/java`, settings, jars, javaVersion));
    } catch (error) {
      await brokers[0]?.stop();
      throw error;
    }
  }
  return brokers;
}

type RowKind = Pick<SendRow, 'serializer' | 'bodySize' | 'connections' | 'inFlight'>;

async function measureRow(
  brokers: readonly BrokerProcess[],
  row: RowKind,
  options: SendBenchOptions,
): Promise<SendRow> {
  const samples: Record<string, Sample[]> = Object.fromEntries(brokers.map((broker) => [broker.name, []]));
  // The first round warms up (a JVM compiles, files grow) and is not counted.
  for (let round = 0; round <= options.rounds; round++) {
    for (const broker of brokers) {
      const sample = await measure(broker, row, options.measure);
      if (round > 0) samples[broker.name]?.push(sample);
    }
  }
  options.progress(describeRow(row));
  return { ...row, samples };
}

function measure(broker: BrokerProcess, row: RowKind, duration: number): Promise<Sample> {
  const config: LoadConfig = {
    host: '127.0.0.1',
    port: broker.port,
    topic,
    queues,
    ...row,
    warmUp: 500,
    measure: duration,
  };
  const script = fileURLToPath(new URL('./load/generator.js', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(config)], { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((done, refuse) => {
    let before = 0;
    let after = 0;
    let result: LoadResult | undefined;
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line === 'measure') before = cpuMicros(broker.pid);
      else if (line === 'end') after = cpuMicros(broker.pid);
      else result = JSON.parse(line) as LoadResult;
    });
    child.once('error', refuse);
    child.once('close', (code) => {
      if (code !== 0 || result === undefined) return refuse(new Error(`the load process failed on ${broker.name}`));
      done({ ...result, cpuPerSend: (after - before) / result.replies });
    });
  });
}

const describeRow = (row: RowKind): string =>
  `${row.serializer === 'JSON' ? 'JSON  ' : 'binary'} ${row.bodySize >= 1024 ? `${row.bodySize / 1024} KiB` : `${row.bodySize} B`} ${row.connections}/${row.inFlight}`;

/** The table people read: medians per broker, and the ratio's median [min-max] over the rounds. */
export function formatSendReport(report: SendReport): string {
  const [ours, peer] = report.brokers;
  const header = [
    'header, body, connections/in flight',
    ...report.brokers.flatMap((name) => [`${name}: sends/s`, 'CPU µs', 'p50 µs', 'p99 µs']),
  ];
  if (peer !== undefined) header.push('sends/s ratio', 'CPU ratio');
  const rows = report.rows.map((row) => {
    const cells = report.brokers.flatMap((name) => brokerCells(row.samples[name] ?? []));
    if (ours === undefined || peer === undefined) return [describeRow(row), ...cells];
    return [
      describeRow(row),
      ...cells,
      ratio(row, ours, peer, rate),
      ratio(row, peer, ours, (sample) => sample.cpuPerSend),
    ];
  });
  const memory = report.brokers.map((name) => `${name} ${report.peakMemoryMiB[name]} MiB`).join(', ');
  return `${formatTable(header, rows)}\n\npeak resident memory: ${memory}\nratios above 1: ours is ahead`;
}

const rate = (sample: Sample): number => sample.replies / sample.seconds;

function brokerCells(samples: readonly Sample[]): string[] {
  const middle = (of: (sample: Sample) => number): number => median(samples.map(of));
  return [
    `${Math.round(middle(rate) / 1000)}k`,
    middle((sample) => sample.cpuPerSend).toFixed(2),
    String(Math.round(middle((sample) => sample.p50))),
    String(Math.round(middle((sample) => sample.p99))),
  ];
}

function ratio(row: SendRow, above: string, below: string, of: (sample: Sample) => number): string {
  const pairs = (row.samples[above] ?? []).map((sample, i) => of(sample) / of((row.samples[below] ?? [])[i] ?? sample));
  return `${median(pairs).toFixed(1)} [${Math.min(...pairs).toFixed(1)}-${Math.max(...pairs).toFixed(1)}]`;
}
