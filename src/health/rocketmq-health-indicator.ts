import { Injectable } from '@nestjs/common';
import { messageOf } from '../../libs/common/src/index.js';
import type { ConnectionState, RocketMQConnection } from '../connection/rocketmq-connection.js';
import { RocketMQConnections } from '../connection/rocketmq-connections.js';
import type { GroupState } from '../listener/listener-group.js';
import { type ListenerState, RocketMQListeners } from '../listener/rocketmq-listeners.js';
import { validateOptions } from '../options/validate.js';
import { RocketMQComposition } from '../rocketmq-composition.js';
import { ConsumerLag, type GroupLag } from './consumer-lag.js';
import { HealthCheckOptions } from './health-check-options.js';

/** A consumer group of this application. Numbers are those of the queues held here. */
export interface GroupHealth {
  readonly state: GroupState;
  /** Messages stored and not consumed; undefined when a broker did not tell. */
  readonly lag: number | undefined;
  /** Of these, pulled. */
  readonly inFlight: number;
  /** When a listener last consumed a message, as ISO 8601. */
  readonly lastConsumed: string | undefined;
  /** Why it gets no messages though it runs, or why a broker did not tell its lag. */
  readonly problem: string | undefined;
}

/** A connection and its cluster. */
export interface ConnectionHealth {
  readonly status: 'up' | 'down';
  /** Why it is down. */
  readonly reason: string | undefined;
  readonly connection: ConnectionState;
  readonly nameServers: readonly {
    readonly address: string;
    readonly status: 'up' | 'down';
    readonly reason?: string;
  }[];
  /** Those that the name servers know now. */
  readonly brokers: readonly {
    readonly brokerName: string;
    readonly cluster: string;
    readonly addresses: readonly string[];
  }[];
  /** When the template last began a send that a broker took, as ISO 8601. */
  readonly lastSent: string | undefined;
  /** By name. */
  readonly groups: Readonly<Record<string, GroupHealth>>;
}

/** What `check` found. */
export interface RocketMQHealth {
  readonly status: 'up' | 'down';
  /** Why it is down. */
  readonly reason?: string;
  /** By name. */
  readonly connections: Readonly<Record<string, ConnectionHealth>>;
  readonly listeners: readonly ListenerState[];
}

/** The shape that @nestjs/terminus takes from an indicator. */
export type HealthResult<Key extends string = string> = Record<Key, RocketMQHealth>;

const defaultTimeout = 3000;

/**
 * Says whether the clusters can be reached and the hosted brokers are well. Works with and without @nestjs/terminus.
 *
 * @example
 * ```ts
 * \@Get() \@HealthCheck()
 * check() {
 *   return this.health.check([() => this.rocketmq.check('rocketmq', { maxLag: 10_000 })]);
 * }
 * ```
 */
@Injectable()
export class RocketMQHealthIndicator {
  /** @internal */
  constructor(
    private readonly connections: RocketMQConnections,
    private readonly listeners: RocketMQListeners,
    private readonly composition: RocketMQComposition,
    private readonly consumerLag: ConsumerLag,
  ) {}

  /**
   * Asks all name servers, and brokers for the lag. Down when a hosted broker is not available, when a connection is not
   * there, none of its name servers answers or none knows a broker, or when a group is stuck or lags more than `maxLag`. A connection
   * that is switched off, or has nothing to do yet (`onConnectFailure: 'lazy'`), is up. Rejects only for wrong options.
   */
  async check<Key extends string = 'rocketmq'>(
    key: Key = 'rocketmq' as Key,
    options: HealthCheckOptions = {},
  ): Promise<HealthResult<Key>> {
    const checked = validateOptions(HealthCheckOptions, options, 'RocketMQHealthIndicator.check');
    const { timeout = defaultTimeout, maxLag = Infinity } = checked;
    const lags = this.consumerLag.measure(timeout);
    const found = await Promise.all(
      this.connections.all.map(async (connection) => {
        const groups = (await lags).filter((group) => group.connection === connection.name);
        return [connection.name, await healthOf(connection, groups, timeout, maxLag)] as const;
      }),
    );
    const reason = this.#brokenBroker() ?? firstReason(found);
    const health: RocketMQHealth = {
      status: reason === undefined ? 'up' : 'down',
      ...(reason !== undefined && { reason }),
      connections: Object.fromEntries(found),
      listeners: this.listeners.states,
    };
    return { [key]: health } as HealthResult<Key>;
  }

  #brokenBroker(): string | undefined {
    const broken = this.composition.brokers.find(({ unavailable }) => unavailable !== undefined);
    return broken && `hosted broker: ${broken.unavailable}`;
  }
}

/** With the name of the connection where there are several. */
function firstReason(found: readonly (readonly [string, ConnectionHealth])[]): string | undefined {
  const [name, health] = found.find(([, { reason }]) => reason !== undefined) ?? [];
  return found.length > 1 && health ? `connection '${name}': ${health.reason}` : health?.reason;
}

async function healthOf(
  connection: RocketMQConnection,
  lags: readonly GroupLag[],
  timeout: number,
  maxLag: number,
): Promise<ConnectionHealth> {
  const groups = Object.fromEntries(lags.map((group) => [group.consumerGroup, groupHealth(group)]));
  const cluster = await clusterOf(connection, timeout);
  const late = Object.entries(groups).find(([, { lag = 0 }]) => lag > maxLag);
  const lagging = late && `group '${late[0]}' has ${late[1].lag} messages before it, more than ${maxLag}`;
  const stuck = lags.find(({ problem }) => problem !== undefined);
  const reason = cluster.reason ?? (stuck && `group '${stuck.consumerGroup}': ${stuck.problem}`) ?? lagging;
  return {
    status: reason === undefined ? 'up' : 'down',
    reason,
    connection: connection.state,
    nameServers: cluster.nameServers,
    brokers: cluster.brokers,
    lastSent: shownTime(connection.producer?.lastSent),
    groups,
  };
}

type ClusterHealth = Pick<ConnectionHealth, 'reason' | 'nameServers' | 'brokers'>;

async function clusterOf(connection: RocketMQConnection, timeout: number): Promise<ClusterHealth> {
  const { client, options, state } = connection;
  const unknown = { nameServers: [], brokers: [] };
  if (!options || options.enabled === false) return { ...unknown, reason: undefined };
  if (!client) {
    return { ...unknown, reason: options.onConnectFailure === 'lazy' ? undefined : `not connected (${state})` };
  }
  try {
    const { nameServers, brokers } = await client.admin.examineCluster(timeout);
    return {
      nameServers: nameServers.map(({ address, error }) =>
        error === undefined ? { address, status: 'up' } : { address, status: 'down', reason: messageOf(error) },
      ),
      brokers: brokers.map(({ addresses, ...broker }) => ({ ...broker, addresses: [...addresses.values()] })),
      reason: clusterProblem(nameServers, brokers),
    };
  } catch (error) {
    return { ...unknown, reason: messageOf(error) };
  }
}

function clusterProblem(
  nameServers: readonly { readonly address: string; readonly error: unknown }[],
  brokers: readonly unknown[],
): string | undefined {
  if (nameServers.every(({ error }) => error !== undefined)) {
    const each = nameServers.map(({ address, error }) => `${address}: ${messageOf(error)}`);
    return `no name server answers (${each.join('; ') || 'none is known'})`;
  }
  return brokers.length === 0 ? 'no broker is registered with the name servers' : undefined;
}

function groupHealth({ state, lastConsumed, problem, topics }: GroupLag): GroupHealth {
  const unknown = topics.some(({ lag }) => lag === undefined);
  return {
    state,
    lag: unknown ? undefined : topics.reduce((sum, { lag = 0 }) => sum + lag, 0),
    inFlight: topics.reduce((sum, { inFlight }) => sum + inFlight, 0),
    lastConsumed: shownTime(lastConsumed),
    problem: problem ?? topics.find((topic) => topic.problem !== undefined)?.problem,
  };
}

function shownTime(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}
