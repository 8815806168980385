import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { benchmarks } from './benchmarks/index.js';
import type { Benchmark, SharedOptions } from './runner/benchmark.js';
import { positive } from './runner/options.js';
import { isGood, publish } from './runner/report.js';
import { runBenchmark } from './runner/running.js';

const program = new Command('bench').description('Benchmarks with the peer in the same run').action(() => list());

/** The names alone: what to run is for the reader to choose. */
function list(): void {
  const width = Math.max(...benchmarks.map(({ name }) => name.length));
  for (const { name, summary } of benchmarks) process.stdout.write(`${name.padEnd(width)}  ${summary}\n`);
}

for (const benchmark of benchmarks) addCommand(benchmark);

function addCommand(benchmark: Benchmark): void {
  const { name, summary, peers, options = [], defaults = {} } = benchmark;
  const { rounds = 3, measure = 1500 } = defaults;
  const command = program
    .command(name)
    .description(summary)
    .addOption(
      new Option('--against <peer>', 'who runs beside ours').choices([...peers, 'none', 'auto']).default('auto'),
    )
    .option('--rounds <n>', 'counted rounds a row', positive, rounds)
    .option('--measure <ms>', 'time measured a round', positive, measure)
    .option('--work-dir <folder>', 'where the stores lie: a real disk', '.cache/bench');
  for (const option of options) command.addOption(option);
  command.action(async (flags: SharedOptions) => {
    await runBenchmark(benchmark, { ...flags, workDir: resolve(flags.workDir) }, flags, (report) => {
      publish(report);
      if (!isGood(report)) process.exitCode = 1;
    });
  });
}

await program.parseAsync();
