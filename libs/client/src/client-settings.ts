import { homedir, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import {
  addressServerOf,
  isHostAndPort,
  nameServersOf,
  RocketMQError,
  silentLogger,
  systemClock,
  type Clock,
  type Logger,
} from '../../common/src/index.js';
import { defaultVersion, languageCode } from '../../protocol/src/index.js';
import type { ClientConfig, ConnectFailurePolicy } from './contract/index.js';
import { Namespace } from './namespace.js';
import { OptionReader } from './option-reader.js';

/** ClientConfig, checked and with every default filled in. */
export interface ClientSettings {
  readonly nameServers: readonly string[];
  /** URL; only when no name server is given. */
  readonly addressServer: string | undefined;
  readonly clientIP: string;
  readonly clientId: string;
  /**
   * Names the directory of broadcasting offsets: the client id before DEFAULT becomes unique, so that the offsets of
   * the last run are found again. Java comes to the same name.
   */
  readonly stableId: string;
  readonly unitMode: boolean;
  readonly namespace: Namespace;
  readonly namespaceV2: string | undefined;
  readonly onConnectFailure: ConnectFailurePolicy;
  readonly pollNameServerInterval: number;
  readonly heartbeatBrokerInterval: number;
  readonly persistConsumerOffsetInterval: number;
  readonly requestTimeout: number;
  readonly vipChannelEnabled: boolean;
  readonly serializer: 'JSON' | 'ROCKETMQ';
  readonly language: number;
  readonly version: number;
  readonly localOffsetStoreDir: string;
  readonly maxDecompressedSize: number;
  readonly clock: Clock;
  readonly log: Logger;
}

const interval = { min: 10, max: 24 * 60 * 60 * 1000 };

/**
 * When no name server is given, the environment's rocketmq.namesrv.addr counts, then NAMESRV_ADDR, then the address
 * server that rocketmq.namesrv.domain names.
 *
 * @throws RocketMQError ARGUMENT_INVALID naming every wrong option; NAME_SERVER_UNAVAILABLE when no name server is given.
 */
export function readClientConfig(config: ClientConfig, environment: NodeJS.ProcessEnv = process.env): ClientSettings {
  const read = new OptionReader('ClientConfig', config);
  const nameServers = readNameServers(read, environment);
  const clientIP = read.text('clientIP', localAddress(), plainName);
  const instanceName = read.text('instanceName', 'DEFAULT', plainName);
  const unitName = read.text('unitName', '', (name) => (name === '' ? undefined : plainName(name)));
  const addressServer = nameServers.length > 0 ? undefined : addressServerOf(environment, unitName);
  const settings: ClientSettings = {
    nameServers,
    addressServer,
    clientIP,
    clientId: clientId(clientIP, instanceName === 'DEFAULT' ? uniqueInstanceName() : instanceName, unitName),
    stableId: clientId(clientIP, instanceName, unitName),
    unitMode: read.boolean('unitMode', false),
    namespace: new Namespace(read.text('namespace', '', namespaceProblem)),
    namespaceV2: read.text('namespaceV2', '', namespaceProblem) || undefined,
    onConnectFailure: read.oneOf('onConnectFailure', 'fail', ['fail', 'retry', 'lazy']),
    pollNameServerInterval: read.integer('pollNameServerInterval', 30_000, interval),
    heartbeatBrokerInterval: read.integer('heartbeatBrokerInterval', 30_000, interval),
    persistConsumerOffsetInterval: read.integer('persistConsumerOffsetInterval', 5_000, interval),
    requestTimeout: read.integer('requestTimeout', 3_000, interval),
    vipChannelEnabled: read.boolean('vipChannelEnabled', false),
    serializer: read.oneOf('serializer', 'JSON', ['JSON', 'ROCKETMQ']),
    // Brokers before 5.3.2 do not know NODE_JS and read null, which some of their handlers trip over.
    language: read.integer('language', languageCode('OTHER'), { min: 0, max: 127 }),
    version: read.integer('version', defaultVersion, { min: 0, max: 32_767 }),
    localOffsetStoreDir: read.text('localOffsetStoreDir', join(homedir(), '.rocketmq_offsets')),
    maxDecompressedSize: read.integer('maxDecompressedSize', 16 * 1024 * 1024, { min: 1024, max: 1024 ** 3 }),
    clock: read.value('clock') ?? systemClock,
    log: read.value('log') ?? silentLogger,
  };
  read.finish();
  if (nameServers.length === 0 && addressServer === undefined) {
    throw new RocketMQError(
      'NAME_SERVER_UNAVAILABLE',
      "No name server is configured. Give nameServer ('host:9876;host:9876') or set NAMESRV_ADDR.",
      { retryable: false },
    );
  }
  return settings;
}

/** Every option there is; the type makes sure that none is forgotten. */
const clientOptions: Readonly<Record<keyof ClientConfig, true>> = {
  nameServer: true,
  clientIP: true,
  instanceName: true,
  unitName: true,
  unitMode: true,
  namespace: true,
  namespaceV2: true,
  onConnectFailure: true,
  pollNameServerInterval: true,
  heartbeatBrokerInterval: true,
  persistConsumerOffsetInterval: true,
  requestTimeout: true,
  vipChannelEnabled: true,
  serializer: true,
  language: true,
  version: true,
  localOffsetStoreDir: true,
  maxDecompressedSize: true,
  clock: true,
  log: true,
};

/** Takes an object that holds the client's options and somebody else's apart. */
export function splitClientConfig<T extends object>(
  config: ClientConfig & T,
): { client: ClientConfig; rest: Omit<T, keyof ClientConfig> } {
  const entries = Object.entries(config);
  const isClients = ([name]: [string, unknown]): boolean => Object.hasOwn(clientOptions, name);
  return {
    client: Object.fromEntries(entries.filter(isClients)) as ClientConfig,
    rest: Object.fromEntries(entries.filter((entry) => !isClients(entry))) as Omit<T, keyof ClientConfig>,
  };
}

function readNameServers(read: OptionReader<ClientConfig>, environment: NodeJS.ProcessEnv): string[] {
  const given: unknown = read.value('nameServer') ?? nameServersOf(environment)?.text ?? '';
  const list: readonly unknown[] = Array.isArray(given)
    ? given
    : typeof given === 'string'
      ? given.split(';')
      : [given];
  const addresses: string[] = [];
  for (const item of list) {
    const address = typeof item === 'string' ? item.trim() : '';
    if (typeof item === 'string' && address === '') continue;
    if (isHostAndPort(address)) addresses.push(address);
    else read.problem('nameServer', "must be 'host:port', several separated by ';' or as a list", item);
  }
  return [...new Set(addresses)];
}

/** Client ids become directory names and are split at '@' by tools. */
function plainName(name: string): string | undefined {
  return /^[\w.:#%|-]{1,255}$/.test(name) && name !== '.' && name !== '..'
    ? undefined
    : 'must be letters, digits and . : # % | _ - only';
}

/** Part of topics and groups; '%' ends it. */
function namespaceProblem(name: string): string | undefined {
  return /^[a-zA-Z0-9_-]{0,100}$/.test(name) ? undefined : 'must be letters, digits, _ and - only, at most 100';
}

function clientId(ip: string, instanceName: string, unitName: string): string {
  return `${ip}@${instanceName}${unitName === '' ? '' : `@${unitName}`}`;
}

function uniqueInstanceName(): string {
  return `${process.pid}#${process.hrtime.bigint()}`;
}

/** The first IPv4 address others can reach, else loopback. */
function localAddress(): string {
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { family, internal, address } of addresses ?? []) if (family === 'IPv4' && !internal) return address;
  }
  return '127.0.0.1';
}
