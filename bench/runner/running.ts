import { join } from 'node:path';
import { messageOf } from '../../libs/common/src/index.js';
import type { Bench, Benchmark, SharedOptions } from './benchmark.js';
import type { Verdict } from './goal.js';
import { describeMachine } from './machine.js';
import { judgeRow, measureRow } from './measuring.js';
import { reportRow, type Report, type RowReport } from './report.js';
import { withWorkDirectory } from './work-directory.js';

/**
 * Runs a benchmark to its end or first error, stops what it started, and publishes the report of what was measured, also
 * when interrupted.
 */
export async function runBenchmark(
  benchmark: Benchmark,
  options: SharedOptions,
  flags: object,
  publish: (report: Report) => void,
): Promise<void> {
  const rows: RowReport[] = [];
  const notes: string[] = [];
  const stops: (() => Promise<void> | void)[] = [];
  const progress = (line: string): void => void process.stderr.write(`${line}\n`);
  let error: string | undefined;
  const date = new Date(Date.now()).toISOString().slice(0, 10);
  const command = `npm run bench -- ${process.argv.slice(2).join(' ')}`;
  const machine = describeMachine();
  const give = (): void => {
    const report = { benchmark: benchmark.name, command, date, machine, rows, notes };
    publish(error === undefined ? report : { ...report, error });
  };
  const interrupted = (): void => {
    error = 'interrupted';
    give();
  };
  process.once('exit', interrupted);
  await withWorkDirectory(join(options.workDir, benchmark.name), async (directory) => {
    const bench: Bench = {
      options,
      directory,
      progress,
      async row(row) {
        const samples = await measureRow(row, row.rounds ?? options.rounds);
        const report = reportRow(row, samples, judgeRow(row, samples));
        rows.push(report);
        progress(`${row.title}: ${report.verdicts.map(briefly).join('; ') || 'measured'}`);
        return samples;
      },
      skip(title, reason) {
        rows.push({ title, skipped: reason, digits: {}, sides: [], verdicts: [] });
        progress(`${title}: skipped, ${reason}`);
      },
      note: (text) => void notes.push(text),
      afterwards: (stop) => void stops.push(stop),
      wish: (peer) => wishFor(benchmark, options, peer),
    };
    try {
      await benchmark.run(bench, flags);
    } catch (failure) {
      error = messageOf(failure);
    } finally {
      for (const stop of stops.reverse()) await stop();
    }
  });
  process.removeListener('exit', interrupted);
  give();
}

const briefly = ({ goal, measured, text }: Verdict): string => `${goal}: ${measured} ${text}`;

function wishFor({ peers }: Benchmark, { against }: SharedOptions, peer: string): 'required' | 'welcome' | 'no' {
  if (!peers.some((kind) => kind === peer) || against === 'none') return 'no';
  if (against === 'auto') return 'welcome';
  return against === peer ? 'required' : 'no';
}
