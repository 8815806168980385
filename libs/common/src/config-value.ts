import type { ConfigKey } from './config-table.js';

/** What a key can hold. */
export type ConfigValue = number | boolean | string;

/** What is wrong with a value, as the end of a sentence that begins with the key's name. */
export interface ConfigProblem {
  readonly problem: string;
}

/** Takes the text of a file as well as the value of an option. Spaces around a text are not part of it. */
export function parseConfigValue(key: ConfigKey, raw: unknown): { readonly value: ConfigValue } | ConfigProblem {
  const given = typeof raw === 'string' ? raw.trim() : raw;
  switch (key.kind) {
    case 'boolean':
      return parseBoolean(given, key);
    case 'string':
      return parseText(given, key);
    case 'enum':
      return parseEnum(given, key);
    default:
      return parseNumber(given, key);
  }
}

/** A value as messages show it: cut, quoted, and hidden when it may be a secret. */
export function showConfigValue(key: ConfigKey, value: unknown): string {
  if (key.secret && value !== '') return '(hidden)';
  const text = typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}

function parseBoolean(given: unknown, key: ConfigKey): { value: boolean } | ConfigProblem {
  const text = typeof given === 'string' ? given.toLowerCase() : given;
  if (text === true || text === 'true') return { value: true };
  if (text === false || text === 'false') return { value: false };
  return { problem: `must be true or false, not ${showConfigValue(key, given)}` };
}

function parseText(given: unknown, key: ConfigKey): { value: string } | ConfigProblem {
  // A number may be meant as a text: deleteWhen: 4.
  const text = typeof given === 'number' && Number.isFinite(given) ? String(given) : given;
  if (typeof text !== 'string') return { problem: `must be a text, not ${showConfigValue(key, given)}` };
  if (/\p{Cc}/u.test(text)) {
    return { problem: `must not hold control characters: ${showConfigValue(key, text)}` };
  }
  return { value: text };
}

function parseEnum(given: unknown, key: ConfigKey): { value: string } | ConfigProblem {
  const values = key.values ?? [];
  if (typeof given === 'string' && values.includes(given)) return { value: given };
  return { problem: `must be one of ${values.join(', ')}, not ${showConfigValue(key, given)}` };
}

function parseNumber(given: unknown, key: ConfigKey): { value: number } | ConfigProblem {
  const isDouble = key.kind === 'double';
  const pattern = isDouble ? /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i : /^[+-]?\d+$/;
  const value =
    typeof given === 'number' ? given : typeof given === 'string' && pattern.test(given) ? Number(given) : NaN;
  if (!Number.isFinite(value) || !(isDouble || Number.isSafeInteger(value))) {
    return { problem: `must be a ${isDouble ? '' : 'whole '}number, not ${showConfigValue(key, given)}` };
  }
  const isInt = key.kind === 'int';
  const min = key.min ?? (isInt ? -(2 ** 31) : undefined);
  const max = key.max ?? (isInt ? 2 ** 31 - 1 : undefined);
  if ((min !== undefined && value < min) || (max !== undefined && value > max)) {
    return { problem: `must be ${rangeText(min, max)}${unitText(key)}, not ${value}` };
  }
  return { value: value === 0 ? 0 : value };
}

function rangeText(min: number | undefined, max: number | undefined): string {
  if (max === undefined || max === 2 ** 31 - 1) return min === undefined ? 'a number' : `at least ${min}`;
  return min === undefined ? `at most ${max}` : `from ${min} to ${max}`;
}

function unitText(key: ConfigKey): string {
  return key.unit ? ` (${key.unit})` : '';
}
