import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { benchSend, formatSendReport } from './send.js';

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
      progress: (line) => process.stderr.write(`${line}\n`),
    });
    mkdirSync('bench/results', { recursive: true });
    writeFileSync('bench/results/send.json', `${JSON.stringify(report, null, 2)}\n`);
    process.stdout.write(`\n${formatSendReport(report)}\n`);
  });

program.parseAsync().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
