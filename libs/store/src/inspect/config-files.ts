import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../../common/src/index.js';
import type { StoreFiles } from './store-files.js';

export interface ConfigFileSummary {
  /** Within the store. */
  readonly file: string;
  readonly bytes: number;
  /** Why it cannot be read, if so. */
  readonly damage: string | undefined;
  /** Number of entries of each table in it. */
  readonly tables: Readonly<Record<string, number>>;
}

/** The broker's tables in config/, as far as their text tells. */
export function readConfigFiles(files: StoreFiles): ConfigFileSummary[] {
  const names = files.disk.list(files.path('config')).filter((name) => /\.json(\.bak)?$/.test(name));
  return names.map((name) => {
    const file = join('config', name);
    const text = readFileSync(files.path(file), 'utf8');
    try {
      const value = parseFastjson(text);
      return { file, bytes: Buffer.byteLength(text), damage: undefined, tables: tablesOf(value) };
    } catch (error) {
      return { file, bytes: Buffer.byteLength(text), damage: messageOf(error), tables: {} };
    }
  });
}

/** Names of the topics the broker knows; undefined when there is no readable table of them. */
export function readTopicNames(files: StoreFiles): ReadonlySet<string> | undefined {
  try {
    const value = parseFastjson(readFileSync(files.path(join('config', 'topics.json')), 'utf8'));
    const table = isTable(value) ? value['topicConfigTable'] : undefined;
    return isTable(table) ? new Set(Object.keys(table)) : undefined;
  } catch {
    // Absent or damaged: verify names the damage, and believes in every topic.
    return undefined;
  }
}

function tablesOf(value: unknown): Record<string, number> {
  if (!isTable(value)) return {};
  const tables = Object.entries(value).filter(([name, table]) => isTable(table) && name !== 'dataVersion');
  return Object.fromEntries(tables.map(([name, table]) => [name, Object.keys(table as object).length]));
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON as fastjson writes it: whole numbers as names of members have no quotes. @throws SyntaxError */
function parseFastjson(text: string): unknown {
  const quoted = text.replace(
    /("(?:[^"\\]|\\.)*")|([{,]\s*)(-?\d+)(?=\s*:)/g,
    (all, string: string | undefined, before: string, key: string) =>
      string === undefined ? `${before}"${key}"` : all,
  );
  return JSON.parse(quoted);
}
