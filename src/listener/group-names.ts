import { RocketMQError } from '../../libs/common/src/index.js';
import type { ConnectionListeners } from './connection-listeners.js';
import type { ListenerGroup } from './listener-group.js';

/** A group, and the listeners of the connection it is in. */
export interface OwnedGroup {
  readonly owner: ConnectionListeners;
  readonly group: ListenerGroup;
}

/**
 * The group that an operator means: by its own name, or by the place of a listener that has it for itself.
 *
 * @param connection - Where to look; everywhere when it is left out.
 * @throws RocketMQError ARGUMENT_INVALID when there is none, or more than one.
 */
export function groupNamed(all: readonly ConnectionListeners[], name: string, connection?: string): OwnedGroup {
  const groups = ownersNamed(all, connection).flatMap((owner) => owner.groups.map((group) => ({ owner, group })));
  const [found, ...more] = groups.filter(({ group }) => group.plan.consumerGroup === name);
  if (found && more.length > 0) {
    const names = [found, ...more].map(({ owner }) => `'${owner.connection.name}'`).join(', ');
    throw invalid(`Connections ${names} each have a group '${name}': name the connection, too`);
  }
  if (found) return found;
  const placed = groups.find(({ group }) => group.plan.listeners.some(({ place }) => place === name));
  if (!placed) {
    const known = groups.map(({ group }) => group.plan.consumerGroup).join(', ') || 'none';
    throw invalid(`There is no listener or consumer group '${name}'; groups: ${known}`);
  }
  const { consumerGroup, listeners } = placed.group.plan;
  if (listeners.length === 1) return placed;
  // All members of a group have to subscribe to the same: one listener of it cannot leave alone.
  const others = listeners.map(({ place }) => place).filter((place) => place !== name);
  throw invalid(
    `${name} shares group '${consumerGroup}' with ${others.join(', ')}: name the group, or give it a group of its own`,
  );
}

/** Of one connection, or of all. @throws RocketMQError ARGUMENT_INVALID when no listener has this connection. */
export function ownersNamed(
  all: readonly ConnectionListeners[],
  connection: string | undefined,
): readonly ConnectionListeners[] {
  if (connection === undefined) return all;
  const owner = all.find((one) => one.connection.name === connection);
  if (owner) return [owner];
  const known = all.map((one) => one.connection.name).join(', ') || 'none';
  throw invalid(`No listener has connection '${connection}'; connections with listeners: ${known}`);
}

function invalid(message: string): RocketMQError {
  return new RocketMQError('ARGUMENT_INVALID', message);
}
