import type { NamedMessageFilters } from '../../libs/broker/src/index.js';
import { RocketMQOptionsError } from '../options/validate.js';
import { allowedNameServers, isHostAndPort, nameServerList } from '../options/checks.js';
import type { ServerSettings } from './server-options.js';

/** Options of `NameServerModule.forRoot`: a file, and keys of namesrv.conf in Apache's spelling that win over it. */
export interface NameServerModuleOptions {
  /** Path of a namesrv.conf. */
  readonly configFile?: string;
  /** Default 9876; 0 = a free port. */
  readonly listenPort?: number | string;
  /** Default 127.0.0.1; 0.0.0.0 for all. */
  readonly bindAddress?: string;
  readonly [key: string]: string | number | boolean | undefined;
}

/** Options of `BrokerModule.forRoot`: a file, and keys of broker.conf in Apache's spelling that win over it. */
export interface BrokerModuleOptions {
  /** Path of a broker.conf. */
  readonly configFile?: string;
  /** 'host:port;host:port' or a list; namesrvAddr in Apache's words. Default: NameServerModule's, else NAMESRV_ADDR. */
  readonly nameServer?: string | readonly string[];
  /** Default 10911; 0 = a free port. */
  readonly listenPort?: number | string;
  /** Default 127.0.0.1; 0.0.0.0 for all. */
  readonly bindAddress?: string;
  /** Default ~/store. */
  readonly storePathRootDir?: string;
  /** Filters that consumers subscribe to by name; providers with `@MessageFilter` are added to them. */
  readonly messageFilters?: NamedMessageFilters;
  readonly [key: string]: string | number | boolean | readonly string[] | NamedMessageFilters | undefined;
}

/** @throws RocketMQOptionsError when `configFile` is no path. */
export function nameServerSettings(options: NameServerModuleOptions | undefined): ServerSettings {
  return settingsOf(options ?? {}, 'NameServerModule');
}

/** @throws RocketMQOptionsError as above, or when `nameServer` stands beside `namesrvAddr` or names nothing. */
export function brokerSettings(given: BrokerModuleOptions | undefined): ServerSettings {
  const { nameServer, messageFilters: _filters, ...options } = given ?? {};
  const settings = { ...settingsOf(options as NameServerModuleOptions, 'BrokerModule'), environment: process.env };
  if (nameServer === undefined) return settings;
  if (settings.options['namesrvAddr'] !== undefined) {
    throw new RocketMQOptionsError('BrokerModule: nameServer and namesrvAddr are the same option: give one of them');
  }
  const addresses = nameServerList(nameServer);
  if (addresses.length === 0 || !addresses.every(isHostAndPort)) {
    throw new RocketMQOptionsError(`BrokerModule: nameServer ${allowedNameServers}`);
  }
  return { ...settings, options: { ...settings.options, namesrvAddr: addresses.join(';') } };
}

function settingsOf({ configFile, ...options }: NameServerModuleOptions, where: string): ServerSettings {
  if (configFile !== undefined && (typeof configFile !== 'string' || configFile === '')) {
    throw new RocketMQOptionsError(`${where}: configFile must be the path of a file`);
  }
  return { options, configFile };
}
