import { Command, InvalidArgumentError } from 'commander';
import { codeOf, systemClock, type Clock } from '../../common/src/index.js';
import {
  dumpRecords,
  inspectStore,
  verifyStore,
  type DumpOptions,
  type StoreFinding,
  type StoreLocation,
} from '../../store/src/index.js';
import type { CommandHost } from './command-host.js';
import { errorText } from './server-command.js';
import { damageText, findingText, recordJson, recordText, summaryText, verdictText } from './store-print.js';
import { createProgressLine } from './progress-line.js';

const name = 'nestjs-rocketmq';
/** Faults were found; 0 is a whole store. */
const faultsFound = 1;
/** It could not be looked at. */
const couldNotRun = 2;
/** More findings are counted only; with --json there are all that were kept. */
const shownFindings = 100;

interface CommonFlags {
  readonly commitlog?: string;
  readonly json?: true;
}

interface IndexFlags {
  readonly indexSlots?: number;
}

interface DumpFlags extends CommonFlags, Omit<DumpOptions, 'directory' | 'queueId' | 'physicalOffset'> {
  readonly queue?: number;
  readonly physical?: number;
  readonly body?: 'text' | 'hex';
}

/**
 * `nestjs-rocketmq store inspect|verify|dump <directory>`: looks at a store, ours or Apache's, at rest or in use, and
 * changes nothing.
 *
 * @returns the exit code: 0, 1 when verify found faults, 2 when it could not run, which standard error explains.
 */
export async function runStoreCommand(
  args: readonly string[],
  host: CommandHost,
  clock: Clock = systemClock,
): Promise<number> {
  let code = 0;
  const program = new Command(name).description('Tools for RocketMQ in Node.');
  const store = program.command('store').description('Looks at the files of a store; changes nothing.');
  addCommon(store.command('inspect').description('What is in a store: files, queues, index, checkpoint, tables.'))
    .option('--topic <topic>', 'only the queues of this topic')
    .option('--index-slots <count>', 'maxHashSlotNum of the index files, when it is unusual', wholeNumber)
    .action(async (directory: string, flags: CommonFlags & IndexFlags & { topic?: string }) => {
      const summary = await inspectStore({ ...placeOf(directory, flags), ...indexOf(flags), ...topicOf(flags) });
      host.out(flags.json ? `${JSON.stringify(summary)}\n` : summaryText(summary));
    });
  addCommon(store.command('verify').description('Reads the whole log and compares queues and index with it.'))
    .option('--progress', 'print bytes, percent and time left even when nobody looks')
    .option('--index-slots <count>', 'maxHashSlotNum of the index files, when it is unusual', wholeNumber)
    .action(async (directory: string, flags: CommonFlags & IndexFlags & { progress?: true }) => {
      code = await verify(directory, flags, host, clock);
    });
  addCommon(store.command('dump').description('The records of the log, one a line.'))
    .option('--topic <topic>', 'only of this topic')
    .option('--queue <id>', 'only of this queue', wholeNumber)
    .option('--from <offset>', 'first queue offset', wholeNumber)
    .option('--to <offset>', 'last queue offset', wholeNumber)
    .option('--key <key>', 'only with this key or unique id')
    .option('--physical <offset>', 'begin with the record at this physical offset', wholeNumber)
    .option('--limit <count>', 'at most so many', wholeNumber)
    .option('--body <form>', 'the payload too, as text or hex', bodyForm)
    .action((directory: string, flags: DumpFlags) => dump(directory, flags, host));
  configure(program, host);
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    // Commander has already said what was wrong, or printed the help.
    if (codeOf(error)?.startsWith('commander.'))
      return (error as { exitCode: number }).exitCode === 0 ? 0 : couldNotRun;
    host.err(errorText(name, isOperating(error) ? operatingError(error) : error));
    return couldNotRun;
  }
}

async function verify(
  directory: string,
  flags: CommonFlags & IndexFlags & { progress?: true },
  host: CommandHost,
  clock: Clock,
): Promise<number> {
  const progress = createProgressLine(host, clock, flags.progress ?? host.isErrorTerminal);
  let shown = 0;
  const onFinding = (finding: StoreFinding): void => {
    if (flags.json || ++shown > shownFindings) return;
    progress.clear();
    host.out(findingText(finding));
  };
  const verdict = await verifyStore({
    ...placeOf(directory, flags),
    ...indexOf(flags),
    onFinding,
    onProgress: progress.show,
  });
  progress.clear();
  const hidden = Math.max(0, shown - shownFindings);
  host.out(flags.json ? `${JSON.stringify(verdict)}\n` : verdictText(verdict, hidden));
  return verdict.faults > 0 ? faultsFound : 0;
}

async function dump(directory: string, flags: DumpFlags, host: CommandHost): Promise<void> {
  const { queue, physical, body, json, commitlog: _, ...filters } = flags;
  const options: DumpOptions = {
    ...placeOf(directory, flags),
    ...filters,
    ...(queue === undefined ? {} : { queueId: queue }),
    ...(physical === undefined ? {} : { physicalOffset: physical }),
  };
  await dumpRecords(options, {
    onRecord(record) {
      host.out(json ? `${recordJson(record, body)}\n` : recordText(record, body));
      return !host.isOutputClosed();
    },
    onDamage: (damage) => host.err(`${name}: ${damageText(damage)}\n`),
  });
}

function addCommon(command: Command): Command {
  return command
    .argument('<directory>', 'storePathRootDir of a broker')
    .option('--commitlog <directory>', 'storePathCommitLog, when it is not <directory>/commitlog')
    .option('--json', 'for programs');
}

/** Settings that commands do not take over from the one above them. */
function configure(command: Command, host: CommandHost): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => host.out(text),
    writeErr: (text) => host.err(`${name}: ${text.replace(/^error: /, '')}`),
  });
  for (const child of command.commands) configure(child, host);
}

function placeOf(directory: string, { commitlog }: CommonFlags): StoreLocation {
  return { directory, ...(commitlog === undefined ? {} : { commitLog: commitlog }) };
}

function indexOf({ indexSlots }: IndexFlags): { index?: { slots: number } } {
  return indexSlots === undefined ? {} : { index: { slots: indexSlots } };
}

function topicOf({ topic }: { topic?: string }): { topic?: string } {
  return topic === undefined ? {} : { topic };
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number))
    throw new InvalidArgumentError('It must be a whole number from 0.');
  return number;
}

function bodyForm(text: string): string {
  if (text !== 'text' && text !== 'hex') throw new InvalidArgumentError('It is text or hex.');
  return text;
}

/** What the system says (no permission, a broken disk) is no fault of the program: no stack. */
function isOperating(error: unknown): boolean {
  return /^E[A-Z]+$/.test(codeOf(error) ?? '');
}

function operatingError(error: unknown): object {
  return { message: `reading the store failed: ${String((error as { message: unknown }).message)}` };
}
