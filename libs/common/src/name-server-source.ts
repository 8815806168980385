import { RocketMQError } from './errors.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Java's property of that name, which wins over its environment variable. */
export const nameServerVariables = ['rocketmq.namesrv.addr', 'NAMESRV_ADDR'] as const;
export const addressServerVariables = {
  domain: 'rocketmq.namesrv.domain',
  subgroup: 'rocketmq.namesrv.domain.subgroup',
} as const;

export interface NameServerSource {
  /** The variable that names them. */
  readonly source: (typeof nameServerVariables)[number];
  /** "host:port;host:port", not checked yet. */
  readonly text: string;
}

/** The name servers of a program that was given none: undefined when no variable names any. */
export function nameServersOf(environment: Environment): NameServerSource | undefined {
  for (const source of nameServerVariables) {
    const text = environment[source]?.trim() ?? '';
    if (text !== '') return { source, text };
  }
  return undefined;
}

export interface AddressServerPlace {
  /** "host" (port 8080) or "host:port". */
  readonly domain: string;
  readonly subgroup?: string | undefined;
  readonly unitName?: string | undefined;
}

/**
 * Where an HTTP server says which name servers there are. Undefined without a domain: Apache asks one of its authors'
 * then, which is nobody's.
 *
 * @throws RocketMQError CONFIG_INVALID when domain or subgroup is none.
 */
export function addressServerUrl({ domain, subgroup, unitName }: AddressServerPlace): string | undefined {
  if (domain === '') return undefined;
  if (!/^[\w.-]+(:\d{1,5})?$/.test(domain)) {
    const shown = JSON.stringify(domain.slice(0, 256));
    throw new RocketMQError(
      'CONFIG_INVALID',
      `the domain of the address server must be host or host:port, not ${shown}`,
    );
  }
  const group = subgroup || 'nsaddr';
  if (!/^[\w.%~-]+(\/[\w.%~-]+)*$/.test(group)) {
    const shown = JSON.stringify(group.slice(0, 256));
    throw new RocketMQError('CONFIG_INVALID', `the subgroup of the address server must be a path, not ${shown}`);
  }
  const unit = unitName ? `-${encodeURIComponent(unitName)}?nofix=1` : '';
  return `http://${domain}${domain.includes(':') ? '' : ':8080'}/rocketmq/${group}${unit}`;
}

/** @throws RocketMQError CONFIG_INVALID */
export function addressServerOf(environment: Environment, unitName?: string): string | undefined {
  const { domain, subgroup } = addressServerVariables;
  const place = { domain: environment[domain]?.trim() ?? '', subgroup: environment[subgroup]?.trim(), unitName };
  return addressServerUrl(place);
}

/** "host:port", an IPv6 host in brackets. */
export function isHostAndPort(text: string): boolean {
  const port = /^(?:\[[0-9a-fA-F:.%]+\]|[^\s:;/@[\]]+):(\d{1,5})$/.exec(text)?.[1];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}
