import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { benchSend, formatSendReport } from './send.js';
import { benchStore, formatStoreReport } from './store.js';
import { benchRecovery, formatRecoveryReport, type RecoveryBenchOptions } from './store-recovery.js';
import { benchQueues, formatQueuesReport } from './store-queues.js';

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('must be a whole number from 1');
  return number;
}

interface SendFlags {
  rounds: number;
  measure: number;
  against: 'java' | 'none' | 'auto';
  sync?: true;
  workDir: string;
}

const progress = (line: string): void => void process.stderr.write(`${line}\n`);

/** The figures for programs go to a file, the table for people to standard output. */
function publish(name: string, report: object, table: string): void {
  mkdirSync('bench/results', { recursive: true });
  writeFileSync(`bench/results/${name}.json`, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`\n${table}\n`);
}

const program = new Command('bench').description('Benchmarks with the peer in the same run');

program
  .command('send')
  .description('sends/s, broker CPU per send and latency, by header form, body size and load')
  .option('--rounds <n>', 'counted rounds a row', positive, 3)
  .option('--measure <ms>', 'time measured a round', positive, 1500)
  .addOption(
    new Option('--against <peer>', 'Apache broker beside ours').choices(['java', 'none', 'auto']).default('auto'),
  )
  .option('--sync', 'SYNC_FLUSH instead of ASYNC_FLUSH')
  .option('--work-dir <folder>', 'where the stores lie: a real disk', '.cache/bench')
  .action(async (flags: SendFlags) => {
    const report = await benchSend({
      ...flags,
      workDir: resolve(flags.workDir),
      flushDiskType: flags.sync ? 'SYNC_FLUSH' : 'ASYNC_FLUSH',
      progress,
    });
    publish('send', report, formatSendReport(report));
  });

program
  .command('store')
  .description('appends/s, CPU per message and latency of the store alone, and what writing and syncing cost')
  .option('--rounds <n>', 'counted rounds a row', positive, 3)
  .option('--measure <ms>', 'time measured a round', positive, 1500)
  .option('--work-dir <folder>', 'where the stores lie: a real disk', '.cache/bench')
  .action(async ({ rounds, measure, workDir }: Pick<SendFlags, 'rounds' | 'measure' | 'workDir'>) => {
    const report = await benchStore({ rounds, measure, workDir: resolve(workDir), progress });
    publish('store', report, formatStoreReport(report));
    if (report.misses.length > 0) process.exitCode = 1;
  });

program
  .command('store-queues')
  .description('start, memory and descriptors of a store with 10,000 and 50,000 queues')
  .option('--rounds <n>', 'counted rounds a row', positive, 3)
  .option('--work-dir <folder>', 'where the stores lie: a real disk', '.cache/bench')
  .action(async ({ rounds, workDir }: Pick<SendFlags, 'rounds' | 'workDir'>) => {
    const report = await benchQueues({ rounds, workDir: resolve(workDir), progress });
    publish('store-queues', report, formatQueuesReport(report));
    if (report.misses.length > 0) process.exitCode = 1;
  });

program
  .command('store-recovery')
  .description('process start to first accepted send after kill -9, and the rate at which queues are made again')
  .option('--size <GiB>', 'log of each store', positive, 1)
  .option('--rounds <n>', 'starts of each broker', positive, 5)
  .addOption(
    new Option('--against <peer>', 'Apache broker beside ours').choices(['java', 'none', 'auto']).default('auto'),
  )
  .addOption(
    new Option('--cache <state>', 'page cache before a start; dropped needs root')
      .choices(['warm', 'dropped'])
      .default('warm'),
  )
  .option('--work-dir <folder>', 'where the stores lie: a real disk', '.cache/bench')
  .action(async (flags: Omit<RecoveryBenchOptions, 'progress'>) => {
    const report = await benchRecovery({ ...flags, workDir: resolve(flags.workDir), progress });
    publish('store-recovery', report, formatRecoveryReport(report));
    if (report.misses.length > 0) process.exitCode = 1;
  });

program.parseAsync().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
