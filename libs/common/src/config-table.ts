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
  readonly unit?: 'ms' | 's' | 'h' | 'bytes' | 'percent' | 'entries' | 'pages' | 'files';
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
  /** The value may hold a password or key: it is never printed. */
  readonly secret?: boolean;
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

export type ConfigDefaults = Readonly<Record<string, boolean | number | string>>;

/** Rows of keys that Apache knows and that change nothing here, all for the same reason. */
export function withoutEffect(reason: string, defaults: ConfigDefaults): ConfigTable {
  return rowsOf(defaults, { note: reason, noEffect: reason });
}

/** Rows of keys that ask, at any other value than Apache's default, for something that is not there. */
export function unsupportedUnlessDefault(reason: string, defaults: ConfigDefaults): ConfigTable {
  return rowsOf(defaults, { note: reason, unsupported: reason });
}

function rowsOf(defaults: ConfigDefaults, rest: Omit<ConfigKey, 'kind' | 'default'>): ConfigTable {
  return Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [name, { kind: kindOf(value), default: value, ...rest }]),
  );
}

function kindOf(value: boolean | number | string): ConfigKey['kind'] {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'string') return 'string';
  return Number.isInteger(value) ? 'long' : 'double';
}
