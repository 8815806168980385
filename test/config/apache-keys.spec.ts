import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { allBrokerKeys } from '../../libs/broker/src/broker-config.js';
import { brokerConfigWithoutEffect } from '../../libs/broker/src/config-no-effect.js';
import { everyBrokerKey } from '../../libs/broker/src/index.js';
import type { ConfigKey, ConfigTable } from '../../libs/common/src/index.js';
import { namesrvConfigWithoutEffect } from '../../libs/namesrv/src/config-no-effect.js';
import { everyNamesrvKey, namesrvConfigTable } from '../../libs/namesrv/src/index.js';

// apache-keys.json is what record-apache-keys.mjs read from Apache's own classes, 4.9.7 and 5.3.3.

interface ApacheKey {
  readonly versions: readonly string[];
  readonly kind: 'int' | 'long' | 'double' | 'boolean' | 'String' | 'enum';
  /** null: the machine's, such as its host name. */
  readonly default: boolean | number | string | null;
  /** Of later versions, where they differ. */
  readonly otherDefaults?: readonly (boolean | number | string)[];
  readonly important?: boolean;
  readonly values?: readonly string[];
}

const apache = JSON.parse(readFileSync('test/config/apache-keys.json', 'utf8')) as Readonly<
  Record<string, Readonly<Record<string, ApacheKey>>>
>;

function keysOf(...classes: string[]): [string, ApacheKey][] {
  // Of a key that several classes share, the first one's default counts.
  const entries = classes.toReversed().flatMap((name) => Object.entries(apache[name] ?? {}));
  return [...new Map(entries)];
}

const brokerKeys = keysOf('BrokerConfig', 'MessageStoreConfig', 'NettyServerConfig', 'NettyClientConfig', 'AuthConfig');
const namesrvKeys = keysOf(
  'NamesrvConfig',
  'NettyServerConfig',
  'NettyClientConfig',
  'ControllerConfig',
  'JraftConfig',
);

/** Where the default is not Apache's, on purpose. */
const ownDefaults: Readonly<Record<string, string>> = {
  bindAddress: 'a server is reachable from other machines only when that was asked for',
  listenPort: 'Apache sets it in the start-up code, 10911 and 9876',
  storePathRootDir: '~/store is filled in when the configuration is read',
  kvConfigPath: '~/namesrv/kvConfig.json is filled in when the configuration is read',
  configStorePath: '~/namesrv/namesrv.properties is filled in when the configuration is read',
};

const kinds: Readonly<Record<ApacheKey['kind'], readonly ConfigKey['kind'][]>> = {
  int: ['int', 'long'],
  long: ['long', 'int'],
  double: ['double'],
  boolean: ['boolean'],
  String: ['string'],
  enum: ['enum', 'string'],
};

describe.each<[string, [string, ApacheKey][], ConfigTable]>([
  ['broker', brokerKeys, everyBrokerKey],
  ['name server', namesrvKeys, everyNamesrvKey],
])('the %s table', (_name, keys, table) => {
  it('knows every key of Apache', () => {
    expect(keys.length).toBeGreaterThan(80);
    expect(keys.map(([name]) => name).filter((name) => !Object.hasOwn(table, name))).toEqual([]);
  });

  it("has Apache's kinds", () => {
    const wrong = keys.filter(([name, key]) => {
      const own = table[name];
      return own && !kinds[key.kind].includes(own.kind);
    });
    expect(wrong.map(([name, { kind }]) => `${name} is a ${kind}`)).toEqual([]);
  });

  it("has Apache's defaults, or a reason for its own", () => {
    const wrong = keys.filter(([name, key]) => {
      const own = table[name];
      const defaults = [key.default, ...(key.otherDefaults ?? [])];
      const isFree = key.default === null || Object.hasOwn(ownDefaults, name);
      return own && !isFree && !defaults.includes(own.default);
    });
    expect(wrong.map(([name, key]) => `${name}: Apache ${key.default}, here ${table[name]?.default}`)).toEqual([]);
  });

  it("takes every value of Apache's enums or refuses it knowingly", () => {
    const wrong = keys.filter(([name, key]) => {
      const own = table[name];
      const isComplete = own?.kind !== 'enum' || key.values?.every((value) => own.values?.includes(value));
      return key.kind === 'enum' && !isComplete;
    });
    expect(wrong.map(([name]) => name)).toEqual([]);
  });

  it('shows what Apache calls important, where it has an effect', () => {
    const quiet = keys.filter(
      ([name, { important }]) => important && !table[name]?.noEffect && !table[name]?.important,
    );
    expect(quiet.map(([name]) => name).filter((name) => !table[name]?.unsupported)).toEqual([]);
  });

  it('says of each key what it does, or why it does nothing', () => {
    const silent = Object.entries(table).filter(([, { note }]) => note.length < 5);
    expect(silent.map(([name]) => name)).toEqual([]);
  });

  it('has defaults that its own rules accept', () => {
    const wrong = Object.entries(table).filter(([, { default: value, min, max, values }]) => {
      const isOutside = typeof value === 'number' && (value < (min ?? value) || value > (max ?? value));
      return isOutside || (values && !values.includes(String(value)));
    });
    expect(wrong.map(([name]) => name)).toEqual([]);
  });
});

it.each<[string, ConfigTable, ConfigTable]>([
  ['broker', allBrokerKeys, brokerConfigWithoutEffect],
  ['name server', namesrvConfigTable, namesrvConfigWithoutEffect],
])('no %s key that takes effect is still listed without effect', (_name, effective, without) => {
  const stale = Object.keys(effective).filter((name) => Object.hasOwn(without, name));
  expect(stale).toEqual([]);
});

it('no spelling means two keys', () => {
  for (const table of [everyBrokerKey, everyNamesrvKey] as ConfigTable[]) {
    const aliases = Object.values(table).flatMap((key) => key.aliases ?? []);
    const spellings = [...Object.keys(table), ...aliases];
    expect(spellings.filter((name, index) => spellings.indexOf(name) !== index)).toEqual([]);
  }
});
