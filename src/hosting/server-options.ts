import { readFileSync } from 'node:fs';
import { type BrokerConfig, readBrokerConfig } from '../../libs/broker/src/index.js';
import { codeOf, type ErrorCode, messageOf, RocketMQError } from '../../libs/common/src/index.js';
import { type NamesrvConfig, readNamesrvConfig } from '../../libs/namesrv/src/index.js';
import { nestLogger } from '../nest-logger.js';

/** Keys in Apache's spelling; numbers and booleans may stand as such or as text. */
export type ServerEntries = Readonly<Record<string, string | number | boolean | undefined>>;

/** A file in Apache's keys, and options that win over it. */
export interface ServerSettings {
  readonly options: ServerEntries;
  readonly configFile?: string | undefined;
  /** Where NAMESRV_ADDR counts, below the file. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** What Apache leaves off in a broker.conf, and a broker of one's own application has no reason to. */
const hostedDefaults = { enablePropertyFilter: true, recallMessageEnable: true, traceTopicEnable: true };
const hostedSource = 'hosted';

/**
 * Of a hosted broker: enablePropertyFilter, traceTopicEnable and recallMessageEnable are on unless they are set.
 *
 * @throws RocketMQError CONFIG_INVALID or UNSUPPORTED, beginning with `where` and naming every wrong key.
 */
export function readBrokerSettings(
  { options, configFile, environment = {} }: ServerSettings,
  where: string,
): BrokerConfig {
  const defaults = { source: hostedSource, entries: hostedDefaults };
  return read(where, () => {
    const reading = readBrokerConfig({ environment, options, defaults, ...fileOf(configFile) });
    const on = reading.items.filter(({ source }) => source === hostedSource).map(({ name }) => name);
    const text = `${where}: ${on.join(', ')} ${on.length === 1 ? 'is' : 'are'} on, as nothing says otherwise; a broker.conf of Apache's has false`;
    if (on.length > 0) nestLogger('RocketMQ').info(text);
    return reading;
  });
}

/** @throws RocketMQError CONFIG_INVALID or UNSUPPORTED, beginning with `where` and naming every wrong key. */
export function readNameServerSettings({ options, configFile }: ServerSettings, where: string): NamesrvConfig {
  return read(where, () => readNamesrvConfig({ options, ...fileOf(configFile) }));
}

function read<T>(where: string, reading: () => { config: T; warnings: readonly string[] }): T {
  try {
    const { config, warnings } = reading();
    const log = nestLogger('RocketMQ');
    for (const warning of warnings) log.warn(`${where}: ${warning}`);
    return config;
  } catch (error) {
    const code = (codeOf(error) ?? 'CONFIG_INVALID') as ErrorCode;
    throw new RocketMQError(code, `${where}: ${messageOf(error)}`, { cause: error });
  }
}

function fileOf(path: string | undefined): { file?: { path: string; text: string } } {
  if (path === undefined) return {};
  try {
    return { file: { path, text: readFileSync(path, 'utf8') } };
  } catch (error) {
    throw new RocketMQError('CONFIG_INVALID', `configFile cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
