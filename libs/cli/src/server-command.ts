import { Command, CommanderError, InvalidArgumentError } from 'commander';
import {
  codeOf,
  type ConfigItem,
  type Lifecycle,
  type Logger,
  messageOf,
  RocketMQError,
  systemClock,
} from '../../common/src/index.js';
import type { CommandHost } from './command-host.js';
import { readConfigFile } from './config-file.js';
import { formatConfigItems } from './config-print.js';
import { createConsoleLogger, parseLogLevel } from './console-logger.js';
import { serve } from './serve.js';

/** What mqnamesrv and mqbroker differ in; C is the configuration, S the server. */
export interface ServerCommand<C, S extends Lifecycle> {
  readonly name: string;
  readonly description: string;
  /** -m, which only Apache's broker has. */
  readonly hasImportantItems: boolean;
  read(sources: CommandSources): CommandConfig<C>;
  create(config: C, ports: { readonly log: Logger }): S;
  /** Printed once the server has started. */
  bootLine(server: S, config: C): string;
}

export interface CommandSources {
  readonly environment: CommandHost['environment'];
  readonly file?: { readonly path: string; readonly text: string };
  /** From the command line, by Apache's keys. */
  readonly options: Readonly<Record<string, string>>;
}

export interface CommandConfig<C> {
  readonly config: C;
  readonly items: readonly ConfigItem[];
  readonly warnings: readonly string[];
}

interface CommandOptions {
  readonly configFile?: string;
  readonly namesrvAddr?: string;
  readonly define?: Readonly<Record<string, string>>;
  readonly printConfigItem?: true;
  readonly printImportantConfig?: true;
  readonly logLevel?: string;
}

/**
 * Runs the command until its server was told to stop.
 *
 * @returns the exit code: 0 after an orderly stop or a print-out, 1 when something was wrong, which standard error names.
 */
export async function runServerCommand<C, S extends Lifecycle>(
  command: ServerCommand<C, S>,
  args: readonly string[],
  host: CommandHost,
): Promise<number> {
  const line = parseCommandLine(command, args, host);
  if (typeof line === 'number') return line;
  try {
    return await run(command, line, host);
  } catch (error) {
    host.err(errorText(command.name, error));
    return 1;
  }
}

interface CommandLine {
  readonly options: CommandOptions;
  readonly settings: Readonly<Record<string, string>>;
}

async function run<C, S extends Lifecycle>(
  command: ServerCommand<C, S>,
  { options, settings }: CommandLine,
  host: CommandHost,
): Promise<number> {
  const log = createConsoleLogger(
    parseLogLevel(options.logLevel ?? host.environment['LOG_LEVEL']),
    systemClock,
    (text) => host.err(text),
  );
  const { config, items, warnings } = command.read({
    environment: { ...host.environment, ...options.define },
    ...(options.configFile === undefined ? {} : { file: await readConfigFile(options.configFile) }),
    options: { ...settings, ...(options.namesrvAddr === undefined ? {} : { namesrvAddr: options.namesrvAddr }) },
  });
  if (options.printConfigItem || options.printImportantConfig) {
    host.out(formatConfigItems(items, options.printConfigItem !== true));
    return 0;
  }
  for (const warning of warnings) log.warn(warning);
  const server = command.create(config, { log });
  return await serve(server, () => command.bootLine(server, config), host);
}

function parseCommandLine<C, S extends Lifecycle>(
  { name, description, hasImportantItems }: ServerCommand<C, S>,
  args: readonly string[],
  host: CommandHost,
): CommandLine | number {
  const program = new Command(name)
    .description(description)
    .argument('[key=value...]', 'configuration keys that win over those of the file')
    .option('-c, --configFile <file>', `${name} configuration in Apache's keys`)
    .option('-n, --namesrvAddr <addresses>', 'name server addresses, such as 192.168.0.1:9876;192.168.0.2:9876')
    .option('-D, --define <name=value>', 'sets a property such as rocketmq.namesrv.addr, as Java does', withDefinition)
    .option('-p, --printConfigItem', 'print every configuration key, its value and what it does, and exit')
    .option('--logLevel <level>', 'debug, info, warn, error or off; else LOG_LEVEL, else warn')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.out(text),
      writeErr: (text) => host.err(`${name}: ${text.replace(/^error: /, '')}`),
    });
  if (hasImportantItems) {
    program.option('-m, --printImportantConfig', 'print the important configuration keys and exit');
  }
  try {
    program.parse(args, { from: 'user' });
    return { options: program.opts<CommandOptions>(), settings: settingsOf(program.args) };
  } catch (error) {
    // Commander has already said what was wrong, or printed the help.
    if (codeOf(error)?.startsWith('commander.')) return (error as CommanderError).exitCode;
    host.err(errorText(name, error));
    return 1;
  }
}

function withDefinition(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at > 0) return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  throw new InvalidArgumentError('It must be name=value.');
}

function settingsOf(args: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    args.map((argument) => {
      const at = argument.indexOf('=');
      if (at > 0) return [argument.slice(0, at), argument.slice(at + 1)];
      const shown = JSON.stringify(argument.slice(0, 200));
      throw new RocketMQError(
        'ARGUMENT_INVALID',
        `${shown} is neither an option nor key=value; --help shows what there is`,
      );
    }),
  );
}

/** Every line of a message with the command's name before it. A fault of ours shows where it was. */
export function errorText(name: string, error: unknown): string {
  const isExpected = typeof error === 'object' && error !== null && 'name' in error && error.name === 'RocketMQError';
  const hasStack = typeof error === 'object' && error !== null && 'stack' in error;
  const text = isExpected || !hasStack ? messageOf(error) : String(error.stack);
  return text
    .split('\n')
    .map((line) => `${name}: ${line}\n`)
    .join('');
}
