import {
  addressServerVariables,
  type ConfigItem,
  type ConfigLayer,
  type Environment,
  messageOf,
  nameServersOf,
  propertiesLayer,
  readConfigLayers,
  RocketMQError,
} from '../../common/src/index.js';
import { allBrokerKeys, type BrokerConfig, resolveBrokerConfig } from './broker-config.js';
import { brokerConfigWithoutEffect } from './config-no-effect.js';
import { nameServerAddresses } from './registration/name-server-addresses.js';

/** Every key that Apache's broker knows, and its store's: those that take effect here win over those that do not. */
export const everyBrokerKey = { ...brokerConfigWithoutEffect, ...allBrokerKeys };

/** Later ones win: the environment, the file, the options. That is Apache's order. */
export interface ConfigSources {
  /** Values that hold unless one of the others sets them, and how messages name where they are from. */
  readonly defaults?: { readonly source: string; readonly entries: Readonly<Record<string, unknown>> };
  /** Of these, the name servers are read, and where to ask for them. */
  readonly environment?: Environment;
  /** A text in Apache's keys, and the path that messages name. */
  readonly file?: { readonly path: string; readonly text: string };
  /** Values as they are or as text, by Apache's keys. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** What a configuration came to. */
export interface BrokerConfigReading {
  /** Complete: what depends on the machine is filled in. */
  readonly config: BrokerConfig;
  /** Every key with its value, by name. */
  readonly items: readonly ConfigItem[];
  /** Sentences for the operator: other names of keys, keys without effect. */
  readonly warnings: readonly string[];
}

/**
 * Reads a broker's configuration in Apache's keys.
 *
 * @throws RocketMQError CONFIG_INVALID naming every wrong entry and where it stands; UNSUPPORTED when a value asks for a
 *   feature that is not there.
 */
export function readBrokerConfig(sources: ConfigSources): BrokerConfigReading {
  const notes: string[] = [];
  const layers = layersOf(sources).map((layer) => withQueueEntries(layer, notes));
  const { items, given, warnings } = readConfigLayers(everyBrokerKey, layers);
  const set = items.filter(({ name }) => given.has(name)).map(({ name, value }) => [name, value]);
  const config = resolveBrokerConfig(Object.fromEntries(set) as Partial<BrokerConfig>);
  config.namesrvAddr = nameServerList(items, config.namesrvAddr);
  const inForce = new Map(Object.entries(config));
  const place = (text: string): string => text.replaceAll('<storePathRootDir>', config.storePathRootDir);
  return {
    config,
    items: items
      .map((item) => ({ ...item, key: placed(item, place), value: inForce.get(item.name) ?? item.value }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    warnings: [...notes, ...warnings].map(place),
  };
}

function layersOf({ defaults, environment = {}, file, options }: ConfigSources): ConfigLayer[] {
  const addresses = nameServersOf(environment);
  return [
    ...(defaults ? [{ source: defaults.source, entries: Object.entries(defaults.entries) }] : []),
    ...(addresses ? [{ source: addresses.source, entries: [['namesrvAddr', addresses.text]] as const }] : []),
    ...variable(environment, addressServerVariables.domain, 'rmqAddressServerDomain'),
    ...variable(environment, addressServerVariables.subgroup, 'rmqAddressServerSubGroup'),
    ...(file ? [propertiesLayer(file.path, file.text)] : []),
    { source: 'option', entries: Object.entries(options ?? {}) },
  ];
}

function variable(environment: Environment, source: string, key: string): ConfigLayer[] {
  const value = environment[source];
  return value ? [{ source, entries: [[key, value]] }] : [];
}

/**
 * `mapedFileSizeConsumeQueue=300000`, as the documents have it, means entries; a broker of Apache does not know that
 * spelling and makes files of just so many. In the right spelling the value is bytes, for Apache and here.
 */
function withQueueEntries({ source, entries }: ConfigLayer, notes: string[]): ConfigLayer {
  const converted = [...entries].map(([name, value]) => {
    if (name !== 'mapedFileSizeConsumeQueue' || String(value).trim() !== '300000') return [name, value] as const;
    notes.push(`${source}: ${name}=300000 is taken as entries of 20 bytes, that is 6000000 bytes`);
    return [name, 6_000_000] as const;
  });
  return { source, entries: converted };
}

/** "a:9876; b:9876;" as "a:9876;b:9876". */
function nameServerList(items: readonly ConfigItem[], text: string): string {
  try {
    return nameServerAddresses(text).join(';');
  } catch (error) {
    const source = items.find(({ name }) => name === 'namesrvAddr')?.source;
    throw new RocketMQError('CONFIG_INVALID', `${source}: namesrvAddr: ${messageOf(error)}`, { cause: error });
  }
}

function placed({ key }: ConfigItem, place: (text: string) => string): ConfigItem['key'] {
  return key.noEffect ? { ...key, noEffect: place(key.noEffect), note: place(key.note) } : key;
}
