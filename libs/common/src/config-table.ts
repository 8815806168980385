import { RocketMQError } from './errors.js';

/**
 * A configuration key, declared once. Parser, `-p` print-out, live updates and documentation derive from the row.
 */
export interface ConfigKey {
  readonly kind: 'int' | 'long' | 'double' | 'boolean' | 'string' | 'enum';
  readonly default: number | boolean | string;
  /** Bounds of a number, inclusive. */
  readonly min?: number;
  readonly max?: number;
  /** Allowed values of an enum. */
  readonly values?: readonly string[];
  readonly unit?: 'ms' | 's' | 'h' | 'bytes' | 'percent' | 'entries';
  /** Other spellings that mean this key (Apache's own misspellings, renamed keys). */
  readonly aliases?: readonly string[];
  /** May be changed while running (requests 25 and 318). Paths and commands never. */
  readonly live?: boolean;
  /** Shown by `-m`. */
  readonly important?: boolean;
  /** One sentence: what it does. */
  readonly note: string;
  /** Set on keys of Apache's that are accepted and change nothing here: why. */
  readonly noEffect?: string;
  /** Values other than the default that stop the start with "unsupported": the reason. */
  readonly unsupported?: string;
}

export type ConfigTable = Readonly<Record<string, ConfigKey>>;

type ValueOf<K extends ConfigKey> = K extends { kind: 'boolean' }
  ? boolean
  : K extends { kind: 'int' | 'long' | 'double' }
    ? number
    : K extends { kind: 'enum'; values: readonly (infer V)[] }
      ? V
      : string;

/** The plain object a table describes. */
export type ConfigOf<T extends ConfigTable> = { -readonly [K in keyof T]: ValueOf<T[K]> };

/** Keeps the literal types of a table. */
export function configTable<const T extends ConfigTable>(table: T): T {
  return table;
}

export function configDefaults<T extends ConfigTable>(table: T): ConfigOf<T> {
  return Object.fromEntries(Object.entries(table).map(([name, key]) => [name, key.default])) as ConfigOf<T>;
}

export interface ReadConfig<T extends ConfigTable> {
  readonly values: ConfigOf<T>;
  /** Names set explicitly, in canonical spelling. */
  readonly given: ReadonlySet<string>;
  /** Sentences for the operator: aliases used, keys without effect. */
  readonly warnings: readonly string[];
}

/**
 * Reads `entries` (texts from a file, or values from options) by the table.
 *
 * @throws RocketMQError CONFIG_INVALID listing every wrong entry: unknown keys with "did you mean", wrong kinds, values
 *   out of bounds; UNSUPPORTED when a value asks for a feature that is not there.
 */
export function readConfig<T extends ConfigTable>(
  table: T,
  entries: Iterable<readonly [string, unknown]>,
  source: string,
): ReadConfig<T> {
  const values: Record<string, number | boolean | string> = configDefaults(table);
  const names = namesOf(table);
  const given = new Set<string>();
  const warnings: string[] = [];
  const problems: string[] = [];
  const refused: string[] = [];
  for (const [written, raw] of entries) {
    const name = names.get(written);
    const key = name === undefined ? undefined : table[name];
    if (name === undefined || key === undefined) {
      const near = nearest(written, [...names.keys()]);
      problems.push(`${source}: unknown key ${JSON.stringify(written)}${near ? `; did you mean ${near}?` : ''}`);
      continue;
    }
    const parsed = parseConfigValue(key, raw);
    if ('problem' in parsed) {
      problems.push(`${source}: ${written} ${parsed.problem}`);
      continue;
    }
    if (name !== written) warnings.push(`${source}: ${written} is another name of ${name}`);
    if (key.noEffect) warnings.push(`${source}: ${name} has no effect here: ${key.noEffect}`);
    if (key.unsupported && parsed.value !== key.default) {
      refused.push(`${source}: ${name}=${String(parsed.value)} is unsupported: ${key.unsupported}`);
    }
    given.add(name);
    values[name] = parsed.value;
  }
  if (problems.length > 0) throw new RocketMQError('CONFIG_INVALID', problems.join('\n'));
  if (refused.length > 0) throw new RocketMQError('UNSUPPORTED', refused.join('\n'));
  return { values: values as ConfigOf<T>, given, warnings };
}

export function parseConfigValue(
  key: ConfigKey,
  raw: unknown,
): { value: number | boolean | string } | { problem: string } {
  const text = typeof raw === 'string' ? raw.trim() : raw;
  const shown = JSON.stringify(raw);
  switch (key.kind) {
    case 'boolean':
      if (text === true || text === 'true') return { value: true };
      if (text === false || text === 'false') return { value: false };
      return { problem: `must be true or false, not ${shown}` };
    case 'string':
      return typeof text === 'string' ? { value: text } : { problem: `must be a text, not ${shown}` };
    case 'enum': {
      const values = key.values ?? [];
      return typeof text === 'string' && values.includes(text)
        ? { value: text }
        : { problem: `must be one of ${values.join(', ')}, not ${shown}` };
    }
    default:
      return parseNumber(key, text, shown);
  }
}

function parseNumber(key: ConfigKey, text: unknown, shown: string): { value: number } | { problem: string } {
  const pattern = key.kind === 'double' ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/;
  const value = typeof text === 'number' ? text : typeof text === 'string' && pattern.test(text) ? Number(text) : NaN;
  const whole = key.kind === 'double' || Number.isSafeInteger(value);
  if (!Number.isFinite(value) || !whole)
    return { problem: `must be a ${key.kind === 'double' ? 'number' : 'whole number'}, not ${shown}` };
  const min = key.min ?? (key.kind === 'int' ? -(2 ** 31) : -Infinity);
  const max = key.max ?? (key.kind === 'int' ? 2 ** 31 - 1 : Infinity);
  if (value < min || value > max)
    return { problem: `must be from ${min} to ${max}${key.unit ? ` (${key.unit})` : ''}, not ${shown}` };
  return { value };
}

function namesOf(table: ConfigTable): Map<string, string> {
  const names = new Map<string, string>();
  for (const [name, key] of Object.entries(table)) {
    names.set(name, name);
    for (const alias of key.aliases ?? []) names.set(alias, name);
  }
  return names;
}

/** The closest candidate within a third of the word's length, or undefined. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.ceil(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
