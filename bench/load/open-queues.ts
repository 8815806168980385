/*
 * The process that opens a store of many queues. Argument: one JSON text, see QueuesConfig. Prints one JSON line, see
 * QueuesResult, or nothing of interest when it prepared the store. Run with --expose-gc.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { decodeMessages } from '../../libs/protocol/src/message/index.js';
import type { MessageStore } from '../../libs/store/src/index.js';
import { appendOne, seededRandom, unsyncedDisk } from '../../libs/testkit/src/index.js';
import { peakMemoryMiB } from '../sides/process-cost.js';
import { createBenchStore } from './bench-store.js';

export interface QueuesConfig {
  readonly directory: string;
  readonly queues: number;
  /** Fills the queues, or opens what was filled; `kill` ends like kill -9 instead of closing. */
  readonly task: 'prepare' | 'open' | 'kill';
}

export interface QueuesResult {
  readonly startMs: number;
  /** Heap and external memory after a garbage collection, over what it was before the start. */
  readonly bytesPerQueue: number;
  readonly peakMiB: number;
  /** Of the store alone. */
  readonly descriptors: number;
  readonly maxOpenFiles: number;
  /** Queues that did not give back what was sent to them. */
  readonly wrong: number;
}

const queuesPerTopic = 8;
const messagesPerQueue = 3;
const tried = 100;

const topicOf = (queue: number): string => `bench-${String(Math.floor(queue / queuesPerTopic)).padStart(6, '0')}`;
const queueIdOf = (queue: number): number => queue % queuesPerTopic;
const bodyOf = (queue: number, round: number | string): string => `message ${round} of queue ${queue}`;

async function send(store: MessageStore, queue: number, round: number | string): Promise<number> {
  const body = Buffer.from(bodyOf(queue, round));
  const sent = await appendOne(store, { topic: topicOf(queue), queueId: queueIdOf(queue), body });
  if (sent.status !== 'OK') throw new Error(sent.reason);
  return sent.queueOffset;
}

async function prepare({ directory, queues }: QueuesConfig): Promise<void> {
  // Nothing is lost when the machine stays up: without syncs it takes seconds instead of minutes.
  const { store } = createBenchStore(directory, unsyncedDisk);
  await store.start();
  for (let round = 0; round < messagesPerQueue; round++) {
    for (let from = 0; from < queues; from += 1000) {
      const group = Array.from({ length: Math.min(1000, queues - from) }, (_, i) => send(store, from + i, round));
      await Promise.all(group);
    }
  }
  await store.close();
}

function memory(): number {
  if (globalThis.gc === undefined) throw new Error('run it with --expose-gc');
  // What a first collection lets go of on the way out, a second one takes.
  for (let i = 0; i < 2; i++) globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function bodiesFrom(store: MessageStore, queue: number, offset: number): Promise<string[]> {
  const request = { topic: topicOf(queue), queueId: queueIdOf(queue), offset, maxMessages: 32 };
  const { slices } = await store.get(request);
  return decodeMessages(Buffer.concat(slices)).map(({ body }) => body.toString());
}

/** Sends to random queues and pulls them whole: how many were wrong. */
async function countWrong(store: MessageStore, queues: number): Promise<number> {
  const random = seededRandom(1);
  let wrong = 0;
  for (let i = 0; i < tried; i++) {
    const queue = Math.floor(random() * queues);
    const label = `late-${i}`;
    const offset = await send(store, queue, label);
    const bodies = await bodiesFrom(store, queue, 0);
    const early = Array.from({ length: messagesPerQueue }, (_, round) => bodyOf(queue, round));
    const isRight = early.every((body, at) => bodies[at] === body) && bodies[offset] === bodyOf(queue, label);
    if (!isRight) wrong++;
  }
  return wrong;
}

const descriptorCount = (): number => readdirSync('/proc/self/fd').length;

async function open({ directory, queues, task }: QueuesConfig): Promise<QueuesResult> {
  const { store, config } = createBenchStore(directory);
  const { maxOpenFiles, maxHashSlotNum } = config;
  const memoryBefore = memory();
  const descriptorsBefore = descriptorCount();
  const startedAt = performance.now();
  await store.start();
  const startMs = performance.now() - startedAt;
  // The index has its slots in memory, whatever the number of queues.
  const bytesPerQueue = (memory() - memoryBefore - maxHashSlotNum * 4) / queues;
  const wrong = await countWrong(store, queues);
  const descriptors = descriptorCount() - descriptorsBefore;
  const result = { startMs, bytesPerQueue, peakMiB: peakMemoryMiB(process.pid), descriptors, maxOpenFiles, wrong };
  if (task === 'open') await store.close();
  return result;
}

const config = JSON.parse(process.argv[2] ?? readFileSync(0, 'utf8')) as QueuesConfig;
const result = config.task === 'prepare' ? await prepare(config) : await open(config);
process.stdout.write(`${JSON.stringify(result ?? {})}\n`, () => {
  if (config.task === 'kill') process.kill(process.pid, 'SIGKILL');
});
