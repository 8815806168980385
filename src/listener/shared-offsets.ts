import type { RocketMQConnection } from '../connection/rocketmq-connection.js';
import type { ConnectionListeners } from './connection-listeners.js';

/**
 * Broadcasting groups of one name on two connections whose clients are called alike: their offsets would be one file, in
 * which brokers of one name are one broker, too. Java names the file so, and so do we.
 */
export function sharedOffsets(all: readonly ConnectionListeners[]): readonly string[] {
  const owners = new Map<string, { place: string; connection: string }>();
  return all.flatMap(({ connection, groups }) =>
    groups.flatMap(({ plan }) => {
      if (plan.consumer.messageModel !== 'BROADCASTING') return [];
      const [first] = plan.listeners;
      const key = JSON.stringify([plan.consumerGroup, ...directoryParts(connection)]);
      const other = owners.get(key);
      const own = { place: first?.place ?? '', connection: connection.name };
      owners.set(key, own);
      if (other === undefined) return [];
      return [
        `${other.place} (connection '${other.connection}') and ${own.place} (connection '${own.connection}') are BROADCASTING in group '${plan.consumerGroup}' and would keep their offsets in one file. Give the groups different names, or the connections a client.instanceName.`,
      ];
    }),
  );
}

function directoryParts({ options }: RocketMQConnection): unknown[] {
  const { clientIP, instanceName, unitName, localOffsetStoreDir } = options?.client ?? {};
  return [clientIP, instanceName ?? 'DEFAULT', unitName, localOffsetStoreDir];
}
