import type { Figure } from '../runner/figure.js';
import { runChild } from './child.js';
import { cpuMicros, diskReadMiB, forgetPeakMemory, peakMemoryMiB } from './process-cost.js';

/** What a load process counts between its lines "measure" and "end". */
export interface LoadResult {
  readonly messages: number;
  readonly seconds: number;
  /** Microseconds: from a request to its reply, or whatever the load says it measures. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  /** User+system time of the load process itself, microseconds. */
  readonly loadCpu: number;
}

/** What a server did and spent meanwhile, whoever made the load. */
export interface ServerSample extends Pick<LoadResult, 'messages' | 'seconds'> {
  /** User+system time, microseconds. */
  readonly serverCpu: number;
  readonly serverPeakMiB: number;
}

interface DiskUse {
  /** Of the whole run. */
  readonly diskReadMiB: number;
}

export type LoadSample<T extends LoadResult = LoadResult> = T & ServerSample & DiskUse;

/** Runs a load process and reads what the server `pid` spends between the lines "measure" and "end" of it. */
export async function underLoad<T extends LoadResult = LoadResult>(
  script: string,
  config: object,
  pid: number,
): Promise<LoadSample<T>> {
  let before = NaN;
  let after = NaN;
  forgetPeakMemory(pid);
  const readBefore = diskReadMiB(pid);
  const result = await runChild<T>(script, config, {
    onLine: (line) => {
      if (line === 'measure') before = cpuMicros(pid);
      else if (line === 'end') after = cpuMicros(pid);
    },
  });
  const read = diskReadMiB(pid) - readBefore;
  return { ...result, serverCpu: after - before, serverPeakMiB: peakMemoryMiB(pid), diskReadMiB: read };
}

export const rate: Figure<ServerSample> = { title: 'msg/s', of: ({ messages, seconds }) => messages / seconds };
/** Of the server process. */
export const cpu: Figure<ServerSample> = {
  title: 'CPU µs',
  of: ({ serverCpu, messages }) => serverCpu / messages,
  digits: 2,
};
export const p50: Figure<LoadSample> = { title: 'p50 µs', of: (sample) => sample.p50 };
export const p99: Figure<LoadSample> = { title: 'p99 µs', of: (sample) => sample.p99 };
export const p999: Figure<LoadSample> = { title: 'p99.9 µs', of: (sample) => sample.p999 };
export const peakMemory: Figure<ServerSample> = { title: 'peak MiB', of: ({ serverPeakMiB }) => serverPeakMiB };
/** Near the server's, the load is the limit and the rate says nothing about the server. */
export const loadCpu: Figure<LoadSample> = {
  title: 'load µs',
  of: (sample) => sample.loadCpu / sample.messages,
  digits: 2,
};

export const loadFigures: readonly Figure<LoadSample>[] = [rate, cpu, p50, p99, p999, peakMemory, loadCpu];
