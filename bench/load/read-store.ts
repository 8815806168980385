/*
 * The process that reads old messages from a store, without sockets. Argument: one JSON text, see ReadConfig. Prints one
 * JSON line, see ReadSample, or nothing of interest when it filled the store.
 */
import { readFileSync } from 'node:fs';
import { appendOne, unsyncedDisk } from '../../libs/testkit/src/index.js';
import { createBenchStore } from './bench-store.js';

export interface ReadConfig {
  readonly directory: string;
  readonly bodySize: number;
  /** Of each queue. */
  readonly messages: number;
  readonly task: 'fill' | 'read';
  /** Messages that each queue is ahead of the one before it. */
  readonly apart: number;
}

export interface ReadSample {
  readonly messages: number;
  /** User+system time of the process per message, microseconds. */
  readonly cpuPerMessage: number;
  /** Bytes read from files for each byte handed out. */
  readonly readPerByte: number;
}

const topic = 'bench_reads';
const queues = 8;
const batch = 32;
const fillBatch = 256;

async function fill({ directory, bodySize, messages }: ReadConfig): Promise<void> {
  // Nothing is lost when the machine stays up.
  const { store } = createBenchStore(directory, unsyncedDisk);
  await store.start();
  const body = Buffer.alloc(bodySize, 'x');
  const append = async (i: number): Promise<void> => {
    const properties = `UNIQ_KEY\u0001${String(i).padStart(32, '0')}\u0002WAIT\u0001true\u0002TAGS\u0001TagA\u0002`;
    const { status, reason } = await appendOne(store, { topic, queueId: i % queues, body, properties });
    if (status !== 'OK') throw new Error(`${status}: ${reason}`);
  };
  for (let from = 0; from < messages * queues; from += fillBatch)
    await Promise.all(
      Array.from({ length: Math.min(fillBatch, messages * queues - from) }, (_, i) => append(from + i)),
    );
  await store.close();
}

const bytesRead = (): number => Number(/rchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);

/** A pull of each queue in turn, until all are at their end. */
async function read({ directory, messages, apart }: ReadConfig): Promise<ReadSample> {
  const { store } = createBenchStore(directory);
  await store.start();
  const offsets = Array.from({ length: queues }, (_, queueId) => Math.min(messages, queueId * apart));
  const expected = offsets.reduce((sum, offset) => sum + messages - offset, 0);
  let [count, bytes] = [0, 0];
  const readBefore = bytesRead();
  const cpuBefore = process.cpuUsage();
  while (offsets.some((offset) => offset < messages)) {
    for (let queueId = 0; queueId < queues; queueId++) {
      const offset = offsets[queueId] as number;
      if (offset >= messages) continue;
      const found = await store.get({ topic, queueId, offset, maxMessages: batch });
      if (found.status !== 'FOUND') throw new Error(`queue ${queueId} at ${offset}: ${found.status}`);
      count += found.messageCount;
      bytes += found.bytes;
      offsets[queueId] = found.nextBeginOffset;
    }
    // As a broker, which has sockets to look after: what the store lends for a turn comes back.
    await new Promise(setImmediate);
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  const readBytes = bytesRead() - readBefore;
  if (count !== expected) throw new Error(`${count} messages instead of ${expected}`);
  await store.close();
  return { messages: count, cpuPerMessage: (user + system) / count, readPerByte: readBytes / bytes };
}

const config = JSON.parse(process.argv[2] ?? '{}') as ReadConfig;
const sample = config.task === 'fill' ? await fill(config) : await read(config);
process.stdout.write(`${JSON.stringify(sample ?? {})}\n`);
