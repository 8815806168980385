import { heartBeat as declaration, type ConsumerData } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';
import { retryTopicFor } from '../retry/retry-group.js';
import type { ClientMember } from '../tables/client-member.js';

type Parts = Pick<BrokerParts, 'config' | 'clock' | 'topics' | 'groups' | 'consumers' | 'producers' | 'filters'>;

/**
 * A client says what it produces and consumes. The first heartbeat of a consumer group makes the group and its retry
 * topic. HEART_BEAT_V2 (without subscriptions) is not advertised, so that clients do not use it.
 */
export const heartBeat = (parts: Parts) =>
  handle(declaration, [], (exchange) => {
    const { clientID, consumerDataSet, producerDataSet, withoutSub } = exchange.body();
    const { connection, language, version } = exchange;
    // The heartbeat was read, and then its connection ended: nobody would ever take the client out of the tables.
    if (connection.closed) return ok({});
    const lastHeartbeat = parts.clock.monotonic();
    const member: ClientMember = { connection, clientId: clientID, language, version, lastHeartbeat };
    if (withoutSub !== true) for (const data of consumerDataSet) register(parts, member, data);
    for (const { groupName } of producerDataSet) parts.producers.register({ ...member }, groupName);
    return ok({});
  });

function register(parts: Parts, member: ClientMember, data: ConsumerData): void {
  const { config, groups, consumers, filters } = parts;
  const group = groups.find(data.groupName);
  if (group !== undefined) retryTopicFor(parts, group, data.unitMode);
  // Members of a group that cannot be made are counted by 4.9 only.
  else if (config.brokerVersion !== 'V4_9_7') return;
  consumers.register({ ...member }, data, group?.notifyConsumerIdsChangedEnable ?? true);
  filters.register(data.groupName, data.subscriptionDataSet);
}
