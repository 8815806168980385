import type { LoadResult } from '../sides/load.js';
import type { Tally } from './lane.js';

/** The parent reads the server's CPU time when these lines come. */
export const announce = (line: 'measure' | 'end'): void => void process.stdout.write(`${line}\n`);

/** A load ends with 1 at the first thing that is wrong: what failed is not counted. */
export function fail(error: Error): never {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

/** What a load process was asked to do. */
export function configuration<T>(): T {
  return JSON.parse(process.argv[2] ?? '{}') as T;
}

export interface Timing {
  /** Milliseconds. */
  readonly warmUp: number;
  readonly measure: number;
}

/** Counts for `measure` ms after `warmUp` ms, while traffic goes on by itself, then has it ended and prints the result. */
export function runTimed({ warmUp, measure }: Timing, tally: Tally, end: () => Promise<unknown>): void {
  setTimeout(() => {
    const stop = startMeasuring(tally);
    setTimeout(() => {
      const result = stop();
      // The result counts only when the last replies are there and right.
      void end().then(() => printResult(result));
    }, measure);
  }, warmUp);
}

/** The last line of a load process. */
export const printResult = (result: object | undefined): void =>
  void process.stdout.write(`${JSON.stringify(result)}\n`);

/** Gives what ends the measurement. */
export function startMeasuring(tally: Tally): () => LoadResult {
  tally.isMeasuring = true;
  announce('measure');
  const beganAt = performance.now();
  const cpuBefore = process.cpuUsage();
  return () => {
    const seconds = (performance.now() - beganAt) / 1000;
    const { user, system } = process.cpuUsage(cpuBefore);
    tally.isMeasuring = false;
    announce('end');
    const { latency, messages } = tally;
    const [p50, p99, p999] = [0.5, 0.99, 0.999].map((share) => latency.percentile(share)) as [number, number, number];
    return { messages, seconds, p50, p99, p999, loadCpu: user + system };
  };
}
