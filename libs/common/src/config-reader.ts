import { configDefaults, type ConfigKey, type ConfigOf, type ConfigTable } from './config-table.js';
import { type ConfigValue, parseConfigValue, showConfigValue } from './config-value.js';
import { RocketMQError } from './errors.js';
import { nearest } from './nearest.js';
import { parseProperties } from './properties-text.js';

/** Where entries come from; later layers win over earlier ones. */
export interface ConfigLayer {
  /** How messages name it: a file's path, "NAMESRV_ADDR", "option". */
  readonly source: string;
  /** Texts from a file, or values from options. An undefined value is no entry. */
  readonly entries: Iterable<readonly [string, unknown]>;
}

/**
 * The entries of a `.conf` or `.properties` text.
 *
 * @throws RocketMQError CONFIG_INVALID as {@link parseProperties}.
 */
export function propertiesLayer(path: string, text: string): ConfigLayer {
  return { source: path, entries: parseProperties(text, path) };
}

/** A key with its value in force. */
export interface ConfigItem {
  readonly name: string;
  readonly key: ConfigKey;
  readonly value: ConfigValue;
  /** The source that set it; undefined when it is the default. */
  readonly source: string | undefined;
}

export interface ReadConfig<T extends ConfigTable> {
  readonly values: ConfigOf<T>;
  /** Every key of the table, in its order. */
  readonly items: readonly ConfigItem[];
  /** Names set explicitly, in canonical spelling. */
  readonly given: ReadonlySet<string>;
  /** Sentences for the operator: aliases used, keys without effect. */
  readonly warnings: readonly string[];
}

/**
 * Reads `entries` (texts from a file, or values from options) by the table.
 *
 * @throws RocketMQError CONFIG_INVALID listing every wrong entry: unknown keys with "did you mean", wrong kinds, values
 *   out of bounds, features that are not there; UNSUPPORTED when it lists these only.
 */
export function readConfig<T extends ConfigTable>(
  table: T,
  entries: Iterable<readonly [string, unknown]>,
  source: string,
): ReadConfig<T> {
  return readConfigLayers(table, [{ source, entries }]);
}

/** As {@link readConfig}, from several sources at once: every mistake of all of them is in the one error. */
export function readConfigLayers<T extends ConfigTable>(table: T, layers: readonly ConfigLayer[]): ReadConfig<T> {
  const reading: Reading = { table, names: namesOf(table), set: new Map(), warnings: [], problems: [] };
  for (const layer of layers) readLayer(reading, layer);
  // Asked of the values in force: what a later layer overrides is not asked for.
  const refused = [...reading.set].flatMap(([name, entry]) => refusalOf(name, entry, table[name]));
  const wrong = [...reading.problems, ...refused];
  if (wrong.length > 0) {
    throw new RocketMQError(wrong.length > refused.length ? 'CONFIG_INVALID' : 'UNSUPPORTED', wrong.join('\n'));
  }
  const values: Record<string, ConfigValue> = configDefaults(table);
  const items = Object.entries(table).map(([name, key]): ConfigItem => {
    const entry = reading.set.get(name);
    if (entry) values[name] = entry.value;
    return { name, key, value: entry?.value ?? key.default, source: entry?.source };
  });
  return {
    values: values as ConfigOf<T>,
    items,
    given: new Set(reading.set.keys()),
    warnings: [...reading.warnings, ...[...reading.set].flatMap(([name, entry]) => effectOf(name, entry, table[name]))],
  };
}

interface Entry {
  readonly value: ConfigValue;
  readonly source: string;
}

interface Reading {
  readonly table: ConfigTable;
  /** Every spelling to its canonical name. */
  readonly names: ReadonlyMap<string, string>;
  readonly set: Map<string, Entry>;
  readonly warnings: string[];
  readonly problems: string[];
}

function readLayer(reading: Reading, { source, entries }: ConfigLayer): void {
  const spelledAs = new Map<string, string>();
  for (const [written, raw] of entries) {
    if (raw === undefined) continue;
    const name = reading.names.get(written);
    const key = name === undefined ? undefined : reading.table[name];
    if (name === undefined || key === undefined) {
      reading.problems.push(`${source}: unknown key ${unknownKeyText(written, reading.names)}`);
      continue;
    }
    const parsed = parseConfigValue(key, raw);
    if ('problem' in parsed) {
      reading.problems.push(`${source}: ${written} ${parsed.problem}`);
      continue;
    }
    const twin = spelledAs.get(name);
    if (twin !== undefined && reading.set.get(name)?.value !== parsed.value) {
      reading.problems.push(`${source}: ${twin} and ${written} are the same key with two values; keep one of them`);
      continue;
    }
    spelledAs.set(name, written);
    if (name !== written) reading.warnings.push(`${source}: ${written} is another name of ${name}`);
    reading.set.set(name, { value: parsed.value, source });
  }
}

function unknownKeyText(written: string, names: ReadonlyMap<string, string>): string {
  const shown = JSON.stringify(written.slice(0, 200));
  const near = nearest(written, [...names.keys()]);
  return near === undefined ? shown : `${shown}; did you mean ${near}?`;
}

function refusalOf(name: string, { value, source }: Entry, key: ConfigKey | undefined): string[] {
  if (!key?.unsupported || value === key.default) return [];
  return [`${source}: ${name}=${textOf(key, value)} is unsupported: ${key.unsupported}`];
}

function effectOf(name: string, { source }: Entry, key: ConfigKey | undefined): string[] {
  return key?.noEffect ? [`${source}: ${name} has no effect here: ${key.noEffect}`] : [];
}

function textOf(key: ConfigKey, value: ConfigValue): string {
  return key.secret ? showConfigValue(key, value) : String(value).slice(0, 200);
}

function namesOf(table: ConfigTable): Map<string, string> {
  const names = new Map<string, string>();
  for (const [name, key] of Object.entries(table)) {
    names.set(name, name);
    for (const alias of key.aliases ?? []) names.set(alias, name);
  }
  return names;
}
