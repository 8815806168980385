import { readFileSync } from 'node:fs';
import { brokerConfigTable, type BrokerConfig } from '../../libs/broker/src/index.js';
import {
  type ConfigLayer,
  type ConfigTable,
  messageOf,
  parseProperties,
  readConfigLayers,
  RocketMQError,
} from '../../libs/common/src/index.js';
import { namesrvConfigTable, type NamesrvConfig } from '../../libs/namesrv/src/index.js';
import { storeConfigTable } from '../../libs/store/src/index.js';
import { nestLogger } from '../nest-logger.js';

/** Keys in Apache's spelling; numbers and booleans may stand as such or as text. */
export type ServerEntries = Readonly<Record<string, string | number | boolean | undefined>>;

/** @throws RocketMQError CONFIG_INVALID or UNSUPPORTED naming every wrong key with its source. */
export function readBrokerOptions(entries: ServerEntries, source: string, configFile?: string): Partial<BrokerConfig> {
  return readServerOptions({ ...storeConfigTable, ...brokerConfigTable }, layers(entries, source, configFile));
}

/** @throws RocketMQError CONFIG_INVALID or UNSUPPORTED naming every wrong key with its source. */
export function readNameServerOptions(
  entries: ServerEntries,
  source: string,
  configFile?: string,
): Partial<NamesrvConfig> {
  return readServerOptions(namesrvConfigTable, layers(entries, source, configFile));
}

/** Options win over the file. */
function layers(entries: ServerEntries, source: string, configFile: string | undefined): ConfigLayer[] {
  const options = { source, entries: Object.entries(entries) };
  return configFile === undefined
    ? [options]
    : [{ source: configFile, entries: readFile(configFile, source) }, options];
}

function readFile(path: string, source: string): Map<string, string> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new RocketMQError('CONFIG_INVALID', `${source}: configFile cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return parseProperties(text, path);
}

/** Only what was set, so that defaults stay the server's own business. */
function readServerOptions<T extends ConfigTable>(table: T, from: readonly ConfigLayer[]): Record<string, never> {
  const { items, warnings } = readConfigLayers(table, from);
  const log = nestLogger('RocketMQ');
  for (const warning of warnings) log.warn(warning);
  const given = items.filter(({ source }) => source !== undefined).map(({ name, value }) => [name, value] as const);
  return Object.fromEntries(given) as Record<string, never>;
}
