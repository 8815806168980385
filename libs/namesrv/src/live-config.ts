import { readFile } from 'node:fs/promises';
import {
  codeOf,
  createTableFile,
  formatProperties,
  messageOf,
  parseConfigValue,
  parseProperties,
  type Clock,
  type ConfigTable,
  type ConfigValue,
  type Logger,
} from '../../common/src/index.js';
import { ResponseCode } from '../../protocol/src/index.js';
import { fail, type Fail } from '../../remoting/src/index.js';
import { namesrvConfigTable, type NamesrvConfig } from './config.js';

const keys: ConfigTable = namesrvConfigTable;

/** Paths, and what could become one: never changed from outside, nor is that worth trying. */
const lockedKeys: ReadonlySet<string> = new Set(['configBlackList', 'configStorePath', 'kvConfigPath', 'rocketmqHome']);

/** Changes to a running name server's configuration: an allowlist of keys, kept in a file. */
export class LiveConfig {
  constructor(
    private readonly config: NamesrvConfig,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  /** Every key in force, as properties text. */
  text(): string {
    const entries = Object.entries(this.config).map(([name, value]) => [name, String(value)] as const);
    return formatProperties(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  /**
   * Takes over properties text and writes it to the configuration's file: all of it, or none. Resolves with why not.
   *
   * @throws RocketMQError STORE_UNAVAILABLE when the file cannot be written; the changes are in force all the same
   */
  async update(text: string): Promise<Fail<never> | undefined> {
    let given: Map<string, string>;
    try {
      given = parseProperties(text, 'configuration update');
    } catch (error) {
      return fail(ResponseCode.INVALID_PARAMETER, messageOf(error));
    }
    const values: Record<string, ConfigValue> = {};
    for (const [name, raw] of given) {
      if (lockedKeys.has(name)) return fail(ResponseCode.NO_PERMISSION, 'Can not update config in black list.');
      const key = Object.hasOwn(keys, name) ? keys[name] : undefined;
      if (key === undefined) return invalid(name, 'is no key of this name server');
      if (!key.live) return invalid(name, `cannot be changed while it runs; these can: ${liveKeys.join(', ')}`);
      const parsed = parseConfigValue(key, raw);
      if ('problem' in parsed) return invalid(name, parsed.problem);
      values[name] = parsed.value;
    }
    Object.assign(this.config, values);
    await this.keep(values);
    return undefined;
  }

  private async keep(values: Readonly<Record<string, ConfigValue>>): Promise<void> {
    const path = this.config.configStorePath;
    const before = await textOf(path);
    const after = Object.entries(values).reduce((text, [name, value]) => withLine(text, name, String(value)), before);
    const { clock, log } = this;
    await createTableFile({ path, clock, log, encode: () => after, decode: () => undefined }).save();
  }
}

const liveKeys = Object.keys(keys).filter((name) => keys[name]?.live);

function invalid(name: string, problem: string): Fail<never> {
  return fail(ResponseCode.INVALID_PARAMETER, `${JSON.stringify(name.slice(0, 64))} ${problem}`);
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
}

/** `text` with `name` set: in its line where it has a plain one, else in a new one. Comments stay. */
function withLine(text: string, name: string, value: string): string {
  const line = `${name}=${value}`;
  const changed = text.replace(new RegExp(`^[ \\t]*${name}[ \\t]*[=:].*$`, 'm'), line);
  // The line may have been part of a longer one, or not the last of its name: what is read back decides.
  if (parseProperties(changed, 'configuration').get(name) === value) return changed;
  const end = text === '' || text.endsWith('\n') ? '' : '\n';
  return `${text}${end}${line}\n`;
}
