import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

/** Clock ticks a second in /proc: 100 on every Linux we know, asked all the same. */
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** User + system time a process has used so far, in microseconds. Linux only. */
export function cpuMicros(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field, the command, may hold blanks and parentheses: count from the last parenthesis.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1e6) / ticksPerSecond;
}

/** What /proc says about a process's memory, in MiB. */
export type MemoryLine = 'VmHWM' | 'VmRSS' | 'RssAnon';

export function memoryMiB(pid: number, name: MemoryLine): number {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? NaN) / 1024;
}

/** Peak resident memory so far, or since it was forgotten, in MiB. */
export const peakMemoryMiB = (pid: number): number => Math.round(memoryMiB(pid, 'VmHWM'));

/** From here on the peak counts anew. */
export function forgetPeakMemory(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** What a process had read from disks so far, page faults of mapped files included, in MiB. */
export function diskReadMiB(pid: number): number {
  const line = /^read_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'));
  return Number(line?.[1] ?? NaN) / 1024 ** 2;
}
