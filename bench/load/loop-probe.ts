/*
 * Loaded into a broker before its own code (node --import): watches the event loop, garbage collection and write(2), and tells
 * over the channel to the parent what is asked, see ProbeQuestion. Costs 200 wakes a second.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { createHistogram, PerformanceObserver } from 'node:perf_hooks';

/** `forget` begins anew, `report` is answered with a LoopReport, `collect` with a LoopReport after a garbage collection. */
export type ProbeQuestion = 'forget' | 'report' | 'collect';

/** Milliseconds, since the last `forget`. */
export interface LoopReport {
  /** By how much a timer came late, less the time the processor was given to other processes meanwhile. */
  readonly delayP99: number;
  /** The same with that time. */
  readonly latest: number;
  /** Longest delay less that time and what write(2) took. */
  readonly ownBlockMax: number;
  readonly writeP999: number;
  readonly writeMax: number;
  readonly gcMax: number;
  /** Share of the time. */
  readonly gcShare: number;
}

const every = 5;
const nanos = 1e6;

const delays = createHistogram();
const writes = createHistogram();
let writing = 0;
let latest = 0;
let ownBlockMax = 0;
let gcMax = 0;
let gcTotal = 0;
let forgottenAt = performance.now();

const write = fs.writeSync as (...args: unknown[]) => number;
Object.assign(fs, {
  writeSync(...args: unknown[]): number {
    const startedAt = performance.now();
    try {
      return write(...args);
    } finally {
      const took = performance.now() - startedAt;
      writing += took;
      writes.record(Math.max(1, Math.round(took * nanos)));
    }
  },
});
syncBuiltinESMExports();

new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) {
    gcTotal += duration;
    gcMax = Math.max(gcMax, duration);
  }
}).observe({ entryTypes: ['gc'] });

const schedule = fs.openSync('/proc/self/schedstat', 'r');
const text = Buffer.alloc(128);

/** Milliseconds this thread has been ready to run and did not, because others did. */
function waitedForProcessor(): number {
  const length = fs.readSync(schedule, text, 0, text.length, 0);
  return Number(text.toString('latin1', 0, length).split(' ')[1]) / nanos;
}

let last = performance.now();
let waitedBefore = waitedForProcessor();
setInterval(() => {
  const now = performance.now();
  const waited = waitedForProcessor();
  const late = Math.max(0, now - last - every);
  const own = Math.max(0, late - (waited - waitedBefore));
  delays.record(Math.max(1, Math.round(own * nanos)));
  latest = Math.max(latest, late);
  ownBlockMax = Math.max(ownBlockMax, own - writing);
  last = now;
  waitedBefore = waited;
  writing = 0;
}, every).unref();

function report(): LoopReport {
  const count = (histogram: typeof delays, share: number): number => histogram.percentile(share) / nanos;
  return {
    delayP99: count(delays, 99),
    latest,
    ownBlockMax,
    writeP999: writes.count === 0 ? 0 : count(writes, 99.9),
    writeMax: writes.count === 0 ? 0 : writes.max / nanos,
    gcMax,
    gcShare: gcTotal / (performance.now() - forgottenAt),
  };
}

function forget(): void {
  delays.reset();
  writes.reset();
  latest = 0;
  ownBlockMax = 0;
  gcMax = 0;
  gcTotal = 0;
  forgottenAt = performance.now();
}

process.on('message', (question: ProbeQuestion) => {
  if (question === 'forget') forget();
  // What a first collection lets go of on the way out, a second one takes.
  if (question === 'collect') for (let i = 0; i < 2; i++) globalThis.gc?.();
  process.send?.(report());
});
// The broker ends when it has nothing to do, whoever might ask.
process.channel?.unref();
