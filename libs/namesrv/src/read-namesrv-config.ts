import { homedir } from 'node:os';
import { join } from 'node:path';
import { type ConfigItem, propertiesLayer, readConfigLayers } from '../../common/src/index.js';
import { namesrvConfigWithoutEffect } from './config-no-effect.js';
import { type NamesrvConfig, namesrvConfigTable } from './config.js';

/** Every key that Apache's name server knows: those that take effect here win over those that do not. */
export const everyNamesrvKey = { ...namesrvConfigWithoutEffect, ...namesrvConfigTable };

/** Later ones win: the file, the options. */
export interface NamesrvConfigSources {
  /** A text in Apache's keys, and the path that messages name. */
  readonly file?: { readonly path: string; readonly text: string };
  /** Values as they are or as text, by Apache's keys. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** What a configuration came to. */
export interface NamesrvConfigReading {
  /** Complete: what depends on the machine is filled in. */
  readonly config: NamesrvConfig;
  /** Every key with its value, by name. */
  readonly items: readonly ConfigItem[];
  /** Sentences for the operator: other names of keys, keys without effect. */
  readonly warnings: readonly string[];
}

/**
 * Reads a name server's configuration in Apache's keys.
 *
 * @throws RocketMQError CONFIG_INVALID naming every wrong entry and where it stands; UNSUPPORTED when a value asks for a
 *   feature that is not there.
 */
export function readNamesrvConfig({ file, options }: NamesrvConfigSources): NamesrvConfigReading {
  const { values, items, warnings } = readConfigLayers(everyNamesrvKey, [
    ...(file ? [propertiesLayer(file.path, file.text)] : []),
    { source: 'option', entries: Object.entries(options ?? {}) },
  ]);
  const known = Object.keys(namesrvConfigTable).map((name) => [name, values[name as keyof typeof values]]);
  const config = Object.fromEntries(known) as NamesrvConfig;
  config.kvConfigPath ||= join(homedir(), 'namesrv', 'kvConfig.json');
  // As in Apache's: a name server that was started from a file keeps live changes there.
  config.configStorePath = file?.path ?? (config.configStorePath || join(homedir(), 'namesrv', 'namesrv.properties'));
  const inForce = new Map(Object.entries(config));
  return {
    config,
    items: items
      .map((item) => ({ ...item, value: inForce.get(item.name) ?? item.value }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    warnings,
  };
}
