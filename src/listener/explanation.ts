import type { RocketMQConnection } from '../connection/rocketmq-connection.js';
import type { ConnectionListeners } from './connection-listeners.js';
import { isOwnOption } from './group-plan.js';
import type { ListenerDefinition } from './listener-explorer.js';
import type { ListenerGroup } from './listener-group.js';

/** Told by other lines. */
const inHeadings: ReadonlySet<string> = new Set(['topic', 'consumerGroup', 'connection']);

/** What every connection, group and listener goes by and whose word that is, as text for people. */
export function explanation(
  connections: readonly RocketMQConnection[],
  listeners: readonly ConnectionListeners[],
  placeOf: (connection: string) => string,
): string {
  return connections
    .flatMap((connection) => {
      const { name, options, nameServers } = connection;
      const { enabled = true, autoStart = true, onConnectFailure = 'fail' } = options ?? {};
      const groups = listeners.find((one) => one.connection === connection)?.groups ?? [];
      return [
        `connection '${name}' (${placeOf(name)}): name servers ${nameServers.join(';') || 'not chosen yet'}, enabled ${enabled}, autoStart ${autoStart}, onConnectFailure ${onConnectFailure}`,
        ...groups.flatMap((group) => indented(groupLines(group))),
      ];
    })
    .join('\n');
}

function groupLines({ plan, state }: ListenerGroup): string[] {
  const { consumer, batch, autoStart, from } = plan;
  const values: Readonly<Record<string, unknown>> = { ...consumer, batch, autoStart };
  return [
    `group '${plan.consumerGroup}': ${state}; what is not named here is Apache's default (docs/consumer.md)`,
    ...indented([...from].map(([name, place]) => line(name, values[name], place))),
    ...plan.listeners.flatMap((listener) => indented(listenerLines(listener))),
  ];
}

function listenerLines({ place, kind, options, from }: ListenerDefinition): string[] {
  const own = [...(from ?? [])].filter(([name]) => isOwnOption(name) && !inHeadings.has(name));
  const values = options as unknown as Readonly<Record<string, unknown>>;
  return [
    `${place} (${kind}) takes '${options.topic}'`,
    ...indented(own.map(([name, whose]) => line(name, values[name], whose))),
  ];
}

function line(name: string, value: unknown, from: string): string {
  return `${name} = ${shown(value)}, says ${from}`;
}

/** Functions, classes and what is made of them by their names alone. */
function shown(value: unknown): string {
  if (typeof value === 'function') return value.name || 'a function';
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? `a list of ${value.length}` : 'an object';
  return String(value);
}

function indented(lines: readonly string[]): string[] {
  return lines.map((text) => `  ${text}`);
}
